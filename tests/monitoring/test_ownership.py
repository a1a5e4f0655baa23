"""What the resources of monitors claim, whose they are, and which of two keys each thing has."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_s3 as s3

from mlgov_constructs.identity import PROJECT_TAG
from mlgov_constructs.network import EndpointService
from mlgov_constructs.protection import DataKey
from tests.claims import spoken_for
from tests.monitoring.conftest import ground
from tests.templates import Template, of_type

OF_DEFINITIONS = {"MLG-MON-11", "MLG-MON-12", "MLG-MON-13", "MLG-MON-14", "MLG-MON-15", "MLG-MON-16"}
OF_SCHEDULES = {"MLG-MON-06", "MLG-MON-09", "MLG-MON-15"}
OWN = {
    "DataQuality": {"MLG-MON-01", "MLG-MON-03"},
    "ModelQuality": {"MLG-MON-05", "MLG-MON-10"},
    "Bias": {"MLG-MON-07", "MLG-MON-04"},
    "Explainability": {"MLG-MON-02", "MLG-MON-08"},
}


@pytest.fixture(scope="module")
def template(synthesize: Callable[..., dict[str, Template]]) -> Template:
    def build(app: cdk.App) -> None:
        base = ground(app, "owned")
        base.every_kind(bucket=s3.Bucket(base.stack, "Reports", encryption_key=DataKey(base.stack, "ReportKey")))
        cdk.Tags.of(app).add(PROJECT_TAG, "fraud")

    return synthesize(build)["owned"]


def resource(template: Template, name: str) -> dict[str, Any]:
    (found,) = (each for i, each in template["Resources"].items() if re.fullmatch(rf"{name}[0-9A-F]{{8}}", i))
    return dict(found)


@pytest.mark.parametrize("name", OWN)
def test_definition_and_schedule_claim_their_controls(template: Template, name: str) -> None:
    assert spoken_for(resource(template, f"{name}JobDefinition")) == OWN[name] | OF_DEFINITIONS
    assert spoken_for(resource(template, name)) == OF_SCHEDULES


@pytest.mark.parametrize("name", OWN)
def test_a_tag_of_the_app_gives_nothing_to_another_project(template: Template, name: str) -> None:
    for each in (f"{name}JobDefinition", name):
        assert {"Key": PROJECT_TAG, "Value": "churn"} in resource(template, each)["Properties"]["Tags"]


@pytest.mark.parametrize("name", OWN)
def test_reports_have_the_key_of_their_bucket_and_volumes_their_own(template: Template, name: str) -> None:
    properties = resource(template, f"{name}JobDefinition")["Properties"]
    (output,) = (value for key, value in properties.items() if key.endswith("JobOutputConfig"))
    assert output["KmsKeyId"]["Fn::GetAtt"][0].startswith("ReportKey")
    assert properties["JobResources"]["ClusterConfig"]["VolumeKmsKeyId"]["Fn::GetAtt"][0].startswith("Key")


def test_the_topic_of_a_monitor_alone_admits_who_tells_it(template: Template) -> None:
    (policy,) = of_type(template, "AWS::SNS::TopicPolicy").values()
    admitted = {each["Sid"] for each in policy["Properties"]["PolicyDocument"]["Statement"]}
    assert {"AllowCloudwatch", "AllowEvents"} < admitted


def test_a_monitor_asks_for_the_endpoints_that_its_jobs_call(monkeypatch: pytest.MonkeyPatch) -> None:
    base = ground(cdk.App(), "Stack")
    asked: list[EndpointService] = []
    monkeypatch.setattr(base.vpc, "require", lambda service, **_: asked.append(service))
    base.data_quality("Monitor")
    assert {service.name for service in asked} == {
        "S3",
        "SAGEMAKER_API",
        "STS",
        "KMS",
        "LOGS",
        "MONITORING",
        "ECR_API",
        "ECR_DKR",
    }
