"""Faults of feature groups."""

from __future__ import annotations

from tests.controls.mutations.faults import Mutation, Resource, with_value, without

GROUP, DATABASE = "AWS::SageMaker::FeatureGroup", "AWS::Glue::Database"
OFFLINE, ONLINE = "Properties/OfflineStoreConfig", "Properties/OnlineStoreConfig"
OFFLINE_KEY, ONLINE_KEY = f"{OFFLINE}/S3StorageConfig/KmsKeyId", f"{ONLINE}/SecurityConfig/KmsKeyId"
CONDITIONAL = {"Fn::If": ["Online", {"EnableOnlineStore": True}, {"Ref": "AWS::NoValue"}]}


def is_online(resource: Resource) -> bool:
    """The groups with an online store that stands behind no condition."""
    return "EnableOnlineStore" in resource["Properties"].get("OnlineStoreConfig", {})


PREPARATION = (
    Mutation("MLG-PRE-01", "keeps its history without a key", GROUP, without(OFFLINE_KEY)),
    Mutation("MLG-PRE-01", "keeps its history with the key of AWS", GROUP, with_value(OFFLINE_KEY, "alias/aws/s3")),
    Mutation("MLG-PRE-02", "has an online store without a key", GROUP, without(ONLINE_KEY), is_online),
    Mutation("MLG-PRE-02", "may have an online store without a key", GROUP, with_value(ONLINE, CONDITIONAL)),
    Mutation(
        "MLG-PRE-02",
        "has an online store with the key of AWS",
        GROUP,
        with_value(ONLINE_KEY, "alias/aws/sagemaker"),
        is_online,
    ),
    Mutation("MLG-PRE-03", "keeps no history", GROUP, without(OFFLINE)),
    Mutation("MLG-PRE-03", "names no database", GROUP, without(f"{OFFLINE}/DataCatalogConfig")),
    Mutation("MLG-PRE-03", "has no table", GROUP, with_value(f"{OFFLINE}/DisableGlueTableCreation", True)),
    Mutation("MLG-PRE-04", "has no tags", GROUP, without("Properties/Tags")),
    Mutation("MLG-PRE-04", "has another tag", GROUP, with_value("Properties/Tags/*/Key", "project")),
    *(
        mutation
        for kind in (GROUP, DATABASE)
        for mutation in (
            Mutation("MLG-PRE-05", "is deleted with the stack", kind, with_value("DeletionPolicy", "Delete")),
            Mutation("MLG-PRE-05", "says nothing of deletion", kind, without("DeletionPolicy")),
            Mutation("MLG-PRE-05", "is deleted when replaced", kind, with_value("UpdateReplacePolicy", "Delete")),
        )
    ),
)
