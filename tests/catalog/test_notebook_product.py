from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest

from mlgov_constructs.catalog import ProductHistory
from mlgov_constructs.controls import CATALOGUE, RuleEngine
from mlgov_constructs.errors import ConstructError
from mlgov_constructs.workspace.notebook_properties import CONTROLS
from tests.access import ACCOUNT, REGION, decision
from tests.catalog.conftest import ground
from tests.templates import Template, of_type

SSM = "/mlgov/test/workspace"
SAGEMAKER = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:notebook-instance/n"


@pytest.fixture
def notebook(product: Template) -> dict[str, Any]:
    (found,) = of_type(product, "AWS::SageMaker::NotebookInstance").values()
    values: dict[str, Any] = found["Properties"]
    return values


@pytest.fixture
def launch_role(catalog: Template) -> str:
    (role,) = (role for role in of_type(catalog, "AWS::IAM::Role") if role.startswith("ProductLaunchRole"))
    return role


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DirectInternetAccess", "Disabled"),
        ("RootAccess", "Disabled"),
        ("PlatformIdentifier", "notebook-al2023-v1"),
        ("InstanceMetadataServiceConfiguration", {"MinimumInstanceMetadataServiceVersion": "2"}),
        ("KmsKeyId", f"{{{{resolve:ssm:{SSM}/key-arn}}}}"),
        ("SubnetId", f"{{{{resolve:ssm:{SSM}/subnet-id}}}}"),
        ("SecurityGroupIds", [f"{{{{resolve:ssm:{SSM}/security-group-id}}}}"]),
        ("LifecycleConfigName", f"{{{{resolve:ssm:{SSM}/lifecycle-config-name}}}}"),
        ("RoleArn", {"Fn::Sub": f"{{{{resolve:ssm:{SSM}/projects/${{Project}}/notebook-role-arn}}}}"}),
        ("InstanceType", {"Fn::FindInMap": ["Sizes", {"Ref": "Size"}, "InstanceType"]}),
        ("VolumeSizeInGB", {"Ref": "VolumeInGB"}),
    ],
)
def test_the_provisioned_notebook_is_hardened(notebook: dict[str, Any], name: str, value: Any) -> None:
    assert notebook[name] == value


def test_the_notebook_carries_its_project_and_no_tag_of_the_app(notebook: dict[str, Any]) -> None:
    assert notebook["Tags"] == [{"Key": "mlgov:project", "Value": {"Ref": "Project"}}]


def test_the_parameters_are_understood_and_limited(product: Template) -> None:
    parameters = product["Parameters"]
    assert set(parameters) == {"Project", "Size", "VolumeInGB", "CodeRepository"}
    assert parameters["Project"]["AllowedValues"] == ["churn", "fraud"]
    assert "Default" not in parameters["Project"]
    assert parameters["Size"]["AllowedValues"] == ["small", "medium", "large"]
    assert parameters["Size"]["Default"] == "small"
    assert (parameters["VolumeInGB"]["MinValue"], parameters["VolumeInGB"]["MaxValue"]) == (5, 500)
    pattern = re.compile(parameters["CodeRepository"]["AllowedPattern"])
    assert all(pattern.match(value) for value in ("", "team-repo", "https://git-codecommit.eu-west-1.amazonaws.com/v1"))
    assert not pattern.match("https://github.com/team/course.git")
    shown = product["Metadata"]["AWS::CloudFormation::Interface"]
    assert set(shown["ParameterLabels"]) == set(parameters)
    assert {name for group in shown["ParameterGroups"] for name in group["Parameters"]} == set(parameters)


def test_a_project_may_be_held_to_some_sizes(product: Template) -> None:
    rule = product["Rules"]["SizesFraud"]
    assert rule["RuleCondition"] == {"Fn::Equals": [{"Ref": "Project"}, "fraud"]}
    assert rule["Assertions"][0]["Assert"] == {"Fn::Contains": [["small", "medium"], {"Ref": "Size"}]}


def test_the_outputs_lead_to_the_notebook_in_every_partition(product: Template) -> None:
    assert set(product["Outputs"]) == {"NotebookName", "NotebookUrl"}
    assert set(product["Mappings"]["Consoles"]) == {"aws", "aws-us-gov", "aws-cn"}
    url = product["Outputs"]["NotebookUrl"]["Value"]["Fn::Join"][1]
    assert {"Fn::FindInMap": ["Consoles", {"Ref": "AWS::Partition"}, "Domain"]} in url


