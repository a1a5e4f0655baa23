"""Operations on constraints and tag options."""

import json
from typing import Any

from mlgov_constructs.local_cloud.errors import ServiceError
from mlgov_constructs.local_cloud.services.json_service import Operation, Request
from mlgov_constructs.local_cloud.services.service_catalog.store import Constraint, TagOption, new_id, store_of

# What the parameters of each type of constraint must have, at least one of them.
_PARAMETERS = {
    "LAUNCH": ("RoleArn", "LocalRoleName"),
    "NOTIFICATION": ("NotificationArns",),
    "RESOURCE_UPDATE": ("Properties",),
    "STACKSET": ("Properties",),
    "TEMPLATE": ("Rules",),
}
_ONCE = ("LAUNCH", "STACKSET")


def create_constraint(request: Request) -> dict[str, Any]:
    """Creates a constraint on a product in a portfolio."""
    store = store_of(request)
    portfolio, product = store.portfolio(request["PortfolioId"]), store.visible_product(request["ProductId"])
    kind = request["Type"]
    if product.id not in portfolio.product_ids:
        raise ServiceError("ResourceNotFoundException", f"Product {product.id} is not in portfolio {portfolio.id}.")
    _check(kind, request["Parameters"])
    present = {item.type for item in store.constraints_of(portfolio.id, product.id)}
    if kind in _ONCE and present & set(_ONCE):
        message = f"Product {product.id} has a launch or stack set constraint in portfolio {portfolio.id} already."
        raise ServiceError("DuplicateResourceException", message)
    constraint = Constraint(
        new_id("cons"),
        kind,
        request.get("Description", ""),
        portfolio.id,
        product.id,
        request["Parameters"],
        request.caller.account,
    )
    store.constraints[constraint.id] = constraint
    return _answer(constraint)


def describe_constraint(request: Request) -> dict[str, Any]:
    """Describes a constraint."""
    return _answer(store_of(request).constraint(request["Id"]))


def list_constraints(request: Request) -> dict[str, Any]:
    """Lists the constraints of a portfolio, or of a product in it, those of its owner included."""
    store = store_of(request)
    portfolio = store.visible_portfolio(request["PortfolioId"])
    wanted = [item for item in portfolio.product_ids if request.get("ProductId", item) == item]
    found = [constraint for item in wanted for constraint in store.constraints_on(portfolio, item)]
    return {"ConstraintDetails": [_detail(item) for item in found]}


def update_constraint(request: Request) -> dict[str, Any]:
    """Changes a constraint's description and parameters."""
    constraint = store_of(request).constraint(request["Id"])
    if parameters := request.get("Parameters"):
        _check(constraint.type, parameters)
        constraint.parameters = parameters
    constraint.description = request.get("Description", constraint.description)
    return _answer(constraint)


def delete_constraint(request: Request) -> dict[str, Any]:
    """Deletes a constraint."""
    store = store_of(request)
    del store.constraints[store.constraint(request["Id"]).id]
    return {}


def create_tag_option(request: Request) -> dict[str, Any]:
    """Creates a tag option."""
    store = store_of(request)
    if any((item.key, item.value) == (request["Key"], request["Value"]) for item in store.tag_options.values()):
        message = f"Tag option {request['Key']}={request['Value']} exists already."
        raise ServiceError("DuplicateResourceException", message)
    option = TagOption(new_id("tag"), request["Key"], request["Value"], request.caller.account)
    store.tag_options[option.id] = option
    return {"TagOptionDetail": _option_detail(option)}


def describe_tag_option(request: Request) -> dict[str, Any]:
    """Describes a tag option."""
    return {"TagOptionDetail": _option_detail(store_of(request).tag_option(request["Id"]))}


def list_tag_options(request: Request) -> dict[str, Any]:
    """Lists tag options, perhaps of one key or value."""
    filters = request.get("Filters") or {}
    details = [_option_detail(item) for item in store_of(request).tag_options.values()]
    found = [item for item in details if all(item[name] == value for name, value in filters.items())]
    return {"TagOptionDetails": found}


