"""Faults of the inventory's workgroup."""

from __future__ import annotations

from tests.controls.mutations.faults import Mutation, with_value, without

WORK_GROUP = "AWS::Athena::WorkGroup"
SETTINGS = "Properties/WorkGroupConfiguration"
RESULTS = f"{SETTINGS}/ResultConfiguration"
ENCRYPTION = f"{RESULTS}/EncryptionConfiguration"

LINEAGE = (
    Mutation(
        "MLG-MLO-20", "lets clients choose", WORK_GROUP, with_value(f"{SETTINGS}/EnforceWorkGroupConfiguration", False)
    ),
    Mutation("MLG-MLO-21", "encrypts with S3", WORK_GROUP, with_value(f"{ENCRYPTION}/EncryptionOption", "SSE_S3")),
    Mutation("MLG-MLO-21", "names no key", WORK_GROUP, without(f"{ENCRYPTION}/KmsKey")),
    Mutation("MLG-MLO-21", "takes the key of AWS", WORK_GROUP, with_value(f"{ENCRYPTION}/KmsKey", "alias/aws/s3")),
    Mutation("MLG-MLO-22", "reads without end", WORK_GROUP, without(f"{SETTINGS}/BytesScannedCutoffPerQuery")),
    Mutation("MLG-MLO-23", "is not measured", WORK_GROUP, without(f"{SETTINGS}/PublishCloudWatchMetricsEnabled")),
    Mutation("MLG-MLO-24", "says not where results go", WORK_GROUP, without(f"{RESULTS}/OutputLocation")),
    Mutation("MLG-MLO-24", "trusts any bucket", WORK_GROUP, without(f"{RESULTS}/ExpectedBucketOwner")),
)
