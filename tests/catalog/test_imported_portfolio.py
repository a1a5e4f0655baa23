"""What an account creates that a portfolio is shared with."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import aws_cdk as cdk
import pytest

from mlgov_constructs.catalog import ImportedPortfolio, NotebookLaunchRole
from mlgov_constructs.controls import CATALOGUE, RuleEngine
from mlgov_constructs.errors import ConstructError
from tests.catalog.conftest import NAMES, Ground, ground
from tests.templates import Template, of_type

OWNER, SPOKE = "111122223333", "444455556666"


def imported(base: Ground, **arguments: Any) -> ImportedPortfolio:
    common: dict[str, Any] = {
        "portfolio_id": "port-shared",
        "owner_account": OWNER,
        "product_ids": ["prod-notebook"],
    }
    return ImportedPortfolio(base.stack, "Shared", **{**common, **arguments})


def launch_role(base: Ground, role_name: str | None = "mlgov-launch-notebook") -> NotebookLaunchRole:
    return NotebookLaunchRole(
        base.stack,
        "LaunchRole",
        names=NAMES,
        environment=base.environment,
        notebook_roles=base.roles,
        permissions_boundary=base.boundary,
        role_name=role_name,
    )


def spoke(app: cdk.App) -> Ground:
    return ground(app, "Spoke", env=cdk.Environment(account=SPOKE, region="eu-west-1"))


@pytest.fixture(scope="module")
def template(synthesize: Callable[..., dict[str, Template]]) -> Template:
    def build(app: cdk.App) -> None:
        base = spoke(app)
        shared = imported(base)
        shared.give_access_to_pattern("role/DataScientist-*")
        shared.give_access_to_role(base.roles[0])
        local = base.portfolio(principal_patterns=["role/DataScientist-*"], tag_options={"cost-center": ["4711"]})
        shared.add_to(local, "prod-notebook", launch_role=launch_role(base))

    return synthesize(build)["Spoke"]


def only(template: Template, kind: str) -> tuple[str, dict[str, Any]]:
    ((logical_id, found),) = of_type(template, f"AWS::ServiceCatalog::{kind}").items()
    return logical_id, found


def test_the_share_is_accepted_first(template: Template) -> None:
    share, found = only(template, "AcceptedPortfolioShare")
    assert found["Properties"] == {"PortfolioId": "port-shared"}
    principals = of_type(template, "AWS::ServiceCatalog::PortfolioPrincipalAssociation").values()
    on_the_import = [p for p in principals if p["Properties"]["PortfolioId"] == "port-shared"]
    assert len(on_the_import) == 2
    _, association = only(template, "PortfolioProductAssociation")
    assert all(share in resource["DependsOn"] for resource in (*on_the_import, association))


def test_principals_of_the_account_see_the_import(template: Template) -> None:
    principals = of_type(template, "AWS::ServiceCatalog::PortfolioPrincipalAssociation").values()
    found = {p["Properties"]["PrincipalType"] for p in principals if p["Properties"]["PortfolioId"] == "port-shared"}
    assert found == {"IAM", "IAM_PATTERN"}


def test_a_product_of_the_share_lies_in_the_own_portfolio(template: Template) -> None:
    portfolio, _ = only(template, "Portfolio")
    _, association = only(template, "PortfolioProductAssociation")
    assert association["Properties"] == {
        "PortfolioId": {"Ref": portfolio},
        "ProductId": "prod-notebook",
        "SourcePortfolioId": "port-shared",
    }
    assert association["Metadata"]["mlgov"]["controls"] == ["MLG-CAT-01"]


def test_it_is_launched_by_the_role_of_that_name_here(template: Template) -> None:
    association, _ = only(template, "PortfolioProductAssociation")
    _, constraint = only(template, "LaunchRoleConstraint")
    role = constraint["Properties"]["LocalRoleName"]["Ref"]
    assert template["Resources"][role]["Properties"]["RoleName"] == "mlgov-launch-notebook"
    assert constraint["DependsOn"] == [association]


def test_the_rules_of_the_catalogue_pass(template: Template) -> None:
    controls = [CATALOGUE[control] for control in CATALOGUE if control.startswith("MLG-CAT-")]
    assert RuleEngine(controls).check_text(json.dumps(template)) == []


def test_a_share_through_the_organization_is_not_accepted(synthesize: Callable[..., dict[str, Template]]) -> None:
    def build(app: cdk.App) -> None:
        imported(spoke(app), through_organization=True).give_access_to_pattern("role/DataScientist-*")

    found = synthesize(build)["Spoke"]
    assert of_type(found, "AWS::ServiceCatalog::AcceptedPortfolioShare") == {}
    _, principal = only(found, "PortfolioPrincipalAssociation")
    assert "DependsOn" not in principal


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"owner_account": SPOKE}, f"portfolio port-shared belongs to {SPOKE}, this very account"),
        ({"owner_account": "1234"}, "account '1234' is no account id"),
        ({"portfolio_id": "Shared"}, "portfolio 'Shared' is no portfolio id"),
        ({"product_ids": ["notebook"]}, "product 'notebook' is no product id"),
    ],
)
def test_a_bad_argument_is_refused(arguments: dict[str, Any], message: str) -> None:
    base = spoke(cdk.App())
    with pytest.raises(ConstructError, match=re.escape(f"[Spoke/Shared] {message}")):
        imported(base, **arguments)
    assert base.stack.node.try_find_child("Shared") is None


def test_only_products_of_the_share_are_added() -> None:
    base = spoke(cdk.App())
    with pytest.raises(ConstructError, match="product prod-other is not in the share of port-shared"):
        imported(base).add_to(base.portfolio(), "prod-other", launch_role=launch_role(base))


def test_a_launch_role_needs_a_fixed_name() -> None:
    base = spoke(cdk.App())
    with pytest.raises(ConstructError, match="launch role Spoke/LaunchRole has no fixed name"):
        imported(base).add_to(base.portfolio(), "prod-notebook", launch_role=launch_role(base, None))


def test_a_pattern_that_fits_everybody_is_refused() -> None:
    with pytest.raises(ConstructError, match=re.escape("principal pattern 'role/*' names nobody, or everybody")):
        imported(spoke(cdk.App())).give_access_to_pattern("role/*")
