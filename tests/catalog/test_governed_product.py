"""What every product is made of, on a small product of its own."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_s3_assets as s3_assets
from aws_cdk import aws_sns as sns
from aws_cdk import aws_ssm as ssm

from mlgov_constructs.catalog import GovernedProduct, LaunchRole, ProductHistory, ProductParameter, ProductTemplate
from mlgov_constructs.catalog.template_guard import FOREIGN_TAG, LARGEST_TEMPLATE, TOO_LARGE, TemplateGuard
from mlgov_constructs.errors import ConstructError
from mlgov_constructs.identity import JobType
from tests.access import ACCOUNT, REGION, decision
from tests.catalog.conftest import NAMES, Ground, ground
from tests.templates import Template, of_type

COLOUR = ProductParameter("Colour", "Colour", "Your taste", "What it looks like", allowed_values=["red", "blue"])


class TopicTemplate(ProductTemplate):
    """One topic, with its project's tag."""

    def __init__(self, scope: cdk.Stack, construct_id: str, version: str = "v1") -> None:
        super().__init__(
            scope,
            construct_id,
            product_id="topic",
            version=version,
            description="A topic",
            names=NAMES,
            parameters=[ProductParameter.project(["churn", "fraud"]), COLOUR],
        )
        topic = sns.CfnTopic(self, "Topic", kms_master_key_id=self.reference(NAMES.key_arn))
        self.govern(topic, [], tags={"mlgov:colour": self.text("Colour")})
        role = self.reference(NAMES.job_role_arn("${Project}", JobType.TRAINING))
        parameter = ssm.CfnParameter(self, "Map", type="String", value=role)
        self.govern(parameter, [], tag_form="map")
        self.limit_project("fraud", "Colour", ["red"])
        self.output("Place", self.console_url("sns", "#/topics"), "See your topic")
        self.output("Again", self.console_url("sns", "#/all"), "See all topics")


def topic_product(base: Ground, construct_id: str = "Topics", **arguments: Any) -> GovernedProduct:
    common: dict[str, Any] = {
        "product_id": "topic",
        "product_name": "Topic",
        "owner": "ML platform",
        "description": "A topic.",
        "cost": "nearly nothing",
        "version": "v1",
        "history": None,
        "support_email": None,
        "template": TopicTemplate,
        "launch_role": lambda product: LaunchRole(
            product,
            "LaunchRole",
            description="Launches topics",
            names=NAMES,
            permissions_boundary=base.boundary,
            statements=LaunchRole.tag_changes("Notebooks", "*", ["churn"]),
            role_name="mlgov-launch-topic",
        ),
    }
    return GovernedProduct(base.stack, construct_id, **{**common, **arguments})


@pytest.fixture(scope="module")
def folder(synthesize: Callable[..., dict[str, Template]], tmp_path_factory: pytest.TempPathFactory) -> Path:
    def build(app: cdk.App) -> None:
        cdk.Tags.of(app).add("owner", "someone")
        cdk.Tags.of(app).add("team", "ours", priority=500)
        base = ground(app, "topics")
        portfolio = base.portfolio()
        # Two products in one app: the checks of the one must not stand in the way of the other's.
        portfolio.add_product(topic_product(base))
        portfolio.add_product(base.product())

    place = tmp_path_factory.mktemp("topics")
    synthesize(build, outdir=place)
    return place


@pytest.fixture(scope="module")
def stack(folder: Path) -> Template:
    template: Template = json.loads((folder / "topics.template.json").read_text(encoding="utf-8"))
    return template


@pytest.fixture(scope="module")
def topics(folder: Path) -> Template:
    (file,) = folder.glob("*TopicsTemplate*.product.template.json")
    template: Template = json.loads(file.read_text(encoding="utf-8"))
    return template


def test_the_form_follows_the_parameters(topics: Template) -> None:
    assert topics["Metadata"]["mlgov"] == {"product": "topic", "version": "v1"}
    assert topics["Metadata"]["AWS::CloudFormation::Interface"] == {
        "ParameterGroups": [
            {"Label": {"default": "Your work"}, "Parameters": ["Project"]},
            {"Label": {"default": "Your taste"}, "Parameters": ["Colour"]},
        ],
        "ParameterLabels": {"Project": {"default": "Project"}, "Colour": {"default": "Colour"}},
    }


