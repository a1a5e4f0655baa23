"""How CloudFormation's spelling of a bucket's configuration becomes the S3 API's."""

from collections.abc import Callable, Mapping
from typing import Any

from mlgov_constructs.local_cloud.errors import UnmodelledPropertyError

_Value = Any


def to_api(name: str, value: _Value) -> _Value:
    """Returns the bucket property ``name`` as the S3 API takes it.

    Args:
        name: The property of ``AWS::S3::Bucket``; of the list properties, ``value`` is one item.
        value: Its value in the template.

    Raises:
        UnmodelledPropertyError: The value has a part that is not modelled.
    """
    return _TRANSLATORS.get(name, _unchanged)(value)


def _unchanged(value: _Value) -> _Value:
    return value


def _rename(where: str, value: Mapping[str, _Value], names: Mapping[str, str]) -> dict[str, _Value]:
    if unknown := [name for name in value if name not in names]:
        raise UnmodelledPropertyError(f"AWS::S3::Bucket {where}", unknown, list(names))
    return {names[name]: item for name, item in value.items()}


def _same(*names: str) -> dict[str, str]:
    return {name: name for name in names}


def _encryption(value: _Value) -> _Value:
    names = {"ServerSideEncryptionByDefault": "ApplyServerSideEncryptionByDefault", **_same("BucketKeyEnabled")}
    rules = value["ServerSideEncryptionConfiguration"]
    renamed = [_rename("BucketEncryption rule", rule, names) for rule in rules]
    for rule in renamed:
        default = rule.get("ApplyServerSideEncryptionByDefault")
        if default and default.get("SSEAlgorithm") == "aws:kms" and "KMSMasterKeyID" not in default:
            # S3 then takes its own managed key; the emulator wants it named.
            rule["ApplyServerSideEncryptionByDefault"] = {**default, "KMSMasterKeyID": "alias/aws/s3"}
    return {"Rules": renamed}


def _lifecycle(value: _Value) -> _Value:
    names = _same("Rules", "TransitionDefaultMinimumObjectSize")
    rules = _rename("LifecycleConfiguration", value, names)["Rules"]
    return {"Rules": [_lifecycle_rule(rule) for rule in rules]}


_DIRECT = {"Id": "ID", **_same("AbortIncompleteMultipartUpload", "NoncurrentVersionExpiration", "Status")}
_TRANSITION = {"TransitionInDays": "Days", "TransitionDate": "Date", **_same("StorageClass")}
_NONCURRENT = {"TransitionInDays": "NoncurrentDays", **_same("NewerNoncurrentVersions", "StorageClass")}
_EXPIRATION = {"ExpirationInDays": "Days", "ExpirationDate": "Date", **_same("ExpiredObjectDeleteMarker")}
_FILTER = ("Prefix", "TagFilters", "ObjectSizeGreaterThan", "ObjectSizeLessThan")
_RULE = (
    *_DIRECT,
    *_EXPIRATION,
    *_FILTER,
    "NoncurrentVersionExpirationInDays",
    "NoncurrentVersionTransition",
    "NoncurrentVersionTransitions",
    "Transition",
    "Transitions",
)


def _lifecycle_rule(rule: Mapping[str, _Value]) -> _Value:
    if unknown := [name for name in rule if name not in _RULE]:
        raise UnmodelledPropertyError("AWS::S3::Bucket lifecycle rule", unknown, list(_RULE))
    result = {api: rule[name] for name, api in _DIRECT.items() if name in rule}
    if expiration := {api: rule[name] for name, api in _EXPIRATION.items() if name in rule}:
        result["Expiration"] = expiration
    if "NoncurrentVersionExpirationInDays" in rule:
        result["NoncurrentVersionExpiration"] = {"NoncurrentDays": rule["NoncurrentVersionExpirationInDays"]}
    if transitions := _items(rule, "Transition"):
        result["Transitions"] = [_rename("lifecycle transition", item, _TRANSITION) for item in transitions]
    if transitions := _items(rule, "NoncurrentVersionTransition"):
        result["NoncurrentVersionTransitions"] = [
            _rename("lifecycle transition", item, _NONCURRENT) for item in transitions
        ]
    result["Filter"] = _lifecycle_filter(rule)
    return result


def _items(rule: Mapping[str, _Value], name: str) -> list[Mapping[str, _Value]]:
    return list(rule.get(f"{name}s") or ([rule[name]] if name in rule else []))


def _lifecycle_filter(rule: Mapping[str, _Value]) -> dict[str, _Value]:
    parts = {name: rule[name] for name in ("Prefix", "ObjectSizeGreaterThan", "ObjectSizeLessThan") if name in rule}
    tags = rule.get("TagFilters") or []
    if len(parts) + len(tags) > 1:
        return {"And": {**parts, **({"Tags": tags} if tags else {})}}
    if tags:
        return {"Tag": tags[0]}
    return parts or {"Prefix": ""}


