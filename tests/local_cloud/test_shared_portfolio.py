"""A portfolio that one account shares and another imports: both accounts are in the local cloud."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.local_cloud import catalog_templates as templates
from tests.local_cloud.conftest import Cloud, Stack

SPOKE = "210987654321"
KIND = "AWS::ServiceCatalog::"


@dataclass
class Spoke(Cloud):
    """The account that the portfolio is shared with: an access key of twelve digits is an account."""

    def client(self, service: str, credentials: dict[str, str] | None = None) -> Any:
        return super().client(service, credentials or {"AccessKeyId": SPOKE, "SecretAccessKey": "test"})

    def as_role(self, name: str) -> dict[str, str]:
        role = f"arn:aws:iam::{SPOKE}:role/{name}"
        credentials: dict[str, str] = self.client("sts").assume_role(RoleArn=role, RoleSessionName="test")[
            "Credentials"
        ]
        return credentials


@pytest.fixture(scope="module")
def spoke(cloud: Cloud) -> Spoke:
    return Spoke(cloud.local)


@pytest.fixture(scope="module")
def hub(cloud: Cloud) -> Iterator[Stack]:
    """A portfolio with a product that is launched by a role name, shared with its tag options."""
    version = templates.version("v1", templates.upload(cloud, "hub.json", templates.product_template("1")))
    found = templates.catalog(version, launch_statements=(templates.allow("*"),))
    wanted = ("Portfolio", "Product", "Association", "Launch", "CostCentre", "CostCentreOnPortfolio", "Share")
    resources = {name: found[name] for name in wanted}
    resources["Launch"]["Properties"].pop("RoleArn")
    resources["Launch"]["Properties"]["LocalRoleName"] = "spoke-launch"
    resources["Share"]["Properties"]["ShareTagOptions"] = True
    stack = cloud.stack(**resources)
    assert stack.describe()["StackStatus"] == "CREATE_COMPLETE", stack.failures()
    yield stack
    assert stack.delete() == "DELETE_COMPLETE", stack.failures()


def roles() -> dict[str, Any]:
    account = templates.trust(account=True)
    account["Statement"][0]["Principal"]["AWS"] = f"arn:aws:iam::{SPOKE}:root"
    return {
        "LaunchRole": templates.role("spoke-launch", templates.trust("servicecatalog"), templates.allow("*")),
        "Buyer": templates.role("spoke-buyer", account, templates.allow("servicecatalog:*")),
        "NotebookRole": templates.role("notebook-execution", templates.trust("sagemaker")),
    }


def principal(portfolio: Any, depends_on: str) -> dict[str, Any]:
    return {
        "Type": f"{KIND}PortfolioPrincipalAssociation",
        "DependsOn": depends_on,
        "Properties": {
            "PortfolioId": portfolio,
            "PrincipalARN": "arn:aws:iam:::role/spoke-buyer",
            "PrincipalType": "IAM_PATTERN",
        },
    }


@pytest.fixture(scope="module")
def imported(spoke: Spoke, hub: Stack) -> Iterator[Stack]:
    """The share accepted, opened as it is, and its product in a portfolio of the spoke's own."""
    shared, product = hub.id("Portfolio"), hub.id("Product")
    both = {"PortfolioId": {"Ref": "Local"}, "ProductId": product}
    stack = Stack(
        spoke,
        "spoke",
        {
            **roles(),
            "Accepted": {"Type": f"{KIND}AcceptedPortfolioShare", "Properties": {"PortfolioId": shared}},
            "Principals": principal(shared, "Accepted"),
            "Local": {
                "Type": f"{KIND}Portfolio",
                "Properties": {"DisplayName": "Local", "ProviderName": "Spoke"},
            },
            "LocalPrincipals": principal({"Ref": "Local"}, "Local"),
            "Association": {
                "Type": f"{KIND}PortfolioProductAssociation",
                "DependsOn": "Accepted",
                "Properties": {**both, "SourcePortfolioId": shared},
            },
            "Launch": {
                "Type": f"{KIND}LaunchRoleConstraint",
                "DependsOn": "Association",
                "Properties": {**both, "LocalRoleName": "spoke-launch"},
            },
        },
    )
    assert stack.create() == "CREATE_COMPLETE", stack.failures()
    yield stack
    assert stack.delete() == "DELETE_COMPLETE", stack.failures()