def test_resources_have_their_own_tags_and_none_of_the_app(topics: Template) -> None:
    project = {"Key": "mlgov:project", "Value": {"Ref": "Project"}}
    assert topics["Resources"]["Topic"]["Properties"]["Tags"] == [
        {"Key": "mlgov:colour", "Value": {"Ref": "Colour"}},
        project,
    ]
    assert topics["Resources"]["Map"]["Properties"]["Tags"] == {"mlgov:project": {"Ref": "Project"}}


def test_the_workspace_is_read_at_launch(topics: Template) -> None:
    resources = topics["Resources"]
    assert resources["Topic"]["Properties"]["KmsMasterKeyId"] == "{{resolve:ssm:/mlgov/test/workspace/key-arn}}"
    assert resources["Map"]["Properties"]["Value"] == {
        "Fn::Sub": "{{resolve:ssm:/mlgov/test/workspace/projects/${Project}/training-role-arn}}"
    }


def test_a_project_is_held_to_some_values(topics: Template) -> None:
    assert topics["Rules"]["ColoursFraud"]["RuleCondition"] == {"Fn::Equals": [{"Ref": "Project"}, "fraud"]}


def test_the_consoles_are_declared_once(topics: Template) -> None:
    assert set(topics["Mappings"]) == {"Consoles"}
    assert set(topics["Outputs"]) == {"Place", "Again"}


def test_users_read_the_cost(stack: Template) -> None:
    (product,) = (
        p for n, p in of_type(stack, "AWS::ServiceCatalog::CloudFormationProduct").items() if n.startswith("Topics")
    )
    assert product["Properties"]["Description"] == "A topic. Cost: nearly nothing."
    assert product["Metadata"]["mlgov"]["controls"] == ["MLG-CAT-02", "MLG-CAT-06"]


def test_a_named_role_launches_it_in_every_account(stack: Template) -> None:
    constraints = of_type(stack, "AWS::ServiceCatalog::LaunchRoleConstraint").values()
    (local,) = (c["Properties"] for c in constraints if "LocalRoleName" in c["Properties"])
    assert local["LocalRoleName"]["Ref"].startswith("TopicsLaunchRole")


@pytest.mark.parametrize(
    ("change", "allowed"),
    [
        ({"aws__RequestTag/cost-center": "4712"}, True),
        ({"aws__RequestTag/cost-center": "4712", "aws__RequestTag/mlgov:project": "churn"}, True),
        ({"aws__RequestTag/mlgov:project": "fraud"}, False),
        ({"aws__RequestTag/mlgov:user": "someone"}, False),
        ({"aws__ResourceTag/mlgov:project": "fraud", "aws__RequestTag/cost-center": "4712"}, False),
    ],
)
def test_a_tag_option_may_change_and_the_project_may_not(
    stack: Template, change: dict[str, str], allowed: bool
) -> None:
    (role,) = (r for r in of_type(stack, "AWS::IAM::Role") if r.startswith("TopicsLaunchRole"))
    notebook = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:notebook-instance/n"
    context = {"aws__ResourceTag/mlgov:project": "churn", "aws__ResourceTag/mlgov:user": "me", **change}
    assert (decision(stack, role, "sagemaker:AddTags", notebook, **context) == "Allow") is allowed


@pytest.mark.parametrize(
    ("keys", "allowed"), [(["cost-center"], True), (["cost-center", "mlgov:project"], False), ([], False)]
)
def test_a_tag_option_may_go_and_the_project_may_not(stack: Template, keys: list[str], allowed: bool) -> None:
    (role,) = (r for r in of_type(stack, "AWS::IAM::Role") if r.startswith("TopicsLaunchRole"))
    context = {"aws__ResourceTag/mlgov:project": "churn", "aws__TagKeys": keys or None}
    assert (decision(stack, role, "sagemaker:DeleteTags", "*", **context) == "Allow") is allowed


