"""Provisioned products and the records of what was done with them."""

from typing import Any

from mlgov_constructs.local_cloud.errors import ServiceError
from mlgov_constructs.local_cloud.services.json_service import Operation, Request
from mlgov_constructs.local_cloud.services.service_catalog import ownership, stack_runs
from mlgov_constructs.local_cloud.services.service_catalog.store import (
    ProvisionedProduct,
    Record,
    Store,
    new_id,
    now,
    store_of,
    tag_list,
)

_TYPE = "CFN_STACK"


def start_record(store: Store, provisioned: ProvisionedProduct, kind: str) -> Record:
    """Opens the record of an operation."""
    record = Record(
        id=new_id("rec"),
        type=kind,
        provisioned_product_id=provisioned.id,
        name=provisioned.name,
        product_id=provisioned.product_id,
        artifact_id=provisioned.artifact_id,
        path_id=provisioned.path_id,
        tags=provisioned.tags,
        launch_role=provisioned.launch_role,
        user_arn=provisioned.user_arn,
    )
    store.records[record.id] = record
    provisioned.record_ids.append(record.id)
    provisioned.status = "UNDER_CHANGE"
    return record


def settle(store: Store, provisioned: ProvisionedProduct) -> None:
    """Closes the last record of a provisioned product when its stack has come to rest."""
    record = store.records[provisioned.record_ids[-1]]
    if record.status != "IN_PROGRESS" or not provisioned.stack_id:
        return
    record.status, provisioned.status, reason = stack_runs.outcome(provisioned)
    if record.status == "IN_PROGRESS":
        return
    record.updated = now()
    provisioned.status_message = reason
    if reason:
        record.errors = [{"Code": "CloudFormationError", "Description": reason}]
    if record.status == "SUCCEEDED":
        provisioned.successful_record_id = record.id
    if provisioned.status == "TERMINATED":
        store.provisioned.pop(provisioned.id, None)


def find_provisioned(request: Request) -> ProvisionedProduct:
    """Returns the provisioned product that a request names by id or by name, or raises."""
    wanted = [
        request.get(name)
        for name in ("ProvisionedProductId", "Id", "ProvisionedProductName", "Name")
        if request.get(name)
    ]
    for provisioned in store_of(request).provisioned.values():
        if wanted and wanted[0] in (provisioned.id, provisioned.name):
            return provisioned
    raise ServiceError("ResourceNotFoundException", f"Provisioned product {wanted} not found.")


def describe_record(request: Request) -> dict[str, Any]:
    """Describes a record; once it succeeded, with the stack's outputs."""
    store = store_of(request)
    if request["Id"] not in store.records:
        raise ServiceError("ResourceNotFoundException", f"Record {request['Id']} not found.")
    record = store.records[request["Id"]]
    provisioned = store.provisioned.get(record.provisioned_product_id)
    if provisioned:
        settle(store, provisioned)
    done = record.status == "SUCCEEDED" and record.type != "TERMINATE_PROVISIONED_PRODUCT"
    outputs = stack_runs.outputs(provisioned) if done and provisioned else []
    return {"RecordDetail": record_detail(record), "RecordOutputs": outputs}


def list_record_history(request: Request) -> dict[str, Any]:
    """Lists the records that the caller may see, newest first."""
    store = store_of(request)
    _settle_all(store)
    search = request.get("SearchFilter")
    fields = {"product": "product_id", "provisionedproduct": "provisioned_product_id"}
    records = [
        record
        for record in store.records.values()
        if ownership.is_own(request, record.user_arn)
        and (search is None or getattr(record, fields[search["Key"]]) == search["Value"])
    ]
    return {"RecordDetails": [record_detail(record) for record in reversed(records)]}


def describe_provisioned_product(request: Request) -> dict[str, Any]:
    """Describes a provisioned product."""
    store = store_of(request)
    provisioned = find_provisioned(request)
    settle(store, provisioned)
    return {"ProvisionedProductDetail": _detail(provisioned), "CloudWatchDashboards": []}