def test_the_template_needs_no_other_stack_and_no_asset(product: Template) -> None:
    text = json.dumps(product)
    assert "Fn::ImportValue" not in text
    assert "cdk-hnb659fds" not in text
    assert "AWS::CDK::Metadata" not in text


def test_every_rule_of_the_workspace_passes_on_the_product(product: Template) -> None:
    (notebook,) = of_type(product, "AWS::SageMaker::NotebookInstance").values()
    assert notebook["Metadata"]["mlgov"]["controls"] == sorted(CONTROLS)
    assert RuleEngine().check_text(json.dumps(product)) == []


def test_the_rules_of_the_catalogue_pass(catalog: Template) -> None:
    controls = [CATALOGUE[control] for control in CATALOGUE if control.startswith(("MLG-CAT-", "MLG-IDN-0"))]
    findings = RuleEngine(controls).check_text(json.dumps(catalog))
    assert [f for f in findings if f.logical_id.startswith(("Product", "Portfolio", "Scientist"))] == []
    assert [f for f in findings if f.control.id.startswith("MLG-CAT-")] == []


def test_the_version_is_validated(catalog: Template) -> None:
    (found,) = of_type(catalog, "AWS::ServiceCatalog::CloudFormationProduct").values()
    (version,) = found["Properties"]["ProvisioningArtifactParameters"]
    assert version["Name"] == "v1"
    assert version["DisableTemplateValidation"] is False


def test_the_launch_role_trusts_service_catalog_for_this_account(catalog: Template, launch_role: str) -> None:
    role = catalog["Resources"][launch_role]["Properties"]
    (trust,) = role["AssumeRolePolicyDocument"]["Statement"]
    assert trust["Principal"] == {"Service": "servicecatalog.amazonaws.com"}
    assert trust["Condition"] == {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}}
    assert role["PermissionsBoundary"]["Ref"].startswith("Boundary")


@pytest.fixture
def request_of_a_notebook(catalog: Template) -> dict[str, Any]:
    (group,) = (g for g in of_type(catalog, "AWS::EC2::SecurityGroup") if "Workloads" in g)
    (key,) = (k for k in of_type(catalog, "AWS::KMS::Key") if k.startswith("Key"))
    return {
        "sagemaker__VpcSubnets": list(of_type(catalog, "AWS::EC2::Subnet"))[:1],
        "sagemaker__VpcSecurityGroupIds": [f"{group}.GroupId"],
        "sagemaker__VolumeKmsKeyArn": f"arn:aws:any:{REGION}:{ACCOUNT}:{key}",
        "sagemaker__DirectInternetAccess": "Disabled",
        "sagemaker__RootAccess": "Disabled",
        "sagemaker__MinimumInstanceMetadataServiceVersion": "2",
        "aws__RequestTag/mlgov:project": "fraud",
    }


def test_the_launch_role_creates_what_the_product_says(
    catalog: Template, launch_role: str, request_of_a_notebook: dict[str, Any]
) -> None:
    create = "sagemaker:CreateNotebookInstance"
    assert decision(catalog, launch_role, create, SAGEMAKER, **request_of_a_notebook) == "Allow"


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("sagemaker__VpcSubnets", ["subnet-elsewhere"]),
        ("sagemaker__VpcSecurityGroupIds", ["sg-elsewhere"]),
        ("sagemaker__VolumeKmsKeyArn", "arn:aws:kms:eu-west-1:111122223333:key/other"),
        ("sagemaker__DirectInternetAccess", "Enabled"),
        ("sagemaker__RootAccess", "Enabled"),
        ("sagemaker__MinimumInstanceMetadataServiceVersion", "1"),
        ("aws__RequestTag/mlgov:project", "other"),
    ],
)
def test_the_launch_role_creates_nothing_else(
    catalog: Template, launch_role: str, request_of_a_notebook: dict[str, Any], key: str, value: Any
) -> None:
    create = "sagemaker:CreateNotebookInstance"
    assert decision(catalog, launch_role, create, SAGEMAKER, **{**request_of_a_notebook, key: value}) != "Allow"
    del request_of_a_notebook[key]
    assert decision(catalog, launch_role, create, SAGEMAKER, **request_of_a_notebook) != "Allow"


