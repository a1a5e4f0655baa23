from __future__ import annotations

from collections.abc import Callable
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam

from mlgov_constructs.controls import Relaxation
from mlgov_constructs.errors import ConstructError
from mlgov_constructs.identity import DataScientistRole, JobEnvironment, PermissionsBoundary
from mlgov_constructs.network import IsolatedVpc
from mlgov_constructs.protection import DataKey
from tests.access import decision
from tests.templates import Template, of_type

SAGEMAKER = "arn:aws:sagemaker:eu-west-1:111122223333"
JOBS = {"sagemaker:CreateTrainingJob": "training-job/one", "sagemaker:CreateProcessingJob": "processing-job/one"}


@pytest.fixture
def job(identity: Template) -> dict[str, Any]:
    """The request of a job that keeps every condition."""
    (group,) = (g for g in of_type(identity, "AWS::EC2::SecurityGroup") if "Workloads" in g)
    (key,) = (k for k in of_type(identity, "AWS::KMS::Key") if k.startswith("Key"))
    return {
        "sagemaker__VpcSubnets": list(of_type(identity, "AWS::EC2::Subnet"))[:1],
        "sagemaker__VpcSecurityGroupIds": [f"{group}.GroupId"],
        "sagemaker__VolumeKmsKeyArn": f"arn:aws:any:eu-west-1:111122223333:{key}",
        "sagemaker__OutputKmsKeyArn": f"arn:aws:any:eu-west-1:111122223333:{key}",
        "sagemaker__NetworkIsolation": "true",
        "sagemaker__InterContainerTrafficEncryption": "true",
        "sagemaker__InstanceTypes": ["ml.m5.xlarge"],
        "aws__RequestTag/mlgov:project": "churn",
    }


def ask(identity: Template, roles: dict[str, str], action: str, resource: str = "*", **context: Any) -> str:
    return decision(identity, roles["Scientist"], action, resource, **context)


@pytest.mark.parametrize(("action", "resource"), JOBS.items())
def test_a_job_that_keeps_every_condition_runs(
    identity: Template, roles: dict[str, str], job: dict[str, Any], action: str, resource: str
) -> None:
    assert ask(identity, roles, action, f"{SAGEMAKER}:{resource}", **job) == "Allow"


@pytest.mark.parametrize(("action", "resource"), JOBS.items())
@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("sagemaker__VpcSubnets", ["subnet-elsewhere"]),
        ("sagemaker__VpcSecurityGroupIds", ["sg-elsewhere"]),
        ("sagemaker__VolumeKmsKeyArn", "arn:aws:kms:eu-west-1:111122223333:key/other"),
        ("sagemaker__OutputKmsKeyArn", "arn:aws:kms:eu-west-1:111122223333:key/other"),
        ("sagemaker__NetworkIsolation", "false"),
        ("sagemaker__InterContainerTrafficEncryption", "false"),
        ("aws__RequestTag/mlgov:project", "fraud"),
    ],
)
def test_a_job_is_refused_when_a_condition_is_broken_or_left_out(
    identity: Template, roles: dict[str, str], job: dict[str, Any], action: str, resource: str, key: str, value: Any
) -> None:
    assert ask(identity, roles, action, f"{SAGEMAKER}:{resource}", **{**job, key: value}) != "Allow"
    left_out = {name: entry for name, entry in job.items() if name != key}
    assert ask(identity, roles, action, f"{SAGEMAKER}:{resource}", **left_out) != "Allow"


def test_one_subnet_outside_is_enough_to_be_refused(
    identity: Template, roles: dict[str, str], job: dict[str, Any]
) -> None:
    job["sagemaker__VpcSubnets"] = [*job["sagemaker__VpcSubnets"], "subnet-elsewhere"]
    action, resource = "sagemaker:CreateTrainingJob", f"{SAGEMAKER}:training-job/one"
    assert ask(identity, roles, action, resource, **job) == "ImplicitDeny"