def test_the_share_is_accepted_on_both_sides(cloud: Cloud, spoke: Spoke, hub: Stack, imported: Stack) -> None:
    (share,) = cloud.client("servicecatalog").describe_portfolio_shares(
        PortfolioId=hub.id("Portfolio"), Type="ACCOUNT"
    )["PortfolioShareDetails"]
    assert (share["PrincipalId"], share["Accepted"]) == (SPOKE, True)
    accepted = spoke.client("servicecatalog").list_accepted_portfolio_shares()["PortfolioDetails"]
    assert [item["Id"] for item in accepted] == [hub.id("Portfolio")]


def test_a_user_of_the_spoke_finds_both_paths(spoke: Spoke, hub: Stack, imported: Stack) -> None:
    buyer = spoke.client("servicecatalog", spoke.as_role("spoke-buyer"))
    assert [item["Name"] for item in buyer.search_products()["ProductViewSummaries"]] == ["Notebook"]
    paths = buyer.list_launch_paths(ProductId=hub.id("Product"))["LaunchPathSummaries"]
    assert {path["Name"] for path in paths} == {"ML", "Local"}


@pytest.mark.parametrize("path", ["ML", "Local"])
def test_a_shared_product_is_provisioned_in_the_spoke(spoke: Spoke, hub: Stack, imported: Stack, path: str) -> None:
    buyer = spoke.client("servicecatalog", spoke.as_role("spoke-buyer"))
    name = f"mine-{path.lower()}"
    answer = buyer.provision_product(
        ProductId=hub.id("Product"),
        ProvisioningArtifactName="v1",
        PathName=path,
        ProvisionedProductName=name,
        ProvisioningParameters=[{"Key": "Project", "Value": "alpha"}],
    )
    record = templates.ended(spoke, answer)
    assert record["RecordDetail"]["Status"] == "SUCCEEDED", record["RecordDetail"]["RecordErrors"]
    assert record["RecordDetail"]["LaunchRoleArn"] == f"arn:aws:iam::{SPOKE}:role/spoke-launch"
    outputs = {item["OutputKey"]: item["OutputValue"] for item in record["RecordOutputs"]}
    notebook = spoke.client("sagemaker").describe_notebook_instance(NotebookInstanceName=outputs["Name"])
    assert notebook["NotebookInstanceArn"].split(":")[4] == SPOKE
    tags = spoke.client("sagemaker").list_tags(ResourceArn=notebook["NotebookInstanceArn"])["Tags"]
    assert {"Key": "cost-centre", "Value": "42"} in tags
    ended = templates.ended(spoke, buyer.terminate_provisioned_product(ProvisionedProductName=name))
    assert ended["RecordDetail"]["Status"] == "SUCCEEDED"


def test_a_new_version_of_the_hub_arrives_by_itself(cloud: Cloud, spoke: Spoke, hub: Stack, imported: Stack) -> None:
    version = templates.version("v2", templates.upload(cloud, "hub2.json", templates.product_template("2")))
    administrator = cloud.client("servicecatalog")
    created = administrator.create_provisioning_artifact(ProductId=hub.id("Product"), Parameters=version)
    listed = spoke.client("servicecatalog").list_provisioning_artifacts(ProductId=hub.id("Product"))
    assert [item["Name"] for item in listed["ProvisioningArtifactDetails"]] == ["v1", "v2"]
    administrator.delete_provisioning_artifact(
        ProductId=hub.id("Product"), ProvisioningArtifactId=created["ProvisioningArtifactDetail"]["Id"]
    )


