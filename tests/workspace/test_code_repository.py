from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_codecommit as codecommit
from aws_cdk import aws_iam as iam

from mlgov_constructs.controls import CATALOGUE, RuleEngine
from mlgov_constructs.errors import ConstructError
from mlgov_constructs.workspace import CodeCommitRepository, CodeRepository, CodeSource
from tests.templates import Template, of_type
from tests.workspace.conftest import ground

CONNECTION = "arn:aws:codeconnections:eu-west-1:111122223333:connection/0c0f-11ab"
REGIONS = {"aws": "eu-west-1", "aws-us-gov": "us-gov-west-1", "aws-cn": "cn-north-1"}
LITERAL = re.compile(r"arn:aws(-cn|-us-gov)?:(?!aws:)")


def _build(app: cdk.App) -> None:
    cdk.Tags.of(app).add("mlgov:project", "environment")
    for partition, region in REGIONS.items():
        base = ground(app, partition, env=cdk.Environment(region=region))
        stored = CodeCommitRepository(
            base.stack,
            "Stored",
            repository_name="churn",
            project="churn",
            encryption_key=base.key,
            description="Churn of customers",
        )
        source = CodeSource.code_commit(stored, base.key)
        code = CodeRepository(base.stack, "Code", vpc=base.vpc, project="churn", source=source)
        code.grant_pull_push(base.role)
        code.grant_pull(iam.Role(base.stack, "Reads", assumed_by=iam.AccountRootPrincipal()))
        base.notebook("Notebook", default_code_repository=code)
    base = ground(app, "connected")
    connected = CodeRepository(
        base.stack,
        "Connected",
        vpc=base.vpc,
        project="churn",
        source=CodeSource.connection(CONNECTION, "team/churn"),
        branch="develop",
    )
    connected.grant_pull(iam.Role(base.stack, "Reads", assumed_by=iam.AccountRootPrincipal()))
    connected.grant_pull_push(iam.Role(base.stack, "Writes", assumed_by=iam.AccountRootPrincipal()))
    imported = codecommit.Repository.from_repository_name(base.stack, "Imported", "old")
    old = CodeRepository(base.stack, "Old", vpc=base.vpc, project="churn", source=CodeSource.code_commit(imported))
    old.grant_pull(base.role)
    CodeCommitRepository(
        base.stack,
        "Expendable",
        repository_name="trial",
        project="churn",
        encryption_key=base.key,
        removal_policy=cdk.RemovalPolicy.DESTROY,
    )


@pytest.fixture(scope="session")
def templates(synthesize: Callable[..., dict[str, Template]]) -> dict[str, Template]:
    return synthesize(_build, {"mlgov:allowDataRemoval": True})


def statements(template: Template, name: str) -> list[dict[str, Any]]:
    policies = of_type(template, "AWS::IAM::ManagedPolicy") | of_type(template, "AWS::IAM::Policy")
    (policy,) = (policy for i, policy in policies.items() if i.startswith(name))
    found: list[dict[str, Any]] = policy["Properties"]["PolicyDocument"]["Statement"]
    return found


def endpoints(template: Template) -> str:
    return json.dumps([e["Properties"]["ServiceName"] for e in of_type(template, "AWS::EC2::VPCEndpoint").values()])


def test_code_is_encrypted_kept_and_tagged(templates: dict[str, Template]) -> None:
    (stored,) = of_type(templates["aws"], "AWS::CodeCommit::Repository").values()
    assert stored["Properties"]["KmsKeyId"]["Fn::GetAtt"][0].startswith("Key")
    assert stored["Properties"]["Tags"] == [{"Key": "mlgov:project", "Value": "churn"}]
    assert stored["Properties"]["RepositoryDescription"] == "Churn of customers"
    assert stored["DeletionPolicy"] == stored["UpdateReplacePolicy"] == "Retain"
    assert stored["Metadata"]["mlgov"] == {"controls": ["MLG-WSP-17", "MLG-WSP-18"]}
    assert "UseThroughServicesCodecommit" in json.dumps(of_type(templates["aws"], "AWS::KMS::Key"))


def test_two_keys_let_code_go(templates: dict[str, Template]) -> None:
    (trial,) = of_type(templates["connected"], "AWS::CodeCommit::Repository").values()
    assert trial["DeletionPolicy"] == "Delete"
    engine = RuleEngine([CATALOGUE["MLG-WSP-17"], CATALOGUE["MLG-WSP-18"]])
    found = engine.check_text(json.dumps(templates["connected"]))
    assert [(f.control.id, f.status.value, f.logical_id[:-8]) for f in found] == [
        ("MLG-WSP-18", "deviation", "Expendable")
    ]