def get_outputs(request: Request) -> dict[str, Any]:
    """Lists the outputs of a provisioned product, or those of them that are asked for."""
    store = store_of(request)
    provisioned = find_provisioned(request)
    settle(store, provisioned)
    wanted = request.get("OutputKeys")
    outputs = stack_runs.outputs(provisioned)
    return {"Outputs": [item for item in outputs if wanted is None or item["OutputKey"] in wanted]}


def scan_provisioned_products(request: Request) -> dict[str, Any]:
    """Lists the provisioned products that the caller may see."""
    return {"ProvisionedProducts": [_detail(item) for item in _visible(request)]}


def search_provisioned_products(request: Request) -> dict[str, Any]:
    """Searches the provisioned products that the caller may see."""
    store = store_of(request)
    queries = [query for values in (request.get("Filters") or {}).values() for query in values]
    found = []
    for item in _visible(request):
        shown = {
            **{name: value for name, value in _detail(item).items() if name != "LaunchRoleArn"},
            "Tags": tag_list(item.tags),
            "PhysicalId": item.stack_id,
            "ProductName": item.product_name,
            "ProvisioningArtifactName": _artifact_name(store, item),
            "UserArn": item.user_arn,
            "UserArnSession": item.user_arn,
        }
        if all(_answers(query, shown) for query in queries):
            found.append(shown)
    return {"ProvisionedProducts": found, "TotalResultsCount": len(found)}


def record_detail(record: Record) -> dict[str, Any]:
    """Returns a record as the API shows it."""
    return {
        "RecordId": record.id,
        "ProvisionedProductName": record.name,
        "Status": record.status,
        "CreatedTime": record.created,
        "UpdatedTime": record.updated,
        "ProvisionedProductType": _TYPE,
        "RecordType": record.type,
        "ProvisionedProductId": record.provisioned_product_id,
        "ProductId": record.product_id,
        "ProvisioningArtifactId": record.artifact_id,
        "PathId": record.path_id,
        "RecordErrors": record.errors,
        "RecordTags": tag_list(record.tags),
        **({"LaunchRoleArn": record.launch_role} if record.launch_role else {}),
    }


def _detail(provisioned: ProvisionedProduct) -> dict[str, Any]:
    return {
        "Name": provisioned.name,
        "Arn": provisioned.arn,
        "Type": _TYPE,
        "Id": provisioned.id,
        "Status": provisioned.status,
        "StatusMessage": provisioned.status_message,
        "CreatedTime": provisioned.created,
        "LastRecordId": provisioned.record_ids[-1],
        "LastProvisioningRecordId": provisioned.record_ids[0],
        "ProductId": provisioned.product_id,
        "ProvisioningArtifactId": provisioned.artifact_id,
        **(
            {"LastSuccessfulProvisioningRecordId": provisioned.successful_record_id}
            if provisioned.successful_record_id
            else {}
        ),
        **({"LaunchRoleArn": provisioned.launch_role} if provisioned.launch_role else {}),
    }


def _visible(request: Request) -> list[ProvisionedProduct]:
    store = store_of(request)
    _settle_all(store)
    return [item for item in store.provisioned.values() if ownership.is_own(request, item.user_arn)]


def _settle_all(store: Store) -> None:
    for provisioned in list(store.provisioned.values()):
        settle(store, provisioned)


def _artifact_name(store: Store, provisioned: ProvisionedProduct) -> str:
    product = store.products.get(provisioned.product_id)
    artifact = product.artifacts.get(provisioned.artifact_id) if product else None
    return artifact.name if artifact else ""


def _answers(query: str, shown: dict[str, Any]) -> bool:
    """Tells whether a provisioned product satisfies a query: ``field:value``, or text in any field."""
    name, colon, value = query.partition(":")
    fields = {key.lower(): str(item).lower() for key, item in shown.items()}
    if colon and name.lower() in fields:
        return value.strip('"').lower() in fields[name.lower()]
    return any(query.lower() in item for item in fields.values())


OPERATIONS: dict[str, Operation] = {
    "DescribeProvisionedProduct": describe_provisioned_product,
    "DescribeRecord": describe_record,
    "GetProvisionedProductOutputs": get_outputs,
    "ListRecordHistory": list_record_history,
    "ScanProvisionedProducts": scan_provisioned_products,
    "SearchProvisionedProducts": search_provisioned_products,
}
