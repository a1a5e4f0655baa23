"""What all steps that start jobs have in common."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from aws_cdk import Duration, Token

from mlgov_constructs.instance_types import has_local_storage, instance_kind
from mlgov_constructs.steps.job_settings import JobSettings
from mlgov_constructs.steps.pipeline_parameter import PipelineParameter
from mlgov_constructs.steps.pipeline_step import PipelineStep, Problem
from mlgov_constructs.steps.pipeline_value import PipelineValue
from mlgov_constructs.steps.retry_policy import DEFAULT_RETRIES, RetryPolicy

INSTANCE_TYPE = re.compile(r"ml\.[a-z0-9-]+\.[a-z0-9]+")
LONGEST_CACHE_DAYS = 365
FIX_TYPE = "Use another type, for example ml.m5.xlarge or ml.g5.xlarge."
# https://docs.aws.amazon.com/sagemaker/latest/dg/pipelines-retry-policy.html
RETRIED_TYPES = ("Processing", "Training", "Transform", "Tuning")


@dataclass(frozen=True, kw_only=True)
class JobStep(PipelineStep):
    """A step that starts a job.

    Attributes:
        instance_type: The type of the machines, or a parameter.
        instance_count: How many machines.
        volume_gib: The disk of each machine, in GiB; encrypted with the environment's key.
        max_runtime: The job is stopped after it, and the step fails; one hour by default.
        cache: For how long the result of an equal job is taken instead; never when omitted.
        retries: When the job is tried again; after faults of SageMaker and a lack of machines,
            where SageMaker tries steps of this type again at all.
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
        kind = self.instance_type
        key = {} if isinstance(kind, str) and has_local_storage(kind) else {"VolumeKmsKeyId": settings.key_arn}
        return {
            "InstanceCount": self.instance_count,
            "InstanceType": self.instance_type,
            "VolumeSizeInGB": self.volume_gib,
            **key,
        }

    def machine_types(self) -> Sequence[str | PipelineValue]:
        """Return the types of all machines."""
        return (self.instance_type,)

    def problems(self) -> Iterator[Problem]:
        """Yield what is wrong with the step itself."""
        yield from super().problems()
        for kind in self.machine_types():
            yield from _type_problems(f"step {self.name!r}", known_type(kind))
        if self.instance_count < 1:
            yield Problem(f"step {self.name!r} has {self.instance_count} instances", "Use one or more.")
        if self.cache is not None and not 1 <= self.cache.to_hours() <= LONGEST_CACHE_DAYS * 24:
            yield Problem(f"step {self.name!r} has a cache that nobody can use", "Keep results one hour to 365 days.")
        if self.TYPE not in RETRIED_TYPES and self.retries not in (DEFAULT_RETRIES, (), []):
            yield Problem(
                f"step {self.name!r} has retries, and SageMaker tries no {self.TYPE} step again", "Leave retries out."
            )

    def render(self, settings: JobSettings) -> dict[str, Any]:
        """Return the step as a pipeline definition has it.

        Args:
            settings: Where and as whom jobs run.
        """
        step = super().render(settings)
        if self.retries and self.TYPE in RETRIED_TYPES:
            step["RetryPolicies"] = [policy.render() for policy in self.retries]
        if self.cache is not None:
            step["CacheConfig"] = {"Enabled": True, "ExpireAfter": f"PT{int(self.cache.to_hours())}H"}
        return step


def known_type(instance_type: str | PipelineValue) -> str | None:
    """Return the instance type, or the default of a parameter with it; nothing where it is known later.

    Args:
        instance_type: The type, or a parameter.
    """
    kind = instance_type.default if isinstance(instance_type, PipelineParameter) else instance_type
    return kind if isinstance(kind, str) and not Token.is_unresolved(kind) else None


def _type_problems(where: str, kind: str | None) -> Iterator[Problem]:
    if kind is None:
        return
    if not INSTANCE_TYPE.fullmatch(kind):
        yield Problem(f"{where} has the instance type {kind!r}", "Write it with ml., for example ml.m5.xlarge.")
    elif not instance_kind(kind).jobs:
        yield Problem(f"{where} has the instance type {kind!r}, which SageMaker offers for serving only", FIX_TYPE)
    elif has_local_storage(kind) and not instance_kind(kind).guarded:
        yield Problem(
            f"{where} has the instance type {kind!r}, whose disk takes no key: the guardrails of roles refuse it",
            FIX_TYPE,
        )


def whole_seconds(duration: Duration | None, *, default: float) -> float:
    """Return the seconds of a duration as a whole number, or as the token that they are.

    Args:
        duration: The duration.
        default: What stands for ``None``.
    """
    seconds = default if duration is None else duration.to_seconds()
    return seconds if Token.is_unresolved(seconds) else int(seconds)
