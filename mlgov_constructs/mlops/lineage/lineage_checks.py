"""What can be wrong with an inventory before it is deployed."""

from __future__ import annotations

import re

from aws_cdk import Size, Token
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct

from mlgov_constructs.errors import ConstructError

DATABASE_NAME = re.compile(r"[a-z0-9_]{1,255}")
WORK_GROUP_NAME = re.compile(r"[a-zA-Z0-9._-]{1,128}")
PREFIX = re.compile(r"[A-Za-z0-9_-]+(/[A-Za-z0-9_-]+)*")
SMALLEST_SCAN_MEBIBYTES = 10


def check_key(scope: Construct, construct_id: str, bucket: s3.IBucket) -> kms.IKey:
    """Return the key of the bucket; raise when it has none of its own."""
    if bucket.encryption_key is None:
        raise ConstructError(
            scope,
            construct_id,
            f"bucket {bucket.node.path} has no key of its own",
            "Pass a GovernedBucket, or import one with encryption_key=.",
        )
    return bucket.encryption_key


def check_names(scope: Construct, construct_id: str, prefix: str, database: str, work_group: str) -> None:
    """Raise when a prefix or a name has another form."""
    rules = (
        ("prefix", prefix, PREFIX, "Use words of letters, digits, - and _, with single slashes between them."),
        ("database_name", database, DATABASE_NAME, "Use lower-case letters, digits and underscores."),
        ("work_group_name", work_group, WORK_GROUP_NAME, "Use up to 128 letters, digits and ._-"),
    )
    for argument, value, pattern, fix in rules:
        if not Token.is_unresolved(value) and not pattern.fullmatch(value):
            raise ConstructError(scope, construct_id, f"{argument} {value!r} is not allowed", fix)


def check_limit(scope: Construct, construct_id: str, limit: Size) -> None:
    """Raise when Athena would refuse a limit."""
    if (found := limit.to_mebibytes()) < SMALLEST_SCAN_MEBIBYTES:
        raise ConstructError(
            scope,
            construct_id,
            f"scan_limit of {found:g} MiB is less than Athena allows",
            f"Use {SMALLEST_SCAN_MEBIBYTES} MiB or more.",
        )
