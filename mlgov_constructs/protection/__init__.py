"""Keys, buckets and topics that protect data by default."""

from mlgov_constructs.protection.access_log_bucket import AccessLogBucket
from mlgov_constructs.protection.data_class import DataClass
from mlgov_constructs.protection.data_key import DataKey
from mlgov_constructs.protection.data_removal import effective_removal_policy, removal_relaxation
from mlgov_constructs.protection.encrypted_topic import EncryptedTopic
from mlgov_constructs.protection.governed_bucket import GovernedBucket
from mlgov_constructs.protection.governed_repository import GovernedRepository
from mlgov_constructs.protection.log_archive import LogArchive
from mlgov_constructs.protection.object_lock import ObjectLock, ObjectLockMode

__all__ = [
    "AccessLogBucket",
    "DataClass",
    "DataKey",
    "EncryptedTopic",
    "GovernedBucket",
    "GovernedRepository",
    "LogArchive",
    "ObjectLock",
    "ObjectLockMode",
    "effective_removal_policy",
    "removal_relaxation",
]
