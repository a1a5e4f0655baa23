"""One look at what runs: jobs, endpoints, drift and what idles."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from aws_cdk import Duration, Token
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sns as sns
from constructs import Construct

from mlgov_constructs.argument_types import checked_arguments
from mlgov_constructs.errors import ConstructError
from mlgov_constructs.monitoring.dashboard_widgets import HALF, THIRD, graph, heading, idle_graph
from mlgov_constructs.monitoring.model_monitor import ModelMonitor
from mlgov_constructs.protection import EncryptedTopic

NAME = re.compile(r"[A-Za-z0-9_-]{1,255}")
ENDPOINTS, PIPELINES = "AWS/SageMaker", "AWS/Sagemaker/ModelBuildingPipeline"
MOST_METRICS = 10  # of one alarm
JOB_EVENTS = (
    "SageMaker HyperParameter Tuning Job State Change",
    "SageMaker Processing Job State Change",
    "SageMaker Training Job State Change",
)


@checked_arguments
class MlDashboard(cloudwatch.Dashboard):
    """A dashboard of a project or an environment, with the alarms of what stands on it.

    It is a ``cloudwatch.Dashboard``: further widgets can be added. Each ``add_...`` adds a row, and
    alarms that tell the topic.

    Args:
        scope: The parent construct.
        construct_id: The id in that scope.
        alarm_topic: Whom alarms tell; an ``EncryptedTopic`` learns of its publishers by itself.
        dashboard_name: A name; CloudFormation makes one when omitted.

    Raises:
        ConstructError: The name is no name of a dashboard.

    Source: https://docs.aws.amazon.com/sagemaker/latest/dg/monitoring-cloudwatch.html

    Cost:
        3 USD a month beyond the first three dashboards of an account, and 0.10 USD for each alarm.

    Example:
        ``docs/examples/monitoring.py`` is a complete app.
    """

    def __init__(
        self, scope: Construct, construct_id: str, *, alarm_topic: sns.ITopic, dashboard_name: str | None = None
    ) -> None:
        if (
            dashboard_name is not None
            and not Token.is_unresolved(dashboard_name)
            and not NAME.fullmatch(dashboard_name)
        ):
            raise ConstructError(
                scope,
                construct_id,
                f"dashboard_name {dashboard_name!r} is no name of a dashboard",
                "Use up to 255 letters, digits, hyphens and underscores.",
            )
        super().__init__(scope, construct_id, dashboard_name=dashboard_name)
        self._topic = alarm_topic
        if isinstance(alarm_topic, EncryptedTopic):
            alarm_topic.allow_publish("cloudwatch")

    def add_endpoint(
        self,
        construct_id: str,
        *,
        endpoint_name: str,
        variant_name: str = "AllTraffic",
        maximum_latency: Duration | None = None,
        idle: Duration | None = None,
        hourly_cost: float | None = None,
    ) -> list[cloudwatch.Alarm]:
        """Add an endpoint: requests, errors, latency, and what it costs while nobody asks it.

        Its alarms: failed requests; one answer in a hundred slower than ``maximum_latency``; no
        request for as long as ``idle``.

        Args:
            construct_id: The id of its alarms, in this construct.
            endpoint_name: The name of the endpoint.
            variant_name: The variant, ``AllTraffic`` by default.
            maximum_latency: What an answer of the model may take; no alarm when omitted.
            idle: How long nobody may ask it, 1 hour to 7 days; a day by default.
            hourly_cost: What its instances cost an hour in USD, for a graph of idle cost.

        Returns:
            The alarms.

        Raises:
            ConstructError: ``idle`` is out of range or no number of whole hours.
        """
        hours = (idle or Duration.days(1)).to_hours(integral=False)
        if hours != int(hours) or not 1 <= hours <= 168:
            raise ConstructError(
                self, construct_id, f"idle of {hours:g} hours is out of range", "Use whole hours, 1 to 168."
            )
        of_variant = {"EndpointName": endpoint_name, "VariantName": variant_name}

        def metric(name: str, statistic: str = "Sum", period: Duration | None = None) -> cloudwatch.Metric:
            return cloudwatch.Metric(
                namespace=ENDPOINTS, metric_name=name, dimensions_map=of_variant, statistic=statistic, period=period
            )

        hourly = metric("Invocations", period=Duration.hours(1))
        failed, slow = metric("Invocation5XXErrors"), metric("ModelLatency", "p99")
        alarms = [
            self._alarm(f"{construct_id}Errors", failed, f"Endpoint {endpoint_name} fails requests", 1),
            self._alarm(
                f"{construct_id}Idle",
                hourly,
                f"Nobody has asked endpoint {endpoint_name} for {hours:g} hours",
                1,
                below=True,
                periods=int(hours),
            ),
        ]
        if maximum_latency is not None:
            limit = maximum_latency.to_milliseconds() * 1000
            alarms.append(
                self._alarm(f"{construct_id}Latency", slow, f"Endpoint {endpoint_name} is slow", limit, periods=3)
            )
        self.add_widgets(
            heading(f"## Endpoint {endpoint_name}"),
            graph("Requests", [metric("Invocations")], [metric("Invocation4XXErrors"), failed], THIRD),
            graph("Latency, µs", [slow, metric("OverheadLatency", "p99")], [], THIRD),
            idle_graph(hourly, hourly_cost),
        )
        return alarms

    def add_monitor(self, monitor: ModelMonitor) -> None:
        """Add a monitor: how many runs found violations or failed, and the state of its alarms.

        Args:
            monitor: The monitor, which has its alarms already.
        """
        alarms = [monitor.violation_alarm, monitor.failure_alarm, *monitor.threshold_alarms]
        self.add_widgets(
            heading(f"## Monitor {monitor.monitoring_schedule_name}"),
            graph("Runs with violations, failed runs", [monitor.metric_violations(), monitor.metric_failures()], []),
            cloudwatch.AlarmStatusWidget(
                title="Alarms",
                width=HALF,
                height=6,
                alarms=[
                    cloudwatch.Alarm.from_alarm_arn(self, f"{monitor.node.addr}{number}", alarm.attr_arn)
                    for number, alarm in enumerate(alarms)
                ],
            ),
        )

    def add_pipeline(self, construct_id: str, *, pipeline_name: str) -> cloudwatch.Alarm:
        """Add a pipeline: its executions and how long they take, with an alarm on those that fail.

        Args:
            construct_id: The id of its alarm, in this construct.
            pipeline_name: The name of the pipeline.

        Returns:
            The alarm.
        """

        def metric(name: str, statistic: str = "Sum") -> cloudwatch.Metric:
            return cloudwatch.Metric(
                namespace=PIPELINES,
                metric_name=name,
                dimensions_map={"PipelineName": pipeline_name},
                statistic=statistic,
                period=Duration.hours(1),
            )

        failed = metric("ExecutionFailed")
        self.add_widgets(
            heading(f"## Pipeline {pipeline_name}"),
            graph("Executions", [metric("ExecutionStarted"), metric("ExecutionSucceeded"), failed], []),
            graph("Duration, ms", [metric("ExecutionDuration", "Maximum")], []),
        )
        return self._alarm(f"{construct_id}Failed", failed, f"Pipeline {pipeline_name} fails", 1)

    def add_jobs(self, construct_id: str, *, roles: Sequence[iam.IRole]) -> cloudwatch.Alarm:
        """Add the training, tuning and processing jobs of some roles, with an alarm on those that fail.

        A rule counts them, because SageMaker publishes no metric of failed jobs.

        Args:
            construct_id: The id of what is created, in this construct.
            roles: The job roles, of a project for example.

        Returns:
            The alarm.

        Raises:
            ConstructError: There are no roles.
        """
        if not roles:
            raise ConstructError(self, construct_id, "there are no roles whose jobs could be watched", "Give a role.")
        counted = self._failed_jobs(construct_id, [role.role_arn for role in roles])
        self.add_widgets(heading("## Jobs"), graph("Failed jobs", [counted], [], 2 * HALF))
        return self._alarm(f"{construct_id}Failed", counted, "Jobs fail", 1)

    def add_idle_machines(self, construct_id: str, *, metrics: Sequence[cloudwatch.IMetric]) -> cloudwatch.Alarm:
        """Add machines that run and do nothing, with an alarm while there are some.

        SageMaker publishes no metric of notebooks in service and of apps that were left running;
        the metrics of ``cost.IdleDetector`` say how many it found.

        Args:
            construct_id: The id of its alarm, in this construct.
            metrics: How many there are of each kind, ``idle_detector.metrics()`` for example.

        Returns:
            The alarm.

        Raises:
            ConstructError: There are no metrics, or more than ten.
        """
        if not 1 <= len(metrics) <= MOST_METRICS:
            raise ConstructError(
                self, construct_id, f"{len(metrics)} metrics of idle machines cannot be watched", "Give one to ten."
            )
        names = {f"m{number}": metric for number, metric in enumerate(metrics)}
        machines = cloudwatch.MathExpression(
            expression=" + ".join(f"FILL({name}, 0)" for name in names),
            using_metrics=names,
            label="Idle machines",
            period=Duration.days(1),
        )
        self.add_widgets(heading("## Idle machines"), graph("Machines", metrics, [], 2 * HALF))
        return self._alarm(f"{construct_id}Found", machines, "Machines run and do nothing", 1)

    def _failed_jobs(self, construct_id: str, role_arns: list[str]) -> cloudwatch.Metric:
        ended = [{name: ["Failed"]} for name in ("ProcessingJobStatus", "TrainingJobStatus")]
        tuned = {"HyperParameterTuningJobStatus": ["Failed"]}
        target: dict[str, Any] = {
            "id": "Topic",
            "arn": self._topic.topic_arn,
            "inputTransformer": {
                "inputPathsMap": {"what": "$.detail-type", "job": "$.resources[0]", "why": "$.detail.FailureReason"},
                "inputTemplate": '"<what>: <job> failed. <why>"',
            },
        }
        rule = events.CfnRule(
            self,
            f"{construct_id}Rule",
            description="Jobs that fail",
            event_pattern={
                "source": ["aws.sagemaker"],
                "detail-type": list(JOB_EVENTS),
                "detail": {
                    "$or": [
                        *({**status, "RoleArn": role_arns} for status in ended),
                        {**tuned, "TrainingJobDefinition": {"RoleArn": role_arns}},
                    ]
                },
            },
            targets=[target],
        )
        if isinstance(self._topic, EncryptedTopic):
            self._topic.allow_publish("events")
        return cloudwatch.Metric(
            namespace="AWS/Events", metric_name="TriggeredRules", dimensions_map={"RuleName": rule.ref}, statistic="Sum"
        )

    def _alarm(
        self,
        construct_id: str,
        metric: cloudwatch.IMetric,
        description: str,
        threshold: float,
        *,
        below: bool = False,
        periods: int = 1,
    ) -> cloudwatch.Alarm:
        operator = cloudwatch.ComparisonOperator
        missing = cloudwatch.TreatMissingData
        alarm = cloudwatch.Alarm(
            self,
            construct_id,
            alarm_description=description,
            metric=metric,
            threshold=threshold,
            evaluation_periods=periods,
            comparison_operator=operator.LESS_THAN_THRESHOLD if below else operator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
            # An endpoint that nobody asks publishes nothing.
            treat_missing_data=missing.BREACHING if below else missing.NOT_BREACHING,
        )
        resource = alarm.node.default_child
        assert isinstance(resource, cloudwatch.CfnAlarm)  # noqa: S101 - what the class is made of
        resource.alarm_actions = resource.ok_actions = [self._topic.topic_arn]
        return alarm