def _template_file(folder: Path, template: Template) -> list[Path]:
    (folder / "P.product.template.json").write_text(json.dumps(template), encoding="utf-8")
    return [folder / "S.template.json"]


def test_a_template_that_is_too_large_is_refused(tmp_path: Path) -> None:
    topic = {"Type": "AWS::SNS::Topic", "Properties": {"DisplayName": "x" * LARGEST_TEMPLATE}}
    found = list(
        TemplateGuard("P.product.template.json").violations(_template_file(tmp_path, {"Resources": {"T": topic}}))
    )
    assert [violation.rule_name for violation in found] == [TOO_LARGE]
    assert re.fullmatch(r"The template has 460,\d{3} bytes, and may have 460,800\.", found[0].description or "")


@pytest.mark.parametrize(
    ("tags", "foreign"),
    [
        ([{"Key": "mlgov:project", "Value": {"Ref": "Project"}}], []),
        ([{"Key": "mlgov:project", "Value": "environment"}], ["Tags.mlgov:project"]),
        ([{"Key": "owner", "Value": "someone"}], ["Tags.owner"]),
        ({"owner": "someone"}, ["Tags.owner"]),
    ],
)
def test_a_tag_of_the_app_is_refused(tmp_path: Path, tags: Any, foreign: list[str]) -> None:
    template = {"Resources": {"T": {"Type": "AWS::SNS::Topic", "Properties": {"Tags": tags}}, "U": {"Type": "X"}}}
    found = list(TemplateGuard("P.product.template.json").violations(_template_file(tmp_path, template)))
    assert [violation.violating_resources[0].locations[0] for violation in found] == foreign
    assert {violation.rule_name for violation in found} <= {FOREIGN_TAG}


def test_a_resource_that_was_not_governed_fails_the_synthesis(tmp_path: Path) -> None:
    app = cdk.App(outdir=str(tmp_path))
    cdk.Tags.of(app).add("owner", "someone")
    base = ground(app, "stray")

    def template(scope: cdk.Stack, construct_id: str) -> ProductTemplate:
        made = TopicTemplate(scope, construct_id)
        sns.CfnTopic(made, "Stray")
        return made

    topic_product(base, template=template)
    with pytest.raises(RuntimeError, match="Stray has the tag owner, which is not its own and would be published"):
        app.synth()


def test_an_asset_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "asset.txt"
    file.write_text("text", encoding="utf-8")
    template = TopicTemplate(cdk.Stack(cdk.App(), "Stack"), "Template")
    with pytest.raises(RuntimeError, match="Asset Bucket must be provided"):
        s3_assets.Asset(template, "Asset", path=str(file))


def test_parameters_need_a_project_and_names_of_their_own() -> None:
    scope = cdk.Stack(cdk.App(), "Stack")
    project = ProductParameter.project(["churn"])
    for parameters in ([COLOUR], [project, COLOUR, COLOUR]):
        with pytest.raises(ConstructError, match=r"^\[Stack/Template\] the parameters .*Colour lack Project, or name"):
            ProductTemplate(
                scope,
                "Template",
                product_id="topic",
                version="v1",
                description="",
                names=NAMES,
                parameters=parameters,
            )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"cost": " "}, "cost is empty"),
        ({"version": "2"}, "version '2' is no version"),
        ({"product_id": "Topic"}, "product_id 'Topic' can be no folder name"),
        ({"support_email": "me"}, "support_email 'me' is no e-mail address"),
        ({"history": ProductHistory(Path("none")), "version": "v3"}, "version v3 does not follow v0"),
    ],
)
def test_a_bad_argument_is_refused_before_anything_exists(arguments: dict[str, Any], message: str) -> None:
    base = ground(cdk.App(), "Stack")
    with pytest.raises(ConstructError, match=re.escape(f"[Stack/Topics] {message}")):
        topic_product(base, **arguments)
    assert base.stack.node.try_find_child("TopicsTemplate") is None
