"""From data to a monitored endpoint in an environment."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, ValidationInfo, field_validator

from mlgov_constructs.schedule_expression import is_cron, is_rate
from stacks.environment.settings import Matching, Refusal, Settings, validate_and_refuse
from stacks.environment.values import EmailAddress


def _event_schedule(value: str) -> str:
    if not is_rate(value) and not is_cron(value):
        msg = "must be a schedule of EventBridge, such as 'rate(7 days)' or 'cron(0 3 ? * MON *)'"
        raise ValueError(msg)
    return value


ColumnName = Annotated[
    str, Matching(r"[A-Za-z0-9_][A-Za-z0-9_ .-]{0,127}", "a column, up to 128 letters, digits, spaces and _ . -")
]
FacetName = Annotated[str, Matching(r"[A-Za-z0-9_-]{1,128}", "a column of letters, digits, hyphens and underscores")]
DataFolder = Annotated[
    str,
    Matching(
        r"[A-Za-z0-9][A-Za-z0-9/_=.-]{0,254}[A-Za-z0-9_]",
        "a folder such as 'labelled/2026-11', without a slash at the beginning and at the end",
    ),
]
Schedule = Annotated[str, AfterValidator(_event_schedule)]
InstanceType = Annotated[
    str, Matching(r"ml\.[a-z0-9-]+\.[a-z0-9]+", "an instance type of SageMaker, such as 'ml.m5.xlarge'")
]


class PipelineSettings(Settings):
    """The pipeline that trains the project's model."""

    data: DataFolder
    """The folder of the table in the curated bucket, below the project: CSV files with a header, numbers only."""

    target: ColumnName = "target"
    """The column that the model learns to predict."""

    predicts: Literal["yes-or-no", "number"] = "yes-or-no"
    """What the target is: `yes-or-no` when it is 0 or 1."""

    threshold: Annotated[float, Field(ge=0)] = 0.8
    """What a model must reach to be registered: for `yes-or-no` the least AUC, for `number` the largest RMSE."""

    sensitive_column: FacetName | None = None
    """A column by which nobody must be treated worse; the bias of the data is measured by it when it is given."""

    instance_type: InstanceType = "ml.m5.xlarge"
    """The machine that trains."""

    max_hours: Annotated[int, Field(ge=1, le=120)] = 2
    """Hours after which training is stopped, 1 to 120."""

    tuning_jobs: Annotated[int, Field(ge=0, le=100)] = 0
    """How many trainings search for the best parameters, 0 to 100; with 0 there is one training and no search."""

    schedule: Schedule | None = None
    """When it runs by itself, in UTC; only when somebody starts it if absent."""

    @field_validator("sensitive_column")
    @classmethod
    def _of_a_choice(cls, column: str | None, info: ValidationInfo) -> str | None:
        if column is not None and info.data.get("predicts") == "number":
            msg = "cannot be: bias is measured of a choice, 'predicts: yes-or-no'"
            raise ValueError(msg)
        return column


class ServingSettings(Settings):
    """The endpoint of the project's model. Leave it out until a version is approved."""

    model_version: Annotated[int, Field(ge=1)]
    """The version of the registered model that is served; one that an approver has let pass."""

    instance_type: InstanceType = "ml.m5.large"
    """The machines of the endpoint."""

    instances: Annotated[int, Field(ge=2, le=100)] = 2
    """How many machines at least, 2 to 100."""

    max_instances: Annotated[int, Field(ge=2, le=200)] = 4
    """How many machines at most."""

    capture_percent: Annotated[int, Field(ge=1, le=100)] = 100
    """The part of the requests that is kept, 1 to 100."""

    latency_ms: Annotated[int, Field(ge=1, le=60_000)] = 500
    """What one answer in a hundred may take, in milliseconds; an update that is slower is rolled back."""

    drift_check_hours: Annotated[int, Field(ge=1, le=24)] | None = None
    """Hours between two looks of Model Monitor at whether requests drift from the training data, 1 to 24; none when
    absent, because AWS closed Model Monitor to new customers. It needs `pipeline`, which makes the baseline."""

    @field_validator("max_instances")
    @classmethod
    def _at_least_the_fewest(cls, most: int, info: ValidationInfo) -> int:
        fewest = info.data.get("instances")
        if fewest is not None and most < fewest:
            msg = f"must be at least 'instances', {fewest}"
            raise ValueError(msg)
        return most


class MlopsSettings(Settings):
    """From data to a monitored endpoint."""

    notify: tuple[EmailAddress, ...] = ()
    """Who is told of failed runs and of drift; those of `governance.alarm_emails` when empty."""

    pipeline: PipelineSettings | None = None
    """The pipeline; none when absent."""

    serving: ServingSettings | None = None
    """The endpoint; none when absent."""

    @field_validator("serving", mode="wrap")
    @classmethod
    def _baseline_to_compare_with(
        cls, serving: object, handler: Callable[[Any], ServingSettings | None], info: ValidationInfo
    ) -> ServingSettings | None:
        hours = serving.get("drift_check_hours") if isinstance(serving, Mapping) else None
        refusals = []
        if hours is not None and info.data.get("pipeline", "wrong") is None:
            message = "needs 'pipeline': without it there is no baseline to compare with"
            refusals.append(Refusal(hours, message, ("drift_check_hours",)))
        return validate_and_refuse(handler, serving, refusals)
