"""The one place where a monitor is hardened."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from aws_cdk import CfnTag

from mlgov_constructs.identity import PROJECT_TAG
from mlgov_constructs.monitoring.baseline import Baseline

OUTPUT_PATH = "/opt/ml/processing/output"
PUBLISH_METRICS = {"publish_cloudwatch_metrics": "Enabled"}


def job_definition_properties(
    *,
    prefix: str,
    project: str,
    role_arn: str,
    image_uri: str,
    job_input: Mapping[str, Any],
    baseline: Mapping[str, Any],
    reports_uri: str,
    output_key_arn: str,
    volume_key_arn: str,
    subnet_ids: Sequence[str],
    security_group_ids: Sequence[str],
    instance_type: str,
    instance_count: float,
    volume_gib: float,
    max_runtime: float,
    application: Mapping[str, Any] | None = None,
    network_isolation: bool = True,
) -> dict[str, Any]:
    """Return every property of a hardened job definition, as its resource takes them.

    All four kinds of monitors use it, and so may the template of a product. Values may be tokens
    and dynamic references.

    Args:
        prefix: What the properties of the kind begin with, ``data_quality`` for example.
        project: The project, which becomes a tag.
        role_arn: The role of the jobs.
        image_uri: The image of the jobs.
        job_input: What is monitored.
        baseline: What it is compared with.
        reports_uri: Where reports go.
        output_key_arn: The key of the reports.
        volume_key_arn: The key of the volumes.
        subnet_ids: The isolated subnets.
        security_group_ids: The security groups.
        instance_type: The instance type, with ``ml.``.
        instance_count: How many instances.
        volume_gib: The volume of each in GiB.
        max_runtime: When a job is stopped, in seconds.
        application: What else the image is told.
        network_isolation: Whether containers are cut off; ``False`` is a recorded relaxation of the caller.
    """
    report = {"s3Uri": reports_uri, "localPath": OUTPUT_PATH, "s3UploadMode": "EndOfJob"}
    return {
        f"{prefix}_app_specification": {
            "imageUri": image_uri,
            "environment": PUBLISH_METRICS,
            **(application or {}),
        },
        f"{prefix}_baseline_config": dict(baseline),
        f"{prefix}_job_input": dict(job_input),
        f"{prefix}_job_output_config": {"kmsKeyId": output_key_arn, "monitoringOutputs": [{"s3Output": report}]},
        "job_resources": {
            "clusterConfig": {
                "instanceCount": instance_count,
                "instanceType": instance_type,
                "volumeSizeInGb": volume_gib,
                "volumeKmsKeyId": volume_key_arn,
            }
        },
        "network_config": {
            "enableInterContainerTrafficEncryption": True,
            "enableNetworkIsolation": network_isolation,
            "vpcConfig": {"subnets": list(subnet_ids), "securityGroupIds": list(security_group_ids)},
        },
        "stopping_condition": {"maxRuntimeInSeconds": max_runtime},
        "role_arn": role_arn,
        "tags": [CfnTag(key=PROJECT_TAG, value=project)],
    }


def schedule_properties(
    *,
    project: str,
    name: str,
    monitoring_type: str,
    job_definition_name: str,
    schedule: Mapping[str, str],
) -> dict[str, Any]:
    """Return every property of a monitoring schedule, as ``CfnMonitoringSchedule`` takes them.

    Args:
        project: The project, which becomes a tag.
        name: The name of the schedule.
        monitoring_type: The kind of monitor, ``DataQuality`` for example.
        job_definition_name: The job definition, which holds network, keys and time limit.
        schedule: When it runs.
    """
    return {
        "monitoring_schedule_name": name,
        "monitoring_schedule_config": {
            "monitoringJobDefinitionName": job_definition_name,
            "monitoringType": monitoring_type,
            "scheduleConfig": dict(schedule),
        },
        "tags": [CfnTag(key=PROJECT_TAG, value=project)],
    }


def run_pattern(reports_uri: str, detail: Mapping[str, Any]) -> dict[str, Any]:
    """Return the events of runs of one monitor that ended in one way, as ``CfnRule`` takes a pattern.

    The event of a processing job names no schedule; where it writes tells whose run it is.

    Args:
        reports_uri: Where the monitor writes its reports.
        detail: How the run must have ended.
    """
    output = {"Outputs": {"S3Output": {"S3Uri": [{"prefix": f"{reports_uri}/"}, reports_uri]}}}
    return {
        "source": ["aws.sagemaker"],
        "detail-type": ["SageMaker Processing Job State Change"],
        "detail": {**detail, "ProcessingOutputConfig": output},
    }


def alarm_pattern(alarm_arns: Sequence[str]) -> dict[str, Any]:
    """Return the events of alarms that go off, as ``CfnRule`` takes a pattern.

    Args:
        alarm_arns: The alarms.

    Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch-and-eventbridge.html
    """
    return {
        "source": ["aws.cloudwatch"],
        "detail-type": ["CloudWatch Alarm State Change"],
        "resources": list(alarm_arns),
        "detail": {"state": {"value": ["ALARM"]}},
    }


def baseline_properties(baseline: Baseline, *, with_statistics: bool) -> dict[str, Any]:
    """Return what is compared with, as the job definitions take it.

    Args:
        baseline: The baseline.
        with_statistics: Whether the kind of monitor reads statistics.
    """
    properties: dict[str, Any] = {"constraintsResource": {"s3Uri": baseline.constraints_uri}}
    if with_statistics:
        properties["statisticsResource"] = {"s3Uri": baseline.statistics_uri}
    return properties
