"""Where data rests, and under which key."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mlgov_constructs.diagram.estate import Estate
from mlgov_constructs.diagram.part import Part
from mlgov_constructs.diagram.shapes import mappings, within

BUCKET, TABLE, LOG_GROUP, REGISTRY = (
    "AWS::S3::Bucket",
    "AWS::DynamoDB::Table",
    "AWS::Logs::LogGroup",
    "AWS::SageMaker::ModelPackageGroup",
)
KEY, ALIAS = "AWS::KMS::Key", "AWS::KMS::Alias"
KINDS = {BUCKET: "bucket", TABLE: "table", LOG_GROUP: "log group", REGISTRY: "registry of models"}
# The rule of a bucket's life cycle is called after the class of its data.
DATA_CLASSES = ("raw", "curated", "artifacts", "transient", "logs")
# They name keys, and encrypt nothing with them.
MERE_NAMES = ("AWS::IAM::", "AWS::SSM::", ALIAS, "AWS::S3::BucketPolicy", "AWS::CloudFormation::")


@dataclass(frozen=True, slots=True)
class Store:
    """Something that keeps data.

    Attributes:
        part: Its resource.
        kind: What it is, in a word or two.
        data_class: The class of its data; empty when nothing tells.
        key: What encrypts it.
        protection: What else protects it.
    """

    part: Part
    kind: str
    data_class: str
    key: str
    protection: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Key:
    """A key and what it encrypts.

    Attributes:
        name: Its alias, or its own name.
        rotates: Whether AWS replaces its material every year.
        encrypts: The names of what it encrypts.
    """

    name: str
    rotates: bool
    encrypts: tuple[str, ...]


def stores_of(estate: Estate, log_groups: set[Part]) -> list[Store]:
    """Return the stores of an estate: data first, by class, then logs.

    Args:
        estate: The templates.
        log_groups: The log groups that count: those that a trail or the network writes to.
    """
    found = [
        _store(estate, each)
        for each in estate.of_type(BUCKET, TABLE, LOG_GROUP, REGISTRY)
        if each.type != LOG_GROUP or each in log_groups
    ]
    return sorted(found, key=_order)


def keys_of(estate: Estate) -> list[Key]:
    """Return the keys of an estate.

    Args:
        estate: The templates.
    """
    users: dict[Part, list[str]] = {key: [] for key in estate.of_type(KEY)}
    for part in estate.parts:
        if not part.type.startswith(MERE_NAMES):
            for each in estate.referred(part, part.properties):
                if each.type == KEY:
                    users[each].append(part.name)
    return [
        Key(_key_name(estate, key), key.properties.get("EnableKeyRotation") is True, tuple(names))
        for key, names in users.items()
    ]


def _store(estate: Estate, part: Part) -> Store:
    properties = part.properties
    names = [rule.get("Id") for rule in mappings(within(properties, "LifecycleConfiguration", "Rules"))]
    return Store(
        part=part,
        kind=KINDS[part.type],
        data_class=next((each for each in DATA_CLASSES if each in names), ""),
        key=_encryption(estate, part),
        protection=tuple(_protection(estate, part)),
    )


def _encryption(estate: Estate, part: Part) -> str:
    if part.type == REGISTRY:
        return "key of SageMaker"
    encrypting = {
        key: value
        for key, value in part.properties.items()
        if key in ("BucketEncryption", "SSESpecification", "KmsKeyId")
    }
    keys = [each for each in estate.referred(part, encrypting) if each.type == KEY]
    if keys:
        return f"key {_key_name(estate, keys[0])}"
    if "aws:kms" in str(encrypting) or "KmsKeyId" in encrypting:
        return "key from elsewhere"
    return "key of the service"


def _key_name(estate: Estate, key: Part) -> str:
    for alias in estate.of_type(ALIAS):
        if key in estate.referred(alias, alias.properties.get("TargetKeyId")):
            return estate.text(alias, alias.properties.get("AliasName", "")).removeprefix("alias/")
    return key.name


def _protection(estate: Estate, part: Part) -> list[str]:
    properties: Mapping[str, Any] = part.properties
    found = []
    if part.type == BUCKET:
        status = within(properties, "VersioningConfiguration", "Status")
        found.append("versions" if status == "Enabled" else "no versions")
        lock = within(properties, "ObjectLockConfiguration", "Rule", "DefaultRetention")
        found += [f"lock {within(lock, unit)} {unit.lower()}" for unit in ("Days", "Years") if within(lock, unit)]
        if "LoggingConfiguration" not in properties:
            found.append("no access log")
    if part.type == TABLE:
        recovers = within(properties, "PointInTimeRecoverySpecification", "PointInTimeRecoveryEnabled")
        found.append("recovery" if recovers is True else "no recovery")
    if "RetentionInDays" in properties:
        found.append(f"kept {properties['RetentionInDays']} days")
    return found


def _order(store: Store) -> tuple[bool, bool, int, str]:
    logs = store.data_class == "logs" or store.part.type == LOG_GROUP
    ranks = {name: number for number, name in enumerate(DATA_CLASSES)}
    return logs, store.part.launched, ranks.get(store.data_class, len(ranks)), store.part.type
