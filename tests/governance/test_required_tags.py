from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sagemaker as sagemaker

from mlgov_constructs.catalog import MlPortfolio
from mlgov_constructs.errors import ConstructError
from mlgov_constructs.governance import RequiredTagPolicies, RequiredTags
from mlgov_constructs.identity.project import set_own_tags
from tests.environments import REGIONS
from tests.templates import Template, of_type

REQUIRED = RequiredTags({"owner": [], "cost-center": ["ml-0001", "ml-0002"]})
VALUES = {"owner": "ml-platform", "cost-center": "ml-0002"}


def _build(app: cdk.App) -> None:
    stack = cdk.Stack(app, "tagged")
    s3.CfnBucket(stack, "Bucket")
    set_own_tags(s3.CfnBucket(stack, "Own"), {"owner": "ana"})
    sagemaker.CfnDomain(
        stack, "Domain", auth_mode="IAM", domain_name="studio", default_user_settings={"executionRole": "r"}
    )
    REQUIRED.apply(stack, VALUES)
    MlPortfolio(stack, "Portfolio", display_name="ML", provider_name="Platform", tag_options=REQUIRED.tag_options)
    rules = cdk.Stack(app, "rules")
    REQUIRED.add_config_rules(rules, "Tags", resource_types=["AWS::S3::Bucket"])
    RequiredTags({f"tag{number}": [] for number in range(8)}).add_config_rules(rules, "Many")
    for partition, region in REGIONS.items():
        RequiredTagPolicies(
            cdk.Stack(app, partition, env=cdk.Environment(region=region)),
            "Policies",
            required_tags=REQUIRED,
            target_ids=["ou-ab12-11111111"],
            enforced_for=["s3:bucket"],
            exempt_roles=["arn:*:iam::*:role/BreakGlass"],
        )


@pytest.fixture(scope="module")
def templates(synthesize: Callable[..., dict[str, Template]]) -> dict[str, Template]:
    return synthesize(_build)


def tags(template: Template, logical_id: str) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in template["Resources"][logical_id]["Properties"].get("Tags", [])}


def policies(template: Template) -> dict[str, dict[str, Any]]:
    return {each["Properties"]["Type"]: each for each in of_type(template, "AWS::Organizations::Policy").values()}


def test_everything_is_tagged(templates: dict[str, Template]) -> None:
    assert tags(templates["tagged"], "Bucket") == VALUES


def test_a_studio_domain_is_never_tagged(templates: dict[str, Template]) -> None:
    assert tags(templates["tagged"], "Domain") == {}


def test_own_tags_outrank_them(templates: dict[str, Template]) -> None:
    assert tags(templates["tagged"], "Own")["owner"] == "ana"


def test_products_offer_the_values(templates: dict[str, Template]) -> None:
    options = of_type(templates["tagged"], "AWS::ServiceCatalog::TagOption").values()
    assert [(each["Properties"]["Key"], each["Properties"]["Value"]) for each in options] == [
        ("cost-center", "ml-0001"),
        ("cost-center", "ml-0002"),
    ]


def test_config_finds_what_lacks_them(templates: dict[str, Template]) -> None:
    rule = templates["rules"]["Resources"]["Tags0"]["Properties"]
    assert rule["Source"] == {"Owner": "AWS", "SourceIdentifier": "REQUIRED_TAGS"}
    assert rule["InputParameters"] == {"tag1Key": "owner", "tag2Key": "cost-center", "tag2Value": "ml-0001,ml-0002"}
    assert rule["Scope"] == {"ComplianceResourceTypes": ["AWS::S3::Bucket"]}


def test_a_rule_takes_six_tags(templates: dict[str, Template]) -> None:
    first, second = (templates["rules"]["Resources"][f"Many{number}"]["Properties"] for number in range(2))
    assert list(first["InputParameters"]) == [f"tag{number}Key" for number in range(1, 7)]
    assert second["InputParameters"] == {"tag1Key": "tag6", "tag2Key": "tag7"}
    assert "Scope" not in first


@pytest.mark.parametrize("partition", REGIONS)
def test_the_tag_policy_says_how_keys_are_written_and_enforces_values(
    templates: dict[str, Template], partition: str
) -> None:
    policy = policies(templates[partition])["TAG_POLICY"]["Properties"]
    assert policy["TargetIds"] == ["ou-ab12-11111111"]
    assert policy["Content"] == {
        "tags": {
            "owner": {"tag_key": {"@@assign": "owner"}},
            "cost-center": {
                "tag_key": {"@@assign": "cost-center"},
                "tag_value": {"@@assign": ["ml-0001", "ml-0002"]},
                "enforced_for": {"@@assign": ["s3:bucket"]},
            },
        }
    }
    assert "arn:aws" not in json.dumps(templates[partition])


