"""An alarm that tells a topic of the first failure."""

from __future__ import annotations

from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_sns as sns
from constructs import Construct

from mlgov_constructs.protection.encrypted_topic import EncryptedTopic


def failure_alarm(
    scope: Construct,
    construct_id: str,
    *,
    description: str,
    namespace: str,
    metric_name: str,
    dimension: tuple[str, str],
    topic: sns.ITopic,
    period: float = 300,
) -> cloudwatch.CfnAlarm:
    """Tell a topic as soon as a metric counts one failure; a metric that says nothing is no failure.

    Args:
        scope: The construct that may fail.
        construct_id: The id of the alarm, in that scope.
        description: What failed, for people.
        namespace: The namespace of the metric.
        metric_name: The metric that counts failures.
        dimension: The name and the value of its dimension.
        topic: The topic; an ``EncryptedTopic`` admits CloudWatch by itself.
        period: Over how many seconds failures are counted.

    Returns:
        The alarm.

    Cost: 0.10 USD a month.

    Example:
        ``mlgov_constructs.mlops.ModelPipeline`` uses it for its runs.
    """
    name, value = dimension
    alarm = cloudwatch.CfnAlarm(
        scope,
        construct_id,
        alarm_description=description,
        namespace=namespace,
        metric_name=metric_name,
        dimensions=[{"name": name, "value": value}],
        statistic="Sum",
        period=period,
        evaluation_periods=1,
        threshold=1,
        comparison_operator="GreaterThanOrEqualToThreshold",
        treat_missing_data="notBreaching",
        alarm_actions=[topic.topic_arn],
    )
    if isinstance(topic, EncryptedTopic):
        topic.allow_publish("cloudwatch")
    return alarm
