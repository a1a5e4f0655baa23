"""What one copy of an inference component takes of its instance."""

from __future__ import annotations

from dataclasses import dataclass

from aws_cdk import Size, Token

from mlgov_constructs.argument_types import checked_arguments

LEAST_MIB = 128


@checked_arguments
@dataclass(frozen=True, kw_only=True)
class ComponentResources:
    """Memory, processors and accelerators that are set aside for one copy of a model.

    Attributes:
        memory: The memory that is set aside; 128 MiB or more.
        max_memory: The most that a copy may take; no limit when omitted.
        cpu_cores: Processors, 0.25 or more; shared when omitted.
        accelerators: Accelerators; none when omitted.

    Raises:
        ValueError: A number is out of range.

    Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_InferenceComponentComputeResourceRequirements.html

    Example:
        >>> ComponentResources(memory=Size.gibibytes(2), cpu_cores=1).cpu_cores
        1
    """

    memory: Size
    max_memory: Size | None = None
    cpu_cores: float | None = None
    accelerators: int | None = None

    def __post_init__(self) -> None:
        least = self.memory.to_mebibytes()
        if Token.is_unresolved(least):
            return
        if least < LEAST_MIB:
            msg = f"A copy with {least:g} MiB of memory cannot start. Use {LEAST_MIB} MiB or more."
            raise ValueError(msg)
        if self.max_memory is not None and self.max_memory.to_mebibytes() < least:
            msg = f"A copy that takes {least:g} MiB cannot be held to less. Raise max_memory."
            raise ValueError(msg)
        if self.cpu_cores is not None and self.cpu_cores < 0.25:
            msg = f"{self.cpu_cores:g} processors cannot be set aside. Use 0.25 or more, or leave cpu_cores out."
            raise ValueError(msg)
        if self.accelerators is not None and self.accelerators < 1:
            msg = f"{self.accelerators} accelerators cannot be set aside. Use 1 or more, or leave accelerators out."
            raise ValueError(msg)
