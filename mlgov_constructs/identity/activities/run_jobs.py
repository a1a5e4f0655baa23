"""Run training, tuning and processing jobs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from mlgov_constructs.aws_tokens import aws_tokens
from mlgov_constructs.identity.activities.activity import Activity, Statement, allow
from mlgov_constructs.identity.activities.conditions import of_project, tagged
from mlgov_constructs.identity.job_environment import JobEnvironment
from mlgov_constructs.identity.sagemaker_guardrails import unencrypted_volumes

KINDS = {
    "HyperParameterTuningJob": "hyper-parameter-tuning-job",
    "ProcessingJob": "processing-job",
    "TrainingJob": "training-job",
}


@dataclass(frozen=True)
class RunJobs(Activity):
    """Train, tune and process: in the environment's subnets, with its key, isolated, and tagged.

    ``PassRoles`` and ``AttachToNetwork`` are needed beside it.

    Attributes:
        project: The project whose tag each job must carry.
        environment: The network and the key that each job must use.
        instance_types: Patterns of the instance types that jobs may use; all when empty.
        max_runtime_seconds: The longest that a job may ask for, in seconds; no limit when ``None``.

    Example:
        ``RunJobs("churn", environment, instance_types=["ml.m5.*"]).statements()``
    """

    project: str
    environment: JobEnvironment
    instance_types: Sequence[str] = ()
    max_runtime_seconds: int | None = None

    def statements(self) -> list[Statement]:
        """Return the policy statements, in JSON."""
        tokens = aws_tokens()
        jobs = [tokens.arn("sagemaker", f"{kind}/*") for kind in KINDS.values()]
        create = [f"sagemaker:Create{kind}" for kind in KINDS]
        creating = {"StringEquals": {"sagemaker:TaggingAction": [f"Create{kind}" for kind in KINDS]}}
        follow = [f"sagemaker:{verb}{kind}" for verb in ("Describe", "Stop") for kind in KINDS]
        return [
            allow("RunJobs", create, jobs, self._condition()),
            unencrypted_volumes(),
            allow("TagNewJobs", "sagemaker:AddTags", jobs, creating),
            allow("FollowJobs", follow, jobs, of_project(self.project)),
        ]

    def _condition(self) -> dict[str, Any]:
        network, key = self.environment.network_condition(), self.environment.key_arn
        condition: dict[str, Any] = {
            **network,
            **tagged(self.project),
            "Null": {**network["Null"], "sagemaker:OutputKmsKeyArn": "false"},
            "ArnEquals": {"sagemaker:OutputKmsKeyArn": key},
            # An instance with a local disk takes no key; the deny holds all others to it.
            "ArnEqualsIfExists": {"sagemaker:VolumeKmsKeyArn": key},
            "Bool": {
                "sagemaker:InterContainerTrafficEncryption": "true",
                "sagemaker:NetworkIsolation": "true",
            },
        }
        if self.instance_types:
            condition["ForAllValues:StringLike"] = {"sagemaker:InstanceTypes": list(self.instance_types)}
            condition["Null"]["sagemaker:InstanceTypes"] = "false"
        if self.max_runtime_seconds is not None:
            condition["NumericLessThanEquals"] = {"sagemaker:MaxRuntimeInSeconds": str(self.max_runtime_seconds)}
        return condition
