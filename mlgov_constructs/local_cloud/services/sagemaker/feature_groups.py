"""Feature groups: their settings, and the Glue table of the offline store; no record is kept."""

from collections.abc import Mapping
from typing import Any

from ministack.services import glue

from mlgov_constructs.local_cloud import enforcement
from mlgov_constructs.local_cloud.errors import ServiceError
from mlgov_constructs.local_cloud.services.json_service import Operation, Request
from mlgov_constructs.local_cloud.services.sagemaker import store
from mlgov_constructs.local_cloud.services.sagemaker.kind import Kind, Record

_COLUMN_TYPES = {"Fractional": "double", "Integral": "bigint", "String": "string"}
_ADDED_COLUMNS = {"write_time": "timestamp", "api_invocation_time": "timestamp", "is_deleted": "boolean"}
_HOURS = ("year", "month", "day", "hour")
_EVENT_TIMES = ("Fractional", "String")
_SHARED_DATABASE = "sagemaker_featurestore"


def _check_create(request: Request) -> None:
    types = {each["FeatureName"]: each["FeatureType"] for each in request["FeatureDefinitions"]}
    if len(types) < len(request["FeatureDefinitions"]):
        raise ServiceError("ValidationException", "Feature definitions must have distinct names.")
    if reserved := sorted(types.keys() & _ADDED_COLUMNS.keys()):
        raise ServiceError("ValidationException", f"{reserved[0]} is a reserved feature name.")
    for name in ("RecordIdentifierFeatureName", "EventTimeFeatureName"):
        if request[name] not in types:
            raise ServiceError("ValidationException", f"{name} {request[name]} is not in the feature definitions.")
    if types[request["EventTimeFeatureName"]] not in _EVENT_TIMES:
        raise ServiceError("ValidationException", "The event time feature must be of type String or Fractional.")
    if not request.get("OnlineStoreConfig") and not request.get("OfflineStoreConfig"):
        raise ServiceError("ValidationException", "Specify OnlineStoreConfig, OfflineStoreConfig or both.")
    if request.get("OfflineStoreConfig") and not request.get("RoleArn"):
        raise ServiceError("ValidationException", "An offline store needs a RoleArn.")


def _added(request: Request, record: Record) -> Record:
    added: Record = {"FeatureGroupStatus": "Created"}
    offline = request.get("OfflineStoreConfig")
    if offline:
        resolved = _resolve(request, offline)
        if not resolved.get("DisableGlueTableCreation"):
            _create_table(request, resolved)
        added |= {"OfflineStoreConfig": resolved, "OfflineStoreStatus": {"Status": "Active"}}
    return added


def _resolve(request: Request, offline: Mapping[str, Any]) -> dict[str, Any]:
    """Returns the offline store with what the service fills in."""
    name, caller = request["FeatureGroupName"], request.caller
    base = str(offline["S3StorageConfig"]["S3Uri"]).rstrip("/")
    location = f"{base}/{caller.account}/sagemaker/{caller.region}/offline-store/{name}/data"
    table = {"Catalog": "AwsDataCatalog", "Database": _SHARED_DATABASE, "TableName": name.lower().replace("-", "_")}
    return {
        "TableFormat": "Glue",
        "DataCatalogConfig": table,
        **offline,
        "S3StorageConfig": {**offline["S3StorageConfig"], "ResolvedOutputS3Uri": location},
    }


def _create_table(request: Request, offline: Mapping[str, Any]) -> None:
    """Creates the table with the rights of the caller, as Feature Store does."""
    database, table = offline["DataCatalogConfig"]["Database"], offline["DataCatalogConfig"]["TableName"]
    if database == _SHARED_DATABASE and database not in glue._databases:
        glue._create_database({"DatabaseInput": {"Name": database}})
    caller = request.caller
    prefix = f"arn:{enforcement.partition()}:glue:{caller.region}:{caller.account}"
    for resource in ("catalog", f"database/{database}", f"table/{database}/{table}"):
        enforcement.authorize(caller, "glue:CreateTable", f"{prefix}:{resource}")
    iceberg = offline["TableFormat"] == "Iceberg"
    columns = {each["FeatureName"]: _COLUMN_TYPES[each["FeatureType"]] for each in request["FeatureDefinitions"]}
    definition = {
        "Name": table,
        "TableType": "EXTERNAL_TABLE",
        "Parameters": {"table_type": "ICEBERG"} if iceberg else {"classification": "parquet"},
        "PartitionKeys": [] if iceberg else [{"Name": name, "Type": "string"} for name in _HOURS],
        "StorageDescriptor": {
            "Columns": [{"Name": name, "Type": kind} for name, kind in {**columns, **_ADDED_COLUMNS}.items()],
            "Location": offline["S3StorageConfig"]["ResolvedOutputS3Uri"],
        },
    }
    status, _, body = glue._create_table({"DatabaseName": database, "TableInput": definition})
    if status != 200:
        raise ServiceError("ValidationException", f"The Glue table cannot be created: {body.decode()}")


def _check_update(request: Request, record: Record) -> None:
    known = {each["FeatureName"] for each in record["FeatureDefinitions"]}
    if twice := [each["FeatureName"] for each in request.get("FeatureAdditions", []) if each["FeatureName"] in known]:
        raise ServiceError("ValidationException", f"Feature {twice[0]} is in the feature group already.")
    if request.get("OnlineStoreConfig") and not record.get("OnlineStoreConfig"):
        raise ServiceError("ValidationException", "The feature group has no online store.")


def _update(request: Request) -> dict[str, Any]:
    record = store.find(FEATURE_GROUP, request)
    _check_update(request, record)
    record["FeatureDefinitions"] = [*record["FeatureDefinitions"], *request.get("FeatureAdditions", [])]
    for name in ("OnlineStoreConfig", "ThroughputConfig"):
        if name in request.parameters:
            record[name] = {**record.get(name, {}), **request[name]}
    record["LastUpdateStatus"] = {"Status": "Successful"}
    return {"FeatureGroupArn": record["FeatureGroupArn"]}


def _context(request: Request) -> dict[str, str]:
    """Returns the condition keys of the stores."""
    online, offline = request.get("OnlineStoreConfig") or {}, request.get("OfflineStoreConfig") or {}
    storage = offline.get("S3StorageConfig", {})
    values = {
        "OnlineStoreKmsKeyArn": online.get("SecurityConfig", {}).get("KmsKeyId"),
        "OfflineStoreKmsKeyArn": storage.get("KmsKeyId"),
        "OfflineStoreS3Uri": storage.get("S3Uri"),
        "EnableOnlineStore": str(online["EnableOnlineStore"]).lower() if "EnableOnlineStore" in online else None,
        "DisableGlueTableCreation": str(offline.get("DisableGlueTableCreation", False)).lower() if offline else None,
    }
    return {f"sagemaker:FeatureGroup{name}": value for name, value in values.items() if value is not None}


FEATURE_GROUP = Kind(
    noun="FeatureGroup",
    arn_path="feature-group",
    plural="FeatureGroups",
    defaults={"ThroughputConfig": {"ThroughputMode": "OnDemand"}},
    check_create=_check_create,
    added=_added,
    context=_context,
)

KINDS = (FEATURE_GROUP,)
OPERATIONS: dict[str, Operation] = {"UpdateFeatureGroup": _update}
