"""What a run of a pipeline is started with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from mlgov_constructs.steps.pipeline_value import PipelineValue


@dataclass(frozen=True)
class PipelineParameter(PipelineValue):
    """A parameter of a pipeline, usable wherever a step takes a value.

    A pipeline declares by itself the parameters that its steps use.

    Attributes:
        name: Up to 64 letters, digits, ``-`` and ``_``.
        default: The value of a run that gives none; without it every run must give one. Its
            type is the type of the parameter.
        description: What the parameter is for.

    Example:
        >>> PipelineParameter("Rounds", 100).declaration()
        {'Name': 'Rounds', 'Type': 'Integer', 'DefaultValue': 100}
    """

    name: str
    default: str | float | bool | None = None
    description: str | None = None

    def render(self) -> Any:
        """Return the value as a pipeline definition has it."""
        return {"Get": f"Parameters.{self.name}"}

    def declaration(self) -> dict[str, Any]:
        """Return the declaration of the parameter."""
        described = {"Description": self.description} if self.description else {}
        default = {} if self.default is None else {"DefaultValue": self.default}
        return {"Name": self.name, "Type": self._type(), **described, **default}

    def _type(self) -> str:
        # bool first: it is an int as well.
        for kind, name in ((bool, "Boolean"), (int, "Integer"), (float, "Float")):
            if isinstance(self.default, kind):
                return name
        return "String"
