"""What the four kinds of monitors have in common."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import jsii
from aws_cdk import Fn, Names, Resource
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sagemaker as sagemaker
from aws_cdk import aws_sns as sns
from constructs import Construct

from mlgov_constructs.controls import Relaxation, claim
from mlgov_constructs.identity import PROJECT_TAG
from mlgov_constructs.identity.grants import give, rights_of
from mlgov_constructs.identity.project import set_own_tags
from mlgov_constructs.monitoring.baseline import Baseline
from mlgov_constructs.monitoring.batch_transform_input import BatchTransformInput
from mlgov_constructs.monitoring.drift_threshold import DriftThreshold
from mlgov_constructs.monitoring.endpoint_input import EndpointInput
from mlgov_constructs.monitoring.ground_truth import GroundTruth
from mlgov_constructs.monitoring.monitor_alarms import MetricId, run_alarm_properties, threshold_alarm_properties
from mlgov_constructs.monitoring.monitor_checks import check_monitor, longest_run
from mlgov_constructs.monitoring.monitor_input import input_properties, monitored_location
from mlgov_constructs.monitoring.monitor_kind import SCHEDULE_CONTROLS, MonitorKind
from mlgov_constructs.monitoring.monitor_properties import (
    job_definition_properties,
    run_rule_properties,
    schedule_properties,
)
from mlgov_constructs.monitoring.monitor_rights import (
    BucketAccess,
    bucket_statements,
    metric_statements,
)
from mlgov_constructs.monitoring.monitor_schedule import MonitorSchedule
from mlgov_constructs.monitoring.monitoring_resources import MonitoringResources
from mlgov_constructs.monitoring.monitoring_services import require_monitoring_services
from mlgov_constructs.monitoring.pipeline_target import pipeline_target
from mlgov_constructs.network import IIsolatedVpc
from mlgov_constructs.protection import EncryptedTopic

VIOLATED = {"ProcessingJobStatus": ["Completed"], "ExitMessage": [{"prefix": "CompletedWithViolations"}]}
FAILED = {"ProcessingJobStatus": ["Failed", "Stopped"]}


@jsii.implements(iam.IGrantable, ec2.IConnectable)
class ModelMonitor(Resource):
    """A schedule of isolated, encrypted jobs that compare what a model does with a baseline.

    Use one of the four kinds: :class:`DataQualityMonitor`, :class:`ModelQualityMonitor`,
    :class:`BiasMonitor`, :class:`ExplainabilityMonitor`. Each creates a job definition, a
    ``AWS::SageMaker::MonitoringSchedule``, and for its violations and its failed runs a rule that
    tells the topic, and an alarm.

    A job definition cannot change: CloudFormation makes a new one, and the schedule turns to it.

    Args:
        scope: The parent construct.
        construct_id: The id in that scope.
        kind: The kind of monitor.
        monitored: The endpoint, or the batch transform jobs.
        baseline: What is compared with.
        bucket: The bucket of the reports, with a customer managed key.
        vpc: The VPC that jobs run in.
        encryption_key: The key of the volumes.
        role: The role of the jobs, a ``JobRole`` of type ``MONITORING``; it is granted what it needs.
        violation_topic: Whom violations and failed runs are told.
        project: The project; that of the ``JobRole`` when omitted.
        schedule: When it runs; once a day when omitted.
        resources: The cluster of the jobs and their time limit.
        thresholds: Limits of single metrics, each with an alarm.
        schedule_name: The name of the schedule; made from the path of the construct when omitted.
        image_uri: An image in place of that of AWS.
        network_isolation: Let containers reach the endpoints of the VPC.
        application: What else the image is told.
        attributes: Where in a record to look.
        ground_truth: What turned out to be right.
        reads: Other files that the jobs read, by bucket.

    Raises:
        ConstructError: An argument cannot be used; the message says what to change.

    Source: https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor.html

    Example:
        ``docs/examples/monitoring.py`` is a complete app.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        kind: MonitorKind,
        monitored: EndpointInput | BatchTransformInput,
        baseline: Baseline | None,
        bucket: s3.IBucket,
        vpc: IIsolatedVpc,
        encryption_key: kms.IKey,
        role: iam.IRole,
        violation_topic: sns.ITopic,
        project: str | None = None,
        schedule: MonitorSchedule | None = None,
        resources: MonitoringResources | None = None,
        thresholds: Sequence[DriftThreshold] = (),
        schedule_name: str | None = None,
        image_uri: str | None = None,
        network_isolation: Relaxation | None = None,
        application: Mapping[str, Any] | None = None,
        attributes: Mapping[str, Any] | None = None,
        ground_truth: GroundTruth | None = None,
        reads: Sequence[tuple[s3.IBucket, str]] = (),
    ) -> None:
        when, cluster = schedule or MonitorSchedule.daily(), resources or MonitoringResources()
        checked = check_monitor(
            scope,
            construct_id,
            kind=kind,
            monitored=monitored,
            baseline=baseline,
            bucket=bucket,
            role=role,
            project=project,
            schedule_name=schedule_name,
        )
        max_runtime = longest_run(scope, construct_id, kind=kind, schedule=when, resources=cluster)
        image = image_uri or kind.image.uri(scope, construct_id)
        super().__init__(scope, construct_id)
        require_monitoring_services(vpc, by=self)
        self.project, self.role, self._kind, self._when = checked.project, role, kind, when
        self._name = schedule_name or Names.unique_resource_name(self, max_length=63, separator="-").lower()
        self._topic, self._endpoint_name = violation_topic, None
        if isinstance(monitored, EndpointInput):
            self._endpoint_name = monitored.endpoint_name
        prefix = f"{self.project}/monitoring/{self._name}"
        self._reports_uri = f"s3://{bucket.bucket_name}/{prefix}"
        self._let_role_work(
            monitored=monitored,
            baseline=checked.baseline,
            bucket=bucket,
            prefix=prefix,
            ground_truth=ground_truth,
            reads=reads,
        )
        definition = kind.job_definition(
            self,
            "JobDefinition",
            **job_definition_properties(
                prefix=kind.prefix,
                project=self.project,
                role_arn=role.role_arn,
                image_uri=image,
                job_input=input_properties(monitored, attributes, ground_truth),
                baseline=_baseline(checked.baseline, with_statistics=kind.prefix == "data_quality"),
                reports_uri=self._reports_uri,
                output_key_arn=checked.output_key.key_arn,
                volume_key_arn=encryption_key.key_arn,
                subnet_ids=[subnet.subnet_id for subnet in vpc.isolated_subnets],
                security_group_ids=[vpc.workload_security_group.security_group_id],
                instance_type=cluster.instance_type,
                instance_count=cluster.instance_count,
                volume_gib=cluster.volume_gib,
                max_runtime=max_runtime,
                application=application,
                network_isolation=network_isolation is None,
            ),
        )
        claim(definition, kind.controls, {kind.isolation_control: network_isolation})
        resource = sagemaker.CfnMonitoringSchedule(
            self,
            "Resource",
            **schedule_properties(
                project=self.project,
                name=self._name,
                monitoring_type=kind.monitoring_type,
                job_definition_name=Fn.select(1, Fn.split("/", definition.ref)),
                schedule=when.to_properties(),
            ),
        )
        claim(resource, SCHEDULE_CONTROLS)
        for each in (definition, resource):
            set_own_tags(each, {PROJECT_TAG: self.project})
        # SageMaker looks at the role, and for the endpoint, when the definition is made.
        definition.node.add_dependency(rights_of(role))
        if isinstance(monitored, EndpointInput) and monitored.endpoint is not None:
            definition.node.add_dependency(monitored.endpoint)
        self.connections = ec2.Connections(security_groups=[vpc.workload_security_group])
        self._arn = resource.ref
        self.violation_rule = self._watch("Violations", "found violations", VIOLATED)
        self.failure_rule = self._watch("Failures", "did not finish", FAILED)
        self.violation_alarm = self._alarm("ViolationAlarm", self.violation_rule, "found violations")
        self.failure_alarm = self._alarm("FailureAlarm", self.failure_rule, "did not finish")
        self.threshold_alarms = [self._threshold_alarm(number, each) for number, each in enumerate(thresholds, 1)]

    @property
    def monitoring_schedule_arn(self) -> str:
        """The ARN of the schedule."""
        return self._arn

    @property
    def monitoring_schedule_name(self) -> str:
        """The name of the schedule."""
        return self._name

    @property
    def reports_uri(self) -> str:
        """Where reports go; SageMaker adds endpoint, schedule and hour."""
        return self._reports_uri

    @property
    def grant_principal(self) -> iam.IPrincipal:
        """The role of the jobs, so that ``bucket.grant_read(monitor)`` works."""
        return self.role

    def grant_control(self, grantee: iam.IGrantable) -> None:
        """Let a principal see the schedule, stop it and start it again.

        Args:
            grantee: The principal.
        """
        actions = [
            "sagemaker:DescribeMonitoringSchedule",
            "sagemaker:StartMonitoringSchedule",
            "sagemaker:StopMonitoringSchedule",
        ]
        statement = {"Effect": "Allow", "Action": actions, "Resource": self._arn}
        grantee.grant_principal.add_to_principal_policy(iam.PolicyStatement.from_json(statement))

    def on_violation(self, construct_id: str, *, target: events.IRuleTarget) -> events.Rule:
        """Send an event to a target when a run found violations.

        Args:
            construct_id: The id of the rule, in this construct.
            target: A function, a state machine, a bus of another account, ...

        Returns:
            The rule.
        """
        pattern = self._rule("", VIOLATED, [])["event_pattern"]
        return events.Rule(
            self,
            construct_id,
            event_pattern=events.EventPattern(
                source=pattern["source"], detail_type=pattern["detail-type"], detail=pattern["detail"]
            ),
            targets=[target],
        )

    def start_pipeline_on_violation(
        self,
        construct_id: str,
        *,
        pipeline_name: str,
        permissions_boundary: iam.IManagedPolicy,
        parameters: Mapping[str, str] | None = None,
    ) -> events.CfnRule:
        """Start a pipeline when a run found violations, to train on what the world is like now.

        Each run with violations starts one execution: run the monitor daily rather than hourly.

        Args:
            construct_id: The id of what is created, in this construct.
            pipeline_name: The pipeline, of this account and region.
            permissions_boundary: The ceiling of the role that EventBridge starts it with.
            parameters: Parameters of the execution.

        Returns:
            The rule.
        """
        role, target = pipeline_target(
            self,
            f"{construct_id}Role",
            pipeline_name=pipeline_name,
            permissions_boundary=permissions_boundary,
            parameters=parameters or {},
            why=f"monitor {self._name} finds violations",
        )
        description = f"Monitor {self._name} found violations: start pipeline {pipeline_name}"
        rule = events.CfnRule(self, construct_id, **self._rule(description, VIOLATED, [target]))
        rule.node.add_dependency(role.rights)
        return rule

    def metric(
        self, metric_name: str, *, statistic: str = "Average", dimensions: Mapping[str, str] | None = None
    ) -> cloudwatch.Metric:
        """Return a metric that the jobs publish.

        Args:
            metric_name: The name, for example ``f1``.
            statistic: The statistic; the average by default.
            dimensions: Dimensions beside endpoint and schedule, which metrics of bias have.
        """
        return _metric(self._published(metric_name, dimensions), statistic)

    def metric_violations(self) -> cloudwatch.Metric:
        """Return how many runs found violations."""
        return _metric(_triggered(self.violation_rule), "Sum")

    def metric_failures(self) -> cloudwatch.Metric:
        """Return how many runs failed or were stopped."""
        return _metric(_triggered(self.failure_rule), "Sum")

    def _rule(self, description: str, detail: Mapping[str, Any], targets: list[dict[str, Any]]) -> dict[str, Any]:
        return run_rule_properties(
            description=description, reports_uri=self._reports_uri, detail=detail, targets=targets
        )

    def _watch(self, construct_id: str, what: str, detail: Mapping[str, Any]) -> events.CfnRule:
        topic = self._topic
        target = {
            "id": "Topic",
            "arn": topic.topic_arn,
            "inputTransformer": {
                "inputPathsMap": {"job": "$.detail.ProcessingJobName"},
                "inputTemplate": f'"Monitor {self._name} {what} in job <job>. Reports: {self._reports_uri}"',
            },
        }
        rule = events.CfnRule(self, construct_id, **self._rule(f"Monitor {self._name} {what}", detail, [target]))
        if isinstance(topic, EncryptedTopic):
            topic.allow_publish("events")
            topic.allow_publish("cloudwatch")
        return rule

    def _published(self, metric_name: str, dimensions: Mapping[str, str] | None) -> MetricId:
        own, source = {"MonitoringSchedule": self._name}, "ModelMonitoring"
        if self._endpoint_name is not None:
            own, source = {"Endpoint": self._endpoint_name, **own}, "Endpoints"
        namespace = f"aws/sagemaker/{source}/{self._kind.metrics}"
        return MetricId(namespace, metric_name, {**own, **(dimensions or {})})

    def _alarm(self, construct_id: str, rule: events.CfnRule, what: str) -> cloudwatch.CfnAlarm:
        properties = run_alarm_properties(
            description=f"Monitor {self._name} {what}",
            metric=_triggered(rule),
            seconds=self._when.seconds,
            topic_arn=self._topic.topic_arn,
        )
        return cloudwatch.CfnAlarm(self, construct_id, **properties)

    def _threshold_alarm(self, number: int, threshold: DriftThreshold) -> cloudwatch.CfnAlarm:
        properties = threshold_alarm_properties(
            description=f"Monitor {self._name}: {threshold.metric_name} is out of its limit",
            metric=self._published(threshold.metric_name, threshold.dimensions),
            threshold=threshold,
            seconds=self._when.seconds,
            topic_arn=self._topic.topic_arn,
        )
        return cloudwatch.CfnAlarm(self, f"Threshold{number}", **properties)

    def _let_role_work(
        self,
        *,
        monitored: EndpointInput | BatchTransformInput,
        baseline: Baseline,
        bucket: s3.IBucket,
        prefix: str,
        ground_truth: GroundTruth | None,
        reads: Sequence[tuple[s3.IBucket, str]],
    ) -> None:
        captured, captured_prefix = monitored_location(monitored, self.project)
        accesses = [
            BucketAccess(captured, prefix=captured_prefix),
            BucketAccess(baseline.bucket, baseline.keys),
            BucketAccess(bucket, reports=prefix),
            *(BucketAccess(other, (key,)) for other, key in reads),
        ]
        if ground_truth is not None:
            accesses.append(BucketAccess(ground_truth.bucket, prefix=ground_truth.prefix.strip("/")))
        give(self.role, [*bucket_statements(accesses), *metric_statements()])


def _baseline(baseline: Baseline, *, with_statistics: bool) -> dict[str, Any]:
    properties: dict[str, Any] = {"constraintsResource": {"s3Uri": baseline.constraints_uri}}
    if with_statistics:
        properties["statisticsResource"] = {"s3Uri": baseline.statistics_uri}
    return properties


def _triggered(rule: events.CfnRule) -> MetricId:
    return MetricId("AWS/Events", "TriggeredRules", {"RuleName": rule.ref})


def _metric(metric: MetricId, statistic: str) -> cloudwatch.Metric:
    return cloudwatch.Metric(
        namespace=metric.namespace,
        metric_name=metric.metric_name,
        dimensions_map=metric.dimensions,
        statistic=statistic,
    )
