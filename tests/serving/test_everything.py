"""Everything that serves in one template: what it claims, and whose it is."""

from __future__ import annotations

from collections.abc import Callable

import aws_cdk as cdk
import pytest

from mlgov_constructs.identity import PROJECT_TAG, JobEnvironment, PermissionsBoundary
from mlgov_constructs.serving import (
    AsyncEndpoint,
    AsyncResults,
    BatchLocation,
    BatchTransformJob,
    ComponentEndpoint,
    ComponentResources,
    DataCapture,
    InferenceComponent,
    ServerlessEndpoint,
    ShadowTest,
)
from tests.claims import spoken_for
from tests.serving.conftest import REASON, ground, named
from tests.serving.test_shadow_test import END
from tests.templates import Template, of_type

CONFIG, ENDPOINT, ALARM = "AWS::SageMaker::EndpointConfig", "AWS::SageMaker::Endpoint", "AWS::CloudWatch::Alarm"
CLAIMS = [
    ("AWS::SageMaker::Model", "Model", {"MLG-SRV-01", "MLG-SRV-02", "MLG-SRV-03", "MLG-SRV-04", "MLG-SRV-10"}),
    (CONFIG, "LiveConfig", {"MLG-SRV-05", "MLG-SRV-06", "MLG-SRV-07", "MLG-SRV-10"}),
    (ENDPOINT, "Live", {"MLG-SRV-08", "MLG-SRV-09", "MLG-SRV-10"}),
    (ALARM, "LiveErrorAlarm", {"MLG-GOV-06"}),
    (ALARM, "LiveLatencyAlarm", {"MLG-GOV-06"}),
    (CONFIG, "SmallConfig", {"MLG-SRV-07", "MLG-SRV-10", "MLG-SRV-14"}),
    (ENDPOINT, "Small", {"MLG-SRV-09", "MLG-SRV-10"}),
    (ALARM, "Small", {"MLG-GOV-06"}),
    (CONFIG, "QueueConfig", {"MLG-SRV-05", "MLG-SRV-06", "MLG-SRV-10", "MLG-SRV-11"}),
    (ENDPOINT, "Queue", {"MLG-SRV-08", "MLG-SRV-09", "MLG-SRV-10"}),
    (ALARM, "QueueErrorAlarm", {"MLG-GOV-06"}),
    (ALARM, "QueueWaitingAlarm", {"MLG-GOV-06"}),
    (
        CONFIG,
        "SharedConfig",
        {"MLG-SRV-05", "MLG-SRV-06", "MLG-SRV-07", "MLG-SRV-10", "MLG-SRV-14", "MLG-SRV-15"},
    ),
    (ENDPOINT, "Shared", {"MLG-SRV-08", "MLG-SRV-09", "MLG-SRV-10"}),
    ("AWS::SageMaker::InferenceComponent", "Component", {"MLG-SRV-10", "MLG-SRV-16", "MLG-SRV-18"}),
    (ALARM, "Component", {"MLG-GOV-06"}),
    ("AWS::SageMaker::InferenceExperiment", "Test", {"MLG-SRV-10", "MLG-SRV-12", "MLG-SRV-13"}),
    ("AWS::IAM::Role", "TestRole", {"MLG-IDN-01", "MLG-IDN-03"}),
    ("AWS::Scheduler::Schedule", "Nightly", {"MLG-SRV-17"}),
    ("AWS::IAM::Role", "NightlyRole", {"MLG-IDN-01", "MLG-IDN-03"}),
    (ALARM, "Nightly", {"MLG-GOV-06"}),
]
COUNTS = {
    "AWS::SageMaker::Model": 4,
    "AWS::SageMaker::EndpointConfig": 4,
    "AWS::SageMaker::Endpoint": 4,
    "AWS::SageMaker::InferenceComponent": 1,
    "AWS::SageMaker::InferenceExperiment": 1,
    "AWS::Scheduler::ScheduleGroup": 1,
}


@pytest.fixture(scope="module")
def template(synthesize: Callable[..., dict[str, Template]]) -> Template:
    def build(app: cdk.App) -> None:
        base = ground(app, "everything")
        stack, boundary = base.stack, PermissionsBoundary(base.stack, "Ceiling")
        capture, model = DataCapture(base.bucket), base.model("Model")
        outside = base.model("Outside", outside_vpc=REASON, outbound_network=REASON)
        ServerlessEndpoint(
            stack, "Small", model=outside, outside_vpc=REASON, no_data_capture=REASON, alarm_topic=base.topic
        )
        AsyncEndpoint(
            stack,
            "Queue",
            model=model,
            encryption_key=base.key,
            results=AsyncResults(base.bucket),
            alarm_topic=base.topic,
        )
        shared = ComponentEndpoint(
            stack, "Shared", vpc=base.vpc, role=base.role, encryption_key=base.key, data_capture=capture
        )
        InferenceComponent(
            stack,
            "Component",
            endpoint=shared,
            model=model,
            resources=ComponentResources(memory=cdk.Size.gibibytes(1)),
            alarm_topic=base.topic,
        )
        ShadowTest(
            stack,
            "Test",
            endpoint=base.endpoint("Live", maximum_latency=cdk.Duration.seconds(1)),
            challenger=base.model("Challenger"),
            encryption_key=base.key,
            permissions_boundary=boundary,
            results=capture,
            end=END,
        )
        BatchTransformJob(
            stack,
            "Nightly",
            model=model,
            environment=JobEnvironment(vpc=base.vpc, encryption_key=base.key),
            permissions_boundary=boundary,
            source=BatchLocation(base.bucket, "churn/customers"),
            results=BatchLocation(base.bucket, "churn/predictions"),
            schedule="rate(1 day)",
            failure_topic=base.topic,
        )
        cdk.Tags.of(app).add(PROJECT_TAG, "fraud")

    return synthesize(build)["everything"]


@pytest.mark.parametrize(("resource_type", "name", "controls"), CLAIMS)
def test_a_resource_claims_its_controls(template: Template, resource_type: str, name: str, controls: set[str]) -> None:
    assert spoken_for(named(template, resource_type, name)) == controls


@pytest.mark.parametrize(
    ("resource_type", "name", "rights"),
    [
        (ENDPOINT, "Live", "RoleRights"),
        (ENDPOINT, "Small", "RoleRights"),
        (ENDPOINT, "Queue", "RoleRights"),
        (ENDPOINT, "Shared", "RoleRights"),
        ("AWS::SageMaker::InferenceComponent", "Component", "RoleRights"),
        ("AWS::SageMaker::Model", "Model", "RoleRights"),
        ("AWS::SageMaker::InferenceExperiment", "Test", "TestRoleRights"),
        ("AWS::Scheduler::Schedule", "Nightly", "NightlyRoleRights"),
    ],
)
def test_it_starts_after_its_role_has_its_rights(
    template: Template, resource_type: str, name: str, rights: str
) -> None:
    assert any(other.startswith(rights) for other in named(template, resource_type, name)["DependsOn"])


@pytest.mark.parametrize("resource_type", COUNTS)
def test_a_tag_of_the_app_gives_nothing_to_another_project(template: Template, resource_type: str) -> None:
    tags = [each["Properties"]["Tags"] for each in of_type(template, resource_type).values()]
    assert len(tags) == COUNTS[resource_type]
    assert all({"Key": PROJECT_TAG, "Value": "churn"} in each for each in tags)
