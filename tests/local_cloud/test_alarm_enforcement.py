"""IAM on alarms and on scaling, where it is evaluated: by the alarm's name and by the service that is scaled."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.local_cloud.catalog_templates import ACCOUNT, allow, role, trust
from tests.local_cloud.conftest import Cloud

ALARMS = f"arn:aws:cloudwatch:us-east-1:{ACCOUNT}:alarm"
ALARM: dict[str, Any] = {
    "Namespace": "AWS/SageMaker",
    "MetricName": "Invocation5XXErrors",
    "Statistic": "Sum",
    "Period": 60,
    "EvaluationPeriods": 1,
    "Threshold": 1,
    "ComparisonOperator": "GreaterThanOrEqualToThreshold",
}
TARGET = {
    "ResourceId": "endpoint/churn/variant/AllTraffic",
    "ScalableDimension": "sagemaker:variant:DesiredInstanceCount",
}


@pytest.fixture(scope="module")
def launcher(enforced_cloud: Cloud) -> Iterator[dict[str, str]]:
    scaling = {
        **allow("application-autoscaling:*"),
        "Condition": {"StringEquals": {"application-autoscaling:service-namespace": "sagemaker"}},
    }
    own = allow("cloudwatch:DeleteAlarms", "cloudwatch:PutMetricAlarm", resource=f"{ALARMS}:SC-*")
    stack = enforced_cloud.stack(Launcher=role("alarm-launcher", trust(account=True), own, scaling))
    assert stack.describe()["StackStatus"] == "CREATE_COMPLETE", stack.failures()
    yield enforced_cloud.as_role("alarm-launcher")
    stack.delete()


def test_an_alarm_is_deleted_by_its_name(enforced_cloud: Cloud, launcher: dict[str, str]) -> None:
    mine, root = enforced_cloud.client("cloudwatch", launcher), enforced_cloud.client("cloudwatch")
    for name in ("SC-mine", "root-user"):
        root.put_metric_alarm(AlarmName=name, **ALARM)
    mine.delete_alarms(AlarmNames=["SC-mine"])
    with pytest.raises(mine.exceptions.ClientError, match="not authorized to perform: cloudwatch:DeleteAlarms"):
        mine.delete_alarms(AlarmNames=["root-user"])
    assert [alarm["AlarmName"] for alarm in root.describe_alarms(AlarmNames=["root-user"])["MetricAlarms"]]
    root.delete_alarms(AlarmNames=["root-user"])


def test_only_the_service_of_the_condition_is_scaled(enforced_cloud: Cloud, launcher: dict[str, str]) -> None:
    scaler = enforced_cloud.client("application-autoscaling", launcher)
    limits = {"MinCapacity": 2, "MaxCapacity": 4}
    scaler.register_scalable_target(ServiceNamespace="sagemaker", **TARGET, **limits)
    scaler.deregister_scalable_target(ServiceNamespace="sagemaker", **TARGET)
    other = {"ResourceId": "table/churn", "ScalableDimension": "dynamodb:table:ReadCapacityUnits"}
    with pytest.raises(scaler.exceptions.ClientError, match="application-autoscaling:RegisterScalableTarget"):
        scaler.register_scalable_target(ServiceNamespace="dynamodb", **other, **limits)
