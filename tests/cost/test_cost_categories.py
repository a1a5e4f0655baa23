from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import aws_cdk as cdk
import pytest

from mlgov_constructs.cost import CostCategories
from mlgov_constructs.errors import ConstructError
from tests.templates import Template, of_type


def _build(app: cdk.App) -> None:
    for name, region in (("plain", "us-east-1"), ("china", "cn-northwest-1")):
        CostCategories(cdk.Stack(app, name, env=cdk.Environment(region=region)), "Categories", name="ML project")
    CostCategories(
        cdk.Stack(app, "owned"),
        "Categories",
        name="Department",
        owners={"marketing": ["churn", "uplift"], "risk": ["fraud"]},
        unassigned="nobody",
        project_tag_key="team",
    )


@pytest.fixture(scope="module")
def templates(synthesize: Callable[..., dict[str, Template]]) -> dict[str, Template]:
    return synthesize(_build)


def category(template: Template) -> dict[str, Any]:
    (found,) = of_type(template, "AWS::CE::CostCategory").values()
    properties: dict[str, Any] = found["Properties"]
    return properties


@pytest.mark.parametrize("name", ["plain", "china"])
def test_each_project_is_a_value_as_its_tag_says(templates: dict[str, Template], name: str) -> None:
    properties = category(templates[name])
    assert (properties["Name"], properties["RuleVersion"]) == ("ML project", "CostCategoryExpression.v1")
    assert json.loads(properties["Rules"]) == [
        {
            "Type": "INHERITED_VALUE",
            "InheritedValue": {"DimensionName": "TAG", "DimensionKey": "mlgov:project"},
        }
    ]


def test_what_has_no_tag_is_seen(templates: dict[str, Template]) -> None:
    assert category(templates["plain"])["DefaultValue"] == "unassigned"
    assert category(templates["owned"])["DefaultValue"] == "nobody"


def test_owners_come_before_the_tag(templates: dict[str, Template]) -> None:
    marketing, risk, rest = json.loads(category(templates["owned"])["Rules"])
    assert (marketing["Type"], marketing["Value"]) == ("REGULAR", "marketing")
    assert marketing["Rule"] == {"Tags": {"Key": "team", "Values": ["churn", "uplift"], "MatchOptions": ["EQUALS"]}}
    assert risk["Value"] == "risk"
    assert rest["InheritedValue"]["DimensionKey"] == "team"


@pytest.mark.parametrize(
    ("arguments", "found"),
    [
        ({"name": ""}, "'' is no name of a category or value"),
        ({"name": "n" * 51}, "is no name of a category or value"),
        ({"owners": {"x" * 51: ["churn"]}}, "is no name of a category or value"),
        ({"owners": {"risk": []}}, "owner 'risk' owns no project"),
        ({"owners": {"risk": ["fraud"], "marketing": ["fraud"]}}, "project 'fraud' has two owners"),
        ({"owners": {f"o{n}": [f"p{n}"] for n in range(500)}}, "500 owners are too many"),
    ],
)
def test_wrong_arguments_are_refused(arguments: dict[str, Any], found: str) -> None:
    stack = cdk.Stack(cdk.App(), "Stack")
    with pytest.raises(ConstructError, match=r"^\[Stack/Categories\] ") as error:
        CostCategories(stack, "Categories", **{"name": "ML project", **arguments})
    assert found in str(error.value)
    assert stack.node.try_find_child("Categories") is None


def test_a_region_without_cost_explorer_is_refused() -> None:
    stack = cdk.Stack(cdk.App(), "Stack", env=cdk.Environment(region="eu-west-1"))
    with pytest.raises(ConstructError, match="region 'eu-west-1' has no Cost Explorer"):
        CostCategories(stack, "Categories", name="ML project")
