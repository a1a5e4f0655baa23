from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam

from mlgov_constructs.catalog import ProjectProduct
from mlgov_constructs.catalog.project.workspace_references import ReferencedVpc
from mlgov_constructs.controls import RuleEngine
from mlgov_constructs.errors import ConstructError
from mlgov_constructs.workspace import ParameterNames
from tests.access import ACCOUNT, decision
from tests.catalog.conftest import NAMES, Ground, ground
from tests.templates import Template, of_type

SSM = "{{resolve:ssm:/mlgov/test/workspace/"
JOBS = ("training", "processing", "notebook", "pipeline", "hosting", "monitoring", "feature-store")
DATA = ("AWS::Glue::Database", "AWS::S3::Bucket", "AWS::S3::BucketPolicy", "AWS::SageMaker::ModelPackageGroup")
IAM = f"arn:aws:iam::{ACCOUNT}"


def project_product(base: Ground, **arguments: Any) -> ProjectProduct:
    """The product over a small workspace."""
    common: dict[str, Any] = {
        "names": NAMES,
        "name_prefix": "mlgov-test",
        "permissions_boundary": base.boundary,
        "owner": "ML platform",
        "zones": 2,
    }
    return ProjectProduct(base.stack, "Projects", **{**common, **arguments})


@pytest.fixture(scope="session")
def templates(synthesize: Callable[..., dict[str, Template]]) -> dict[str, Template]:
    def build(app: cdk.App) -> None:
        # As an environment does: neither its tags nor its boundary may reach what is published.
        cdk.Tags.of(app).add("mlgov:project", "environment")
        cdk.Tags.of(app).add("cost-center", "4711")
        base = ground(app, "projects")
        iam.PermissionsBoundary.of(app).apply(base.boundary)
        base.portfolio().add_product(project_product(base))

    return synthesize(build)


@pytest.fixture(scope="session")
def product(templates: dict[str, Template]) -> Template:
    (found,) = (template for name, template in templates.items() if name.endswith(".product"))
    return found


@pytest.fixture(scope="session")
def roles(product: Template) -> dict[str, dict[str, Any]]:
    """The roles by the kind of their work."""
    found = of_type(product, "AWS::IAM::Role").values()
    return {role["Properties"]["RoleName"]["Fn::Join"][1][-1].lstrip("-"): role["Properties"] for role in found}


def test_every_kind_of_work_has_a_role_with_the_boundary_and_a_name_of_the_project(
    roles: dict[str, dict[str, Any]],
) -> None:
    assert set(roles) == set(JOBS)
    for job, role in roles.items():
        assert role["PermissionsBoundary"] == f"{SSM}permissions-boundary-arn}}}}"
        assert role["RoleName"] == {"Fn::Join": ["", ["mlgov-test-", {"Ref": "Project"}, f"-{job}"]]}
        for statement in role["AssumeRolePolicyDocument"]["Statement"]:
            assert statement["Condition"]["StringEquals"] == {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}


def test_what_others_look_up_is_written_down(product: Template) -> None:
    written = [p["Properties"]["Name"]["Fn::Sub"] for p in of_type(product, "AWS::SSM::Parameter").values()]
    project = "/mlgov/test/workspace/projects/${Project}"
    assert set(written) == {
        *(f"{project}/{job}-role-arn" for job in JOBS),
        f"{project}/model-package-group-name",
    }


def test_jobs_run_in_the_subnets_and_with_the_key_of_the_workspace(product: Template) -> None:
    rights = json.dumps(of_type(product, "AWS::IAM::ManagedPolicy"))
    for name in ("subnet-id", "subnet-id-2", "security-group-id", "key-arn"):
        assert f"{SSM}{name}}}}}" in rights


@pytest.mark.parametrize("data_class", ["raw", "curated", "artifacts"])
def test_the_shared_buckets_are_those_of_the_workspace(product: Template, data_class: str) -> None:
    parameter, name = (
        product["Parameters"][f"{data_class.title()}Bucket"],
        f"/mlgov/test/workspace/buckets/{data_class}",
    )
    assert parameter["Type"] == "AWS::SSM::Parameter::Value<String>"
    assert parameter["Default"] == name
    assert f'{{"Ref": "{data_class.title()}Bucket"}}' in json.dumps(of_type(product, "AWS::IAM::ManagedPolicy"))


def test_roles_reach_the_prefix_of_the_project_only(product: Template) -> None:
    for policy in of_type(product, "AWS::IAM::ManagedPolicy").values():
        for statement in policy["Properties"]["PolicyDocument"]["Statement"]:
            actions = statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
            if "s3:GetObject" in actions or "s3:PutObject" in actions:
                for resource in (
                    statement["Resource"] if isinstance(statement["Resource"], list) else [statement["Resource"]]
                ):
                    assert {"Ref": "Project"} in resource["Fn::Join"][1]