@pytest.mark.parametrize("partition", REGIONS)
def test_sagemaker_knows_the_code_and_the_notebook_opens_it(templates: dict[str, Template], partition: str) -> None:
    template = templates[partition]
    ((logical_id, code),) = of_type(template, "AWS::SageMaker::CodeRepository").items()
    assert code["Properties"]["GitConfig"]["Branch"] == "main"
    assert code["Properties"]["GitConfig"]["RepositoryUrl"]["Fn::GetAtt"][1] == "CloneUrlHttp"
    assert code["Properties"]["Tags"] == [{"Key": "mlgov:project", "Value": "churn"}]
    (notebook,) = of_type(template, "AWS::SageMaker::NotebookInstance").values()
    assert notebook["Properties"]["DefaultCodeRepository"] == {"Fn::GetAtt": [logical_id, "CodeRepositoryName"]}


@pytest.mark.parametrize("partition", REGIONS)
def test_git_needs_its_endpoints_in_every_partition(templates: dict[str, Template], partition: str) -> None:
    assert ".git-codecommit" in endpoints(templates[partition])
    assert LITERAL.findall(json.dumps(templates[partition])) == []


def test_who_pulls_pushes_nothing(templates: dict[str, Template]) -> None:
    git, key = statements(templates["aws"], "ReadsDefaultPolicy")
    assert "codecommit:GitPull" in git["Action"]
    assert "codecommit:GitPush" not in git["Action"]
    assert git["Resource"]["Fn::GetAtt"][0].startswith("Stored")
    assert "kms:GenerateDataKey" not in key["Action"]
    assert "kms:ViaService" in key["Condition"]["StringEquals"]


def test_who_pushes_uses_the_key_through_codecommit(templates: dict[str, Template]) -> None:
    of_role = statements(templates["aws"], "RoleRights")
    assert any("codecommit:GitPush" in statement["Action"] for statement in of_role)
    key = [s for s in of_role if "kms:GenerateDataKey" in s["Action"] and "codecommit." in json.dumps(s["Condition"])]
    assert len(key) == 1


def test_a_connection_is_used_for_one_repository(templates: dict[str, Template]) -> None:
    for name, permissions in (
        ("ReadsDefaultPolicy", ["read_only"]),
        ("WritesDefaultPolicy", ["read_only", "read_write"]),
    ):
        _, use = statements(templates["connected"], name)
        assert (use["Action"], use["Resource"]) == ("codeconnections:UseConnection", CONNECTION)
        condition = use["Condition"]["StringEquals"]
        assert condition["codeconnections:FullRepositoryId"] == "team/churn"
        assert condition["codeconnections:ProviderPermissionsRequired"] == permissions


def test_a_connection_has_a_url_that_the_endpoint_serves(templates: dict[str, Template]) -> None:
    (code,) = (
        r
        for i, r in of_type(templates["connected"], "AWS::SageMaker::CodeRepository").items()
        if i.startswith("Connected")
    )
    assert code["Properties"]["GitConfig"]["Branch"] == "develop"
    parts = code["Properties"]["GitConfig"]["RepositoryUrl"]["Fn::Join"][1]
    text = "".join(part if isinstance(part, str) else "SUFFIX" for part in parts)
    path = "git-http/111122223333/eu-west-1/0c0f-11ab/team/churn.git"
    assert text == f"https://codeconnections.eu-west-1.SUFFIX/{path}"
    assert ".codeconnections.api" in endpoints(templates["connected"])


def test_code_under_the_key_of_aws_needs_no_right_on_a_key(templates: dict[str, Template]) -> None:
    of_role = statements(templates["connected"], "RoleRights")
    assert any("codecommit:GitPull" in statement["Action"] for statement in of_role)
    assert not [s for s in of_role if "codecommit." in json.dumps(s.get("Condition", {}))]


@pytest.mark.parametrize("name", ["churn.git", "a b", "", "a" * 101])
def test_a_bad_name_is_refused_before_anything_exists(name: str) -> None:
    base = ground(cdk.App(), "Stack")
    with pytest.raises(ConstructError, match=re.escape(f"[Stack/Stored] repository_name {name!r} is not allowed")):
        CodeCommitRepository(base.stack, "Stored", repository_name=name, project="churn", encryption_key=base.key)
    assert base.stack.node.try_find_child("Stored") is None


def test_a_bad_project_is_refused() -> None:
    base = ground(cdk.App(), "Stack")
    source = CodeSource.connection(CONNECTION, "team/churn")
    with pytest.raises(ConstructError, match="project 'Churn' is no project name"):
        CodeRepository(base.stack, "Code", vpc=base.vpc, project="Churn", source=source)
    with pytest.raises(ConstructError, match="project 'Churn' is no project name"):
        CodeCommitRepository(base.stack, "Stored", repository_name="a", project="Churn", encryption_key=base.key)


@pytest.mark.parametrize(
    ("arn", "name", "message"),
    [
        ("arn:aws:iam::111122223333:role/a", "team/churn", "connection_arn 'arn:aws:iam::111122223333:role/a' is none"),
        (CONNECTION, "churn", "Repository 'churn' has no owner"),
        (CONNECTION, "team/churn?x=1", "Repository 'team/churn?x=1' has no owner"),
    ],
)
def test_a_bad_connection_is_refused(arn: str, name: str, message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        CodeSource.connection(arn, name)