def _logging(value: _Value) -> _Value:
    names = {
        "DestinationBucketName": "TargetBucket",
        "LogFilePrefix": "TargetPrefix",
        **_same("TargetObjectKeyFormat"),
    }
    enabled = _rename("LoggingConfiguration", value, names)
    return {"LoggingEnabled": {"TargetPrefix": "", **enabled}}


def _notification(value: _Value) -> _Value:
    names = _same("EventBridgeConfiguration", "LambdaConfigurations", "QueueConfigurations", "TopicConfigurations")
    given = _rename("NotificationConfiguration", value, names)
    result: dict[str, _Value] = {}
    if "EventBridgeConfiguration" in given:
        result["EventBridgeConfiguration"] = {}
    for kind, target, api_target, api_list in (
        ("LambdaConfigurations", "Function", "LambdaFunctionArn", "LambdaFunctionConfigurations"),
        ("QueueConfigurations", "Queue", "QueueArn", "QueueConfigurations"),
        ("TopicConfigurations", "Topic", "TopicArn", "TopicConfigurations"),
    ):
        if kind in given:
            result[api_list] = [_target(item, target, api_target) for item in given[kind]]
    return result


def _target(item: Mapping[str, _Value], target: str, api_target: str) -> dict[str, _Value]:
    renamed = _rename("notification", item, {"Event": "Events", target: api_target, **_same("Filter")})
    renamed["Events"] = [renamed["Events"]]
    if "Filter" in renamed:
        renamed["Filter"] = {"Key": {"FilterRules": renamed["Filter"]["S3Key"]["Rules"]}}
    return renamed


def _cors(value: _Value) -> _Value:
    names = {
        "ExposedHeaders": "ExposeHeaders",
        "MaxAge": "MaxAgeSeconds",
        "Id": "ID",
        **_same("AllowedHeaders", "AllowedMethods", "AllowedOrigins"),
    }
    return {"CORSRules": [_rename("CorsConfiguration rule", rule, names) for rule in value["CorsRules"]]}


def _filter(item: dict[str, _Value]) -> dict[str, _Value]:
    """Moves a configuration's ``Prefix`` and ``TagFilters`` into the API's ``Filter``."""
    prefix, tags = item.pop("Prefix", None), item.pop("TagFilters", None) or []
    if (prefix is not None and tags) or len(tags) > 1:
        both = {"Tags": tags, **({"Prefix": prefix} if prefix is not None else {})}
        return {**item, "Filter": {"And": both}}
    if tags:
        return {**item, "Filter": {"Tag": tags[0]}}
    return {**item, "Filter": {"Prefix": prefix}} if prefix is not None else item


def _analytics(value: _Value) -> _Value:
    item = _filter(_rename("analytics", value, _same("Id", "Prefix", "StorageClassAnalysis", "TagFilters")))
    export = item["StorageClassAnalysis"].get("DataExport")
    if export:
        destination = {"S3BucketDestination": _destination(export["Destination"])}
        item["StorageClassAnalysis"] = {"DataExport": {**export, "Destination": destination}}
    return item


def _inventory(value: _Value) -> _Value:
    names = {
        "Enabled": "IsEnabled",
        "ScheduleFrequency": "Schedule",
        **_same("Destination", "Id", "IncludedObjectVersions", "OptionalFields", "Prefix"),
    }
    item = _filter(_rename("inventory", value, names))
    item["Destination"] = {"S3BucketDestination": _destination(item["Destination"])}
    item["Schedule"] = {"Frequency": item["Schedule"]}
    return item


def _destination(value: Mapping[str, _Value]) -> dict[str, _Value]:
    names = {"BucketAccountId": "AccountId", "BucketArn": "Bucket", **_same("Format", "Prefix")}
    return _rename("destination", value, names)


def _tiering(value: _Value) -> _Value:
    return _filter(_rename("intelligent tiering", value, _same("Id", "Prefix", "Status", "TagFilters", "Tierings")))


def _metrics(value: _Value) -> _Value:
    return _filter(_rename("metrics", value, _same("Id", "Prefix", "TagFilters")))


_TRANSLATORS: dict[str, Callable[[_Value], _Value]] = {
    "AnalyticsConfigurations": _analytics,
    "BucketEncryption": _encryption,
    "CorsConfiguration": _cors,
    "IntelligentTieringConfigurations": _tiering,
    "InventoryConfigurations": _inventory,
    "LifecycleConfiguration": _lifecycle,
    "LoggingConfiguration": _logging,
    "MetricsConfigurations": _metrics,
    "NotificationConfiguration": _notification,
}