def test_no_notebook_is_created_by_hand(identity: Template, roles: dict[str, str]) -> None:
    hardened = {
        "sagemaker__VpcSubnets": ["subnet-1"],
        "sagemaker__VolumeKmsKeyArn": "key",
        "sagemaker__RootAccess": "Disabled",
        "sagemaker__MinimumInstanceMetadataServiceVersion": "2",
    }
    notebook, create = f"{SAGEMAKER}:notebook-instance/n", "sagemaker:CreateNotebookInstance"
    public = {**hardened, "sagemaker__DirectInternetAccess": "Enabled"}
    private = {**hardened, "sagemaker__DirectInternetAccess": "Disabled"}
    assert ask(identity, roles, create, notebook, **public) == "Deny"
    assert ask(identity, roles, create, notebook, **private) == "ImplicitDeny"


@pytest.mark.parametrize(
    "action",
    [
        "sagemaker:CreatePresignedNotebookInstanceUrl",
        "sagemaker:StartNotebookInstance",
        "sagemaker:StopNotebookInstance",
        "sagemaker:DescribeNotebookInstance",
    ],
)
def test_notebooks_of_the_project_are_used_and_no_others(
    identity: Template, roles: dict[str, str], action: str
) -> None:
    notebook = f"{SAGEMAKER}:notebook-instance/n"
    assert ask(identity, roles, action, notebook, **{"aws__ResourceTag/mlgov:project": "churn"}) == "Allow"
    assert ask(identity, roles, action, notebook, **{"aws__ResourceTag/mlgov:project": "fraud"}) == "ImplicitDeny"
    assert ask(identity, roles, action, notebook) == "ImplicitDeny"


def test_tags_are_set_on_new_jobs_only(identity: Template, roles: dict[str, str]) -> None:
    job, notebook = f"{SAGEMAKER}:training-job/one", f"{SAGEMAKER}:notebook-instance/n"
    creating = {"sagemaker__TaggingAction": "CreateTrainingJob"}
    assert ask(identity, roles, "sagemaker:AddTags", job, **creating) == "Allow"
    assert ask(identity, roles, "sagemaker:AddTags", job) == "ImplicitDeny"
    assert ask(identity, roles, "sagemaker:AddTags", notebook, **creating) == "ImplicitDeny"


def test_products_are_provisioned_and_ones_own_looked_after(identity: Template, roles: dict[str, str]) -> None:
    product = "arn:aws:catalog:eu-west-1:444455556666:product/prod-1"
    own, all_of_them = {"servicecatalog__userLevel": "self"}, {"servicecatalog__accountLevel": "self"}
    assert ask(identity, roles, "servicecatalog:SearchProducts") == "Allow"
    assert ask(identity, roles, "servicecatalog:ProvisionProduct", product) == "Allow"
    for action in ("UpdateProvisionedProduct", "TerminateProvisionedProduct", "DescribeRecord"):
        assert ask(identity, roles, f"servicecatalog:{action}", **own) == "Allow"
        assert ask(identity, roles, f"servicecatalog:{action}", **all_of_them) == "ImplicitDeny"
    assert ask(identity, roles, "servicecatalog:CreateProduct", product) == "ImplicitDeny"


def test_data_of_another_project_is_refused(identity: Template, roles: dict[str, str]) -> None:
    (bucket,) = of_type(identity, "AWS::S3::Bucket")
    arn = f"arn:aws:any:eu-west-1:111122223333:{bucket}"
    for action in ("s3:GetObject", "s3:PutObject", "s3:DeleteObject"):
        assert ask(identity, roles, action, f"{arn}/churn/raw.csv") == "Allow"
        assert ask(identity, roles, action, f"{arn}/fraud/raw.csv") == "ImplicitDeny"
    assert ask(identity, roles, "s3:ListBucket", arn, s3__prefix="fraud/") == "ImplicitDeny"
    assert ask(identity, roles, "s3:DeleteObjectVersion", f"{arn}/churn/raw.csv") == "ImplicitDeny"


