"""What no role may ask of SageMaker: denies that hold whatever else a policy allows.

A negated operator also matches a request that leaves the key out, which is meant: what is
not said is not hardened. ``Null`` stands wherever a set operator would let that pass.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlgov_constructs.instance_types import instance_kinds

# Their volume is an NVMe disk with a key of its own; SageMaker refuses VolumeKmsKeyId for them.
LOCAL_STORAGE_INSTANCE_TYPES = tuple(kind.pattern for kind in instance_kinds() if kind.local_storage and kind.guarded)
JOBS = (
    "sagemaker:CreateHyperParameterTuningJob",
    "sagemaker:CreateProcessingJob",
    "sagemaker:CreateTrainingJob",
)
IN_VPC = (
    "sagemaker:CreateAutoMLJob*",
    "sagemaker:CreateCluster",
    "sagemaker:CreateDomain",
    "sagemaker:CreateModel",
    "sagemaker:CreateNotebookInstance",
    # The job definitions of monitors: data quality, model quality, bias, explainability.
    "sagemaker:Create*JobDefinition",
    *JOBS,
)
SCHEDULES = ("sagemaker:CreateMonitoringSchedule", "sagemaker:UpdateMonitoringSchedule")
KEYED_VOLUME = ("sagemaker:CreateDomain", "sagemaker:CreateNotebookInstance")
KEYED_OUTPUT = (*JOBS, "sagemaker:CreateTransformJob")


def deny(sid: str, actions: tuple[str, ...] | str, condition: Mapping[str, Any]) -> dict[str, Any]:
    """Return a statement that refuses actions on every resource under a condition.

    Example:
        >>> deny("NoRoot", "sagemaker:CreateNotebookInstance", {"Null": {"sagemaker:RootAccess": "true"}})["Effect"]
        'Deny'
    """
    named = actions if isinstance(actions, str) else list(actions)
    return {"Sid": sid, "Effect": "Deny", "Action": named, "Resource": "*", "Condition": condition}


def unencrypted_volumes() -> dict[str, Any]:
    """Return the deny of jobs whose volume has no customer managed key, where it can have one."""
    return deny(
        "JobVolumesHaveAKey",
        JOBS,
        {
            "Null": {"sagemaker:VolumeKmsKeyArn": "true"},
            "ForAnyValue:StringNotLike": {"sagemaker:InstanceTypes": list(LOCAL_STORAGE_INSTANCE_TYPES)},
        },
    )


def sagemaker_guardrails() -> list[dict[str, Any]]:
    """Return the denies: only in subnets, with keys, without internet, root and IMDSv1."""
    create, update = "sagemaker:CreateNotebookInstance", "sagemaker:UpdateNotebookInstance"
    return [
        deny("OnlyInSubnets", IN_VPC, {"Null": {"sagemaker:VpcSubnets": "true"}}),
        # A schedule that names a job definition asks for no instances and no subnets itself.
        deny(
            "SchedulesOnlyInSubnets",
            SCHEDULES,
            {"Null": {"sagemaker:InstanceTypes": "false", "sagemaker:VpcSubnets": "true"}},
        ),
        deny("VolumesHaveAKey", KEYED_VOLUME, {"Null": {"sagemaker:VolumeKmsKeyArn": "true"}}),
        unencrypted_volumes(),
        deny("OutputHasAKey", KEYED_OUTPUT, {"Null": {"sagemaker:OutputKmsKeyArn": "true"}}),
        deny("TrafficIsEncrypted", JOBS, {"BoolIfExists": {"sagemaker:InterContainerTrafficEncryption": "false"}}),
        deny("NoInternet", create, {"StringNotEquals": {"sagemaker:DirectInternetAccess": "Disabled"}}),
        deny("NoRoot", create, {"StringNotEquals": {"sagemaker:RootAccess": "Disabled"}}),
        deny("OnlyImdsV2", create, {"StringNotEquals": {"sagemaker:MinimumInstanceMetadataServiceVersion": "2"}}),
        deny("RootStaysOff", update, {"StringEquals": {"sagemaker:RootAccess": "Enabled"}}),
        deny("ImdsV1StaysOff", update, {"StringEquals": {"sagemaker:MinimumInstanceMetadataServiceVersion": "1"}}),
    ]
