"""What AWS Config remembers of every resource, and where it delivers it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from aws_cdk import RemovalPolicy
from aws_cdk import aws_config as config
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct

from mlgov_constructs.argument_types import checked_arguments
from mlgov_constructs.aws_tokens import aws_tokens, service_principal
from mlgov_constructs.controls import Relaxation, claim
from mlgov_constructs.errors import ConstructError
from mlgov_constructs.governance.recording_frequency import RecordingFrequency
from mlgov_constructs.protection import DataKey

SERVICE = "config"
# It keeps this principal in every partition.
ROLE_OWNER = service_principal(SERVICE)
ROLE_NAME = "AWSServiceRoleForConfig"


@checked_arguments
class ConfigurationRecorder(Construct):
    """The recorder of AWS Config in a region, and its delivery to an encrypted bucket.

    It creates the recorder, its delivery channel, the service-linked role of AWS Config where the
    account has none, and lets AWS Config write to the bucket and use its key. An account has one
    recorder a region: where Control Tower or another stack made it, use that and leave this out.

    Controls: MLG-GOV-08, MLG-GOV-09. Relaxable by name: MLG-GOV-08 (``some_types_only``).

    Cost: 0.003 USD for each change of a resource that is recorded, 0.012 USD a day for each changed
    resource with :attr:`RecordingFrequency.DAILY`; storage.

    Args:
        scope: The parent construct.
        construct_id: The id in that scope.
        bucket: Where configuration history and snapshots go, below ``AWSLogs``. AWS Config delivers
            to no bucket with a default retention of object lock. An imported bucket must admit AWS
            Config by itself.
        encryption_key: The key of the bucket. A :class:`~mlgov_constructs.protection.DataKey` is
            told by itself to admit AWS Config; another key must admit it.
        frequency: How often changes are recorded.
        resource_types: The types to record, with ``some_types_only``; all that AWS Config knows when empty.
        some_types_only: The reason to record some types only.
        create_service_linked_role: Whether the account lacks the role ``AWSServiceRoleForConfig``;
            false where AWS Config was ever set up, in any region. The role stays when the stack goes.

    Raises:
        ConstructError: The bucket has a default retention, or one of ``resource_types`` and
            ``some_types_only`` is given without the other.

    Sources:
        https://docs.aws.amazon.com/config/latest/developerguide/s3-bucket-policy.html
        https://docs.aws.amazon.com/securityhub/latest/userguide/config-controls.html#config-1

    Example:
        >>> from aws_cdk import App, Stack
        >>> from mlgov_constructs.protection import LogArchive
        >>> stack = Stack(App(), "Governance")
        >>> key = DataKey(stack, "Key")
        >>> recorder = ConfigurationRecorder(
        ...     stack, "Recorder", bucket=LogArchive(stack, "Logs", encryption_key=key), encryption_key=key
        ... )
    """

    RECORDER_CONTROLS: ClassVar[tuple[str, ...]] = ("MLG-GOV-08",)
    CHANNEL_CONTROLS: ClassVar[tuple[str, ...]] = ("MLG-GOV-09",)

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        bucket: s3.IBucket,
        encryption_key: kms.IKey,
        frequency: RecordingFrequency = RecordingFrequency.CONTINUOUS,
        resource_types: Sequence[str] = (),
        some_types_only: Relaxation | None = None,
        create_service_linked_role: bool = True,
    ) -> None:
        if bool(resource_types) is (some_types_only is None):
            raise ConstructError(
                scope,
                construct_id,
                f"resource_types is {list(resource_types)!r} and some_types_only is {some_types_only!r}",
                "Give both, or neither to record everything.",
            )
        _refuse_locked(scope, construct_id, bucket)
        super().__init__(scope, construct_id)
        tokens = aws_tokens()
        if isinstance(encryption_key, DataKey):
            encryption_key.allow_service(SERVICE)
        for statement in _admission(bucket.bucket_arn):
            bucket.add_to_resource_policy(iam.PolicyStatement.from_json(statement))

        self._channel = config.CfnDeliveryChannel(
            self, "Channel", s3_bucket_name=bucket.bucket_name, s3_kms_key_arn=encryption_key.key_arn
        )
        claim(self._channel, self.CHANNEL_CONTROLS)
        if bucket.policy is not None:
            # AWS Config tries to write when it learns of the bucket.
            self._channel.node.add_dependency(bucket.policy)
        recorder = config.CfnConfigurationRecorder(
            self,
            "Resource",
            role_arn=tokens.arn("iam", f"role/aws-service-role/{ROLE_OWNER}/{ROLE_NAME}", region=""),
            recording_group=_group(resource_types),
            recording_mode={"recordingFrequency": frequency.value},
        )
        claim(recorder, self.RECORDER_CONTROLS, {"MLG-GOV-08": some_types_only})
        if create_service_linked_role:
            role = iam.CfnServiceLinkedRole(self, "Role", aws_service_name=ROLE_OWNER)
            # Other regions may have come to use it.
            role.apply_removal_policy(RemovalPolicy.RETAIN)
            recorder.add_resource_dependency(role)
        self._recorder = recorder

    @property
    def recorder_name(self) -> str:
        """The name of the recorder."""
        return self._recorder.ref


def _group(resource_types: Sequence[str]) -> dict[str, Any]:
    if resource_types:
        return {"allSupported": False, "includeGlobalResourceTypes": False, "resourceTypes": list(resource_types)}
    return {"allSupported": True, "includeGlobalResourceTypes": True}


def _admission(bucket_arn: str) -> list[dict[str, Any]]:
    account = aws_tokens().account
    own = {"StringEquals": {"aws:SourceAccount": account}}
    delivery = {"StringEquals": {"aws:SourceAccount": account, "s3:x-amz-acl": "bucket-owner-full-control"}}
    return [
        {
            "Sid": sid,
            "Effect": "Allow",
            "Principal": {"Service": ROLE_OWNER},
            "Action": action,
            "Resource": resource,
            "Condition": condition,
        }
        for sid, action, resource, condition in (
            ("AllowConfigCheck", ["s3:GetBucketAcl", "s3:ListBucket"], bucket_arn, own),
            ("AllowConfig", "s3:PutObject", f"{bucket_arn}/AWSLogs/{account}/Config/*", delivery),
        )
    ]


def _refuse_locked(scope: Construct, construct_id: str, bucket: s3.IBucket) -> None:
    resource = bucket.node.default_child
    lock = resource.object_lock_configuration if isinstance(resource, s3.CfnBucket) else None
    if isinstance(lock, s3.CfnBucket.ObjectLockConfigurationProperty) and lock.rule is not None:
        raise ConstructError(
            scope,
            construct_id,
            f"the bucket {bucket.node.path} locks what arrives, and AWS Config delivers to no such bucket",
            "Pass a bucket without a default retention of object lock.",
        )