def test_only_job_roles_of_the_project_are_passed(identity: Template, roles: dict[str, str]) -> None:
    policies = of_type(identity, "AWS::IAM::ManagedPolicy")
    passing = [
        statement
        for name, rights in policies.items()
        if name.startswith("ScientistRights")
        for statement in rights["Properties"]["PolicyDocument"]["Statement"]
        if "iam:PassRole" in statement["Action"]
    ]
    assert [statement["Resource"] for statement in passing] == [{"Fn::GetAtt": [roles["Training"], "Arn"]}]
    assert passing[0]["Condition"] == {"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}}


def test_people_need_a_second_factor(identity: Template, roles: dict[str, str]) -> None:
    role = identity["Resources"][roles["Scientist"]]
    (trust,) = role["Properties"]["AssumeRolePolicyDocument"]["Statement"]
    assert trust["Condition"]["Bool"] == {"aws:MultiFactorAuthPresent": "true"}
    assert role["Metadata"]["mlgov"] == {"controls": ["MLG-IDN-01", "MLG-IDN-04"]}


def test_people_take_a_session_of_their_own_name(identity: Template, roles: dict[str, str]) -> None:
    (trust,) = identity["Resources"][roles["Scientist"]]["Properties"]["AssumeRolePolicyDocument"]["Statement"]
    assert trust["Condition"]["StringLike"] == {"sts:RoleSessionName": "${aws:username}"}


def test_the_ways_to_be_trusted(synthesize: Callable[..., dict[str, Template]]) -> None:
    def build(app: cdk.App) -> None:
        stack = cdk.Stack(app, "trust")
        boundary = PermissionsBoundary(stack, "Boundary")
        environment = JobEnvironment(vpc=IsolatedVpc(stack, "Vpc"), encryption_key=DataKey(stack, "Key"))
        provider = iam.SamlProvider(
            stack, "Provider", metadata_document=iam.SamlMetadataDocument.from_xml("<xml/>" * 200)
        )

        def role(name: str, **arguments: Any) -> None:
            DataScientistRole(
                stack, name, project="churn", permissions_boundary=boundary, environment=environment, **arguments
            )

        role("Account")
        role("Federated", saml_provider=provider)
        role("Two", principals=[iam.AccountPrincipal("111122223333"), iam.AccountPrincipal("444455556666")])
        role("Relaxed", without_mfa=Relaxation("The identity provider asks for the second factor"))
        with pytest.raises(ConstructError, match="saml_provider excludes principals"):
            role("Both", saml_provider=provider, principals=[iam.AccountRootPrincipal()])

    template = synthesize(build)["trust"]
    found = {
        name: next(r for i, r in of_type(template, "AWS::IAM::Role").items() if i.startswith(name))
        for name in ("Account", "Federated", "Two", "Relaxed")
    }
    trust = {name: role["Properties"]["AssumeRolePolicyDocument"]["Statement"] for name, role in found.items()}
    own_name = {"StringLike": {"sts:RoleSessionName": "${aws:username}"}}
    mfa = {"Bool": {"aws:MultiFactorAuthPresent": "true"}, **own_name}
    assert [statement["Condition"] for statement in trust["Account"]] == [mfa]
    assert trust["Federated"][0]["Action"] == "sts:AssumeRoleWithSAML"
    assert all(statement["Condition"] == mfa for statement in trust["Two"])
    # Sessions of roles, which have no user name, keep the name that they have.
    kept_name = {"StringLike": {"aws:userid": "*:${sts:RoleSessionName}"}}
    assert [statement["Condition"] for statement in trust["Relaxed"]] == [own_name, kept_name]
    assert found["Relaxed"]["Metadata"]["mlgov"]["deviations"][0]["control"] == "MLG-IDN-04"
