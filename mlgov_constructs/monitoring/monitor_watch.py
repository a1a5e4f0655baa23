"""What tells people and alarms how the runs of a monitor ended."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_events as events
from aws_cdk import aws_sns as sns
from constructs import Construct

from mlgov_constructs.monitoring.drift_threshold import DriftThreshold
from mlgov_constructs.monitoring.monitor_alarms import MetricId, run_alarm_properties, threshold_alarm_properties
from mlgov_constructs.monitoring.monitor_properties import run_pattern
from mlgov_constructs.protection import EncryptedTopic

VIOLATED = {"ProcessingJobStatus": ["Completed"], "ExitMessage": [{"prefix": "CompletedWithViolations"}]}
FAILED = {"ProcessingJobStatus": ["Failed", "Stopped"]}


@dataclass(frozen=True, kw_only=True)
class MonitorWatch:
    """The rules and alarms of the runs of one monitor.

    Attributes:
        monitor: The construct that they belong to.
        name: The name of its schedule.
        reports_uri: Where it writes its reports.
        topic: Whom violations and failed runs are told.
        seconds: The time between two runs.
        metrics: The last part of the namespace of its metrics.
        endpoint_name: The endpoint, if it monitors one.
    """

    monitor: Construct
    name: str
    reports_uri: str
    topic: sns.ITopic
    seconds: int
    metrics: str
    endpoint_name: str | None

    def pattern(self, detail: Mapping[str, Any]) -> dict[str, Any]:
        """Return the events of runs that ended in one way."""
        return run_pattern(self.reports_uri, detail)

    def tell(self, construct_id: str, what: str, detail: Mapping[str, Any]) -> events.CfnRule:
        """Return a new rule that tells the topic of runs that ended in one way."""
        target = {
            "id": "Topic",
            "arn": self.topic.topic_arn,
            "inputTransformer": {
                "inputPathsMap": {"job": "$.detail.ProcessingJobName"},
                "inputTemplate": f'"Monitor {self.name} {what} in job <job>. Reports: {self.reports_uri}"',
            },
        }
        rule = events.CfnRule(
            self.monitor,
            construct_id,
            description=f"Monitor {self.name} {what}",
            event_pattern=self.pattern(detail),
            targets=[target],
        )
        if isinstance(self.topic, EncryptedTopic):
            self.topic.allow_publish("events")
            self.topic.allow_publish("cloudwatch")
        return rule

    def run_alarm(self, construct_id: str, rule: events.CfnRule, what: str) -> cloudwatch.CfnAlarm:
        """Return a new alarm that lasts from a run that a rule matched to the next."""
        properties = run_alarm_properties(
            description=f"Monitor {self.name} {what}",
            metric=triggered(rule),
            seconds=self.seconds,
            topic_arn=self.topic.topic_arn,
        )
        return cloudwatch.CfnAlarm(self.monitor, construct_id, **properties)

    def threshold_alarm(self, number: int, threshold: DriftThreshold) -> cloudwatch.CfnAlarm:
        """Return a new alarm of one metric that is out of its limit."""
        properties = threshold_alarm_properties(
            description=f"Monitor {self.name}: {threshold.metric_name} is out of its limit",
            metric=self.published(threshold.metric_name, threshold.dimensions),
            threshold=threshold,
            seconds=self.seconds,
            topic_arn=self.topic.topic_arn,
        )
        return cloudwatch.CfnAlarm(self.monitor, f"Threshold{number}", **properties)

    def published(self, metric_name: str, dimensions: Mapping[str, str] | None) -> MetricId:
        """Return a metric as the jobs publish it."""
        own, source = {"MonitoringSchedule": self.name}, "ModelMonitoring"
        if self.endpoint_name is not None:
            own, source = {"Endpoint": self.endpoint_name, **own}, "Endpoints"
        return MetricId(f"aws/sagemaker/{source}/{self.metrics}", metric_name, {**own, **(dimensions or {})})


def triggered(rule: events.CfnRule) -> MetricId:
    """Return how often a rule matched."""
    return MetricId("AWS/Events", "TriggeredRules", {"RuleName": rule.ref})


def as_metric(metric: MetricId, statistic: str) -> cloudwatch.Metric:
    """Return a metric as CloudWatch's constructs take it."""
    return cloudwatch.Metric(
        namespace=metric.namespace,
        metric_name=metric.metric_name,
        dimensions_map=metric.dimensions,
        statistic=statistic,
    )
