"""What a check compares with, and what follows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from mlgov_constructs.argument_types import checked_arguments
from mlgov_constructs.steps import PipelineValue


@checked_arguments
@dataclass(frozen=True, kw_only=True)
class DriftCheck:
    """What a check of a pipeline compares its new baseline with, and what follows from a difference.

    Attributes:
        model_package_group_name: The group whose latest approved version has the baseline.
        constraints: The address of the constraints, in place of those of a version.
        statistics: The address of the statistics, which checks of quality may have beside them.
        skip: Whether nothing is compared in this run.
        fail_on_violation: Whether the step fails when a constraint is violated.
        register_new_baseline: Whether the new baseline is the one that a later check compares
            with, once the version that is registered with it is approved.

    Raises:
        ValueError: There is nothing to compare with.

    Source: https://docs.aws.amazon.com/sagemaker/latest/dg/pipelines-quality-clarify-baseline-lifecycle.html

    Example:
        >>> DriftCheck(model_package_group_name="churn").fail_on_violation
        True
    """

    model_package_group_name: str | PipelineValue | None = None
    constraints: str | PipelineValue | None = None
    statistics: str | PipelineValue | None = None
    skip: bool | PipelineValue = False
    fail_on_violation: bool | PipelineValue = True
    register_new_baseline: bool | PipelineValue = False

    def __post_init__(self) -> None:
        if self.skip is not True and self.model_package_group_name is None and self.constraints is None:
            msg = (
                "The check has no baseline, so it would compare with nothing. Give model_package_group_name=... or "
                "constraints=..., or use DriftCheck.baseline_only()."
            )
            raise ValueError(msg)

    @classmethod
    def baseline_only(cls) -> DriftCheck:
        """Return the one that compares with nothing and makes a baseline, as the first run of a pipeline does."""
        return cls(skip=True, register_new_baseline=True)

    def to_json(self) -> dict[str, Any]:
        """Return what a pipeline definition says of it beside the request of the job."""
        optional = {
            "ModelPackageGroupName": self.model_package_group_name,
            "SuppliedBaselineConstraints": self.constraints,
            "SuppliedBaselineStatistics": self.statistics,
        }
        return {
            "SkipCheck": self.skip,
            "FailOnViolation": self.fail_on_violation,
            "RegisterNewBaseline": self.register_new_baseline,
            **{name: value for name, value in optional.items() if value is not None},
        }
