"""A control: one declared demand, with what proves it and what publishes it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from importlib import resources


class Severity(StrEnum):
    """How bad it is when a control fails, in AWS Security Hub's words."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


@dataclass(frozen=True, slots=True)
class Mapping:
    """What another catalogue calls the same demand.

    Attributes:
        framework: The catalogue, for example ``securityhub``, ``config``,
            ``cdk-nag``, ``nist-800-53-r5`` or ``ml-lens``.
        id: The identifier there, for example ``SageMaker.1``.
        published: ``True`` when the framework's publisher states the link,
            ``False`` when it is this library's own judgement.
    """

    framework: str
    id: str
    published: bool


@dataclass(frozen=True, slots=True)
class Control:
    """One demand on the resources of an environment.

    Attributes:
        id: The identifier, ``MLG-<area>-<number>``.
        title: A few words.
        statement: The demand, in one or two sentences.
        severity: How bad a failure is.
        fix: What to do when the rule fails.
        source: The document that the demand comes from.
        mappings: What other catalogues call it.

    Example:
        >>> from mlgov_constructs.controls import CATALOGUE
        >>> CATALOGUE["MLG-NET-01"].severity
        <Severity.HIGH: 'high'>
    """

    id: str
    title: str
    statement: str
    severity: Severity
    fix: str
    source: str
    mappings: tuple[Mapping, ...]

    @property
    def rule_name(self) -> str:
        """The name of the Guard rule; Guard allows no hyphen in names."""
        return self.id.replace("-", "_")

    @property
    def guard_rule(self) -> str:
        """The Guard text that proves this control on a template."""
        return resources.files(__package__).joinpath("rules", f"{self.id}.guard").read_text(encoding="utf-8")
