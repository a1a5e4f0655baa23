"""AddTags, DeleteTags and ListTags of the resources that the local cloud keeps itself."""

from collections.abc import Mapping
from typing import Any

from mlgov_constructs.local_cloud.services.json_service import Operation, Request
from mlgov_constructs.local_cloud.services.sagemaker import store


def _add(request: Request) -> dict[str, Any]:
    tags = store.tags[request["ResourceArn"]]
    tags.update({tag["Key"]: tag["Value"] for tag in request["Tags"]})
    return {"Tags": _as_list(tags)}


def _delete(request: Request) -> dict[str, Any]:
    for key in request["TagKeys"]:
        store.tags[request["ResourceArn"]].pop(key, None)
    return {}


def _list(request: Request) -> dict[str, Any]:
    return {"Tags": _as_list(store.tags[request["ResourceArn"]])}


def _as_list(tags: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in sorted(tags.items())]


OPERATIONS: dict[str, Operation] = {"AddTags": _add, "DeleteTags": _delete, "ListTags": _list}
