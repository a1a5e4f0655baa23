from __future__ import annotations

from collections.abc import Callable
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam

from mlgov_constructs.identity import JobEnvironment, PermissionsBoundary, Persona, PersonaRole
from mlgov_constructs.identity.activities import MonitorModels
from mlgov_constructs.network import IsolatedVpc
from mlgov_constructs.protection import DataKey
from tests.access import ACCOUNT, REGION, decision, resolved
from tests.quality.iam_names import check_iam_names
from tests.templates import Template, of_type

SAGEMAKER = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}"
SCHEDULE = f"{SAGEMAKER}:monitoring-schedule/churn"
KINDS = {
    "DataQuality": "data-quality",
    "ModelBias": "model-bias",
    "ModelExplainability": "model-explainability",
    "ModelQuality": "model-quality",
}
TAG = {"aws__RequestTag/mlgov__project": "churn"}


def _build(app: cdk.App) -> None:
    stack = cdk.Stack(app, "monitoring")
    environment = JobEnvironment(vpc=IsolatedVpc(stack, "Vpc"), encryption_key=DataKey(stack, "Key"))
    PersonaRole(
        stack,
        "Role",
        persona=Persona("trial", "A trial", (MonitorModels("churn", environment),)),
        permissions_boundary=PermissionsBoundary(stack, "Boundary"),
        principals=[iam.AccountRootPrincipal()],
    )


@pytest.fixture(scope="module")
def template(synthesize: Callable[..., dict[str, Template]]) -> Template:
    return synthesize(_build)["monitoring"]


@pytest.fixture(scope="module")
def hardened(template: Template) -> dict[str, Any]:
    """What the request of a hardened job definition says."""
    (define,) = (
        resolved(statement["Condition"])
        for policy in of_type(template, "AWS::IAM::ManagedPolicy").values()
        for statement in policy["Properties"]["PolicyDocument"]["Statement"]
        if statement.get("Sid") == "DefineMonitoring"
    )
    said = {**define["ForAllValues:StringEquals"], **define["ArnEquals"], **define["Bool"]}
    return {
        "sagemaker__InstanceTypes": ["ml.m5.xlarge"],
        **TAG,
        **{key.replace(":", "__"): value for key, value in said.items()},
    }


def decide(template: Template, action: str, resource: str, **context: Any) -> str:
    (role,) = (name for name in of_type(template, "AWS::IAM::Role") if name.startswith("Role"))
    return decision(template, role, f"sagemaker:{action}", resource, **context)


@pytest.mark.parametrize("kind", KINDS)
def test_a_hardened_job_definition_may_be_made(template: Template, hardened: dict[str, Any], kind: str) -> None:
    arn = f"{SAGEMAKER}:{KINDS[kind]}-job-definition/churn"
    assert decide(template, f"Create{kind}JobDefinition", arn, **hardened) == "Allow"


@pytest.mark.parametrize(
    "missing",
    [
        "sagemaker__VpcSubnets",
        "sagemaker__VpcSecurityGroupIds",
        "sagemaker__OutputKmsKeyArn",
        "sagemaker__VolumeKmsKeyArn",
        "sagemaker__NetworkIsolation",
        "sagemaker__InterContainerTrafficEncryption",
        "aws__RequestTag/mlgov__project",
    ],
)
@pytest.mark.parametrize("kind", KINDS)
def test_one_that_leaves_a_protection_out_may_not(
    template: Template, hardened: dict[str, Any], kind: str, missing: str
) -> None:
    arn = f"{SAGEMAKER}:{KINDS[kind]}-job-definition/churn"
    context = {key: value for key, value in hardened.items() if key != missing}
    assert decide(template, f"Create{kind}JobDefinition", arn, **context) != "Allow"


def test_a_schedule_names_a_job_definition(template: Template) -> None:
    assert decide(template, "CreateMonitoringSchedule", SCHEDULE, **TAG) == "Allow"


def test_a_schedule_brings_no_job_of_its_own(template: Template, hardened: dict[str, Any]) -> None:
    assert decide(template, "CreateMonitoringSchedule", SCHEDULE, **hardened) == "ImplicitDeny"


def test_a_schedule_belongs_to_the_project(template: Template) -> None:
    assert decide(template, "CreateMonitoringSchedule", SCHEDULE) == "ImplicitDeny"
    other = {"aws__RequestTag/mlgov__project": "other"}
    assert decide(template, "CreateMonitoringSchedule", SCHEDULE, **other) == "ImplicitDeny"


@pytest.mark.parametrize(
    ("action", "expected"), [("CreateMonitoringSchedule", "Allow"), ("CreateTrainingJob", "ImplicitDeny")]
)
def test_tags_are_set_only_while_something_is_made(template: Template, action: str, expected: str) -> None:
    assert decide(template, "AddTags", SCHEDULE, sagemaker__TaggingAction=action) == expected


@pytest.mark.parametrize(("project", "expected"), [("churn", "Allow"), ("other", "ImplicitDeny")])
def test_only_monitors_of_the_project_are_followed(template: Template, project: str, expected: str) -> None:
    tagged = {"aws__ResourceTag/mlgov__project": project}
    for kind, resource in KINDS.items():
        arn = f"{SAGEMAKER}:{resource}-job-definition/churn"
        assert decide(template, f"Describe{kind}JobDefinition", arn, **tagged) == expected
    assert decide(template, "StopMonitoringSchedule", SCHEDULE, **tagged) == expected


def test_a_schedule_that_a_stack_keeps_is_not_stopped_by_hand(template: Template) -> None:
    kept = {"aws__ResourceTag/mlgov__project": "churn", "aws__ResourceTag/mlgov__deployed-by": "stack"}
    assert decide(template, "DescribeMonitoringSchedule", SCHEDULE, **kept) == "Allow"
    assert decide(template, "StopMonitoringSchedule", SCHEDULE, **kept) == "ImplicitDeny"


def test_every_action_and_key_exists(template: Template) -> None:
    assert check_iam_names(template) == []