def test_the_budget_writes_to_the_owner_where_budgets_exist(product: Template) -> None:
    (budget,) = of_type(product, "AWS::Budgets::Budget").values()
    properties = budget["Properties"]
    assert properties["Budget"]["BudgetLimit"] == {"Amount": {"Ref": "MonthlyBudget"}, "Unit": "USD"}
    assert properties["Budget"]["CostFilters"] == {
        "TagKeyValue": [{"Fn::Join": ["", ["user:mlgov:project$", {"Ref": "Project"}]]}]
    }
    addresses = [each["Subscribers"] for each in properties["NotificationsWithSubscribers"]]
    assert addresses == [[{"SubscriptionType": "EMAIL", "Address": {"Ref": "OwnerEmail"}}]] * 4
    assert "aws-us-gov" in json.dumps(product["Conditions"][budget["Condition"]])


def test_a_bucket_of_its_own_is_governed_and_comes_only_if_wanted(product: Template) -> None:
    (bucket,) = of_type(product, "AWS::S3::Bucket").values()
    (policy,) = of_type(product, "AWS::S3::BucketPolicy").values()
    (rights,) = (p for n, p in of_type(product, "AWS::IAM::ManagedPolicy").items() if n.startswith("BucketRights"))
    assert {bucket["Condition"], policy["Condition"], rights["Condition"]} == {"HasOwnBucket"}
    logging = bucket["Properties"]["LoggingConfiguration"]
    assert logging["DestinationBucketName"] == f"{SSM}access-log-bucket-name}}}}"
    assert logging["LogFilePrefix"] == {"Fn::Join": ["", [{"Ref": "Project"}, "/"]]}
    assert len(bucket["Metadata"]["mlgov"]["controls"]) >= 6
    sids = {statement["Sid"] for statement in policy["Properties"]["PolicyDocument"]["Statement"]}
    assert {"DenyPlainHttp", "DenyWrongKey", "DenyOutsideIdentities"} <= sids


def test_what_holds_data_outlives_the_product(product: Template) -> None:
    kept = [resource for kind in DATA for resource in of_type(product, kind).values()]
    assert len(kept) == len(DATA)
    assert {resource[policy] for resource in kept for policy in ("DeletionPolicy", "UpdateReplacePolicy")} == {"Retain"}


def test_the_database_has_a_name_for_athena(product: Template) -> None:
    (database,) = of_type(product, "AWS::Glue::Database").values()
    words = {"Fn::Join": ["_", {"Fn::Split": ["-", {"Ref": "Project"}]}]}
    assert database["Properties"]["DatabaseInput"]["Name"] == {"Fn::Sub": ["features_${Words}", {"Words": words}]}


def test_every_tag_is_of_the_project(product: Template) -> None:
    expected = {"mlgov:project": {"Ref": "Project"}, "mlgov:owner": {"Ref": "OwnerEmail"}}
    expected["mlgov:cost-center"] = {"Ref": "CostCenter"}
    tagged = [
        resource["Properties"]["Tags"] for resource in product["Resources"].values() if "Tags" in resource["Properties"]
    ]
    assert len(tagged) >= 17
    for tags in tagged:
        assert (tags if isinstance(tags, dict) else {tag["Key"]: tag["Value"] for tag in tags}) == expected


def test_every_rule_holds(templates: dict[str, Template]) -> None:
    engine = RuleEngine()
    for template in templates.values():
        assert engine.check_text(json.dumps(template)) == []


@pytest.mark.parametrize(
    ("parameter", "good", "bad"),
    [
        ("Project", ["churn", "churn-2"], ["Churn", "c", "2churn", "c" * 32]),
        ("OwnerEmail", ["ada@example.org"], ["ada", "ada@example", "a b@example.org"]),
        ("CostCenter", ["ml-0001"], ["", "a;b"]),
    ],
)
def test_what_a_person_writes_is_checked(product: Template, parameter: str, good: list[str], bad: list[str]) -> None:
    pattern = product["Parameters"][parameter]["AllowedPattern"]
    assert [value for value in good if not re.fullmatch(pattern, value)] == []
    assert [value for value in bad if re.fullmatch(pattern, value)] == []


def test_no_arn_names_a_partition(templates: dict[str, Template]) -> None:
    for name, template in templates.items():
        assert not re.search(r"arn:aws(-cn|-us-gov)?:(?!aws:)", json.dumps(template)), name


@pytest.fixture(scope="session")
def launch_role(templates: dict[str, Template]) -> str:
    return next(role for role in of_type(templates["projects"], "AWS::IAM::Role") if role.startswith("ProjectsLaunch"))


def test_the_ceiling_of_the_launch_role_is_its_own(templates: dict[str, Template], launch_role: str) -> None:
    ceiling = templates["projects"]["Resources"][launch_role]["Properties"]["PermissionsBoundary"]
    assert ceiling["Ref"].startswith("ProjectsLaunchRoleCeiling")


