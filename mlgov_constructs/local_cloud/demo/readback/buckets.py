"""The buckets: versions, encryption, transport, public access, lock and access log."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from botocore.exceptions import ClientError

from mlgov_constructs.local_cloud.demo.readback.deployed import Deployed
from mlgov_constructs.local_cloud.demo.readback.section import Row, Section, unmet

_BLOCKS = ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets")


def read_buckets(deployed: Deployed) -> Section:
    """Reads back every bucket of an environment.

    Args:
        deployed: The environment.
    """
    s3, names = deployed.client("s3"), deployed.ids("AWS::S3::Bucket")
    targets = {name: _answer(s3.get_bucket_logging, name).get("LoggingEnabled", {}) for name in names}
    log_buckets = {target["TargetBucket"] for target in targets.values() if target}
    rows = tuple(_row(deployed, name, targets[name], is_log_bucket=name in log_buckets) for name in names)
    columns = ("Bucket", "Versions", "Encryption", "TLS", "Public access", "Object lock", "Access log")
    return Section("Buckets", columns, rows, {"there must be buckets": bool(rows)})


def _row(deployed: Deployed, name: str, target: Mapping[str, Any], *, is_log_bucket: bool) -> Row:
    s3 = deployed.client("s3")
    versioning = s3.get_bucket_versioning(Bucket=name).get("Status", "off")
    rule = s3.get_bucket_encryption(Bucket=name)["ServerSideEncryptionConfiguration"]["Rules"][0]
    default = rule["ApplyServerSideEncryptionByDefault"]
    key = deployed.key_names.get(default.get("KMSMasterKeyID", ""), "")
    tls = _least_tls(s3, name)
    block = _answer(s3.get_public_access_block, name).get("PublicAccessBlockConfiguration", {})
    blocked = all(block.get(item) for item in _BLOCKS)
    cells = (
        name,
        "on" if versioning == "Enabled" else versioning.lower(),
        (key or default["SSEAlgorithm"]).removeprefix("alias/"),
        f"{tls}+" if tls else "optional",
        "blocked" if blocked else "open",
        _lock(s3, name),
        "on" if target else "-",
    )
    demands = {
        "it must keep versions": versioning == "Enabled",
        # S3 delivers access logs only to a bucket with keys of its own.
        "it must be encrypted with a key of the environment": bool(key) or is_log_bucket,
        "it must use a bucket key": bool(rule.get("BucketKeyEnabled")) or is_log_bucket,
        "it must demand TLS 1.2": bool(tls) and float(tls) >= 1.2,
        "it must block public access": blocked,
        "its accesses must be logged": bool(target) or is_log_bucket,
    }
    return Row(cells, unmet(demands))


def _least_tls(s3: Any, bucket: str) -> str:
    """Returns the oldest TLS version that the bucket's policy does not refuse, or nothing when it admits all."""
    document = json.loads(_answer(s3.get_bucket_policy, bucket).get("Policy", '{"Statement": []}'))
    conditions = [
        item.get("Condition", {})
        for item in document["Statement"]
        if item["Effect"] == "Deny" and item.get("Principal") in ("*", {"AWS": "*"})
    ]
    insecure = any(_text(item.get("Bool", {}).get("aws:SecureTransport")) == "false" for item in conditions)
    versions = [value for item in conditions if (value := _text(item.get("NumericLessThan", {}).get("s3:TlsVersion")))]
    return max(versions, key=float) if insecure and versions else ""


def _lock(s3: Any, bucket: str) -> str:
    lock = _answer(s3.get_object_lock_configuration, bucket).get("ObjectLockConfiguration", {})
    retention = lock.get("Rule", {}).get("DefaultRetention")
    return f"{retention['Mode'].lower()}, {retention['Days']} days" if retention else "off"


def _answer(operation: Callable[..., dict[str, Any]], bucket: str) -> dict[str, Any]:
    """Returns the answer, or nothing when the bucket has no such configuration."""
    try:
        return operation(Bucket=bucket)
    except ClientError as error:
        if error.response["ResponseMetadata"]["HTTPStatusCode"] == 404:
            return {}
        raise


def _text(value: Any) -> str:
    only = value[0] if isinstance(value, list) else value
    return "" if only is None else str(only).lower()
