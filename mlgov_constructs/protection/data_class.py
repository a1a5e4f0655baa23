"""What kind of data a bucket holds, and so what becomes of it over time."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from aws_cdk import Duration
from aws_cdk import aws_s3 as s3

INCOMPLETE_UPLOAD_DAYS = 7


class DataClass(StrEnum):
    """The kinds of data of an ML platform; each has its lifecycle.

    Every class aborts incomplete uploads after 7 days. Nothing but ``TRANSIENT`` ever
    expires a current version. The cold storage class is Glacier Instant Retrieval, so no
    job finds its input archived.

    | class | current versions | old versions |
    |---|---|---|
    | ``RAW`` | Intelligent-Tiering after 30 days, Glacier after 180 | kept 365 days |
    | ``CURATED`` | Intelligent-Tiering after 30 days | kept 180 days |
    | ``ARTIFACTS`` | Intelligent-Tiering after 30 days | Glacier after 30 days, kept 730 |
    | ``TRANSIENT`` | deleted after 30 days | kept 7 days |
    | ``LOGS`` | Glacier after 90 days | kept 90 days |

    Source:
        https://docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-transition-general-considerations.html

    Example:
        >>> [rule.id for rule in DataClass.CURATED.lifecycle_rules]
        ['curated']
    """

    RAW = "raw"
    CURATED = "curated"
    ARTIFACTS = "artifacts"
    TRANSIENT = "transient"
    LOGS = "logs"

    @property
    def lifecycle_rules(self) -> list[s3.LifecycleRule]:
        """The lifecycle of the bucket."""
        return [_rule(self)]


@dataclass(frozen=True, slots=True)
class _Lifecycle:
    """Days from creation, or from becoming an old version."""

    old_kept: int
    tiering: int | None = None
    glacier: int | None = None
    old_glacier: int | None = None
    expiration: int | None = None


_LIFECYCLES = {
    DataClass.RAW: _Lifecycle(tiering=30, glacier=180, old_kept=365),
    DataClass.CURATED: _Lifecycle(tiering=30, old_kept=180),
    DataClass.ARTIFACTS: _Lifecycle(tiering=30, old_glacier=30, old_kept=730),
    DataClass.TRANSIENT: _Lifecycle(expiration=30, old_kept=7),
    DataClass.LOGS: _Lifecycle(glacier=90, old_kept=90),
}


@cache
def _rule(data_class: DataClass) -> s3.LifecycleRule:
    days = _LIFECYCLES[data_class]
    glacier = s3.StorageClass.GLACIER_INSTANT_RETRIEVAL
    stages = ((s3.StorageClass.INTELLIGENT_TIERING, days.tiering), (glacier, days.glacier))
    transitions = [
        s3.Transition(storage_class=storage_class, transition_after=Duration.days(after))
        for storage_class, after in stages
        if after is not None
    ]
    return s3.LifecycleRule(
        id=data_class.value,
        abort_incomplete_multipart_upload_after=Duration.days(INCOMPLETE_UPLOAD_DAYS),
        transitions=transitions or None,
        expiration=None if days.expiration is None else Duration.days(days.expiration),
        # S3 refuses the clean-up of delete markers beside an expiration, which does it too.
        expired_object_delete_marker=True if days.expiration is None else None,
        noncurrent_version_expiration=Duration.days(days.old_kept),
        noncurrent_version_transitions=None
        if days.old_glacier is None
        else [
            s3.NoncurrentVersionTransition(storage_class=glacier, transition_after=Duration.days(days.old_glacier)),
        ],
    )
