"""Operations on products and their versions, as administrators see them."""

from typing import Any

from mlgov_constructs.local_cloud.errors import ServiceError
from mlgov_constructs.local_cloud.services.json_service import Operation, Request
from mlgov_constructs.local_cloud.services.service_catalog import own, templates
from mlgov_constructs.local_cloud.services.service_catalog.store import (
    Artifact,
    Product,
    make_arn,
    new_id,
    store_of,
    tag_list,
    tag_map,
)

_DETAILS = ("Description", "Distributor", "Name", "Owner", "SupportDescription", "SupportEmail", "SupportUrl")
_TYPE = "CLOUD_FORMATION_TEMPLATE"


def create_product(request: Request) -> dict[str, Any]:
    """Creates a product with its first version."""
    if request["ProductType"] != _TYPE:
        raise ServiceError("InvalidParametersException", f"The local cloud models products of type {_TYPE} only.")
    if "ProvisioningArtifactParameters" not in request.parameters:
        raise ServiceError("InvalidParametersException", "ProvisioningArtifactParameters is missing.")
    identifier = new_id("prod")
    details = {name: request[name] for name in _DETAILS if name in request.parameters}
    product = Product(identifier, make_arn(request, f"product/{identifier}"), details, tag_map(request.get("Tags")))
    artifact = _add_artifact(product, request["ProvisioningArtifactParameters"])
    store_of(request).products[identifier] = product
    return {
        "ProductViewDetail": product_view_detail(product),
        "ProvisioningArtifactDetail": artifact_detail(artifact),
        "Tags": tag_list(product.tags),
    }


def describe_product_as_admin(request: Request) -> dict[str, Any]:
    """Describes a product with its versions, tags and tag options."""
    store = store_of(request)
    product = store.product_named(request)
    names = ("Id", "Name", "Description", "CreatedTime")
    summaries = [{key: artifact_detail(item)[key] for key in names} for item in product.artifacts.values()]
    options = [
        {"Id": item.id, "Key": item.key, "Value": item.value, "Active": item.active, "Owner": item.owner}
        for item in store.tag_options.values()
        if product.id in item.resource_ids
    ]
    return {
        "ProductViewDetail": product_view_detail(product),
        "ProvisioningArtifactSummaries": summaries,
        "Tags": tag_list(product.tags),
        "TagOptions": options,
        "Budgets": [],
    }


def search_products_as_admin(request: Request) -> dict[str, Any]:
    """Lists products, of one portfolio or of all."""
    store = store_of(request)
    products = list(store.visible_products().values())
    if portfolio_id := request.get("PortfolioId"):
        held = store.visible_portfolio(portfolio_id).product_ids
        products = [product for product in products if product.id in held]
    found = [product for product in products if matches(product, request.get("Filters") or {})]
    return {"ProductViewDetails": [product_view_detail(product) for product in found]}


def update_product(request: Request) -> dict[str, Any]:
    """Changes names, descriptions and tags."""
    product = store_of(request).product(request["Id"])
    product.details.update({name: request[name] for name in _DETAILS if name in request.parameters})
    for key in request.get("RemoveTags") or []:
        product.tags.pop(key, None)
    product.tags.update(tag_map(request.get("AddTags")))
    return {"ProductViewDetail": product_view_detail(product), "Tags": tag_list(product.tags)}


def delete_product(request: Request) -> dict[str, Any]:
    """Deletes a product that is in no portfolio."""
    store = store_of(request)
    product = store.product(request["Id"])
    if any(product.id in portfolio.product_ids for portfolio in store.portfolios.values()):
        raise ServiceError("ResourceInUseException", f"Product {product.id} is in a portfolio.")
    if any(product.id in option.resource_ids for option in store.tag_options.values()):
        raise ServiceError("ResourceInUseException", f"Product {product.id} has tag options.")
    del store.products[product.id]
    return {}


def create_artifact(request: Request) -> dict[str, Any]:
    """Adds a version to a product."""
    artifact = _add_artifact(store_of(request).product(request["ProductId"]), request["Parameters"])
    return {"ProvisioningArtifactDetail": artifact_detail(artifact), "Info": artifact.info, "Status": "AVAILABLE"}


def describe_artifact(request: Request) -> dict[str, Any]:
    """Describes a version; with ``Verbose``, also its template's parameters."""
    product = store_of(request).product_named(request)
    artifact = find_artifact(product, request)
    detail = artifact_detail(artifact)
    answer: dict[str, Any] = {"ProvisioningArtifactDetail": detail, "Info": artifact.info, "Status": "AVAILABLE"}
    if request.get("IncludeProvisioningArtifactParameters"):
        answer["ProvisioningArtifactParameters"] = templates.parameters(templates.parse(artifact.template))
    return answer