def test_an_import_is_not_changed_by_the_spoke(spoke: Spoke, hub: Stack, imported: Stack) -> None:
    catalogue = spoke.client("servicecatalog")
    for refused in (
        lambda: catalogue.update_portfolio(Id=hub.id("Portfolio"), DisplayName="Mine"),
        lambda: catalogue.delete_product(Id=hub.id("Product")),
        lambda: catalogue.associate_product_with_portfolio(
            PortfolioId=hub.id("Portfolio"), ProductId=hub.id("Product")
        ),
    ):
        with pytest.raises(catalogue.exceptions.ResourceNotFoundException):
            refused()


def test_what_is_not_shared_is_not_accepted(cloud: Cloud, spoke: Spoke, hub: Stack) -> None:
    catalogue, own = spoke.client("servicecatalog"), cloud.client("servicecatalog")
    with pytest.raises(catalogue.exceptions.ResourceNotFoundException, match="is not shared with"):
        catalogue.accept_portfolio_share(PortfolioId="port-none")
    with pytest.raises(own.exceptions.InvalidParametersException, match="an account accepts those of others"):
        own.accept_portfolio_share(PortfolioId=hub.id("Portfolio"))
    with pytest.raises(own.exceptions.InvalidParametersException, match="belongs to"):
        own.create_portfolio_share(PortfolioId=hub.id("Portfolio"), AccountId=templates.ACCOUNT)


def test_a_product_of_nobody_is_not_imported(spoke: Spoke, hub: Stack, imported: Stack) -> None:
    catalogue = spoke.client("servicecatalog")
    with pytest.raises(catalogue.exceptions.ResourceNotFoundException):
        catalogue.associate_product_with_portfolio(
            PortfolioId=imported.id("Local"), ProductId="prod-none", SourcePortfolioId=hub.id("Portfolio")
        )


def test_a_share_of_the_organisation_is_there_without_acceptance(cloud: Cloud, spoke: Spoke) -> None:
    catalogue, there = cloud.client("servicecatalog"), spoke.client("servicecatalog")
    portfolio = catalogue.create_portfolio(DisplayName="All", ProviderName="Hub", IdempotencyToken="all")
    share = {
        "PortfolioId": portfolio["PortfolioDetail"]["Id"],
        "OrganizationNode": {"Type": "ORGANIZATION", "Value": "o-a1b2c3d4e5"},
    }

    def seen() -> list[str]:
        found = there.list_accepted_portfolio_shares(PortfolioShareType="AWS_ORGANIZATIONS")["PortfolioDetails"]
        return [item["DisplayName"] for item in found]

    catalogue.create_portfolio_share(**share)
    assert seen() == ["All"]
    catalogue.delete_portfolio_share(**share)
    assert seen() == []
    catalogue.delete_portfolio(Id=share["PortfolioId"])


def test_an_ended_share_takes_the_product_away(cloud: Cloud, spoke: Spoke, hub: Stack, imported: Stack) -> None:
    catalogue = cloud.client("servicecatalog")
    share = {"PortfolioId": hub.id("Portfolio"), "AccountId": SPOKE}
    buyer = spoke.client("servicecatalog", spoke.as_role("spoke-buyer"))
    catalogue.delete_portfolio_share(**share)
    assert buyer.search_products()["ProductViewSummaries"] == []
    catalogue.create_portfolio_share(**share, ShareTagOptions=True)
    assert buyer.search_products()["ProductViewSummaries"] == []
    spoke.client("servicecatalog").accept_portfolio_share(PortfolioId=hub.id("Portfolio"))
    principal_of_the_import = {"PrincipalARN": "arn:aws:iam:::role/spoke-buyer", "PrincipalType": "IAM_PATTERN"}
    spoke.client("servicecatalog").associate_principal_with_portfolio(
        PortfolioId=hub.id("Portfolio"), **principal_of_the_import
    )
    assert len(buyer.search_products()["ProductViewSummaries"]) == 1
