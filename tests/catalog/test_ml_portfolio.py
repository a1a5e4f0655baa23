from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam
from aws_cdk import aws_servicecatalog as sc

from mlgov_constructs.catalog import MlPortfolio, StackSetDeployment
from mlgov_constructs.controls import Relaxation
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


@pytest.mark.parametrize(
    ("role_name", "shared", "warnings"),
    [(None, "accounts", 1), (None, "organization", 1), (None, "", 0), ("mlgov-launch-notebook", "accounts", 0)],
)
def test_a_shared_product_needs_a_launch_role_by_name(role_name: str | None, shared: str, warnings: int) -> None:
    base = ground(cdk.App(), "Stack")
    portfolio = base.portfolio(share_with_accounts=["444455556666"] if shared == "accounts" else [])
    portfolio.add_product(base.product(launch_role_name=role_name))
    if shared == "organization":
        portfolio.share_with_organization(
            ["o-exampleorg1"],
            encryption_key=base.environment.encryption_key,
            permissions_boundary=base.boundary,
        )
    found = [entry.data for entry in portfolio.node.metadata if entry.type == "aws:cdk:warning"]
    assert len(found) == warnings
    assert all("Stack/Product is launched by a role of this account" in str(text) for text in found)


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


def baseline(stack: cdk.Stack) -> sc.CloudFormationProduct:
    url = sc.CloudFormationTemplate.from_url("https://example.com/template.json")
    return sc.CloudFormationProduct(
        stack,
        "Baseline",
        owner="me",
        product_name="Baseline",
        product_versions=[sc.CloudFormationProductVersion(cloud_formation_template=url)],
    )


def stack_sets(stack: cdk.Stack, **changes: Any) -> StackSetDeployment:
    arguments = {"accounts": ["444455556666"], "regions": ["eu-west-1"], **changes}
    role = iam.Role.from_role_name(stack, "Administration", "StackSetAdministration")
    return StackSetDeployment(administration_role=role, execution_role_name="StackSetExecution", **arguments)


def test_a_product_is_deployed_by_stack_sets(synthesize: Callable[..., dict[str, Template]]) -> None:
    def build(app: cdk.App) -> None:
        stack = cdk.Stack(app, "sets")
        portfolio = MlPortfolio(stack, "Portfolio", display_name="ML", provider_name="ML")
        portfolio.add_product(baseline(stack), stack_sets=stack_sets(stack), tag_updates=True)

    template = synthesize(build)["sets"]
    constraint = only(template, "StackSetConstraint")
    assert (constraint["AccountList"], constraint["RegionList"]) == (["444455556666"], ["eu-west-1"])
    assert (constraint["ExecutionRole"], constraint["StackInstanceControl"]) == ("StackSetExecution", "NOT_ALLOWED")
    assert ":role/StackSetAdministration" in str(constraint["AdminRole"])
    assert of_type(template, "AWS::ServiceCatalog::LaunchRoleConstraint") == {}
    assert only(template, "ResourceUpdateConstraint")["TagUpdateOnProvisionedProduct"] == "ALLOWED"


def test_operations_on_instances_need_a_reason(synthesize: Callable[..., dict[str, Template]]) -> None:
    def build(app: cdk.App) -> None:
        stack = cdk.Stack(app, "sets")
        portfolio = MlPortfolio(stack, "Portfolio", display_name="ML", provider_name="ML")
        reason = Relaxation("The platform team adds accounts as they are made.")
        portfolio.add_product(baseline(stack), stack_sets=stack_sets(stack, instance_operations=reason))

    (found,) = of_type(synthesize(build)["sets"], "AWS::ServiceCatalog::StackSetConstraint").values()
    assert found["Properties"]["StackInstanceControl"] == "ALLOWED"
    assert found["Metadata"]["mlgov"]["deviations"][0]["control"] == "MLG-CAT-05"


def test_a_product_has_a_launch_role_or_stack_sets() -> None:
    stack = cdk.Stack(cdk.App(), "Stack")
    portfolio = MlPortfolio(stack, "Portfolio", display_name="ML", provider_name="ML")
    role = iam.Role(stack, "Role", assumed_by=iam.AccountRootPrincipal())
    with pytest.raises(ConstructError, match="Stack/Baseline would have a launch constraint and a StackSet constraint"):
        portfolio.add_product(baseline(stack), launch_role=role, stack_sets=stack_sets(stack))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"accounts": []}, "stack_sets names no account"),
        ({"accounts": ["1234"]}, "stack_sets names the account '1234'"),
        ({"regions": []}, "stack_sets names no region"),
        ({"regions": ["Ireland"]}, "stack_sets names the region 'Ireland'"),
    ],
)
def test_stack_sets_need_a_place(changes: dict[str, Any], message: str) -> None:
    stack = cdk.Stack(cdk.App(), "Stack")
    portfolio = MlPortfolio(stack, "Portfolio", display_name="ML", provider_name="ML")
    with pytest.raises(ConstructError, match=re.escape(f"[Stack/Portfolio] {message}")):
        portfolio.add_product(baseline(stack), stack_sets=stack_sets(stack, **changes))


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
