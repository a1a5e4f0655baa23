from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam
from aws_cdk import aws_servicecatalog as sc

from mlgov_constructs.catalog import MlPortfolio
from mlgov_constructs.errors import ConstructError
from tests.catalog.conftest import ground
from tests.templates import Template, of_type


def only(catalog: Template, kind: str) -> dict[str, Any]:
    (found,) = of_type(catalog, f"AWS::ServiceCatalog::{kind}").values()
    values: dict[str, Any] = found["Properties"]
    return values


def test_the_portfolio_says_who_provides_it_and_whom_to_ask(catalog: Template) -> None:
    portfolio = only(catalog, "Portfolio")
    assert portfolio["ProviderName"] == "ML platform"
    assert portfolio["Description"] == "Governed machine learning products. Support: ml@example.org"
    (resource,) = of_type(catalog, "AWS::ServiceCatalog::Portfolio").values()
    assert resource["Metadata"]["mlgov"]["controls"] == ["MLG-CAT-01", "MLG-CAT-03", "MLG-CAT-04"]


def test_the_product_is_launched_by_its_role(catalog: Template) -> None:
    constraint = only(catalog, "LaunchRoleConstraint")
    assert constraint["RoleArn"]["Fn::GetAtt"][0].startswith("ProductLaunchRole")
    assert only(catalog, "PortfolioProductAssociation")["ProductId"] == constraint["ProductId"]


def test_principals_are_named_by_role_and_by_pattern(catalog: Template) -> None:
    found = of_type(catalog, "AWS::ServiceCatalog::PortfolioPrincipalAssociation").values()
    by_type = {association["Properties"]["PrincipalType"]: association["Properties"] for association in found}
    assert by_type["IAM"]["PrincipalARN"]["Fn::GetAtt"][0].startswith("Scientist")
    assert by_type["IAM_PATTERN"]["PrincipalARN"] == {
        "Fn::Join": ["", ["arn:", {"Ref": "AWS::Partition"}, ":iam:::role/DataScientist-*"]]
    }


def test_tag_options_rules_and_sharing(catalog: Template) -> None:
    options = {(o["Properties"]["Key"], o["Properties"]["Value"]) for o in _all(catalog, "TagOption")}
    assert options == {("cost-center", "4711"), ("cost-center", "4712")}
    assert len(_all(catalog, "TagOptionAssociation")) == 2
    assert "SmallOnly" in only(catalog, "LaunchTemplateConstraint")["Rules"]
    share = only(catalog, "PortfolioShare")
    assert (share["AccountId"], share["ShareTagOptions"]) == ("444455556666", True)


def test_a_named_launch_role_is_found_by_name_in_every_account(synthesize: Callable[..., dict[str, Template]]) -> None:
    def build(app: cdk.App) -> None:
        base = ground(app, "named")
        base.portfolio().add_product(base.product(launch_role_name="mlgov-launch-notebook"))

    template = synthesize(build)["named"]
    constraint = only(template, "LaunchRoleConstraint")
    role = constraint["LocalRoleName"]["Ref"]
    assert template["Resources"][role]["Properties"]["RoleName"] == "mlgov-launch-notebook"
    assert "RoleArn" not in constraint


def test_a_product_without_a_launch_role_is_refused() -> None:
    stack = cdk.Stack(cdk.App(), "Stack")
    portfolio = MlPortfolio(stack, "Portfolio", display_name="ML", provider_name="ML")
    url = sc.CloudFormationTemplate.from_url("https://example.com/template.json")
    product = sc.CloudFormationProduct(
        stack,
        "Foreign",
        owner="me",
        product_name="Foreign",
        product_versions=[sc.CloudFormationProductVersion(cloud_formation_template=url)],
    )
    with pytest.raises(ConstructError, match=r"^\[Stack/Portfolio\] product Stack/Foreign has no launch role"):
        portfolio.add_product(product)
    portfolio.add_product(product, launch_role=iam.Role(stack, "Role", assumed_by=iam.AccountRootPrincipal()))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"support_email": "ml"}, "support_email 'ml' is no e-mail address"),
        ({"principal_patterns": ["role/*"]}, "principal pattern 'role/*' names nobody, or everybody"),
        ({"principal_patterns": ["*"]}, "principal pattern '*' names nobody, or everybody"),
        ({"principal_patterns": ["role/team/*"]}, "principal pattern 'role/team/*' names nobody, or everybody"),
        ({"share_with_accounts": ["1234"]}, "account '1234' is no account id"),
        ({"share_with_accounts": ["111122223333"]}, "the portfolio would be shared with 111122223333, its own account"),
        ({"tag_options": {"owner": []}}, "tag option 'owner' has no value"),
    ],
)
def test_a_bad_argument_is_refused(arguments: dict[str, Any], message: str) -> None:
    stack = cdk.Stack(cdk.App(), "Stack", env=cdk.Environment(account="111122223333", region="eu-west-1"))
    with pytest.raises(ConstructError, match=re.escape(f"[Stack/Portfolio] {message}")):
        MlPortfolio(stack, "Portfolio", display_name="ML", provider_name="ML", **arguments)


def _all(catalog: Template, kind: str) -> list[dict[str, Any]]:
    return list(of_type(catalog, f"AWS::ServiceCatalog::{kind}").values())
