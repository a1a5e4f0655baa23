"""What constructs and products make alike, as the functions return it."""

from __future__ import annotations

from mlgov_constructs.identity import PROJECT_TAG
from mlgov_constructs.serving.endpoint_properties import (
    capture_properties,
    endpoint_config_properties,
    endpoint_properties,
    error_alarm_properties,
    latency_alarm_properties,
    variant_properties,
)
from mlgov_constructs.serving.model_properties import image_container, model_properties

OF_ENDPOINT = [{"name": "EndpointName", "value": "churn"}, {"name": "VariantName", "value": "AllTraffic"}]
SEEN_TWICE_IN_THREE_MINUTES = {
    "namespace": "AWS/SageMaker",
    "dimensions": OF_ENDPOINT,
    "period": 60,
    "evaluation_periods": 3,
    "datapoints_to_alarm": 2,
    "treat_missing_data": "notBreaching",
    "alarm_actions": ["topic"],
}


def test_the_alarm_on_failed_requests() -> None:
    assert error_alarm_properties(endpoint_name="churn", actions=["topic"]) == {
        **SEEN_TWICE_IN_THREE_MINUTES,
        "alarm_description": "Requests to the endpoint churn fail",
        "metric_name": "Invocation5XXErrors",
        "statistic": "Sum",
        "threshold": 1,
        "comparison_operator": "GreaterThanOrEqualToThreshold",
    }


def test_the_alarm_on_slow_answers() -> None:
    assert latency_alarm_properties(endpoint_name="churn", milliseconds=250, actions=["topic"]) == {
        **SEEN_TWICE_IN_THREE_MINUTES,
        "alarm_description": "Answers of the endpoint churn take too long",
        "metric_name": "ModelLatency",
        "extended_statistic": "p99",
        "threshold": 250_000,
        "comparison_operator": "GreaterThanThreshold",
    }


def test_configuration_and_endpoint_carry_the_project_without_a_construct() -> None:
    variant = variant_properties(model_name="model", instance_type="ml.m5.large", instance_count=2)
    config = endpoint_config_properties(project="churn", kms_key_id="key", variant=variant)
    endpoint = endpoint_properties(project="churn", endpoint_name="churn", endpoint_config_name="config")
    for properties in (config, endpoint):
        assert [(tag.key, tag.value) for tag in properties["tags"]] == [(PROJECT_TAG, "churn")]


def test_a_model_has_no_network_and_an_endpoint_scales_unless_it_is_said() -> None:
    model = model_properties(
        project="churn",
        role_arn="role",
        container=image_container("image", access="Platform", multi_model=True),
        subnet_ids=["subnet"],
        security_group_ids=["group"],
    )
    assert model["enable_network_isolation"] is True
    assert model["vpc_config"] == {"subnets": ["subnet"], "securityGroupIds": ["group"]}
    assert [(tag.key, tag.value) for tag in model["tags"]] == [(PROJECT_TAG, "churn")]
    assert "multiModelConfig" not in model["primary_container"]


def test_what_is_kept_holds_requests_and_answers_unless_it_is_said() -> None:
    kept = capture_properties(destination="s3://kept", kms_key_id="key", percentage=100)
    assert kept["captureOptions"] == [{"captureMode": "Input"}, {"captureMode": "Output"}]
    assert (kept["enableCapture"], kept["kmsKeyId"]) == (True, "key")


def test_an_update_keeps_what_scaling_has_reached_and_nothing_else() -> None:
    endpoint = endpoint_properties(project="churn", endpoint_name="churn", endpoint_config_name="config")
    assert endpoint["retain_all_variant_properties"] is True
    assert endpoint["exclude_retained_variant_properties"] == [
        {"variantPropertyType": "DataCaptureConfig"},
        {"variantPropertyType": "DesiredWeight"},
    ]
