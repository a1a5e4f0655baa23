"""What follows from the runs of a monitor."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from aws_cdk import Resource
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam

from mlgov_constructs.errors import ConstructError
from mlgov_constructs.monitoring.drift_threshold import DriftThreshold
from mlgov_constructs.monitoring.monitor_properties import alarm_pattern
from mlgov_constructs.monitoring.monitor_watch import FAILED, VIOLATED, MonitorWatch, as_metric, triggered
from mlgov_constructs.monitoring.pipeline_rule import pipeline_rule


class WatchedMonitor(Resource):
    """A monitor whose violations and failed runs have rules, alarms and metrics; :class:`ModelMonitor` is one.

    Attributes:
        violation_rule: The rule of runs that found violations.
        failure_rule: The rule of runs that failed or were stopped.
        violation_alarm: The alarm of runs that found violations.
        failure_alarm: The alarm of runs that failed or were stopped.
        threshold_alarms: The alarms of single metrics.
    """

    _watch: MonitorWatch
    violation_rule: events.CfnRule
    failure_rule: events.CfnRule
    violation_alarm: cloudwatch.CfnAlarm
    failure_alarm: cloudwatch.CfnAlarm
    threshold_alarms: list[cloudwatch.CfnAlarm]

    def _watch_runs(self, watch: MonitorWatch, thresholds: Sequence[DriftThreshold]) -> None:
        self._watch = watch
        self.violation_rule = watch.tell("Violations", "found violations", VIOLATED)
        self.failure_rule = watch.tell("Failures", "did not finish", FAILED)
        self.violation_alarm = watch.run_alarm("ViolationAlarm", self.violation_rule, "found violations")
        self.failure_alarm = watch.run_alarm("FailureAlarm", self.failure_rule, "did not finish")
        self.threshold_alarms = [watch.threshold_alarm(number, each) for number, each in enumerate(thresholds, 1)]

    @property
    def monitoring_schedule_name(self) -> str:
        """The name of the schedule."""
        return self._watch.name

    @property
    def reports_uri(self) -> str:
        """Where reports go; SageMaker adds endpoint, schedule and hour."""
        return self._watch.reports_uri

    def on_violation(self, construct_id: str, *, target: events.IRuleTarget) -> events.Rule:
        """Send an event to a target when a run found violations.

        Args:
            construct_id: The id of the rule, in this construct.
            target: A function, a state machine, a bus of another account, ...

        Returns:
            The rule.
        """
        pattern = self._watch.pattern(VIOLATED)
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
        return pipeline_rule(
            self,
            construct_id,
            pipeline_name=pipeline_name,
            permissions_boundary=permissions_boundary,
            parameters=parameters,
            what=f"monitor {self._watch.name} finds violations",
            event_pattern=self._watch.pattern(VIOLATED),
        )

    def start_pipeline_on_drift(
        self,
        construct_id: str,
        *,
        pipeline_name: str,
        permissions_boundary: iam.IManagedPolicy,
        parameters: Mapping[str, str] | None = None,
    ) -> events.CfnRule:
        """Start a pipeline when one of the ``thresholds`` is passed, before the baseline is violated.

        An alarm goes off once and stays so until the metric is back within its limit, so runs of
        the monitor that find the same drift start nothing more.

        Args:
            construct_id: The id of what is created, in this construct.
            pipeline_name: The pipeline, of this account and region.
            permissions_boundary: The ceiling of the role that EventBridge starts it with.
            parameters: Parameters of the execution.

        Returns:
            The rule.

        Raises:
            ConstructError: The monitor has no thresholds.
        """
        if not self.threshold_alarms:
            raise ConstructError(
                self, construct_id, "the monitor has no thresholds, so no alarm goes off", "Give it thresholds=[...]."
            )
        return pipeline_rule(
            self,
            construct_id,
            pipeline_name=pipeline_name,
            permissions_boundary=permissions_boundary,
            parameters=parameters,
            what=f"monitor {self._watch.name} passes a threshold",
            event_pattern=alarm_pattern([alarm.attr_arn for alarm in self.threshold_alarms]),
        )

    def metric(
        self, metric_name: str, *, statistic: str = "Average", dimensions: Mapping[str, str] | None = None
    ) -> cloudwatch.Metric:
        """Return a metric that the jobs publish.

        Args:
            metric_name: The name, for example ``f1``.
            statistic: The statistic; the average by default.
            dimensions: Dimensions beside endpoint and schedule, which metrics of bias have.
        """
        return as_metric(self._watch.published(metric_name, dimensions), statistic)

    def metric_violations(self) -> cloudwatch.Metric:
        """Return how many runs found violations."""
        return as_metric(triggered(self.violation_rule), "Sum")

    def metric_failures(self) -> cloudwatch.Metric:
        """Return how many runs failed or were stopped."""
        return as_metric(triggered(self.failure_rule), "Sum")
