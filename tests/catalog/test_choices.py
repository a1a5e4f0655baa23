"""Whatever a user may choose in a form makes requests that AWS takes: tried on what is published."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import cloudformation_validate as engine
import pytest

from mlgov_constructs.catalog import ProductHistory
from mlgov_constructs.local_cloud.shapes import fit, problems
from tests.catalog.choices import Resolver, choices
from tests.templates import Template

# CloudFormation and the CDK know the idle settings of a space; the engine's copy of the registry is older.
NEWER = ("Space", "Additional properties are not allowed ('AppLifecycleManagement' was unexpected)")
PUBLISHED = Path(__file__).parent.parent.parent / "environments" / "published"
PRODUCTS = sorted(folder.relative_to(PUBLISHED).as_posix() for folder in PUBLISHED.glob("*/*") if folder.is_dir())
# A few values for each field that lists none: the shortest, the longest, and one that means "without".
FIELDS: dict[str, dict[str, list[str]]] = {
    "feature-group": {
        "Name": ["f", "f" * 31],
        "Identifier": ["id", "i" * 64],
        "EventTime": ["event_time"],
        **{
            f"{kind}Features": ["", f"{kind[0].lower()}1", ",".join(f"{kind[0].lower()}{n}" for n in range(20))]
            for kind in ("Number", "Text", "WholeNumber")
        },
        "DaysToLive": ["0", "1", "3650"],
    },
    "model-endpoint": {
        "ModelVersion": ["1", "99999"],
        "Name": ["n", "n" * 30],
        "Instances": ["1", "2", "10"],
        "MostInstances": ["1", "2", "10"],
    },
    "notebook": {"CodeRepository": ["", "ours", "https://git-codecommit.eu-central-1.amazonaws.com/v1/repos/ours"]},
    "project": {
        "Project": ["ab", "a" * 31],
        "OwnerEmail": ["a@b.example"],
        "CostCenter": ["x", "x" * 128],
        "MonthlyBudget": ["0", "1", "1000000"],
    },
    "studio": {"UserName": ["a", "ada.lovelace@example.com", "u" * 51]},
    "training-pipeline": {
        "Name": ["n", "n" * 31],
        "TargetColumn": ["target", "t" * 128],
        "TrainingData": ["tables/labelled"],
        "Threshold": ["0.8", "0", "1000000"],
    },
}
# The types whose properties are the parameters of a request, and what CloudFormation adds to or takes from them.
REQUESTS = {
    "AWS::ApplicationAutoScaling::ScalableTarget": ("application-autoscaling", "RegisterScalableTarget"),
    "AWS::CloudWatch::Alarm": ("cloudwatch", "PutMetricAlarm"),
    "AWS::Events::Rule": ("events", "PutRule"),
    "AWS::SageMaker::Endpoint": ("sagemaker", "CreateEndpoint"),
    "AWS::SageMaker::EndpointConfig": ("sagemaker", "CreateEndpointConfig"),
    "AWS::SageMaker::FeatureGroup": ("sagemaker", "CreateFeatureGroup"),
    "AWS::SageMaker::Model": ("sagemaker", "CreateModel"),
    "AWS::SageMaker::ModelPackageGroup": ("sagemaker", "CreateModelPackageGroup"),
    "AWS::SageMaker::NotebookInstance": ("sagemaker", "CreateNotebookInstance"),
    "AWS::SageMaker::Pipeline": ("sagemaker", "CreatePipeline"),
    "AWS::SageMaker::Space": ("sagemaker", "CreateSpace"),
    "AWS::SageMaker::UserProfile": ("sagemaker", "CreateUserProfile"),
}
NAMED_BY_CLOUDFORMATION = {
    "AWS::CloudWatch::Alarm": "AlarmName",
    "AWS::Events::Rule": "Name",
    "AWS::SageMaker::EndpointConfig": "EndpointConfigName",
    "AWS::SageMaker::Model": "ModelName",
    "AWS::SageMaker::NotebookInstance": "NotebookInstanceName",
}
OF_UPDATES = ("ExcludeRetainedVariantProperties", "RetainAllVariantProperties", "RetainDeploymentConfig")
OF_OTHER_REQUESTS = {
    "AWS::Events::Rule": ("Targets",),
    "AWS::SageMaker::ModelPackageGroup": ("ModelPackageGroupPolicy",),
}


def current(product: str) -> Template:
    """The version of a product that is published last."""
    history = ProductHistory.from_directory(PUBLISHED / product)
    return [*history.versions.values()][-1].template


def refusals(kind: str, properties: Mapping[str, Any]) -> list[str]:
    """What the service would say to a resource."""
    service, operation = REQUESTS[kind]
    left_out = (*OF_UPDATES, *OF_OTHER_REQUESTS.get(kind, ()))
    request = {name: value for name, value in properties.items() if name not in left_out}
    request.setdefault(NAMED_BY_CLOUDFORMATION.get(kind, "Tags"), "named" if kind in NAMED_BY_CLOUDFORMATION else [])
    if kind == "AWS::SageMaker::Pipeline":
        request["PipelineDefinition"] = request["PipelineDefinition"]["PipelineDefinitionBody"]
        request["ClientRequestToken"] = "t" * 32
    if service == "application-autoscaling":
        del request["Tags"]
    return problems(service, operation, fit(service, operation, request))


@pytest.mark.parametrize("product", PRODUCTS)
def test_every_choice_is_a_request_that_aws_takes(product: str) -> None:
    template = current(product)
    seen: dict[str, list[str]] = {}
    for choice in choices(template, FIELDS[product.split("/")[1]]):
        for name, (kind, properties) in Resolver(template, choice).resources().items():
            if kind in REQUESTS and (text := json.dumps([name, properties], sort_keys=True)) not in seen:
                seen[text] = [f"{choice}: {name}: {problem}" for problem in refusals(kind, properties)]
    assert seen, "no resource of the product is known here"
    assert [problem for found in seen.values() for problem in found] == []


@pytest.mark.parametrize("product", PRODUCTS)
def test_every_choice_is_a_template_that_cloudformation_takes(product: str) -> None:
    template = current(product)
    schemas = engine.SchemaValidator()
    tried = [Resolver(template, choice).resources() for choice in choices(template, FIELDS[product.split("/")[1]])]
    assert tried
    distinct = {json.dumps(resources, sort_keys=True) for resources in tried}
    found = set()
    for text in distinct:
        resources = {name: {"Type": kind, "Properties": values} for name, (kind, values) in json.loads(text).items()}
        for diagnostic in schemas.validate(engine.TemplateContent(json.dumps({"Resources": resources}), product)):
            # What is below an error is advice: that a property cannot change later, that a text becomes a number.
            if diagnostic.severity in (engine.Severity.ERROR, engine.Severity.FATAL):
                found.add((diagnostic.entity.logical_id if diagnostic.entity else "", diagnostic.message))
    assert found - {NEWER} == set()


def test_a_deployment_without_its_wait_is_noticed() -> None:
    """The first version of the endpoint had none with one instance, and no description of CloudFormation told."""
    template = ProductHistory.from_directory(PUBLISHED / "sandbox" / "model-endpoint").versions["v1"].template
    choice = next(each for each in choices(template, FIELDS["model-endpoint"]) if each["Instances"] == "1")
    kind, properties = Resolver(template, choice).resources()["Endpoint"]
    assert any("WaitIntervalInSeconds" in problem for problem in refusals(kind, properties))
