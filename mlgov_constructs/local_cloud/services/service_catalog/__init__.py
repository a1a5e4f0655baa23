"""AWS Service Catalog: a product is provisioned as a real stack, made by its launch role."""

import json

from mlgov_constructs.local_cloud import enforcement
from mlgov_constructs.local_cloud.services.json_service import JsonService, Request
from mlgov_constructs.local_cloud.services.service_catalog import (
    browsing,
    constraints,
    imports,
    ownership,
    portfolios,
    products,
    provisioning,
    records,
)
from mlgov_constructs.local_cloud.services.service_catalog.store import make_arn, reset, tag_map

__all__ = ["SERVICE", "reset"]

_MODULES = (browsing, constraints, imports, portfolios, products, provisioning, records)
_OPERATIONS = {name: operation for module in _MODULES for name, operation in module.OPERATIONS.items()}


def _authorize(request: Request) -> None:
    tags = tag_map(request.get("Tags"))
    context: dict[str, object] = {f"aws:RequestTag/{key}": value for key, value in tags.items()}
    context |= ownership.level_keys(request)
    if tags:
        context["aws:TagKeys"] = list(tags)
    enforcement.authorize(request.caller, f"servicecatalog:{request.operation}", _resource(request), context)
    if request.operation == "CreateConstraint" and request.get("Type") == "LAUNCH":
        role = json.loads(request["Parameters"]).get("RoleArn")
        if role:
            enforcement.check_pass_role(request.caller, role, "servicecatalog")


def _resource(request: Request) -> str:
    """Returns the ARN of the product or portfolio that an operation is authorized on."""
    product = request.get("ProductId") or (request.get("Id") if "Product" in request.operation else None)
    if product and str(product).startswith("prod-"):
        return make_arn(request, f"product/{product}")
    portfolio = request.get("PortfolioId") or (request.get("Id") if "Portfolio" in request.operation else None)
    return make_arn(request, f"portfolio/{portfolio}") if portfolio else "*"


SERVICE = JsonService("servicecatalog", _OPERATIONS, _authorize)