@pytest.mark.parametrize(
    ("action", "resource", "bound", "expected"),
    [
        ("iam:CreateRole", "role/mlgov-test-churn-training", True, "Allow"),
        ("iam:CreateRole", "role/mlgov-test-churn-training", False, "Deny"),
        ("iam:CreateRole", "role/Administrator", True, "ImplicitDeny"),
        ("iam:DeleteRole", "role/mlgov-test-churn-training", False, "Allow"),
        ("iam:DeleteRole", "role/Administrator", False, "ImplicitDeny"),
        ("iam:PutRolePolicy", "role/mlgov-test-churn-training", True, "ImplicitDeny"),
        ("iam:DeleteRolePermissionsBoundary", "role/mlgov-test-churn-training", True, "Deny"),
        ("iam:PutRolePermissionsBoundary", "role/mlgov-test-churn-training", True, "ImplicitDeny"),
        ("iam:PassRole", "role/mlgov-test-churn-training", True, "Deny"),
        ("iam:CreateUser", "user/eve", True, "Deny"),
        ("iam:CreatePolicy", "policy/SC-1234-pp-1-Rights", False, "Allow"),
        ("iam:CreatePolicyVersion", "policy/Boundary", False, "ImplicitDeny"),
    ],
)
def test_roles_are_created_on_terms(
    templates: dict[str, Template], launch_role: str, action: str, resource: str, bound: bool, expected: str
) -> None:
    template = templates["projects"]
    keys = {"iam__PermissionsBoundary": _reference(template)} if bound else {}
    assert decision(template, launch_role, action, f"{IAM}:{resource}", **keys) == expected


@pytest.mark.parametrize(
    ("name", "expected"), [("/mlgov/test/workspace/buckets/raw", "Allow"), ("/mlgov/prod/any", "ImplicitDeny")]
)
def test_no_parameter_outside_the_workspace_is_read(
    templates: dict[str, Template], launch_role: str, name: str, expected: str
) -> None:
    arn = f"arn:aws:ssm:eu-west-1:{ACCOUNT}:parameter{name}"
    assert decision(templates["projects"], launch_role, "ssm:GetParameters", arn) == expected


@pytest.mark.parametrize(
    ("policy", "expected"),
    [(f"{IAM}:policy/SC-1-Rights", "Allow"), ("arn:aws:iam::aws:policy/AdministratorAccess", "ImplicitDeny")],
)
def test_only_policies_of_the_product_are_attached(
    templates: dict[str, Template], launch_role: str, policy: str, expected: str
) -> None:
    template = templates["projects"]
    keys = {"iam__PermissionsBoundary": _reference(template), "iam__PolicyARN": policy}
    role = f"{IAM}:role/mlgov-test-churn-training"
    assert decision(template, launch_role, "iam:AttachRolePolicy", role, **keys) == expected


@pytest.mark.parametrize(
    ("action", "resource"),
    [
        ("s3:DeleteBucket", "arn:aws:s3:::sc-1234-pp-1-bucket"),
        ("s3:GetObject", "arn:aws:s3:::sc-1234-pp-1-bucket/churn/data.csv"),
        ("glue:DeleteDatabase", "arn:aws:glue:eu-west-1:111122223333:database/features_churn"),
        (
            "sagemaker:DeleteModelPackageGroup",
            "arn:aws:sagemaker:eu-west-1:111122223333:model-package-group/churn-models",
        ),
    ],
)
def test_data_is_neither_read_nor_deleted(
    templates: dict[str, Template], launch_role: str, action: str, resource: str
) -> None:
    assert decision(templates["projects"], launch_role, action, resource) in ("ImplicitDeny", "Deny")


def _reference(template: Template) -> str:
    """The ARN of the boundary, as the evaluator of these tests resolves it."""
    return next(name for name in of_type(template, "AWS::IAM::ManagedPolicy") if name.startswith("Boundary"))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"name_prefix": "MLGOV"}, "name_prefix 'MLGOV' cannot begin the names of roles"),
        ({"name_prefix": "a" * 19}, "cannot begin the names of roles. Use 3 to 18"),
        ({"zones": 0}, "zones is 0. Use 1 to 6."),
    ],
)
def test_a_bad_argument_is_refused(arguments: dict[str, Any], message: str) -> None:
    base = ground(cdk.App(), "Stack")
    with pytest.raises(ConstructError, match=re.escape(message)):
        project_product(base, **arguments)
    assert base.stack.node.try_find_child("Projects") is None


def test_a_ceiling_that_iam_would_refuse_is_refused() -> None:
    base = ground(cdk.App(), "Stack")
    with pytest.raises(ConstructError, match=r"the ceiling grows to \d+ characters. IAM allows 6144: shorten"):
        project_product(base, names=ParameterNames("/" + "long" * 200))


def test_a_template_knows_no_vpc() -> None:
    stack = cdk.Stack(cdk.App(), "Stack")
    vpc = ReferencedVpc(stack, NAMES, zones=2)
    assert len(vpc.isolated_subnets) == 2
    with pytest.raises(ConstructError, match="the id of the VPC is not written down"):
        _ = vpc.vpc_id
