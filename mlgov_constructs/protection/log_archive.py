"""The bucket that the logs of an environment end in."""

from __future__ import annotations

from typing import ClassVar

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct

from mlgov_constructs.aws_tokens import aws_tokens
from mlgov_constructs.protection import bucket_policy
from mlgov_constructs.protection.access_log_bucket import AccessLogBucket
from mlgov_constructs.protection.data_class import DataClass
from mlgov_constructs.protection.data_key import USE, DataKey
from mlgov_constructs.protection.data_removal import effective_removal_policy, removal_relaxation
from mlgov_constructs.protection.object_lock import ObjectLock

ACL = {"s3:x-amz-acl": "bucket-owner-full-control"}


class LogArchive(s3.Bucket):
    """Trails, flow logs and inventories in one encrypted bucket, access logs in a second.

    S3 delivers server access logs only to a bucket with SSE-S3 and without object lock, so
    they have one of their own: :attr:`access_log_bucket`, which also receives the access log
    of the archive. CloudTrail, VPC flow logs and S3 inventories of this account write to the
    archive; each is admitted by its service principal, for this account's sources only, and
    no statement refers to another resource, so any stack may log here.

    A :class:`~mlgov_constructs.protection.DataKey` is told by itself to admit flow logs and
    inventories; another key must admit ``delivery.logs`` and ``s3``.
    :class:`~mlgov_constructs.governance.AuditTrail` does the same for CloudTrail.

    Controls: MLG-PRT-05 to MLG-PRT-12, MLG-PRT-14.

    Cost: storage of the logs, by default in Glacier Instant Retrieval after 90 days.

    Args:
        scope: The parent construct.
        construct_id: The id in that scope.
        encryption_key: The key of the archive.
        bucket_name: A fixed name; one made by CloudFormation when omitted.
        immutable: The lock on everything that arrives; with ``ObjectLockMode.COMPLIANCE``
            nobody can delete a log before its time. None when omitted.
        expiration: How long logs are kept; for ever when omitted.
        removal_policy: Of both buckets. ``DESTROY`` is honoured only with the context flag
            ``mlgov:allowDataRemoval``; they are retained otherwise.

    Sources:
        https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-s3-bucket-policy-for-cloudtrail.html
        https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-s3-permissions.html
        https://docs.aws.amazon.com/AmazonS3/latest/userguide/configure-inventory.html

    Example:
        >>> from aws_cdk import App, Stack
        >>> stack = Stack(App(), "Foundation")
        >>> archive = LogArchive(stack, "Logs", encryption_key=DataKey(stack, "Key"))
        >>> archive.access_log_bucket.node.id
        'AccessLogs'
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
    POLICY_CONTROLS: ClassVar[tuple[str, ...]] = ("MLG-PRT-09", "MLG-PRT-12")

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        encryption_key: kms.IKey,
        bucket_name: str | None = None,
        immutable: ObjectLock | None = None,
        expiration: Duration | None = None,
        removal_policy: RemovalPolicy = RemovalPolicy.RETAIN,
    ) -> None:
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
            lifecycle_rules=_lifecycle(expiration),
            object_lock_enabled=True if immutable else None,
            object_lock_default_retention=immutable.retention if immutable else None,
            removal_policy=effective,
        )
        self._access_log_bucket = AccessLogBucket(self, "AccessLogs", removal_policy=effective)
        resource = self.node.default_child
        assert isinstance(resource, s3.CfnBucket)  # noqa: S101 - s3.Bucket always has it
        resource.logging_configuration = s3.CfnBucket.LoggingConfigurationProperty(
            destination_bucket_name=self._access_log_bucket.bucket_name,
            log_file_prefix=f"{self.node.path}/",
        )
        bucket_policy.claim_on(
            self,
            bucket_policy.attach(self, _statements(self.bucket_arn), effective),
            self.CONTROLS,
            self.POLICY_CONTROLS,
            {"MLG-PRT-11": removal_relaxation(effective)},
        )
        if isinstance(encryption_key, DataKey):
            encryption_key.allow_service("delivery.logs", actions=USE, source_arn=aws_tokens().arn("logs", "*"))
            encryption_key.allow_service("s3", source_arn=_any_bucket())

    @property
    def access_log_bucket(self) -> AccessLogBucket:
        """The bucket that server access logs go to."""
        return self._access_log_bucket


def _lifecycle(expiration: Duration | None) -> list[s3.LifecycleRule]:
    rules = DataClass.LOGS.lifecycle_rules
    if expiration is not None:
        rules.append(s3.LifecycleRule(id="expiration", expiration=expiration))
    return rules


def _any_bucket() -> str:
    return aws_tokens().arn("s3", "*", region="", account="")


def _statements(arn: str) -> list[bucket_policy.Statement]:
    tokens = aws_tokens()
    trails = tokens.arn("cloudtrail", "trail/*", region="*")
    deliveries = tokens.arn("logs", "*")
    own_logs = f"{arn}/AWSLogs/{tokens.account}/*"
    allow = bucket_policy.allow_service
    return [
        *bucket_policy.deny_weak_transport(arn),
        bucket_policy.deny_outside_identities(arn, {"aws:PrincipalAccount": tokens.account}),
        allow("AllowTrailCheck", "cloudtrail", "s3:GetBucketAcl", arn, source_arn=trails),
        allow("AllowTrail", "cloudtrail", "s3:PutObject", own_logs, source_arn=trails, conditions=ACL),
        allow("AllowFlowLogCheck", "delivery.logs", "s3:GetBucketAcl", arn, source_arn=deliveries),
        allow("AllowFlowLogs", "delivery.logs", "s3:PutObject", own_logs, source_arn=deliveries, conditions=ACL),
        allow("AllowInventories", "s3", "s3:PutObject", f"{arn}/inventory/*", source_arn=_any_bucket(), conditions=ACL),
    ]