def update_tag_option(request: Request) -> dict[str, Any]:
    """Changes a tag option's value and whether it is active."""
    option = store_of(request).tag_option(request["Id"])
    option.value = request.get("Value", option.value)
    option.active = request.get("Active", option.active)
    return {"TagOptionDetail": _option_detail(option)}


def delete_tag_option(request: Request) -> dict[str, Any]:
    """Deletes a tag option that holds nothing any more."""
    store = store_of(request)
    option = store.tag_option(request["Id"])
    if option.resource_ids:
        raise ServiceError("ResourceInUseException", f"Tag option {option.id} is associated with resources.")
    del store.tag_options[option.id]
    return {}


def associate_tag_option(request: Request) -> dict[str, Any]:
    """Associates a tag option with a portfolio or a product."""
    store = store_of(request)
    option, resource_id = store.tag_option(request["TagOptionId"]), request["ResourceId"]
    if resource_id not in store.portfolios and resource_id not in store.products:
        raise ServiceError("ResourceNotFoundException", f"{resource_id} is neither a portfolio nor a product.")
    if resource_id in option.resource_ids:
        raise ServiceError("DuplicateResourceException", f"{option.id} is associated with {resource_id} already.")
    option.resource_ids.append(resource_id)
    return {}


def disassociate_tag_option(request: Request) -> dict[str, Any]:
    """Takes a tag option from a portfolio or a product."""
    option = store_of(request).tag_option(request["TagOptionId"])
    if request["ResourceId"] not in option.resource_ids:
        message = f"{option.id} is not associated with {request['ResourceId']}."
        raise ServiceError("ResourceNotFoundException", message)
    option.resource_ids.remove(request["ResourceId"])
    return {}


def list_resources(request: Request) -> dict[str, Any]:
    """Lists what a tag option is associated with."""
    store = store_of(request)
    details = []
    for resource_id in store.tag_option(request["TagOptionId"]).resource_ids:
        item = store.portfolios.get(resource_id) or store.product(resource_id)
        name = item.details.get("DisplayName") or item.details.get("Name")
        details.append({"Id": item.id, "ARN": item.arn, "Name": name, "CreatedTime": item.created})
    return {"ResourceDetails": details}


def _check(kind: str, text: str) -> None:
    if kind not in _PARAMETERS:
        known = ", ".join(_PARAMETERS)
        raise ServiceError("InvalidParametersException", f"Constraint type {kind} is not one of: {known}")
    try:
        parameters = json.loads(text)
    except ValueError:
        parameters = None
    if not isinstance(parameters, dict) or not any(name in parameters for name in _PARAMETERS[kind]):
        wanted = " or ".join(_PARAMETERS[kind])
        raise ServiceError("InvalidParametersException", f"A {kind} constraint's parameters are JSON with {wanted}.")


def _detail(constraint: Constraint) -> dict[str, Any]:
    return {
        "ConstraintId": constraint.id,
        "Type": constraint.type,
        "Description": constraint.description,
        "Owner": constraint.owner,
        "ProductId": constraint.product_id,
        "PortfolioId": constraint.portfolio_id,
    }


def _answer(constraint: Constraint) -> dict[str, Any]:
    detail = _detail(constraint)
    return {"ConstraintDetail": detail, "ConstraintParameters": constraint.parameters, "Status": "AVAILABLE"}


def _option_detail(option: TagOption) -> dict[str, Any]:
    names = {"Id": option.id, "Key": option.key, "Value": option.value}
    return {**names, "Active": option.active, "Owner": option.owner}


OPERATIONS: dict[str, Operation] = {
    "AssociateTagOptionWithResource": associate_tag_option,
    "CreateConstraint": create_constraint,
    "CreateTagOption": create_tag_option,
    "DeleteConstraint": delete_constraint,
    "DeleteTagOption": delete_tag_option,
    "DescribeConstraint": describe_constraint,
    "DescribeTagOption": describe_tag_option,
    "DisassociateTagOptionFromResource": disassociate_tag_option,
    "ListConstraintsForPortfolio": list_constraints,
    "ListResourcesForTagOption": list_resources,
    "ListTagOptions": list_tag_options,
    "UpdateConstraint": update_constraint,
    "UpdateTagOption": update_tag_option,
}
