from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import aws_cdk as cdk
import pytest

from mlgov_constructs.catalog import FeatureGroupProduct
from mlgov_constructs.controls import RuleEngine, Status
from mlgov_constructs.errors import ConstructError
from mlgov_constructs.identity import JobRole, JobType
from mlgov_constructs.preparation import FeatureDatabase
from mlgov_constructs.protection import GovernedBucket
from tests.access import ACCOUNT, REGION, decision
from tests.catalog.conftest import NAMES, Ground, ground
from tests.templates import Template, of_type

SSM = "/mlgov/test/workspace"
GROUP = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:feature-group"


def feature_group_product(base: Ground, **arguments: Any) -> FeatureGroupProduct:
    """The product over a small workspace with two projects."""
    bucket = GovernedBucket(base.stack, "Curated", encryption_key=base.environment.encryption_key)
    projects = [role.project for role in base.roles]
    common: dict[str, Any] = {
        "names": NAMES,
        "environment": base.environment,
        "databases": [FeatureDatabase(base.stack, f"Db-{each}", project=each, bucket=bucket) for each in projects],
        "store_roles": [store_role(base, each) for each in projects],
        "permissions_boundary": base.boundary,
        "owner": "ML platform",
    }
    return FeatureGroupProduct(base.stack, "Features", **{**common, **arguments})


def store_role(base: Ground, project: str) -> JobRole:
    role = JobRole(
        base.stack,
        f"Store-{project}",
        job=JobType.FEATURE_STORE,
        project=project,
        permissions_boundary=base.boundary,
    )
    role.allow([{"Effect": "Allow", "Action": "s3:GetBucketAcl", "Resource": "arn:aws:s3:::any"}])
    return role


@pytest.fixture(scope="session")
def templates(synthesize: Callable[..., dict[str, Template]]) -> dict[str, Template]:
    def build(app: cdk.App) -> None:
        cdk.Tags.of(app).add("mlgov:project", "environment")
        base = ground(app, "features")
        base.portfolio().add_product(feature_group_product(base))

    return synthesize(build)


@pytest.fixture(scope="session")
def product(templates: dict[str, Template]) -> Template:
    (found,) = (template for name, template in templates.items() if name.endswith(".product"))
    return found


@pytest.fixture(scope="session")
def group(product: Template) -> dict[str, Any]:
    (found,) = of_type(product, "AWS::SageMaker::FeatureGroup").values()
    return found


def test_both_stores_are_encrypted_with_the_key_of_the_workspace(group: dict[str, Any]) -> None:
    key = f"{{{{resolve:ssm:{SSM}/key-arn}}}}"
    properties = group["Properties"]
    assert properties["OfflineStoreConfig"]["S3StorageConfig"]["KmsKeyId"] == key
    condition, online, nothing = properties["OnlineStoreConfig"]["Fn::If"]
    assert (condition, nothing) == ("Online", {"Ref": "AWS::NoValue"})
    assert online["SecurityConfig"] == {"KmsKeyId": key}
    assert online["TtlDuration"]["Fn::If"][1] == {"Unit": "Days", "Value": {"Ref": "DaysToLive"}}


def test_the_history_lies_under_the_project_with_a_table_in_its_database(group: dict[str, Any]) -> None:
    offline = group["Properties"]["OfflineStoreConfig"]
    assert offline["S3StorageConfig"]["S3Uri"] == {
        "Fn::Join": ["", [f"s3://{{{{resolve:ssm:{SSM}/buckets/curated}}}}/", {"Ref": "Project"}, "/feature-store"]]
    }
    assert offline["DataCatalogConfig"]["Database"] == {"Fn::FindInMap": ["Databases", {"Ref": "Project"}, "Name"]}
    assert offline["DataCatalogConfig"]["TableName"] == {"Ref": "Name"}
    assert offline["DisableGlueTableCreation"] is False


def test_it_has_name_tag_and_role_of_the_project(group: dict[str, Any]) -> None:
    properties = group["Properties"]
    assert properties["FeatureGroupName"] == {"Fn::Join": ["", [{"Ref": "Project"}, "-", {"Ref": "Name"}]]}
    assert properties["Tags"] == [{"Key": "mlgov:project", "Value": {"Ref": "Project"}}]
    assert properties["RoleArn"] == {
        "Fn::Sub": f"{{{{resolve:ssm:{SSM}/projects/${{Project}}/feature-store-role-arn}}}}"
    }


