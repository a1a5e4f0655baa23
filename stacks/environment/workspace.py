"""The workspace of an environment: notebooks, Studio, experiments, packages, code."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, ValidationInfo, WrapValidator, field_validator

from stacks.environment.instance_types import NOTEBOOK_INSTANCE_TYPES
from stacks.environment.settings import (
    Matching,
    Refusal,
    Settings,
    suggestion,
    validate_and_refuse,
    validate_named_once,
)
from stacks.environment.studio import StudioSettings


def _known_instance_type(value: str) -> str:
    if value not in NOTEBOOK_INSTANCE_TYPES:
        close = suggestion(value, NOTEBOOK_INSTANCE_TYPES)
        msg = f"must be an instance type that SageMaker notebooks run on, such as 'ml.t3.medium'{close}"
        raise ValueError(msg)
    return value


InstanceType = Annotated[
    str, AfterValidator(_known_instance_type), Field(json_schema_extra={"enum": list(NOTEBOOK_INSTANCE_TYPES)})
]
SizeName = Annotated[
    str, Matching(r"[a-z][a-z0-9-]{0,19}", "up to 20 lower-case letters, digits and hyphens, such as 'small'")
]
PackageName = Annotated[
    str,
    Matching(
        r"[a-z0-9]+(-[a-z0-9]+)*~?",
        "a package with its normalised name, such as 'numpy', or a beginning, as in 'types~'",
    ),
]
RepositoryName = Annotated[
    str, Matching(r"[A-Za-z0-9._-]{1,100}", "up to 100 letters, digits, '.', '_' and '-', such as 'churn'")
]


class WorkspaceSettings(Settings):
    """What data scientists work with, and what they may choose."""

    sizes: Annotated[Mapping[SizeName, InstanceType], Field(min_length=1)] = {
        "small": "ml.t3.medium",
        "medium": "ml.m5.xlarge",
        "large": "ml.m5.4xlarge",
    }
    """The sizes on offer: the name that the data scientist sees, to the instance type."""

    default_size: Annotated[str, Field(validate_default=True)] = "small"
    """The size that is chosen unless another is; one of `sizes`."""

    idle_minutes: Annotated[int, Field(ge=10, le=1440)] = 60
    """Minutes without work after which a notebook stops itself, 10 to 1440."""

    max_volume_gib: Annotated[int, Field(ge=5, le=16384)] = 100
    """Largest volume that may be chosen, in GiB, 5 to 16384."""

    studio: StudioSettings | None = StudioSettings()
    """The Studio domain; none when `null`."""

    mlflow: Literal["none", "app", "small", "medium", "large"] = "none"
    """Experiment tracking: a server of a size, which costs by the hour, or an app, which does not."""

    packages: tuple[PackageName, ...] = ()
    """Python packages that may come from the public index; without one there is no package repository."""

    own_packages: tuple[PackageName, ...] = ()
    """Python packages of one's own, which the public index can never replace."""

    code_repositories: Annotated[tuple[RepositoryName, ...], WrapValidator(validate_named_once)] = ()
    """Git repositories in CodeCommit."""

    @field_validator("default_size")
    @classmethod
    def _on_offer(cls, size: str, info: ValidationInfo) -> str:
        sizes = info.data.get("sizes")
        if sizes is not None and size not in sizes:
            msg = f"must be one of the sizes: {', '.join(sizes)}{suggestion(size, sizes)}"
            raise ValueError(msg)
        return size

    @field_validator("studio", mode="wrap")
    @classmethod
    def _volume_within_largest(
        cls, studio: object, handler: Callable[[Any], StudioSettings | None], info: ValidationInfo
    ) -> StudioSettings | None:
        largest = info.data.get("max_volume_gib")
        volume = studio.get("default_volume_gib") if isinstance(studio, Mapping) else None
        refusals = []
        if largest is not None and isinstance(volume, int) and volume > largest:
            refusals.append(Refusal(volume, f"must be at most 'max_volume_gib', {largest}", ("default_volume_gib",)))
        return validate_and_refuse(handler, studio, refusals)

    @field_validator("own_packages", mode="wrap")
    @classmethod
    def _not_from_both(
        cls, own: object, handler: Callable[[Any], tuple[str, ...]], info: ValidationInfo
    ) -> tuple[str, ...]:
        public = info.data.get("packages") or ()
        refusals = [
            Refusal(name, "must not be among 'packages' too: the public index could replace it", (position,))
            for position, name in enumerate(own if isinstance(own, tuple) else ())
            if name in public
        ]
        return validate_and_refuse(handler, own, refusals)
