"""The notebooks of an environment."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import AfterValidator, Field, ValidationInfo, field_validator

from stacks.environment.instance_types import NOTEBOOK_INSTANCE_TYPES
from stacks.environment.settings import Matching, Settings, suggestion


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


class WorkspaceSettings(Settings):
    """What a data scientist may choose for a notebook."""

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

    @field_validator("default_size")
    @classmethod
    def _on_offer(cls, size: str, info: ValidationInfo) -> str:
        sizes = info.data.get("sizes")
        if sizes is not None and size not in sizes:
            msg = f"must be one of the sizes: {', '.join(sizes)}{suggestion(size, sizes)}"
            raise ValueError(msg)
        return size
