"""EFS: moto's, with the file system that IAM authorizes a request on."""

from collections.abc import Mapping
from typing import Any

from ministack.core import iam_actions
from moto.efs.models import efs_backends

from mlgov_constructs.local_cloud import enforcement, moto_bridge

handle_request = moto_bridge.handle
_MOUNT_TARGETS = "mount-targets"


def install() -> None:
    """Names the file system of a request about mount targets, which the emulator leaves open; to be called once."""
    resource_of = iam_actions.extract_resource_arn

    def extract_resource_arn(service: str, method: str, path: str, *rest: Any) -> str:
        _, _, query, region, account = rest
        if service == "elasticfilesystem" and (file_system := _file_system(path, query, region, account)):
            return f"arn:{enforcement.partition()}:elasticfilesystem:{region}:{account}:file-system/{file_system}"
        return str(resource_of(service, method, path, *rest))

    iam_actions.extract_resource_arn = extract_resource_arn


def _file_system(path: str, query: Mapping[str, Any], region: str, account: str) -> str:
    """Returns the file system that a request names in its query, or whose mount target it names in its path."""
    if named := query.get("FileSystemId"):
        return str(named[0] if isinstance(named, list) else named)
    parts = path.strip("/").split("/")
    if _MOUNT_TARGETS not in parts[:-1]:
        return ""
    target = efs_backends[account][region].mount_targets_by_id.get(parts[parts.index(_MOUNT_TARGETS) + 1])
    return str(target.file_system_id) if target else ""
