"""The alarm that tells when a run of a pipeline has failed."""

from __future__ import annotations

from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_sns as sns
from constructs import Construct

from mlgov_constructs.protection import EncryptedTopic

METRICS = "AWS/Sagemaker/ModelBuildingPipeline"


def alarm_on_failure(scope: Construct, construct_id: str, *, pipeline_name: str, topic: sns.ITopic) -> None:
    """Tell a topic when a run of a pipeline fails.

    Args:
        scope: The pipeline.
        construct_id: The id of the alarm.
        pipeline_name: The name of the pipeline.
        topic: The topic.
    """
    cloudwatch.CfnAlarm(
        scope,
        construct_id,
        alarm_description=f"A run of pipeline {pipeline_name} failed",
        namespace=METRICS,
        metric_name="ExecutionFailed",
        dimensions=[cloudwatch.CfnAlarm.DimensionProperty(name="PipelineName", value=pipeline_name)],
        statistic="Sum",
        period=300,
        evaluation_periods=1,
        threshold=1,
        comparison_operator="GreaterThanOrEqualToThreshold",
        treat_missing_data="notBreaching",
        alarm_actions=[topic.topic_arn],
    )
    if isinstance(topic, EncryptedTopic):
        topic.allow_publish("cloudwatch")
