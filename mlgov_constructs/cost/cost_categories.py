"""What each project costs, as a category of the bill."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from aws_cdk import aws_ce as ce
from constructs import Construct

from mlgov_constructs.argument_types import checked_arguments
from mlgov_constructs.cost.budget_properties import PROJECT_TAG_KEY
from mlgov_constructs.cost.cost_explorer import check_region
from mlgov_constructs.errors import ConstructError

LONGEST_NAME = 50
MOST_RULES = 500


@checked_arguments
class CostCategories(Construct):
    """Divides the bill by project, or by what owns the projects.

    It creates one cost category. Each project is a value of its own, as its tag says; ``owners`` puts
    several projects under one value, a department for example. What carries no tag has the value
    ``unassigned``, so that it is seen.

    The account must be the one that pays: of an organization its management account. The tag must be
    activated as a cost allocation tag. The stack must lie in us-east-1 (cn-northwest-1 in China);
    AWS GovCloud (US) has no Cost Explorer.

    Cost: none.

    Args:
        scope: The parent construct.
        construct_id: The id in that scope.
        name: The name of the category, unique in the account, at most 50 characters; another name
            is another category.
        owners: The value of the category, and the projects under it; projects that are not named
            keep their own.
        unassigned: The value of what carries no tag.
        project_tag_key: The key of the project tag.

    Raises:
        ConstructError: The region, a name or an owner cannot be used.

    Source:
        https://docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/manage-cost-categories.html

    Example:
        >>> from aws_cdk import App, Stack
        >>> categories = CostCategories(
        ...     Stack(App(), "Cost"), "Categories", name="ML project", owners={"marketing": ["churn", "uplift"]}
        ... )
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        name: str,
        owners: Mapping[str, Sequence[str]] | None = None,
        unassigned: str = "unassigned",
        project_tag_key: str = PROJECT_TAG_KEY,
    ) -> None:
        check_region(scope, construct_id)
        _check(scope, construct_id, [name, unassigned, *(owners or {})], owners or {})
        super().__init__(scope, construct_id)
        category = ce.CfnCostCategory(
            self,
            "Resource",
            name=name,
            rule_version="CostCategoryExpression.v1",
            rules=json.dumps(_rules(owners or {}, project_tag_key)),
            default_value=unassigned,
        )
        self.category_name = name
        self.category_arn: str = category.attr_arn


def _rules(owners: Mapping[str, Sequence[str]], project_tag_key: str) -> list[dict[str, Any]]:
    """The rules; the first one that matches decides."""
    owned = [
        {
            "Type": "REGULAR",
            "Value": owner,
            "Rule": {"Tags": {"Key": project_tag_key, "Values": list(projects), "MatchOptions": ["EQUALS"]}},
        }
        for owner, projects in owners.items()
    ]
    by_tag = {"DimensionName": "TAG", "DimensionKey": project_tag_key}
    return [*owned, {"Type": "INHERITED_VALUE", "InheritedValue": by_tag}]


def _check(scope: Construct, construct_id: str, names: Sequence[str], owners: Mapping[str, Sequence[str]]) -> None:
    if wrong := [name for name in names if not 1 <= len(name) <= LONGEST_NAME]:
        raise ConstructError(
            scope,
            construct_id,
            f"{wrong[0]!r} is no name of a category or value",
            f"Use 1 to {LONGEST_NAME} characters.",
        )
    if len(owners) >= MOST_RULES:
        raise ConstructError(scope, construct_id, f"{len(owners)} owners are too many", f"Use less than {MOST_RULES}.")
    if empty := [owner for owner, projects in owners.items() if not projects]:
        raise ConstructError(scope, construct_id, f"owner {empty[0]!r} owns no project", "Name its projects.")
    projects = [project for owned in owners.values() for project in owned]
    if twice := [project for project in projects if projects.count(project) > 1]:
        raise ConstructError(
            scope, construct_id, f"project {twice[0]!r} has two owners", "Name it once: the first rule would decide."
        )