def test_each_field_has_twenty_slots_that_drop_out_when_empty(product: Template, group: dict[str, Any]) -> None:
    definitions = group["Properties"]["FeatureDefinitions"]
    assert definitions[:2] == [
        {"FeatureName": {"Ref": "Identifier"}, "FeatureType": "String"},
        {"FeatureName": {"Ref": "EventTime"}, "FeatureType": "String"},
    ]
    slots = [each["Fn::If"] for each in definitions[2:]]
    assert len(slots) == 60
    assert {condition for condition, _, _ in slots} <= product["Conditions"].keys()
    kinds = {condition.rstrip("0123456789"): each["FeatureType"] for condition, each, _ in slots}
    assert kinds == {"TextFeatures": "String", "NumberFeatures": "Fractional", "WholeNumberFeatures": "Integral"}


@pytest.mark.parametrize(
    ("parameter", "good", "bad"),
    [
        ("Name", ["customers", "orders_30d"], ["Customers", "a-b", "_a", "a_", "", "a__b"]),
        ("Identifier", ["customer_id"], ["customer id", "1a"]),
        ("NumberFeatures", ["", "a", "a,b_c", ",".join("abcdefghijklmnopqrst")], ["a, b", "a,", ",a", "A"]),
        ("TextFeatures", ["city,country"], [",".join("abcdefghijklmnopqrstu")]),
    ],
)
def test_what_a_person_writes_is_checked(product: Template, parameter: str, good: list[str], bad: list[str]) -> None:
    pattern = product["Parameters"][parameter]["AllowedPattern"]
    assert [value for value in good if not re.fullmatch(pattern, value)] == []
    assert [value for value in bad if re.fullmatch(pattern, value)] == []


def test_a_name_leaves_room_for_the_project(product: Template) -> None:
    assert product["Parameters"]["Name"]["MaxLength"] + 1 + 31 <= 64


def test_days_without_an_online_store_are_refused(product: Template) -> None:
    rule = product["Rules"]["DaysNeedAnOnlineStore"]
    assert rule["RuleCondition"] == {"Fn::Equals": [{"Ref": "OnlineStore"}, "no"]}
    assert rule["Assertions"][0]["Assert"] == {"Fn::Equals": [{"Ref": "DaysToLive"}, 0]}


def test_every_rule_holds_and_the_one_deviation_has_its_reason(product: Template) -> None:
    (found,) = RuleEngine().check_text(json.dumps(product))
    assert (found.control.id, found.status) == ("MLG-PRE-05", Status.DEVIATION)
    assert found.reason.startswith("Who terminates the product means its online store")


def test_no_arn_names_a_partition(templates: dict[str, Template]) -> None:
    for name, template in templates.items():
        text = json.dumps(template).replace("arn:aws:s3:::any", "")  # of this test
        assert not re.search(r"arn:aws(-cn|-us-gov)?:(?!aws:)", text), name


def test_the_person_gets_what_comes_next(product: Template) -> None:
    assert set(product["Outputs"]) == {"FeatureGroupName", "Table", "Query", "QueryUrl"}
    # CloudFormation resolves no dynamic reference in outputs.
    assert "{{resolve" not in json.dumps(product["Outputs"])


@pytest.fixture
def launch_role(templates: dict[str, Template]) -> str:
    roles = of_type(templates["features"], "AWS::IAM::Role")
    return next(role for role in roles if role.startswith("FeaturesLaunchRole"))


def create(template: Template, role: str, resource: str = f"{GROUP}/churn-customers", **changes: Any) -> str:
    (key,) = (key for key in of_type(template, "AWS::KMS::Key") if key.startswith("Key"))
    request = {
        "aws__RequestTag/mlgov:project": "churn",
        "sagemaker__FeatureGroupOfflineStoreS3Uri": "s3://bucket/churn/feature-store",
        "sagemaker__FeatureGroupOfflineStoreKmsKeyArn": f"arn:aws:any:{REGION}:{ACCOUNT}:{key}",
        **changes,
    }
    given = {name: value for name, value in request.items() if value is not None}
    return decision(template, role, "sagemaker:CreateFeatureGroup", resource, **given)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, "Allow"),
        ({"aws__RequestTag/mlgov:project": "fraud"}, "ImplicitDeny"),
        ({"aws__RequestTag/mlgov:project": None}, "ImplicitDeny"),
        ({"resource": f"{GROUP}/fraud-customers"}, "ImplicitDeny"),
        ({"sagemaker__FeatureGroupOfflineStoreS3Uri": "s3://bucket/fraud/feature-store"}, "ImplicitDeny"),
        ({"sagemaker__FeatureGroupOfflineStoreKmsKeyArn": None}, "ImplicitDeny"),
        ({"sagemaker__FeatureGroupOfflineStoreKmsKeyArn": "arn:aws:kms:other"}, "ImplicitDeny"),
        ({"sagemaker__FeatureGroupOnlineStoreKmsKeyArn": "arn:aws:kms:other"}, "ImplicitDeny"),
    ],
)
def test_the_launch_role_creates_what_the_product_holds_only(
    templates: dict[str, Template], launch_role: str, change: dict[str, Any], expected: str
) -> None:
    assert create(templates["features"], launch_role, **change) == expected


