"""Operations of end users before they provision: what they may see, by which path, with which parameters."""

import fnmatch
import hashlib
import json
from dataclasses import dataclass
from typing import Any

from mlgov_constructs.local_cloud import enforcement
from mlgov_constructs.local_cloud.errors import ServiceError
from mlgov_constructs.local_cloud.services.json_service import Operation, Request
from mlgov_constructs.local_cloud.services.service_catalog import templates
from mlgov_constructs.local_cloud.services.service_catalog.products import (
    find_artifact,
    matches,
    product_view_summary,
)
from mlgov_constructs.local_cloud.services.service_catalog.store import (
    Artifact,
    Constraint,
    Portfolio,
    Product,
    store_of,
)


@dataclass(frozen=True)
class Path:
    """A launch path: the portfolio by which a caller reaches a product."""

    portfolio: Portfolio
    constraints: list[Constraint]
    tag_options: dict[str, list[str]]

    @property
    def id(self) -> str:
        """The path's id, the same for the same portfolio."""
        return "lpv3-" + hashlib.sha256(self.portfolio.id.encode()).hexdigest()[:13]

    @property
    def name(self) -> str:
        """The path's name."""
        return str(self.portfolio.details["DisplayName"])

    def parameters(self, kind: str) -> dict[str, Any]:
        """Returns the parameters of the constraints of one type, later ones last."""
        merged: dict[str, Any] = {}
        for constraint in self.constraints:
            if constraint.type == kind:
                merged.update(json.loads(constraint.parameters))
        return merged

    @property
    def rules(self) -> dict[str, Any]:
        """The rules of all template constraints."""
        rules: dict[str, Any] = {}
        for constraint in self.constraints:
            if constraint.type == "TEMPLATE":
                rules.update(json.loads(constraint.parameters)["Rules"])
        return rules


def search_products(request: Request) -> dict[str, Any]:
    """Lists the products that the caller may provision."""
    products = [
        product
        for product in store_of(request).visible_products().values()
        if _paths(request, product) and matches(product, request.get("Filters") or {})
    ]
    reverse = request.get("SortOrder") == "DESCENDING"
    products.sort(key=lambda product: str(product.details["Name"]), reverse=reverse)
    summaries = [product_view_summary(product) for product in products]
    return {"ProductViewSummaries": summaries, "ProductViewAggregations": {}}


def describe_product(request: Request) -> dict[str, Any]:
    """Describes a product to an end user, with the versions that may be provisioned."""
    product = store_of(request).product_named(request)
    paths = reachable_paths(request, product)
    return {**_view(product), "Budgets": [], "LaunchPaths": [{"Id": path.id, "Name": path.name} for path in paths]}


def describe_product_view(request: Request) -> dict[str, Any]:
    """Describes a product by the id that a search gave."""
    product = store_of(request).visible_product(request["Id"].replace("prodview-", "prod-"))
    reachable_paths(request, product)
    return _view(product)


def list_launch_paths(request: Request) -> dict[str, Any]:
    """Lists the paths by which the caller reaches a product."""
    product = store_of(request).visible_product(request["ProductId"])
    summaries = [
        {
            "Id": path.id,
            "Name": path.name,
            "ConstraintSummaries": _summaries(path),
            "Tags": [{"Key": key, "Value": values[0]} for key, values in path.tag_options.items() if len(values) == 1],
        }
        for path in reachable_paths(request, product)
    ]
    return {"LaunchPathSummaries": summaries}


def describe_provisioning_parameters(request: Request) -> dict[str, Any]:
    """Describes what a user must and may give to provision a version."""
    _, artifact, path = choice(request)
    template = templates.parse(artifact.template)
    outputs = template.get("Outputs") or {}
    rules = [{"Type": "rules", "Value": json.dumps(path.rules)}] if path.rules else []
    return {
        "ProvisioningArtifactParameters": templates.parameters(template),
        "ConstraintSummaries": _summaries(path),
        "UsageInstructions": [{"Type": "version", "Value": artifact.description}, *rules],
        "TagOptions": [{"Key": key, "Values": values} for key, values in path.tag_options.items()],
        "ProvisioningArtifactOutputKeys": [
            {"Key": key, "Description": value.get("Description", "")} for key, value in outputs.items()
        ],
    }


def choice(request: Request) -> tuple[Product, Artifact, Path]:
    """Returns product, version and path that a request names.

    Raises:
        ServiceError: One does not exist or is not open to the caller, or several paths lead to the product.
    """
    product = store_of(request).product_named(request)
    paths = reachable_paths(request, product)
    artifact = find_artifact(product, request)
    wanted = request.get("PathId") or request.get("PathName")
    found = [path for path in paths if wanted in (None, path.id, path.name)]
    if not found:
        raise ServiceError("ResourceNotFoundException", f"Launch path {wanted} of {product.id} not found.")
    if len(found) > 1:
        names = ", ".join(path.id for path in found)
        raise ServiceError("InvalidParametersException", f"{product.id} has several launch paths, name one of: {names}")
    return product, artifact, found[0]


def reachable_paths(request: Request, product: Product) -> list[Path]:
    """Returns the caller's paths to a product, or raises as if the product did not exist."""
    paths = _paths(request, product)
    if not paths:
        raise ServiceError("ResourceNotFoundException", f"No launch paths found for resource: {product.id}")
    return paths


def _paths(request: Request, product: Product) -> list[Path]:
    store = store_of(request)
    return [
        Path(portfolio, store.constraints_on(portfolio, product.id), store.tag_options_on(portfolio, product.id))
        for portfolio in store.visible_portfolios().values()
        if product.id in portfolio.product_ids and _may_use(request.caller, portfolio)
    ]


def _may_use(caller: enforcement.Caller, portfolio: Portfolio) -> bool:
    """Tells whether a portfolio is open to the caller; without enforcement the account itself sees everything."""
    if caller.is_root and not enforcement.is_enforced():
        return True
    who = caller.role_arn or caller.arn
    without_account = ":".join([*who.split(":")[:4], "", *who.split(":")[5:]])
    return any(
        fnmatch.fnmatchcase(without_account, principal) if kind == "IAM_PATTERN" else principal == who
        for principal, kind in portfolio.principals.items()
    )


def _view(product: Product) -> dict[str, Any]:
    artifacts = [
        {
            "Id": item.id,
            "Name": item.name,
            "Description": item.description,
            "CreatedTime": item.created,
            "Guidance": item.guidance,
        }
        for item in product.artifacts.values()
        if item.active
    ]
    return {"ProductViewSummary": product_view_summary(product), "ProvisioningArtifacts": artifacts}


def _summaries(path: Path) -> list[dict[str, str]]:
    return [{"Type": item.type, "Description": item.description} for item in path.constraints]


OPERATIONS: dict[str, Operation] = {
    "DescribeProduct": describe_product,
    "DescribeProductView": describe_product_view,
    "DescribeProvisioningParameters": describe_provisioning_parameters,
    "ListLaunchPaths": list_launch_paths,
    "SearchProducts": search_products,
}
