"""What all steps that start jobs have in common."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from aws_cdk import Duration, Token

from mlgov_constructs.identity.sagemaker_guardrails import LOCAL_STORAGE_INSTANCE_TYPES
from mlgov_constructs.steps.job_settings import JobSettings
from mlgov_constructs.steps.pipeline_step import PipelineStep, Problem
from mlgov_constructs.steps.pipeline_value import PipelineValue
from mlgov_constructs.steps.retry_policy import DEFAULT_RETRIES, RetryPolicy

INSTANCE_TYPE = re.compile(r"ml\.[a-z0-9-]+\.[a-z0-9]+")
LONGEST_CACHE_DAYS = 365


@dataclass(frozen=True, kw_only=True)
class JobStep(PipelineStep):
    """A step that starts a job.

    Attributes:
        instance_type: The type of the machines, or a parameter.
        instance_count: How many machines.
        volume_gib: The disk of each machine, in GiB; encrypted with the environment's key.
        max_runtime: The job is stopped after it, and the step fails; one hour by default.
        cache: For how long the result of an equal job is taken instead; never when omitted.
        retries: When the job is tried again; after faults of SageMaker and a lack of machines.
    """

    instance_type: str | PipelineValue = "ml.m5.xlarge"
    instance_count: int = 1
    volume_gib: int = 30
    max_runtime: Duration | None = None
    cache: Duration | None = None
    retries: Sequence[RetryPolicy] = DEFAULT_RETRIES

    @property
    def runtime_seconds(self) -> float:
        """The longest run, in seconds; it may be a token, and nothing must be reckoned with that."""
        return whole_seconds(self.max_runtime, default=3600)

    def machines(self, settings: JobSettings) -> dict[str, Any]:
        """Return machines and volume, with the key where the type takes one."""
        key = {} if self._has_local_storage() else {"VolumeKmsKeyId": settings.key_arn}
        return {
            "InstanceCount": self.instance_count,
            "InstanceType": self.instance_type,
            "VolumeSizeInGB": self.volume_gib,
            **key,
        }

    def problems(self) -> Iterator[Problem]:
        """Yield what is wrong with the step itself."""
        yield from super().problems()
        kind = self.instance_type
        if isinstance(kind, str) and not Token.is_unresolved(kind) and not INSTANCE_TYPE.fullmatch(kind):
            yield Problem(
                f"step {self.name!r} has the instance type {kind!r}", "Write it with ml., for example ml.m5.xlarge."
            )
        if self.instance_count < 1:
            yield Problem(f"step {self.name!r} has {self.instance_count} instances", "Use one or more.")
        if self.cache is not None and not 1 <= self.cache.to_hours() <= LONGEST_CACHE_DAYS * 24:
            yield Problem(f"step {self.name!r} has a cache that nobody can use", "Keep results one hour to 365 days.")

    def render(self, settings: JobSettings) -> dict[str, Any]:
        """Return the step as a pipeline definition has it.

        Args:
            settings: Where and as whom jobs run.
        """
        step = super().render(settings)
        if self.retries:
            step["RetryPolicies"] = [policy.render() for policy in self.retries]
        if self.cache is not None:
            step["CacheConfig"] = {"Enabled": True, "ExpireAfter": f"PT{int(self.cache.to_hours())}H"}
        return step

    def _has_local_storage(self) -> bool:
        kind = self.instance_type
        return isinstance(kind, str) and any(fnmatch.fnmatch(kind, each) for each in LOCAL_STORAGE_INSTANCE_TYPES)


def whole_seconds(duration: Duration | None, *, default: float) -> float:
    """Return the seconds of a duration as a whole number, or as the token that they are.

    Args:
        duration: The duration.
        default: What stands for ``None``.
    """
    seconds = default if duration is None else duration.to_seconds()
    return seconds if Token.is_unresolved(seconds) else int(seconds)