def test_the_launch_role_changes_what_is_tagged_and_reads_no_record(
    templates: dict[str, Template], launch_role: str
) -> None:
    template, group = templates["features"], f"{GROUP}/churn-customers"
    own, other = {"aws__ResourceTag/mlgov:project": "churn"}, {"aws__ResourceTag/mlgov:project": "fraud"}
    for action in ("UpdateFeatureGroup", "DeleteFeatureGroup"):
        assert decision(template, launch_role, f"sagemaker:{action}", group, **own) == "Allow"
        assert decision(template, launch_role, f"sagemaker:{action}", group, **other) == "ImplicitDeny"
    # CloudFormation looks until a group is gone, and then it has no tags.
    assert decision(template, launch_role, "sagemaker:DescribeFeatureGroup", group) == "Allow"
    for action in ("GetRecord", "PutRecord", "DeleteRecord"):
        assert decision(template, launch_role, f"sagemaker:{action}", group, **own) == "ImplicitDeny"
    table = f"arn:aws:glue:{REGION}:{ACCOUNT}:table/{{}}/customers".format
    assert decision(template, launch_role, "glue:CreateTable", table("features_churn")) == "Allow"
    assert decision(template, launch_role, "glue:CreateTable", table("default")) == "ImplicitDeny"
    assert decision(template, launch_role, "glue:DeleteTable", table("features_churn")) == "ImplicitDeny"


def test_the_launch_role_gives_sagemaker_the_store_roles_and_creates_none(
    templates: dict[str, Template], launch_role: str
) -> None:
    policies = of_type(templates["features"], "AWS::IAM::ManagedPolicy")
    (rights,) = (policy for name, policy in policies.items() if name.startswith("FeaturesLaunchRole"))
    statements = rights["Properties"]["PolicyDocument"]["Statement"]
    (passing,) = (each for each in statements if each["Action"] == "iam:PassRole")
    assert [each["Fn::GetAtt"][0][:5] for each in passing["Resource"]] == ["Store", "Store"]
    assert passing["Condition"] == {"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}}
    assert decision(templates["features"], launch_role, "iam:CreateRole", "arn:aws:iam::1:role/x") == "Deny"


def test_the_vpc_gets_the_endpoints(templates: dict[str, Template]) -> None:
    endpoints = of_type(templates["features"], "AWS::EC2::VPCEndpoint").values()
    assert "sagemaker.featurestore-runtime" in json.dumps([each["Properties"]["ServiceName"] for each in endpoints])


def test_databases_and_roles_are_of_the_same_projects() -> None:
    base = ground(cdk.App(), "Stack")
    notebook = base.roles[0]
    one = [store_role(base, "other")]
    for arguments, message in (
        ({"databases": [], "store_roles": []}, "databases is empty"),
        ({"databases": [], "store_roles": one}, "databases is empty"),
    ):
        with pytest.raises(ConstructError, match=message):
            FeatureGroupProduct(
                base.stack,
                "Refused",
                names=NAMES,
                environment=base.environment,
                permissions_boundary=base.boundary,
                owner="ML platform",
                **arguments,
            )
    with pytest.raises(ConstructError, match="store_roles holds a role for notebook"):
        feature_group_product(base, store_roles=[notebook])


def test_a_project_without_a_role_is_refused() -> None:
    base = ground(cdk.App(), "Stack")
    with pytest.raises(ConstructError, match="databases are of churn, fraud, store_roles of no project"):
        feature_group_product(base, store_roles=[])
