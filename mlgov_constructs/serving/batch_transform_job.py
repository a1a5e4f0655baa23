"""A batch transform that runs by the clock."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import ClassVar

from aws_cdk import Resource, Stack, Token
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam
from aws_cdk import aws_scheduler as scheduler
from aws_cdk import aws_sns as sns
from constructs import Construct

from mlgov_constructs.argument_types import checked_arguments
from mlgov_constructs.aws_tokens import aws_tokens, service_principal
from mlgov_constructs.controls import Relaxation, claim
from mlgov_constructs.errors import ConstructError
from mlgov_constructs.identity import PROJECT_TAG, GovernedRole, JobEnvironment
from mlgov_constructs.identity.project import set_own_tags
from mlgov_constructs.instance_types import has_local_storage
from mlgov_constructs.protection import EncryptedTopic
from mlgov_constructs.protection.failure_alarm import failure_alarm
from mlgov_constructs.schedule_expression import is_at, is_cron, is_rate, is_time_zone
from mlgov_constructs.serving.batch_location import BatchLocation
from mlgov_constructs.serving.endpoint_properties import ALARM_CONTROLS
from mlgov_constructs.serving.instance_types import INSTANCE_TYPES, check_instance_type
from mlgov_constructs.serving.model import Model
from mlgov_constructs.serving.transform_options import TransformOptions
from mlgov_constructs.serving.transform_request import transform_request
from mlgov_constructs.serving.transform_rights import grant_transform_output, transform_statements

# What a run adds to the name of its job, and of its folder.
RUN = "<aws.scheduler.execution-id>"
NAME = re.compile(r"[a-z0-9](-*[a-z0-9]){0,39}")
TARGET = "aws-sdk:sagemaker:createTransformJob"
STATE_CHANGE = "SageMaker Transform Job State Change"


@checked_arguments
class BatchTransformJob(Resource):
    """A batch transform of one model that EventBridge Scheduler starts by the clock.

    It creates a schedule in a group of its own, the role that may start this transform with this
    model, this key and this project's tag and nothing else, an alarm when a start is refused, and
    a rule that tells a topic of a transform that fails. Network and isolation are those of the
    model: SageMaker takes none for a transform. The role of the model is granted to read the
    input, to write the answers, and to write logs.

    Controls: ``MLG-SRV-17`` (keys); of its role ``MLG-IDN-01`` and ``MLG-IDN-03``; of its alarm
    ``MLG-GOV-06``.

    Args:
        scope: The parent construct.
        construct_id: The id in that scope.
        model: The model that is asked.
        environment: The network and the key; the key encrypts volumes, that of ``results`` answers.
        permissions_boundary: The ceiling of the role that starts it.
        source: The files it is asked about.
        results: Where the answers go, each run in a folder of its own.
        schedule: ``cron(...)`` of six fields, ``rate(...)`` or ``at(yyyy-mm-ddThh:mm:ss)``.
        failure_topic: Who is told of failures. An ``EncryptedTopic`` admits EventBridge and
            CloudWatch by itself.
        job_name: What the names of its jobs begin with, up to 40 lower-case letters, digits and
            hyphens; the project and the id of the construct when omitted.
        time_zone: The zone of the schedule, as in ``Europe/Berlin``; UTC by default.
        options: How it cuts, asks and joins.
        instance_type: The type of the machines, ``ml.m5.xlarge`` by default.
        instance_count: How many machines share the files; 1 by default.
        allowed_instance_types: The types that may be used; a list of common ones by default.
        capture: Where the records are kept that it asked with, for a monitor of batches.
        local_storage: Use machines whose disks take no key.

    Raises:
        ConstructError: An argument cannot be used; the message says what to change.

    Source: https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-targets-universal.html

    Cost:
        The machines while they work: an ``ml.m5.xlarge`` costs about 0.23 USD an hour. An alarm
        costs 0.10 USD a month.

    Example:
        ``docs/examples/batch.py`` is a complete app.
    """

    CONTROLS: ClassVar[tuple[str, ...]] = ("MLG-SRV-17",)

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        model: Model,
        environment: JobEnvironment,
        permissions_boundary: iam.IManagedPolicy,
        source: BatchLocation,
        results: BatchLocation,
        schedule: str,
        failure_topic: sns.ITopic,
        job_name: str | None = None,
        time_zone: str = "UTC",
        options: TransformOptions | None = None,
        instance_type: str = "ml.m5.xlarge",
        instance_count: int = 1,
        allowed_instance_types: Sequence[str] = INSTANCE_TYPES,
        capture: BatchLocation | None = None,
        local_storage: Relaxation | None = None,
    ) -> None:
        name = job_name or f"{model.project}-{construct_id.lower()}"
        check_instance_type(
            scope, construct_id, instance_type, allowed_instance_types, local_storage=local_storage, scales=False
        )
        _check_names(scope, construct_id, name, schedule, time_zone)
        _check_work(scope, construct_id, model, instance_count)
        _check_places(scope, construct_id, source, results, capture)
        super().__init__(scope, construct_id)
        self.job_name = name
        self.project = model.project
        self.results = results
        key = {} if has_local_storage(instance_type) else {"VolumeKmsKeyId": environment.key_arn}
        request = {
            "TransformJobName": f"{name}-{RUN}",
            **transform_request(
                model_name=model.model_name,
                source_uri=source.uri,
                output_uri=f"{results.uri}/{RUN}",
                key_arn=results.key.key_arn,
                machines={"InstanceCount": instance_count, "InstanceType": instance_type, **key},
                options=options or TransformOptions(),
                tags=[{"Key": PROJECT_TAG, "Value": model.project}],
                capture_uri=None if capture is None else capture.uri,
                capture_key_arn=None if capture is None else capture.key.key_arn,
            ),
        }
        group = scheduler.CfnScheduleGroup(
            self, "Group", name=name, tags=[{"key": PROJECT_TAG, "value": model.project}]
        )
        set_own_tags(group, {PROJECT_TAG: model.project})
        role = self._role(permissions_boundary, environment, model, results)
        resource = scheduler.CfnSchedule(
            self,
            "Resource",
            description=f"Asks model {model.node.id} of project {model.project} about a batch",
            group_name=group.ref,
            schedule_expression=schedule,
            schedule_expression_timezone=time_zone,
            flexible_time_window={"mode": "OFF"},
            target={
                "arn": f"arn:{aws_tokens().partition}:scheduler:::{TARGET}",
                "roleArn": role.role_arn,
                "input": Stack.of(self).to_json_string(request),
                "retryPolicy": {"maximumEventAgeInSeconds": 3600, "maximumRetryAttempts": 3},
            },
        )
        claim(resource, self.CONTROLS, {"MLG-SRV-17": local_storage if has_local_storage(instance_type) else None})
        # Scheduler starts with the rights that its role has then.
        resource.node.add_dependency(role.rights)
        self._grant_model(model, source, results, capture)
        self._tell(failure_topic, group)

    def grant_read_results(self, grantee: iam.IGrantable) -> None:
        """Let a principal read the answers, key included.

        Args:
            grantee: The principal.
        """
        self.results.bucket.grant_read(grantee, f"{self.results.path}/*")

    def metric_refused(self) -> cloudwatch.Metric:
        """Return how many starts SageMaker refused."""
        return cloudwatch.Metric(
            namespace="AWS/Scheduler",
            metric_name="TargetErrorCount",
            dimensions_map={"ScheduleGroup": self.job_name},
            statistic="Sum",
        )

    def _role(
        self, boundary: iam.IManagedPolicy, environment: JobEnvironment, model: Model, results: BatchLocation
    ) -> GovernedRole:
        tokens = aws_tokens()
        role = GovernedRole(
            self,
            "Role",
            assumed_by=iam.ServicePrincipal(
                service_principal("scheduler"),
                conditions={
                    "StringEquals": {"aws:SourceAccount": tokens.account},
                    "ArnLike": {"aws:SourceArn": tokens.arn("scheduler", f"schedule-group/{self.job_name}")},
                },
            ),
            description=f"Starts batch transforms of project {model.project}",
            permissions_boundary=boundary,
            statements=transform_statements(
                project=model.project,
                jobs=f"{self.job_name}-*",
                output_key_arn=results.key.key_arn,
                environment=environment,
                models=[model.model_arn],
            ),
        )
        claim(role, ("MLG-IDN-01", "MLG-IDN-03"))
        return role

    def _grant_model(
        self, model: Model, source: BatchLocation, results: BatchLocation, capture: BatchLocation | None
    ) -> None:
        source.bucket.grant_read(model.role, f"{source.path}/*")
        for place in (results, capture):
            if place is not None:
                place.bucket.grant_put(model.role, f"{place.path}/*")
        grant_transform_output(model.role)

    def _tell(self, topic: sns.ITopic, group: scheduler.CfnScheduleGroup) -> None:
        events.CfnRule(
            self,
            "Failures",
            description=f"Tells of batch transforms {self.job_name} that fail",
            event_pattern={
                "source": ["aws.sagemaker"],
                "detail-type": [STATE_CHANGE],
                "detail": {
                    "TransformJobName": [{"prefix": f"{self.job_name}-"}],
                    "TransformJobStatus": ["Failed", "Stopped"],
                },
            },
            targets=[{"id": "Topic", "arn": topic.topic_arn}],
        )
        if isinstance(topic, EncryptedTopic):
            topic.allow_publish("events")
        alarm = failure_alarm(
            self,
            "Refused",
            description=f"A batch transform {self.job_name} could not be started",
            namespace="AWS/Scheduler",
            metric_name="TargetErrorCount",
            dimension=("ScheduleGroup", group.ref),
            topic=topic,
        )
        claim(alarm, ALARM_CONTROLS)


def _check_names(scope: Construct, construct_id: str, name: str, schedule: str, time_zone: str) -> None:
    if not Token.is_unresolved(name) and not NAME.fullmatch(name):
        raise ConstructError(
            scope,
            construct_id,
            f"job_name {name!r} cannot begin the name of a job",
            "Use up to 40 lower-case letters, digits and hyphens.",
        )
    if not Token.is_unresolved(schedule) and not any(form(schedule) for form in (is_cron, is_rate, is_at)):
        raise ConstructError(
            scope,
            construct_id,
            f"schedule {schedule!r} is none that EventBridge Scheduler reads",
            "Write cron(0 2 * * ? *), with ? for the day that is not said, rate(1 day) or at(2030-01-31T08:00:00).",
        )
    if not Token.is_unresolved(time_zone) and not is_time_zone(time_zone):
        raise ConstructError(
            scope,
            construct_id,
            f"time_zone {time_zone!r} does not exist",
            "Write it as the IANA does, as in Europe/Berlin.",
        )


def _check_places(
    scope: Construct, construct_id: str, source: BatchLocation, results: BatchLocation, capture: BatchLocation | None
) -> None:
    for name, place in (("results", results), ("capture", capture)):
        if place is not None and source.covers(place):
            raise ConstructError(
                scope,
                construct_id,
                f"{name} {place.path!r} begin as source {source.path!r} does, so that the next run would read them",
                "Put them under another prefix.",
            )


def _check_work(scope: Construct, construct_id: str, model: Model, instance_count: int) -> None:
    if instance_count < 1:
        raise ConstructError(scope, construct_id, f"{instance_count} machines do no work", "Use 1 or more.")
    if model.is_multi_model:
        raise ConstructError(
            scope, construct_id, "the model has many artifacts", "Use a model with one: a batch names no target."
        )
