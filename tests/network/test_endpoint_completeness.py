from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_sagemaker as sagemaker
from aws_cdk import aws_ssm as ssm

from mlgov_constructs.network import EndpointCompleteness, EndpointService, IsolatedVpc, missing_endpoints

NOTEBOOK_NEEDS = [EndpointService.S3, EndpointService.SAGEMAKER_API, EndpointService.STS, EndpointService.LOGS]


def _notebook(scope: cdk.Stack, subnet_id: str) -> sagemaker.CfnNotebookInstance:
    return sagemaker.CfnNotebookInstance(
        scope, "Notebook", instance_type="ml.t3.medium", role_arn="role", subnet_id=subnet_id
    )


def _gaps(folder: Path) -> list[tuple[str, EndpointService]]:
    return [
        (g.template.name.split(".")[0], g.service) for g in missing_endpoints(sorted(folder.glob("*.template.json")))
    ]


@pytest.mark.parametrize("references", ["strong", "weak"])
@pytest.mark.parametrize("through", ["same stack", "another stack", "a parameter"])
def test_a_resource_without_its_endpoints_is_found(
    synthesize: Callable[..., dict[str, Any]], tmp_path: Path, through: str, references: str
) -> None:
    def build(app: cdk.App) -> None:
        lower = cdk.Stack(app, "Lower")
        vpc = IsolatedVpc(lower, "Vpc")
        vpc.require(EndpointService.S3, by=lower)
        subnet_id = vpc.isolated_subnets[0].subnet_id
        if through == "same stack":
            _notebook(lower, subnet_id)
        elif through == "another stack":
            _notebook(cdk.Stack(app, "Upper"), subnet_id)
        else:
            ssm.StringParameter(lower, "Subnet", parameter_name="/mlgov/subnet", string_value=subnet_id)
            _notebook(cdk.Stack(app, "Upper"), "{{resolve:ssm:/mlgov/subnet}}")

    synthesize(build, outdir=tmp_path, context={"@aws-cdk/core:defaultCrossStackReferences": references})
    stack = "Lower" if through == "same stack" else "Upper"
    assert _gaps(tmp_path) == [(stack, service) for service in NOTEBOOK_NEEDS[1:]]


def test_nothing_is_missing_once_it_is_required(synthesize: Callable[..., dict[str, Any]], tmp_path: Path) -> None:
    def build(app: cdk.App) -> None:
        stack = cdk.Stack(app, "Stack")
        vpc = IsolatedVpc(stack, "Vpc")
        for service in NOTEBOOK_NEEDS:
            vpc.require(service, by=stack)
        _notebook(stack, vpc.isolated_subnets[0].subnet_id)

    synthesize(build, outdir=tmp_path)
    assert _gaps(tmp_path) == []


def test_a_vpc_with_a_gateway_is_left_alone(synthesize: Callable[..., dict[str, Any]], tmp_path: Path) -> None:
    def build(app: cdk.App) -> None:
        stack = cdk.Stack(app, "Stack")
        _notebook(stack, ec2.Vpc(stack, "Vpc").public_subnets[0].subnet_id)

    synthesize(build, outdir=tmp_path)
    assert _gaps(tmp_path) == []


def test_the_plugin_names_construct_endpoint_and_fix(tmp_path: Path) -> None:
    app = cdk.App(outdir=str(tmp_path), context={"@aws-cdk/core:failSynthOnValidationErrors": False})
    cdk.Validations.of(app).add_plugins(EndpointCompleteness())
    stack = cdk.Stack(app, "Stack")
    _notebook(stack, IsolatedVpc(stack, "Vpc").isolated_subnets[0].subnet_id)
    app.synth()
    report = json.loads((tmp_path / "validation-report.json").read_text(encoding="utf-8"))
    violations = report["pluginReports"][0]["violations"]
    assert len(violations) == len(NOTEBOOK_NEEDS)
    violation = next(v for v in violations if "sagemaker.api" in v["description"])
    assert violation["violatingConstructs"][0]["constructPath"] == "Stack/Notebook"
    assert "vpc.require(EndpointService.SAGEMAKER_API" in violation["suggestedFix"]