def test_the_launch_role_handles_its_own_stacks_parameters_and_notebooks(catalog: Template, launch_role: str) -> None:
    stacks = f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack"
    parameters = f"arn:aws:ssm:{REGION}:{ACCOUNT}:parameter"
    own, other = {"aws__ResourceTag/mlgov:project": "churn"}, {"aws__ResourceTag/mlgov:project": "other"}
    template = {"s3__ExistingObjectTag/servicecatalog:provisioning": "true"}

    def ask(action: str, resource: str = "*", **context: Any) -> bool:
        return decision(catalog, launch_role, action, resource, **context) == "Allow"

    assert ask("cloudformation:CreateStack", f"{stacks}/SC-111122223333-pp-1/guid")
    assert not ask("cloudformation:CreateStack", f"{stacks}/other/guid")
    assert ask("ssm:GetParameters", f"{parameters}{SSM}/key-arn")
    assert not ask("ssm:GetParameters", f"{parameters}/other")
    assert ask("sagemaker:DeleteNotebookInstance", SAGEMAKER, **own)
    assert not ask("sagemaker:DeleteNotebookInstance", SAGEMAKER, **other)
    assert not ask("sagemaker:DeleteNotebookInstance", SAGEMAKER)
    assert ask("s3:GetObject", "arn:aws:s3:::sc-templates/one", **template)
    assert not ask("s3:GetObject", "arn:aws:s3:::anything/else")
    assert not ask("iam:CreateRole", f"arn:aws:iam::{ACCOUNT}:role/x")
    assert not ask("sagemaker:CreateTrainingJob", f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:training-job/x")


def test_the_launch_role_passes_the_notebook_roles_only(catalog: Template) -> None:
    (rights,) = (p for n, p in of_type(catalog, "AWS::IAM::ManagedPolicy").items() if n.startswith("ProductLaunchRole"))
    (passing,) = (s for s in rights["Properties"]["PolicyDocument"]["Statement"] if "iam:PassRole" in s["Action"])
    assert [r["Fn::GetAtt"][0][:4] for r in passing["Resource"]] == ["Role", "Role"]
    assert passing["Condition"] == {"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"version": "1.0"}, "version '1.0' is no version. Use v1, v2, v3, ..."),
        ({"version": "v2"}, "version v2 does not follow v0"),
        ({"product_id": "My Product"}, "product_id 'My Product' can be no folder name"),
        ({"notebook_roles": []}, "notebook_roles is empty"),
        ({"sizes": {}}, "sizes is empty"),
        (
            {"sizes": {"huge": "ml.p5.48xlarge"}},
            "sizes holds 'huge: ml.p5.48xlarge', which is no allowed instance type",
        ),
        ({"sizes": {"a b": "ml.t3.medium"}}, "sizes holds the name 'a b'"),
        ({"project_sizes": {"other": ["small"]}}, "project_sizes gives project 'other' the sizes ['small']"),
        ({"project_sizes": {"churn": ["tiny"]}}, "project_sizes gives project 'churn' the sizes ['tiny']"),
        ({"largest_volume": cdk.Size.tebibytes(20)}, "largest_volume of 20480 GiB is out of range"),
        ({"support_email": "nobody"}, "support_email 'nobody' is no e-mail address"),
    ],
)
def test_a_bad_argument_is_refused_before_anything_exists(arguments: dict[str, Any], message: str) -> None:
    base = ground(cdk.App(), "Stack")
    with pytest.raises(ConstructError, match=re.escape(f"[Stack/Product] {message}")):
        base.product(**arguments)
    assert base.stack.node.try_find_child("ProductTemplate") is None


def test_two_roles_of_one_project_are_refused() -> None:
    base = ground(cdk.App(), "Stack")
    with pytest.raises(ConstructError, match="project 'churn' has more than one notebook role"):
        base.product(notebook_roles=[base.roles[0], base.roles[0]])


def test_a_draft_is_said_to_be_one(assembly: Path) -> None:
    metadata = (assembly / "catalog.metadata.json").read_text(encoding="utf-8")
    assert "Version v1 of notebook is not published" in metadata


def test_an_empty_history_has_no_versions(tmp_path: Path) -> None:
    assert ProductHistory.from_directory(tmp_path / "none").latest == 0


def test_the_default_volume_stays_under_a_small_limit(synthesize: Callable[..., dict[str, Template]]) -> None:
    templates = synthesize(lambda app: ground(app, "Stack").product(largest_volume=cdk.Size.gibibytes(10)))
    (product,) = (template for name, template in templates.items() if name.endswith(".product"))
    volume = product["Parameters"]["VolumeInGB"]
    assert (volume["Default"], volume["MaxValue"]) == (10, 10)
