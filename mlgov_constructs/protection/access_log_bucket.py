"""The bucket that S3 delivers server access logs to."""

from __future__ import annotations

from typing import ClassVar

from aws_cdk import RemovalPolicy, Stack
from aws_cdk import aws_s3 as s3
from constructs import Construct

from mlgov_constructs.aws_tokens import aws_tokens
from mlgov_constructs.controls import Relaxation
from mlgov_constructs.protection import bucket_policy
from mlgov_constructs.protection.data_class import DataClass
from mlgov_constructs.protection.data_removal import effective_removal_policy, removal_relaxation

SHARED_ID = "AccessLogBucket"
NO_CUSTOMER_KEY = Relaxation("S3 delivers server access logs only to buckets whose default encryption is SSE-S3")
NO_ACCESS_LOG = Relaxation("A bucket that logs its own access writes a log of every log it writes")


class AccessLogBucket(s3.Bucket):
    """Receives the server access logs of the buckets of this account and region.

    S3 delivers these logs neither to a bucket whose default encryption is SSE-KMS nor to one
    with object lock, so this bucket has SSE-S3 and stands apart from
    :class:`~mlgov_constructs.protection.LogArchive`. Otherwise it is guarded as any other:
    versions, TLS 1.2, owner enforced, no public access, principals of the account only. Only
    S3's logging service writes, for buckets of this account.

    Controls: MLG-PRT-06 to MLG-PRT-09, MLG-PRT-11, MLG-PRT-12, MLG-PRT-14. Recorded
    deviations: MLG-PRT-05 (key) and MLG-PRT-10 (its own access log), with their reasons.

    Cost: storage of the logs; delivery is free.

    Args:
        scope: The parent construct.
        construct_id: The id in that scope.
        bucket_name: A fixed name; one made by CloudFormation when omitted.
        removal_policy: ``DESTROY`` is honoured only with the context flag
            ``mlgov:allowDataRemoval``; the bucket is retained otherwise.

    Source:
        https://docs.aws.amazon.com/AmazonS3/latest/userguide/enable-server-access-logging.html

    Example:
        >>> from aws_cdk import App
        >>> stack = Stack(App(), "Data")
        >>> AccessLogBucket.of(stack) is AccessLogBucket.of(stack)
        True
    """

    CONTROLS: ClassVar[tuple[str, ...]] = (
        "MLG-PRT-06",
        "MLG-PRT-07",
        "MLG-PRT-08",
        "MLG-PRT-11",
        "MLG-PRT-14",
    )
    POLICY_CONTROLS: ClassVar[tuple[str, ...]] = ("MLG-PRT-09", "MLG-PRT-12")

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        bucket_name: str | None = None,
        removal_policy: RemovalPolicy = RemovalPolicy.RETAIN,
    ) -> None:
        effective = effective_removal_policy(scope, construct_id, removal_policy)
        super().__init__(
            scope,
            construct_id,
            bucket_name=bucket_name,
            encryption=s3.BucketEncryption.S3_MANAGED,
            versioned=True,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
            lifecycle_rules=DataClass.LOGS.lifecycle_rules,
            removal_policy=effective,
        )
        arn = self.bucket_arn
        tokens = aws_tokens()
        any_bucket = tokens.arn("s3", "*", region="", account="")
        policy = bucket_policy.attach(
            self,
            [
                *bucket_policy.deny_weak_transport(arn),
                bucket_policy.deny_outside_identities(arn, {"aws:PrincipalAccount": tokens.account}),
                bucket_policy.allow_service(
                    "AllowAccessLogs", "logging.s3", "s3:PutObject", f"{arn}/*", source_arn=any_bucket
                ),
            ],
            effective,
        )
        bucket_policy.claim_on(
            self,
            policy,
            self.CONTROLS,
            self.POLICY_CONTROLS,
            {
                "MLG-PRT-05": NO_CUSTOMER_KEY,
                "MLG-PRT-10": NO_ACCESS_LOG,
                "MLG-PRT-11": removal_relaxation(effective),
            },
        )

    @classmethod
    def of(cls, scope: Construct) -> s3.Bucket:
        """Return the access-log bucket of the stack of a construct, created once.

        Args:
            scope: Any construct in the stack.

        Returns:
            The bucket ``AccessLogBucket`` of that stack.
        """
        stack = Stack.of(scope)
        existing = stack.node.try_find_child(SHARED_ID)
        return existing if isinstance(existing, s3.Bucket) else cls(stack, SHARED_ID)
