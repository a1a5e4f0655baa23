"""Operations that provision, change and terminate products: each runs a stack as the launch role."""

from typing import Any

from mlgov_constructs.local_cloud import enforcement
from mlgov_constructs.local_cloud.errors import ServiceError
from mlgov_constructs.local_cloud.services.json_service import Operation, Request
from mlgov_constructs.local_cloud.services.service_catalog import own, stack_runs, templates
from mlgov_constructs.local_cloud.services.service_catalog.browsing import Path, choice
from mlgov_constructs.local_cloud.services.service_catalog.records import (
    find_provisioned,
    record_detail,
    settle,
    start_record,
)
from mlgov_constructs.local_cloud.services.service_catalog.store import (
    ProvisionedProduct,
    make_arn,
    new_id,
    store_of,
    tag_list,
    tag_map,
)


def provision_product(request: Request) -> dict[str, Any]:
    """Provisions a version of a product as a stack of its own."""
    store = store_of(request)
    product, artifact, path = choice(request)
    if not artifact.active:
        raise ServiceError("InvalidParametersException", f"Provisioning artifact {artifact.id} is not active.")
    if path.parameters("STACKSET"):
        raise ServiceError("UnsupportedOperation", "The local cloud does not provision stack sets.", 501)
    name = request["ProvisionedProductName"]
    if any(item.name == name for item in store.provisioned.values()):
        raise ServiceError("DuplicateResourceException", f"A provisioned product named {name} exists already.")
    tags = _with_tag_options(tag_map(request.get("Tags")), path)
    identifier = new_id("pp")
    provisioned = ProvisionedProduct(
        id=identifier,
        arn=make_arn(request, f"stack/{name}/{identifier}").replace(":catalog:", ":servicecatalog:"),
        name=name,
        product_id=product.id,
        product_name=product.details["Name"],
        artifact_id=artifact.id,
        path_id=path.id,
        user_arn=request.caller.arn,
        launch_role=_launch_role(request, path),
        tags=tags,
        stack_name=f"SC-{request.caller.account}-{identifier}",
    )
    store.provisioned[identifier] = provisioned
    record = start_record(store, provisioned, "PROVISION_PRODUCT")
    topics = [*(request.get("NotificationArns") or []), *path.parameters("NOTIFICATION").get("NotificationArns", [])]
    template = templates.with_rules(artifact.template, path.rules)
    with stack_runs.recorded(provisioned, record), templates.staged(template, own.clients()) as url:
        cloudformation = stack_runs.client(provisioned, request)
        answer = cloudformation.create_stack(
            StackName=provisioned.stack_name,
            TemplateURL=url,
            Parameters=_parameters(request),
            Capabilities=["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM"],
            NotificationARNs=topics,
            Tags=tag_list(tags),
        )
        provisioned.stack_id = answer["StackId"]
    return {"RecordDetail": record_detail(record)}


def update_provisioned_product(request: Request) -> dict[str, Any]:
    """Updates a provisioned product to another version or other parameters."""
    store = store_of(request)
    provisioned = find_provisioned(request)
    settle(store, provisioned)
    _refuse_while_changing(provisioned)
    present = {
        "ProvisioningArtifact": provisioned.artifact_id,
        "Product": provisioned.product_id,
        "Path": provisioned.path_id,
    }
    # What the request names neither by id nor by name stays as it is.
    named = {f"{what}Id": present[what] for what in present if f"{what}Name" not in request.parameters}
    product, artifact, path = choice(Request(request.operation, {**named, **request.parameters}, request.caller))
    if "Tags" in request.parameters:
        _check_tag_update(path)
        provisioned.tags = _with_tag_options(tag_map(request["Tags"]), path)
    provisioned.artifact_id, provisioned.product_id, provisioned.path_id = artifact.id, product.id, path.id
    provisioned.launch_role = _launch_role(request, path)
    record = start_record(store, provisioned, "UPDATE_PROVISIONED_PRODUCT")
    template = templates.with_rules(artifact.template, path.rules)
    with stack_runs.recorded(provisioned, record), templates.staged(template, own.clients()) as url:
        stack_runs.client(provisioned, request).update_stack(
            StackName=provisioned.stack_name,
            TemplateURL=url,
            Parameters=_parameters(request),
            Capabilities=["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM"],
            Tags=tag_list(provisioned.tags),
        )
    return {"RecordDetail": record_detail(record)}


def terminate_provisioned_product(request: Request) -> dict[str, Any]:
    """Terminates a provisioned product and deletes its stack, or leaves the stack when asked to."""
    store = store_of(request)
    provisioned = find_provisioned(request)
    settle(store, provisioned)
    if not request.get("IgnoreErrors"):
        _refuse_while_changing(provisioned)
    record = start_record(store, provisioned, "TERMINATE_PROVISIONED_PRODUCT")
    if not provisioned.stack_id or request.get("RetainPhysicalResources") or request.get("IgnoreErrors"):
        record.status = "SUCCEEDED"
        del store.provisioned[provisioned.id]
    else:
        with stack_runs.recorded(provisioned, record):
            stack_runs.client(provisioned, request).delete_stack(StackName=provisioned.stack_name)
    return {"RecordDetail": record_detail(record)}


def _parameters(request: Request) -> list[dict[str, Any]]:
    result: list[dict[str, Any]] = []
    for item in request.get("ProvisioningParameters") or []:
        if item.get("UsePreviousValue"):
            result.append({"ParameterKey": item["Key"], "UsePreviousValue": True})
        else:
            result.append({"ParameterKey": item["Key"], "ParameterValue": item.get("Value", "")})
    return result


def _launch_role(request: Request, path: Path) -> str:
    """Returns the role of the launch constraint; without one, the caller's own role makes the resources."""
    parameters = path.parameters("LAUNCH")
    if name := parameters.get("LocalRoleName"):
        return f"arn:{enforcement.partition()}:iam::{request.caller.account}:role/{name}"
    return str(parameters.get("RoleArn", ""))


def _with_tag_options(tags: dict[str, str], path: Path) -> dict[str, str]:
    """Adds the tags that have one value only, and checks those of which the user chooses one."""
    result = dict(tags)
    for key, values in path.tag_options.items():
        if len(values) == 1:
            result.setdefault(key, values[0])
        if result.get(key) not in values:
            allowed = ", ".join(values)
            found = f"is {result[key]}" if key in result else "is missing"
            raise ServiceError("InvalidParametersException", f"Tag {key} {found}; its tag options are: {allowed}")
    return result


def _check_tag_update(path: Path) -> None:
    properties = path.parameters("RESOURCE_UPDATE").get("Properties", {})
    if properties.get("TagUpdateOnProvisionedProduct") != "ALLOWED":
        message = "Tags cannot be updated: no RESOURCE_UPDATE constraint allows it."
        raise ServiceError("InvalidParametersException", message)


def _refuse_while_changing(provisioned: ProvisionedProduct) -> None:
    if provisioned.status == "UNDER_CHANGE":
        raise ServiceError("InvalidStateException", f"Provisioned product {provisioned.id} is under change.")


OPERATIONS: dict[str, Operation] = {
    "ProvisionProduct": provision_product,
    "TerminateProvisionedProduct": terminate_provisioned_product,
    "UpdateProvisionedProduct": update_provisioned_product,
}
