"""The bucket that ML data lives in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from aws_cdk import RemovalPolicy
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct

from mlgov_constructs.controls import Relaxation, claim
from mlgov_constructs.errors import ConstructError
from mlgov_constructs.perimeter import Perimeter
from mlgov_constructs.protection import bucket_policy
from mlgov_constructs.protection.access_log_bucket import AccessLogBucket
from mlgov_constructs.protection.data_class import DataClass
from mlgov_constructs.protection.data_removal import effective_removal_policy, removal_relaxation
from mlgov_constructs.protection.object_lock import ObjectLock
from mlgov_constructs.protection.other_accounts import account_principals, check_accounts, in_organization

# Under which the metadata of a bucket policy say who else reads, and why.
SHARING_KEY = "mlgov:sharing"


class GovernedBucket(s3.Bucket):
    """A bucket for data, features and models that only our own principals reach, our way.

    It is an ``s3.Bucket``: ``grant_*`` gives the key too. Encrypted with the given key and a
    bucket key, versioned, TLS 1.2 or newer, no public access, no ACLs, access logged,
    retained with its policy. Its policy refuses

    * any **encryption** but this key: a request without encryption headers takes the key by
      default, one with ``AES256``, ``aws:kms`` without a key, another key or a key of its own
      is refused;
    * any **principal** outside the account, or outside the organisation when it is named;
    * any **network** but the VPC endpoints, when they are given. AWS services that act for an
      allowed principal (``aws:ViaAWSService``) and the named administrators are excepted.

    The perimeter covers data, not configuration, so whoever deploys can still manage the
    bucket. A bucket that nobody can empty from outside its VPC is a known trap: name an
    administrator role before it is needed.

    Controls: MLG-PRT-05 to MLG-PRT-14. Relaxable by name: MLG-PRT-10 (``access_logging``).

    Cost: storage by class; the key's requests are few with a bucket key; access logs and
    inventory are stored objects; Intelligent-Tiering takes 0.0025 USD per 1,000 objects a month.

    Args:
        scope: The parent construct.
        construct_id: The id in that scope.
        encryption_key: The key of the bucket; normally a
            :class:`~mlgov_constructs.protection.DataKey`.
        bucket_name: A fixed name; one made by CloudFormation when omitted.
        data_class: What the bucket holds, and so its lifecycle.
        access_log_bucket: Where S3 delivers the access log; the stack's
            :class:`~mlgov_constructs.protection.AccessLogBucket`, created once, when omitted.
        access_logging: The reason for having no access log.
        vpc_endpoints: The S3 endpoints that data may pass; any network when empty.
        organization_id: The organisation whose principals may be granted access; the
            account alone when omitted.
        administrators: Roles that reach the data from outside the endpoints, when IAM allows.
        object_lock: The default retention of new versions; none when omitted. It can be
            added later, and never removed.
        inventory_bucket: Where a weekly inventory (Parquet) goes, for example a
            :class:`~mlgov_constructs.protection.LogArchive`; none when omitted.
        storage_class_analysis: Whether S3 analyses access to propose storage classes
            (0.10 USD per million objects a month).
        removal_policy: ``DESTROY`` is honoured only with the context flag
            ``mlgov:allowDataRemoval``; the bucket is retained otherwise.

    Raises:
        ConstructError: The organisation id is none, the access-log bucket cannot receive
            access logs, or ``access_logging`` contradicts ``access_log_bucket``.

    Sources:
        https://docs.aws.amazon.com/AmazonS3/latest/userguide/security-best-practices.html
        https://docs.aws.amazon.com/whitepapers/latest/building-a-data-perimeter-on-aws/

    Example:
        >>> from aws_cdk import App, Stack
        >>> from mlgov_constructs.protection import DataKey
        >>> stack = Stack(App(), "Data")
        >>> raw = GovernedBucket(stack, "Raw", encryption_key=DataKey(stack, "Key"), data_class=DataClass.RAW)
    """

    CONTROLS: ClassVar[tuple[str, ...]] = (
        "MLG-PRT-05",
        "MLG-PRT-06",
        "MLG-PRT-07",
        "MLG-PRT-08",
        "MLG-PRT-10",
        "MLG-PRT-11",
        "MLG-PRT-14",
    )
    POLICY_CONTROLS: ClassVar[tuple[str, ...]] = ("MLG-PRT-09", "MLG-PRT-12", "MLG-PRT-13")

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        encryption_key: kms.IKey,
        bucket_name: str | None = None,
        data_class: DataClass = DataClass.CURATED,
        access_log_bucket: s3.IBucket | None = None,
        access_logging: Relaxation | None = None,
        vpc_endpoints: Sequence[ec2.IVpcEndpoint] = (),
        organization_id: str | None = None,
        administrators: Sequence[iam.IRole] = (),
        object_lock: ObjectLock | None = None,
        inventory_bucket: s3.IBucket | None = None,
        storage_class_analysis: bool = False,
        removal_policy: RemovalPolicy = RemovalPolicy.RETAIN,
    ) -> None:
        perimeter = _perimeter(scope, construct_id, organization_id)
        _check_access_log(scope, construct_id, access_log_bucket, access_logging)
        effective = effective_removal_policy(scope, construct_id, removal_policy)
        super().__init__(
            scope,
            construct_id,
            bucket_name=bucket_name,
            encryption=s3.BucketEncryption.KMS,
            encryption_key=encryption_key,
            bucket_key_enabled=True,
            versioned=True,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
            lifecycle_rules=data_class.lifecycle_rules,
            object_lock_enabled=True if object_lock else None,
            object_lock_default_retention=object_lock.retention if object_lock else None,
            removal_policy=effective,
        )
        self.data_class = data_class
        self.admits_endpoints_alone = bool(vpc_endpoints)
        self._organization_id = organization_id
        self._shared: list[dict[str, object]] = []
        if inventory_bucket is not None:
            self._add_inventory(inventory_bucket)
        resource = self.node.default_child
        assert isinstance(resource, s3.CfnBucket)  # noqa: S101 - s3.Bucket always has it
        if storage_class_analysis:
            resource.analytics_configurations = [
                s3.CfnBucket.AnalyticsConfigurationProperty(
                    id="storage-class", storage_class_analysis=s3.CfnBucket.StorageClassAnalysisProperty()
                )
            ]
        if access_logging is None:
            # Set here, because the L2 would write to the policy or the ACL of the log bucket.
            target = access_log_bucket or AccessLogBucket.of(self)
            resource.logging_configuration = s3.CfnBucket.LoggingConfigurationProperty(
                destination_bucket_name=target.bucket_name,
                log_file_prefix=f"{self.node.path}/",
            )
        arn = self.bucket_arn
        statements = [
            *bucket_policy.deny_weak_transport(arn),
            *bucket_policy.deny_other_keys(arn, encryption_key.key_arn),
            bucket_policy.deny_outside_identities(arn, perimeter.principals),
        ]
        if vpc_endpoints:
            statements.append(
                bucket_policy.deny_outside_networks(
                    arn,
                    [endpoint.vpc_endpoint_id for endpoint in vpc_endpoints],
                    [role.role_arn for role in administrators],
                )
            )
        self._attached = bucket_policy.attach(self, statements, effective)
        bucket_policy.claim_on(
            self,
            self._attached,
            self.CONTROLS,
            self.POLICY_CONTROLS,
            {"MLG-PRT-10": access_logging, "MLG-PRT-11": removal_relaxation(effective)},
        )

    def grant_read_to_accounts(self, accounts: Sequence[str], *, prefix: str, reason: Relaxation) -> None:
        """Let other accounts of the organisation read what lies under a prefix.

        They also need the key (``DataKey.allow_accounts``), and their own IAM must allow it. Where
        the bucket admits VPC endpoints alone, those of the readers must be among them.

        Controls: ``MLG-PRT-17`` (shared by name).

        Args:
            accounts: The accounts, by their twelve digits.
            prefix: Where they read, with ``/`` at its end.
            reason: Why they do; the template says it, with accounts and prefix.

        Raises:
            ConstructError: The perimeter of the bucket is its account, an account is none, or the
                prefix is everything.
        """
        if self._organization_id is None:
            raise ConstructError(
                self,
                None,
                "the bucket refuses every other account, because its perimeter is its own",
                "Give it organization_id=..., of which the readers must be members.",
            )
        check_accounts(self, accounts)
        if not prefix.strip("/*") or not prefix.endswith("/"):
            raise ConstructError(
                self, None, f"prefix {prefix!r} is no folder of the bucket", "Write it as in 'churn/models/'."
            )
        arn = self.bucket_arn
        shared = {
            "Sid": "ReadByOtherAccounts",
            "Effect": "Allow",
            "Principal": account_principals(accounts),
            "Action": ["s3:GetObject", "s3:GetObjectVersion"],
            "Resource": f"{arn}/{prefix}*",
            **in_organization(self._organization_id),
        }
        self.add_to_resource_policy(iam.PolicyStatement.from_json(shared))
        self._shared.append({"accounts": list(accounts), "prefix": prefix, "reason": reason.reason})
        policy = self._attached.node.default_child
        assert isinstance(policy, s3.CfnBucketPolicy)  # noqa: S101 - s3.BucketPolicy always has it
        policy.add_metadata(SHARING_KEY, self._shared)
        claim(policy, ("MLG-PRT-17",))

    def send_events(self) -> None:
        """Let S3 tell EventBridge of each change of an object, for rules to match."""
        resource = self.node.default_child
        assert isinstance(resource, s3.CfnBucket)  # noqa: S101 - s3.Bucket always has it
        # Set here, because the L2 would add a function of its own to do it.
        resource.notification_configuration = s3.CfnBucket.NotificationConfigurationProperty(
            event_bridge_configuration=s3.CfnBucket.EventBridgeConfigurationProperty(event_bridge_enabled=True)
        )

    def _add_inventory(self, destination: s3.IBucket) -> None:
        # Imported, so that the L2 does not write this bucket into the policy of the other: a
        # cycle between stacks. A log archive admits every inventory of the account.
        imported = s3.Bucket.from_bucket_arn(self, "InventoryDestination", destination.bucket_arn)
        self.add_inventory(
            inventory_id="weekly",
            destination=s3.InventoryDestination(bucket=imported, prefix="inventory"),
            format=s3.InventoryFormat.PARQUET,
            frequency=s3.InventoryFrequency.WEEKLY,
            include_object_versions=s3.InventoryObjectVersion.ALL,
            optional_fields=["Size", "LastModifiedDate", "StorageClass", "EncryptionStatus", "BucketKeyStatus"],
        )


def _perimeter(scope: Construct, construct_id: str, organization_id: str | None) -> Perimeter:
    try:
        return Perimeter(organization_id)
    except ValueError as error:
        problem, _, fix = str(error).partition(". ")
        raise ConstructError(scope, construct_id, problem, fix) from error


def _check_access_log(
    scope: Construct,
    construct_id: str,
    access_log_bucket: s3.IBucket | None,
    access_logging: Relaxation | None,
) -> None:
    if access_log_bucket is None:
        return
    if access_logging is not None:
        raise ConstructError(
            scope,
            construct_id,
            "access_log_bucket is given, and access_logging relaxes the access log",
            "Leave one of them out.",
        )
    if access_log_bucket.encryption_key is not None:
        raise ConstructError(
            scope,
            construct_id,
            f"access_log_bucket {access_log_bucket.node.path} is encrypted with a KMS key, and S3 delivers no "
            "access logs there",
            "Pass an AccessLogBucket, for example log_archive.access_log_bucket.",
        )
