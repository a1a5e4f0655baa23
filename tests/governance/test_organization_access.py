"""What the organization's policies deny and what they let pass, evaluated as AWS does."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from mlgov_constructs.cli.access.layers import FULL_ACCESS
from mlgov_constructs.cli.access.simulator import Simulator
from mlgov_constructs.governance import RequiredTags
from mlgov_constructs.governance.organization_policies import (
    Document,
    resource_control_policies,
    service_control_policies,
)
from mlgov_constructs.identity import PROJECT_TAG
from tests.conftest import ROOT

ORGANIZATION, ACCOUNT, REGION = "o-exampleorg1", "111122223333", "eu-west-1"
SUBNET, KEY = "subnet-0a1b2c3d4e5f60718", f"arn:aws:kms:{REGION}:{ACCOUNT}:key/one"
ADMINISTRATOR, BREAK_GLASS, DEPLOYMENT = "Administrator", "BreakGlass", "cdk-hnb659fds-cfn-exec-role-one"
ROLE = f"arn:aws:iam::{ACCOUNT}:role"
SERVICE = service_control_policies(
    organization_id=ORGANIZATION,
    allowed_regions=[REGION],
    allowed_subnets=[SUBNET],
    allowed_instance_types=["ml.t3.*", "ml.m5.*"],
    exempt_roles=["arn:*:iam::*:role/BreakGlass"],
    deployment_roles=["arn:*:iam::*:role/cdk-*-cfn-exec-role-*"],
)
RESOURCE = resource_control_policies(organization_id=ORGANIZATION)
TAGGED = {f"aws:RequestTag/{PROJECT_TAG}": "churn"}
JOB = {
    "sagemaker:InstanceTypes": ["ml.m5.large"],
    "sagemaker:InterContainerTrafficEncryption": "true",
    "sagemaker:NetworkIsolation": "true",
    "sagemaker:OutputKmsKeyArn": KEY,
    "sagemaker:VolumeKmsKeyArn": KEY,
    "sagemaker:VpcSubnets": [SUBNET],
    **TAGGED,
}
NOTEBOOK = {
    "sagemaker:DirectInternetAccess": "Disabled",
    "sagemaker:InstanceTypes": ["ml.t3.medium"],
    "sagemaker:MinimumInstanceMetadataServiceVersion": "2",
    "sagemaker:RootAccess": "Disabled",
    "sagemaker:VolumeKmsKeyArn": KEY,
    "sagemaker:VpcSubnets": [SUBNET],
    **TAGGED,
}
MODEL = {"sagemaker:NetworkIsolation": "true", "sagemaker:VpcSubnets": [SUBNET], **TAGGED}
TRANSFORM = {
    "sagemaker:InstanceTypes": ["ml.m5.large"],
    "sagemaker:OutputKmsKeyArn": KEY,
    "sagemaker:VolumeKmsKeyArn": KEY,
}
HARDENED: dict[str, dict[str, Any]] = {
    "CreateModel": MODEL,
    "CreateNotebookInstance": NOTEBOOK,
    "CreateTrainingJob": JOB,
    "CreateTransformJob": TRANSFORM,
}
KINDS = {
    "CreateModel": "model",
    "CreateNotebookInstance": "notebook-instance",
    "CreateTrainingJob": "training-job",
    "CreateTransformJob": "transform-job",
}
Ask = Callable[..., bool]


@pytest.fixture(scope="module")
def simulator() -> Iterator[Simulator]:
    with Simulator.running(ROOT) as running:
        yield running


@pytest.fixture
def may(simulator: Simulator) -> Ask:
    """Whether a role that may do everything in its account may still do this."""

    def ask(
        action: str,
        resource: str = "*",
        *,
        role: str = ADMINISTRATOR,
        policies: dict[str, Document] = SERVICE,
        region: str = REGION,
        resource_organization: str = ORGANIZATION,
        **context: Any,
    ) -> bool:
        keys = {
            "aws:PrincipalArn": f"{ROLE}/{role}",
            "aws:PrincipalIsAWSService": "false",
            "aws:PrincipalOrgID": ORGANIZATION,
            "aws:RequestedRegion": region,
            "aws:ResourceOrgID": resource_organization,
            "aws:SecureTransport": "true",
            "aws:ViaAWSService": "false",
            **context,
        }
        decision = simulator.decide(
            {
                "request": {
                    "principal": f"arn:aws:sts::{ACCOUNT}:assumed-role/{role}/session",
                    "action": action,
                    "resource": {"resource": resource, "accountId": ACCOUNT},
                    "contextVariables": keys,
                },
                "identityPolicies": [FULL_ACCESS],
                "serviceControlPolicies": [
                    {
                        "orgIdentifier": "root",
                        "policies": [
                            FULL_ACCESS,
                            *({"name": name, "policy": document} for name, document in policies.items()),
                        ],
                    }
                ],
                "resourceControlPolicies": [],
            }
        )
        assert set(decision.ignored_keys) <= set(keys) - set(context), decision.ignored_keys
        return decision.allowed

    return ask


def created(action: str) -> tuple[str, str]:
    return f"sagemaker:{action}", f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:{KINDS[action]}/one"


@pytest.mark.parametrize("action", HARDENED)
def test_hardened_work_passes(may: Ask, action: str) -> None:
    assert may(*created(action), **HARDENED[action])


@pytest.mark.parametrize(
    ("action", "key"),
    [
        (action, key)
        for action, context in HARDENED.items()
        for key in context
        # Isolation of jobs is for their roles to ask; instances are what a request may leave to SageMaker.
        if key != "sagemaker:InstanceTypes" and not (action == "CreateTrainingJob" and key.endswith("NetworkIsolation"))
    ],
)
def test_what_is_left_out_is_denied(may: Ask, action: str, key: str) -> None:
    rest = {name: value for name, value in HARDENED[action].items() if name != key}
    assert not may(*created(action), **rest)


@pytest.mark.parametrize(
    ("action", "change"),
    [
        ("CreateTrainingJob", {"sagemaker:VpcSubnets": [SUBNET, "subnet-0000000000000000"]}),
        ("CreateTrainingJob", {"sagemaker:InstanceTypes": ["ml.m5.large", "ml.p4d.24xlarge"]}),
        ("CreateTrainingJob", {"sagemaker:InterContainerTrafficEncryption": "false"}),
        ("CreateNotebookInstance", {"sagemaker:RootAccess": "Enabled"}),
        ("CreateNotebookInstance", {"sagemaker:DirectInternetAccess": "Enabled"}),
        ("CreateModel", {"sagemaker:NetworkIsolation": "false"}),
        ("CreateTransformJob", {"sagemaker:InstanceTypes": ["ml.p3.2xlarge"]}),
    ],
)
def test_what_is_weakened_is_denied(may: Ask, action: str, change: dict[str, Any]) -> None:
    assert not may(*created(action), **{**HARDENED[action], **change})


@pytest.mark.parametrize(("instance", "passes"), [("system", True), ("ml.t3.medium", True), ("ml.g5.xlarge", False)])
def test_apps_run_on_what_is_allowed(may: Ask, instance: str, passes: bool) -> None:
    app = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:app/d-one/ana/JupyterLab/default"
    assert may("sagemaker:CreateApp", app, **{"sagemaker:InstanceTypes": [instance]}) is passes


def test_a_space_without_an_instance_passes(may: Ask) -> None:
    assert may("sagemaker:CreateSpace", f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:space/d-one/ana")


def test_a_notebook_does_not_grow_beyond_what_is_allowed(may: Ask) -> None:
    notebook = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:notebook-instance/one"
    assert may("sagemaker:UpdateNotebookInstance", notebook, **{"sagemaker:InstanceTypes": ["ml.t3.large"]})
    assert not may("sagemaker:UpdateNotebookInstance", notebook, **{"sagemaker:InstanceTypes": ["ml.g5.xlarge"]})


def test_a_schedule_that_names_a_definition_passes(may: Ask) -> None:
    schedule = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:monitoring-schedule/one"
    assert may("sagemaker:CreateMonitoringSchedule", schedule)
    assert not may("sagemaker:CreateMonitoringSchedule", schedule, **{"sagemaker:InstanceTypes": ["ml.m5.large"]})


def test_a_definition_of_a_monitor_runs_in_subnets(may: Ask) -> None:
    definition = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:data-quality-job-definition/one"
    machine = {"sagemaker:InstanceTypes": ["ml.m5.large"]}
    assert not may("sagemaker:CreateDataQualityJobDefinition", definition, **machine)
    assert may("sagemaker:CreateDataQualityJobDefinition", definition, **machine, **{"sagemaker:VpcSubnets": [SUBNET]})


@pytest.mark.parametrize(
    "action",
    ["sagemaker:ListModels", "s3:CreateBucket", "ec2:CreateVpc", "kms:CreateKey", "lambda:ListFunctions"],
)
def test_other_regions_are_closed(may: Ask, action: str) -> None:
    assert may(action)
    assert not may(action, region="us-west-2")


@pytest.mark.parametrize(
    "action",
    [
        "iam:ListRoles",
        "organizations:DescribeOrganization",
        "support:DescribeCases",
        "budgets:ViewBudget",
        "ce:GetTags",
    ],
)
def test_global_services_answer_from_elsewhere(may: Ask, action: str) -> None:
    assert may(action, region="us-east-1")


def test_data_stays_in_the_organization(may: Ask) -> None:
    put = ("s3:PutObject", "arn:aws:s3:::bucket/key")
    assert may(*put)
    assert not may(*put, resource_organization="o-otherorg11")


def test_a_service_writes_for_its_caller_elsewhere(may: Ask) -> None:
    put = ("s3:PutObject", "arn:aws:s3:::bucket/key")
    assert may(*put, resource_organization="o-otherorg11", **{"aws:ViaAWSService": "true"})


@pytest.mark.parametrize(
    ("action", "resource"),
    [
        ("cloudtrail:StopLogging", f"arn:aws:cloudtrail:{REGION}:{ACCOUNT}:trail/one"),
        ("cloudtrail:PutEventSelectors", f"arn:aws:cloudtrail:{REGION}:{ACCOUNT}:trail/one"),
        ("securityhub:DisableSecurityHub", f"arn:aws:securityhub:{REGION}:{ACCOUNT}:hub/default"),
    ],
)
@pytest.mark.parametrize(("role", "passes"), [(ADMINISTRATOR, False), (DEPLOYMENT, True), (BREAK_GLASS, True)])
def test_evidence_is_for_those_who_deploy_it(may: Ask, action: str, resource: str, role: str, passes: bool) -> None:
    assert may(action, resource, role=role) is passes


@pytest.mark.parametrize(
    ("action", "resource"),
    [
        created("CreateTrainingJob"),
        ("organizations:LeaveOrganization", "*"),
        ("s3:CreateBucket", "arn:aws:s3:::bucket"),
    ],
)
@pytest.mark.parametrize(("role", "passes"), [(DEPLOYMENT, False), (BREAK_GLASS, True)])
def test_only_emergencies_are_exempt_from_the_rest(
    may: Ask, action: str, resource: str, role: str, passes: bool
) -> None:
    assert may(action, resource, role=role, region="us-west-2") is passes


@pytest.mark.parametrize("name", [BREAK_GLASS, DEPLOYMENT])
@pytest.mark.parametrize("action", ["iam:CreateRole", "iam:UpdateAssumeRolePolicy", "iam:AttachRolePolicy"])
def test_nobody_becomes_exempt_by_a_name(may: Ask, name: str, action: str) -> None:
    assert not may(action, f"{ROLE}/{name}")
    assert not may(action, f"{ROLE}/{name}", role=DEPLOYMENT)
    assert may(action, f"{ROLE}/{name}", role=BREAK_GLASS)
    assert may(action, f"{ROLE}/Other")


def test_without_exemptions_administrators_still_work(may: Ask) -> None:
    policies = service_control_policies(organization_id=ORGANIZATION, allowed_regions=[REGION])
    assert may("iam:CreateRole", f"{ROLE}/{BREAK_GLASS}", policies=policies)
    assert not may("organizations:LeaveOrganization", policies=policies, role=BREAK_GLASS)


def test_a_reason_lets_models_call_out(may: Ask) -> None:
    policies = service_control_policies(organization_id=ORGANIZATION, allowed_regions=[REGION], isolated_models=False)
    open_model = {**MODEL, "sagemaker:NetworkIsolation": "false"}
    assert may(*created("CreateModel"), policies=policies, **open_model)


def test_required_tags_are_held_beside_them(may: Ask) -> None:
    exempt = ["arn:*:iam::*:role/BreakGlass"]
    tags = RequiredTags({"cost-center": ["ml-0001"]}).service_control_policy(exempt_roles=exempt)
    policies = {**SERVICE, "tags": tags}
    assert not may(*created("CreateModel"), policies=policies, **MODEL)
    assert may(*created("CreateModel"), policies=policies, **MODEL, **{"aws:RequestTag/cost-center": "ml-0001"})
    assert may(*created("CreateModel"), policies=policies, role=BREAK_GLASS, **MODEL)


@pytest.mark.parametrize(
    ("context", "passes"),
    [
        ({"aws:PrincipalOrgID": ORGANIZATION, "aws:PrincipalIsAWSService": "false"}, True),
        ({"aws:PrincipalOrgID": "o-otherorg11", "aws:PrincipalIsAWSService": "false"}, False),
        ({"aws:PrincipalIsAWSService": "false"}, False),
    ],
)
def test_strangers_do_not_reach_resources(simulator: Simulator, context: dict[str, str], passes: bool) -> None:
    bucket = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "*"}],
    }
    decision = simulator.decide(
        {
            "request": {
                "principal": "arn:aws:sts::444455556666:assumed-role/Somebody/session",
                "action": "s3:GetObject",
                "resource": {"resource": "arn:aws:s3:::bucket/key", "accountId": ACCOUNT},
                "contextVariables": {"aws:SecureTransport": "true", **context},
            },
            "identityPolicies": [FULL_ACCESS],
            "serviceControlPolicies": [],
            "resourcePolicy": bucket,
            "resourceControlPolicies": [
                {
                    "orgIdentifier": "root",
                    "policies": [{"name": name, "policy": document} for name, document in RESOURCE.items()],
                }
            ],
        }
    )
    assert decision.allowed is passes


@pytest.mark.parametrize(
    ("context", "passes"),
    [
        ({}, True),
        ({"aws:SourceAccount": ACCOUNT, "aws:SourceOrgID": ORGANIZATION}, True),
        ({"aws:SourceAccount": "444455556666", "aws:SourceOrgID": "o-otherorg11"}, False),
    ],
)
def test_services_pass_unless_for_a_stranger(simulator: Simulator, context: dict[str, str], passes: bool) -> None:
    archive = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "cloudtrail.amazonaws.com"},
                "Action": "s3:PutObject",
                "Resource": "*",
            }
        ],
    }
    decision = simulator.decide(
        {
            "request": {
                "principal": "cloudtrail.amazonaws.com",
                "action": "s3:PutObject",
                "resource": {"resource": "arn:aws:s3:::archive/key", "accountId": ACCOUNT},
                "contextVariables": {
                    "aws:SecureTransport": "true",
                    "aws:PrincipalIsAWSService": "true",
                    **context,
                },
            },
            "identityPolicies": [],
            "serviceControlPolicies": [],
            "resourcePolicy": archive,
            "resourceControlPolicies": [
                {
                    "orgIdentifier": "root",
                    "policies": [{"name": name, "policy": document} for name, document in RESOURCE.items()],
                }
            ],
        }
    )
    assert decision.allowed is passes


def test_the_documents_are_plain_json() -> None:
    assert json.loads(json.dumps({**SERVICE, **RESOURCE})) == {**SERVICE, **RESOURCE}