def test_what_lacks_a_tag_is_refused(templates: dict[str, Template]) -> None:
    owner, center = policies(templates["aws"])["SERVICE_CONTROL_POLICY"]["Properties"]["Content"]["Statement"]
    exempt = {"ArnNotLike": {"aws:PrincipalArn": ["arn:*:iam::*:role/BreakGlass"]}}
    values = {"aws:RequestTag/cost-center": ["ml-0001", "ml-0002"]}
    assert owner["Condition"] == {"Null": {"aws:RequestTag/owner": "true"}, **exempt}
    assert center["Condition"] == {"StringNotEquals": values, **exempt}
    for statement in (owner, center):
        assert statement["Effect"] == "Deny"
        assert {"sagemaker:CreateEndpoint", "sagemaker:CreateTrainingJob", "sagemaker:CreateNotebookInstance"} <= set(
            statement["Action"]
        )


def test_nobody_is_exempt_who_is_not_named() -> None:
    (statement,) = RequiredTags({"owner": []}).service_control_policy()["Statement"]
    assert statement["Condition"] == {"Null": {"aws:RequestTag/owner": "true"}}


def test_they_say_which_controls_they_implement(templates: dict[str, Template]) -> None:
    found = policies(templates["aws"])
    assert {kind: policy["Metadata"]["mlgov"]["controls"] for kind, policy in found.items()} == {
        "SERVICE_CONTROL_POLICY": ["MLG-GOV-30", "MLG-GOV-31"],
        "TAG_POLICY": ["MLG-GOV-30"],
    }


def test_one_policy_is_changed_at_a_time(templates: dict[str, Template]) -> None:
    found = policies(templates["aws"])
    (tag_policy,) = [k for k, v in templates["aws"]["Resources"].items() if v == found["TAG_POLICY"]]
    assert found["SERVICE_CONTROL_POLICY"]["DependsOn"] == [tag_policy]


@pytest.mark.parametrize(
    ("values", "found"),
    [
        ({"owner": "ana"}, "the required tag 'cost-center' has no value"),
        ({**VALUES, "team": "x"}, "the tag 'team' is not required"),
        ({**VALUES, "cost-center": "ml-9"}, "the tag 'cost-center' may not be 'ml-9'"),
        ({**VALUES, "owner": ""}, "the tag 'owner' may not be ''"),
        ({**VALUES, "owner": "ana;"}, "the tag 'owner' may not be 'ana;'"),
    ],
)
def test_other_values_are_refused(values: dict[str, str], found: str) -> None:
    stack = cdk.Stack(cdk.App(), "Stack")
    with pytest.raises(ConstructError, match=r"^\[Stack\] ") as error:
        REQUIRED.apply(stack, values)
    assert found in str(error.value)


@pytest.mark.parametrize(
    "declared", [{}, {"aws:owner": []}, {"": []}, {"k" * 129: []}, {"owner": [""]}, {"owner": ["a,b"]}]
)
def test_what_is_no_tag_is_refused(declared: dict[str, list[str]]) -> None:
    with pytest.raises(ValueError, match=r"require nothing|is no (key|value) of a tag"):
        RequiredTags(declared)


@pytest.mark.parametrize(
    ("arguments", "found"),
    [
        ({"target_ids": []}, "target_ids is empty"),
        ({"target_ids": ["everybody"]}, "'everybody' is no root, unit or account"),
        ({"enforced_for": ["bucket"]}, "enforced_for holds 'bucket'"),
        ({"exempt_roles": ["arn:*:iam::*:role/*"]}, "'arn:*:iam::*:role/*' is no pattern of certain roles"),
        ({"required_tags": RequiredTags({f"tag{n}": [] for n in range(16)})}, "the service control policy takes"),
        (
            {"required_tags": RequiredTags({"owner": [f"{n}-{'v' * 200}" for n in range(60)]})},
            "the tag policy takes",
        ),
    ],
)
def test_wrong_arguments_are_refused(arguments: dict[str, Any], found: str) -> None:
    stack = cdk.Stack(cdk.App(), "Stack")
    given = {"required_tags": REQUIRED, "target_ids": ["r-ab12"], **arguments}
    with pytest.raises(ConstructError, match=r"^\[Stack/Policies\] ") as error:
        RequiredTagPolicies(stack, "Policies", **given)
    assert found in str(error.value)
    assert stack.node.try_find_child("Policies") is None
