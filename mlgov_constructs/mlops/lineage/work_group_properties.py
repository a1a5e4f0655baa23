"""The one place where a workgroup of Athena is governed."""

from __future__ import annotations

from typing import Any

from aws_cdk import Size

from mlgov_constructs.aws_tokens import aws_tokens

CONTROLS = ("MLG-MLO-20", "MLG-MLO-21", "MLG-MLO-22", "MLG-MLO-23", "MLG-MLO-24")
ENGINE = "Athena engine version 3"


def work_group_properties(
    *, name: str, description: str, bucket_name: str, key_arn: str, results: str, scan_limit: Size
) -> dict[str, Any]:
    """Return every property of a governed workgroup, as ``CfnWorkGroup`` takes them.

    Args:
        name: The name of the workgroup.
        description: What is asked in it.
        bucket_name: The bucket of the results.
        key_arn: The key of the results.
        results: Where they lie in the bucket.
        scan_limit: How much one query may read.
    """
    return {
        "name": name,
        "description": description,
        "state": "ENABLED",
        # The history of queries goes with the workgroup; who asked stays in the trail.
        "recursive_delete_option": True,
        "work_group_configuration": {
            "enforceWorkGroupConfiguration": True,
            "publishCloudWatchMetricsEnabled": True,
            "requesterPaysEnabled": False,
            "bytesScannedCutoffPerQuery": round(scan_limit.to_bytes()),
            "engineVersion": {"selectedEngineVersion": ENGINE},
            "resultConfiguration": {
                "outputLocation": f"s3://{bucket_name}/{results}/",
                "expectedBucketOwner": aws_tokens().account,
                "encryptionConfiguration": {"encryptionOption": "SSE_KMS", "kmsKey": key_arn},
            },
        },
    }
