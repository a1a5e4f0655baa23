"""The portfolio as Service Catalog tells of it: products, versions, launch roles, principals, tag options."""

import json
from typing import Any

from mlgov_constructs.local_cloud.demo.readback.deployed import Deployed
from mlgov_constructs.local_cloud.demo.readback.section import Row, Section, unmet


def read_catalog(deployed: Deployed) -> Section:
    """Reads back every product of every portfolio of an environment.

    Args:
        deployed: The environment.
    """
    catalog = deployed.client("servicecatalog")
    rows = []
    for portfolio_id in deployed.ids("AWS::ServiceCatalog::Portfolio"):
        portfolio = catalog.describe_portfolio(Id=portfolio_id)
        for item in catalog.search_products_as_admin(PortfolioId=portfolio_id)["ProductViewDetails"]:
            rows.append(_row(catalog, portfolio, item["ProductViewSummary"]))
    columns = ("Product", "Portfolio", "Versions", "Launched by", "Open to", "Tag options")
    return Section("Catalogue", columns, tuple(rows), {"there must be a product in a portfolio": bool(rows)})


def _row(catalog: Any, portfolio: dict[str, Any], product: dict[str, Any]) -> Row:
    portfolio_id, product_id = portfolio["PortfolioDetail"]["Id"], product["ProductId"]
    versions = [
        item["Name"]
        for item in catalog.list_provisioning_artifacts(ProductId=product_id)["ProvisioningArtifactDetails"]
        if item["Active"]
    ]
    launch = [
        catalog.describe_constraint(Id=item["ConstraintId"])
        for item in catalog.list_constraints_for_portfolio(PortfolioId=portfolio_id, ProductId=product_id)[
            "ConstraintDetails"
        ]
        if item["Type"] == "LAUNCH"
    ]
    principals = [
        item["PrincipalARN"].rsplit("/", 1)[-1]
        for item in catalog.list_principals_for_portfolio(PortfolioId=portfolio_id)["Principals"]
    ]
    options = [f"{item['Key']}={item['Value']}" for item in portfolio.get("TagOptions", []) if item["Active"]]
    cells = (
        product["Name"],
        portfolio["PortfolioDetail"]["DisplayName"],
        ", ".join(versions),
        ", ".join(_role(item) for item in launch) or "its user",
        ", ".join(principals),
        ", ".join(options),
    )
    demands = {
        "it must have a version": bool(versions),
        "it must have a launch role": len(launch) == 1,
        "it must be open to named principals": bool(principals) and not {"*"} & {*principals},
        "it must have tag options": bool(options),
    }
    return Row(cells, unmet(demands))


def _role(constraint: dict[str, Any]) -> str:
    parameters = json.loads(constraint["ConstraintParameters"])
    name: str = parameters.get("LocalRoleName") or parameters["RoleArn"].rsplit("/", 1)[-1]
    return name
