"""A model that answers the same requests without anyone seeing its answers."""

from __future__ import annotations

from dataclasses import dataclass

from mlgov_constructs.argument_types import checked_arguments
from mlgov_constructs.serving.model import Model


@checked_arguments
@dataclass(frozen=True)
class ShadowVariant:
    """A copy of a share of the requests goes to another model; its answers are kept, not returned.

    Attributes:
        model: The other model, of the same project.
        percentage: How many requests of a hundred are copied, 1 to 100.
        instance_type: Its instances; those of the endpoint when omitted.
        instance_count: How many, 2 or more; as many as the endpoint's when omitted. One takes the endpoint's
            ``single_instance``.

    Raises:
        ValueError: A number is out of range.

    Source: https://docs.aws.amazon.com/sagemaker/latest/dg/model-shadow-deployment.html

    Example:
        ``ShadowVariant(challenger, percentage=50)``
    """

    model: Model
    percentage: int = 100
    instance_type: str | None = None
    instance_count: int | None = None

    def __post_init__(self) -> None:
        if not 1 <= self.percentage <= 100:
            msg = f"A shadow of {self.percentage} percent is out of range. Use 1 to 100."
            raise ValueError(msg)
        if self.instance_count is not None and self.instance_count < 1:
            msg = f"A shadow on {self.instance_count} instances sees nothing. Use 1 or more."
            raise ValueError(msg)
