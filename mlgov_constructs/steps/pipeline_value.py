"""Values that are known only when a pipeline runs."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mlgov_constructs.argument_types import checked_arguments


@dataclass(frozen=True)
class Read:
    """What a value reads of a step.

    Attributes:
        step: The name of the step.
        output: The output that it must have written, or ``None``.
        metric: The metric that it must have emitted, or ``None``.
    """

    step: str
    output: str | None = None
    metric: str | None = None


class PipelineValue(ABC):
    """A value that SageMaker fills in when the pipeline runs.

    Source: https://docs.aws.amazon.com/sagemaker/latest/dg/build-and-manage-properties.html

    Example:
        >>> from mlgov_constructs.steps import (PipelineParameter)
        >>> PipelineParameter("DataVersion").render()
        {'Get': 'Parameters.DataVersion'}
    """

    @abstractmethod
    def render(self) -> Any:
        """Return the value as a pipeline definition has it."""

    @property
    def reads(self) -> tuple[Read, ...]:
        """What the value reads of steps."""
        return ()

    @property
    def parts(self) -> tuple[Any, ...]:
        """The values that this one is made of."""
        return ()


@checked_arguments
@dataclass(frozen=True)
class Joined(PipelineValue):
    """Several values as one text.

    Attributes:
        values: Texts and values.
        on: What stands between them.

    Example:
        >>> Joined(("s3://bucket", EXECUTION_ID), on="/").render()["Std:Join"]["On"]
        '/'
    """

    values: Sequence[Any]
    on: str = ""

    def render(self) -> Any:
        """Return the value as a pipeline definition has it."""
        return {"Std:Join": {"On": self.on, "Values": [rendered(value) for value in self.values]}}

    @property
    def parts(self) -> tuple[Any, ...]:
        """The values that this one is made of."""
        return tuple(self.values)


@dataclass(frozen=True)
class _Execution(PipelineValue):
    name: str

    def render(self) -> Any:
        return {"Get": f"Execution.{self.name}"}


EXECUTION_ID = _Execution("PipelineExecutionId")
"""The id of the run."""
EXECUTION_ARN = _Execution("PipelineExecutionArn")
"""The ARN of the run."""


def rendered(value: Any) -> Any:
    """Return a structure with every value in it as a pipeline definition has it."""
    if isinstance(value, PipelineValue):
        return value.render()
    if isinstance(value, Mapping):
        return {key: rendered(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [rendered(item) for item in value]
    return value


def values_in(structure: Any) -> Iterator[PipelineValue]:
    """Yield every value in a structure, and the values that those are made of."""
    if isinstance(structure, PipelineValue):
        yield structure
        yield from values_in(structure.parts)
    elif isinstance(structure, Mapping):
        yield from values_in(tuple(structure.values()))
    elif isinstance(structure, (list, tuple)):
        for item in structure:
            yield from values_in(item)
