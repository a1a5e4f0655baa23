"""The record of who did what, and the alarms on what matters most."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

from aws_cdk import Names, RemovalPolicy, Token
from aws_cdk import aws_cloudtrail as cloudtrail
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from aws_cdk import aws_s3 as s3
from constructs import Construct

from mlgov_constructs.argument_types import checked_arguments
from mlgov_constructs.aws_tokens import aws_tokens, service_principal
from mlgov_constructs.controls import Relaxation, claim
from mlgov_constructs.errors import ConstructError
from mlgov_constructs.governance.audit_event import AuditEvent
from mlgov_constructs.protection import DataKey, EncryptedTopic, LogArchive, effective_removal_policy
from mlgov_constructs.protection.encrypted_topic import check_emails

TRAIL_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9]|[._-](?=[A-Za-z0-9])){2,127}")
ALARM_PERIOD_SECONDS = 300


@checked_arguments
class AuditTrail(Construct):
    """A CloudTrail trail that cannot be tampered with unseen, and alarms on what it records.

    It creates the trail (every region, management events, object-level events of the
    buckets, log-file validation, customer managed key), its log group, the role that writes
    there, and for each :class:`~mlgov_constructs.governance.AuditEvent` a metric filter and
    an alarm that notifies an encrypted topic within about 10 minutes.

    Controls: MLG-GOV-01 to MLG-GOV-07, MLG-PRT-15, and MLG-PRT-16 in its topic. Relaxable by
    name: MLG-GOV-02 (``single_region``).

    Cost a month: the first trail's management events are free; object-level events 0.10 USD
    per 100,000; log ingestion 0.50 USD per GB; 0.10 USD an alarm and 0.30 USD a metric in use
    (14 of each: 5.60 USD).

    Args:
        scope: The parent construct.
        construct_id: The id in that scope.
        log_archive: Where the log files go; normally a
            :class:`~mlgov_constructs.protection.LogArchive`, which admits trails of this account.
        encryption_key: The key of log files, log group and topic. A
            :class:`~mlgov_constructs.protection.DataKey` is told by itself to admit
            CloudTrail, CloudWatch Logs and CloudWatch; another key must admit them.
        trail_name: A fixed name, 3 to 128 letters, digits, ``.``, ``_`` and ``-``; made of
            the construct path when omitted.
        buckets: Whose object-level events are recorded; every bucket of the account save the
            log archive when empty.
        log_retention: How long the log group keeps events; the archive keeps the files.
        alarm_emails: Who is told of an alarm; AWS asks each one to confirm.
        alarm_events: What raises an alarm; everything known when omitted.
        permissions_boundary: The boundary of the role that writes to the log group.
        single_region: The reason to record this region alone.
        removal_policy: Of the log group. ``DESTROY`` is honoured only with the context flag
            ``mlgov:allowDataRemoval``; it is retained otherwise.

    Raises:
        ConstructError: ``trail_name`` or an e-mail address is none, or ``alarm_events`` is empty.

    Sources:
        https://docs.aws.amazon.com/awscloudtrail/latest/userguide/best-practices-security.html
        https://docs.aws.amazon.com/securityhub/latest/userguide/cloudtrail-controls.html

    Example:
        >>> from aws_cdk import App, Stack
        >>> stack = Stack(App(), "Governance")
        >>> key = DataKey(stack, "Key")
        >>> trail = AuditTrail(
        ...     stack, "Trail", log_archive=LogArchive(stack, "Logs", encryption_key=key), encryption_key=key
        ... )
        >>> trail.trail_name.startswith("Governance-Trail")
        True
    """

    CONTROLS: ClassVar[tuple[str, ...]] = (
        "MLG-GOV-01",
        "MLG-GOV-02",
        "MLG-GOV-03",
        "MLG-GOV-04",
        "MLG-GOV-05",
        "MLG-GOV-07",
    )
    ALARM_CONTROLS: ClassVar[tuple[str, ...]] = ("MLG-GOV-06",)
    LOG_GROUP_CONTROLS: ClassVar[tuple[str, ...]] = ("MLG-PRT-15",)

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        log_archive: s3.IBucket,
        encryption_key: kms.IKey,
        trail_name: str | None = None,
        buckets: Sequence[s3.IBucket] = (),
        log_retention: logs.RetentionDays = logs.RetentionDays.ONE_YEAR,
        alarm_emails: Sequence[str] = (),
        alarm_events: Iterable[AuditEvent] = tuple(AuditEvent),
        permissions_boundary: iam.IManagedPolicy | None = None,
        single_region: Relaxation | None = None,
        removal_policy: RemovalPolicy = RemovalPolicy.RETAIN,
    ) -> None:
        check_emails(scope, construct_id, alarm_emails)
        events = tuple(dict.fromkeys(alarm_events))
        if not events:
            raise ConstructError(
                scope, construct_id, "alarm_events is empty, so nobody would learn of anything", "Leave it out."
            )
        if trail_name is not None and (Token.is_unresolved(trail_name) or not TRAIL_NAME.fullmatch(trail_name)):
            raise ConstructError(
                scope,
                construct_id,
                f"trail_name {trail_name!r} is not allowed",
                "Use 3 to 128 letters, digits, '.', '_' and '-', not two marks in a row, known at synthesis.",
            )
        effective = effective_removal_policy(scope, construct_id, removal_policy)
        super().__init__(scope, construct_id)
        self._trail_name = trail_name or Names.unique_resource_name(self, max_length=128, separator="-")
        if isinstance(encryption_key, DataKey):
            encryption_key.allow_cloud_trail(self._trail_name)
            encryption_key.allow_cloud_watch_logs()

        self._log_group = logs.LogGroup(
            self, "LogGroup", encryption_key=encryption_key, retention=log_retention, removal_policy=effective
        )
        claim(self._log_group, self.LOG_GROUP_CONTROLS)

        self._topic = EncryptedTopic(
            self, "Alarms", encryption_key=encryption_key, display_name="Audit alarms", emails=alarm_emails
        )
        self._topic.allow_publish("cloudwatch")

        role = self._log_role(permissions_boundary)
        trail = cloudtrail.CfnTrail(
            self,
            "Resource",
            trail_name=self._trail_name,
            is_logging=True,
            s3_bucket_name=log_archive.bucket_name,
            kms_key_id=encryption_key.key_arn,
            enable_log_file_validation=True,
            is_multi_region_trail=single_region is None,
            include_global_service_events=True,
            cloud_watch_logs_log_group_arn=self._log_group.log_group_arn,
            cloud_watch_logs_role_arn=role.role_arn,
            advanced_event_selectors=_event_selectors(buckets, log_archive),
        )
        # CloudTrail tests what its role may do, and the bucket, when the trail is created.
        trail.node.add_dependency(role.node.find_child("Policy"))
        if log_archive.policy is not None:
            trail.node.add_dependency(log_archive.policy)
        claim(trail, self.CONTROLS, {"MLG-GOV-02": single_region})
        self._trail_arn = trail.attr_arn
        self._add_alarms(events)

    @property
    def trail_name(self) -> str:
        """The name of the trail."""
        return self._trail_name

    @property
    def trail_arn(self) -> str:
        """The ARN of the trail."""
        return self._trail_arn

    @property
    def log_group(self) -> logs.ILogGroup:
        """The log group that the trail writes to, for more metric filters."""
        return self._log_group

    @property
    def alarm_topic(self) -> EncryptedTopic:
        """The topic that alarms notify, for more subscribers."""
        return self._topic

    def metric_audit_event(self, event: AuditEvent) -> cloudwatch.Metric:
        """Return the number of times an event was recorded.

        Args:
            event: One of the events that were given to the trail.
        """
        return cloudwatch.Metric(namespace=self._namespace, metric_name=event.value, statistic="Sum")

    @property
    def _namespace(self) -> str:
        return f"mlgov/audit/{self._trail_name}"

    def _log_role(self, permissions_boundary: iam.IManagedPolicy | None) -> iam.Role:
        tokens = aws_tokens()
        trail_arn = tokens.arn("cloudtrail", f"trail/{self._trail_name}")
        role = iam.Role(
            self,
            "LogRole",
            description=f"Lets the trail {self._trail_name} write to its log group",
            assumed_by=iam.ServicePrincipal(
                service_principal("cloudtrail"),
                conditions={
                    "StringEquals": {"aws:SourceAccount": tokens.account, "aws:SourceArn": trail_arn},
                },
            ),
            permissions_boundary=permissions_boundary,
        )
        policy = {
            "Version": "2012-10-17",
            "Statement": [
                {
                    # The ARN of a log group ends in ":*": its streams, one a region.
                    "Sid": "WriteOwnLogGroup",
                    "Effect": "Allow",
                    "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
                    "Resource": self._log_group.log_group_arn,
                }
            ],
        }
        iam.ManagedPolicy(role, "Policy", document=iam.PolicyDocument.from_json(policy), roles=[role])
        return role

    def _add_alarms(self, events: Sequence[AuditEvent]) -> None:
        log_group_name = self._log_group.log_group_name
        topic_arn = self._topic.topic_arn
        for event in events:
            name = "".join(word.capitalize() for word in event.value.split("-"))
            logs.CfnMetricFilter(
                self,
                f"{name}Filter",
                log_group_name=log_group_name,
                filter_pattern=event.pattern,
                metric_transformations=[
                    {"metricNamespace": self._namespace, "metricName": event.value, "metricValue": "1"}
                ],
            )
            alarm = cloudwatch.CfnAlarm(
                self,
                f"{name}Alarm",
                alarm_description=event.description,
                namespace=self._namespace,
                metric_name=event.value,
                statistic="Sum",
                period=ALARM_PERIOD_SECONDS,
                evaluation_periods=1,
                threshold=1,
                comparison_operator="GreaterThanOrEqualToThreshold",
                treat_missing_data="notBreaching",
                alarm_actions=[topic_arn],
            )
            claim(alarm, self.ALARM_CONTROLS)


def _event_selectors(buckets: Sequence[s3.IBucket], log_archive: s3.IBucket) -> list[dict[str, Any]]:
    objects: dict[str, Any] = {"field": "resources.ARN"}
    if buckets:
        objects["startsWith"] = [f"{bucket.bucket_arn}/" for bucket in buckets]
    else:
        # A trail that records its own delivery records for ever.
        archives = [log_archive, *([log_archive.access_log_bucket] if isinstance(log_archive, LogArchive) else [])]
        objects["notStartsWith"] = [f"{bucket.bucket_arn}/" for bucket in archives]
    return [
        {
            "name": "Management events",
            "fieldSelectors": [{"field": "eventCategory", "equalTo": ["Management"]}],
        },
        {
            "name": "Object-level events",
            "fieldSelectors": [
                {"field": "eventCategory", "equalTo": ["Data"]},
                {"field": "resources.type", "equalTo": ["AWS::S3::Object"]},
                objects,
            ],
        },
    ]