def list_artifacts(request: Request) -> dict[str, Any]:
    """Lists a product's versions."""
    product = store_of(request).visible_product(request["ProductId"])
    return {"ProvisioningArtifactDetails": [artifact_detail(item) for item in product.artifacts.values()]}


def update_artifact(request: Request) -> dict[str, Any]:
    """Changes a version's name, description, guidance and whether it may be provisioned."""
    artifact = find_artifact(store_of(request).product(request["ProductId"]), request)
    artifact.name = request.get("Name", artifact.name)
    artifact.description = request.get("Description", artifact.description)
    artifact.active = request.get("Active", artifact.active)
    artifact.guidance = request.get("Guidance", artifact.guidance)
    return {"ProvisioningArtifactDetail": artifact_detail(artifact), "Info": artifact.info, "Status": "AVAILABLE"}


def delete_artifact(request: Request) -> dict[str, Any]:
    """Deletes a version; the last one stays."""
    product = store_of(request).product(request["ProductId"])
    artifact = find_artifact(product, request)
    if len(product.artifacts) == 1:
        raise ServiceError("ResourceInUseException", f"{artifact.id} is the last version of {product.id}.")
    del product.artifacts[artifact.id]
    return {}


def find_artifact(product: Product, request: Request) -> Artifact:
    """Returns the version that a request names by id or by name, or raises."""
    wanted = request.get("ProvisioningArtifactId") or request.get("ProvisioningArtifactName")
    for artifact in product.artifacts.values():
        if wanted in (artifact.id, artifact.name):
            return artifact
    raise ServiceError("ResourceNotFoundException", f"Provisioning artifact {wanted} of {product.id} not found.")


def matches(product: Product, filters: dict[str, list[str]]) -> bool:
    """Tells whether a product satisfies the filters of a search."""
    details = product.details
    fields = {
        "FullTextSearch": " ".join(str(value) for value in details.values()).lower(),
        "Owner": details["Owner"].lower(),
        "ProductType": _TYPE.lower(),
        "SourceProductId": "",
    }
    return all(any(value.lower() in fields[name] for value in values) for name, values in filters.items())


def product_view_summary(product: Product) -> dict[str, Any]:
    """Returns a product as end users see it."""
    names = {name: name for name in _DETAILS} | {"Description": "ShortDescription"}
    shown = {names[name]: value for name, value in product.details.items()}
    view_id = product.id.replace("prod-", "prodview-")
    return {"Id": view_id, "ProductId": product.id, "Type": _TYPE, "HasDefaultPath": False, **shown}


def product_view_detail(product: Product) -> dict[str, Any]:
    """Returns a product as administrators see it."""
    return {
        "ProductViewSummary": product_view_summary(product),
        "Status": "AVAILABLE",
        "ProductARN": product.arn,
        "CreatedTime": product.created,
    }


def artifact_detail(artifact: Artifact) -> dict[str, Any]:
    """Returns a version as the API shows it."""
    return {
        "Id": artifact.id,
        "Name": artifact.name,
        "Description": artifact.description,
        "Type": _TYPE,
        "CreatedTime": artifact.created,
        "Active": artifact.active,
        "Guidance": artifact.guidance,
    }


def _add_artifact(product: Product, properties: dict[str, Any]) -> Artifact:
    info = properties["Info"]
    if "LoadTemplateFromURL" not in info:
        raise ServiceError("InvalidParametersException", "The local cloud loads templates by LoadTemplateFromURL only.")
    text = templates.load(info["LoadTemplateFromURL"], own.clients())
    if not properties.get("DisableTemplateValidation"):
        templates.parse(text)
    identifier = new_id("pa")
    name, description = properties.get("Name", ""), properties.get("Description", "")
    product.artifacts[identifier] = Artifact(identifier, name, description, info, text)
    return product.artifacts[identifier]


OPERATIONS: dict[str, Operation] = {
    "CreateProduct": create_product,
    "CreateProvisioningArtifact": create_artifact,
    "DeleteProduct": delete_product,
    "DeleteProvisioningArtifact": delete_artifact,
    "DescribeProductAsAdmin": describe_product_as_admin,
    "DescribeProvisioningArtifact": describe_artifact,
    "ListProvisioningArtifacts": list_artifacts,
    "SearchProductsAsAdmin": search_products_as_admin,
    "UpdateProduct": update_product,
    "UpdateProvisioningArtifact": update_artifact,
}
