"""A control: one declared demand, with what proves it and what publishes it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from importlib import resources

# What only a template says of a resource.
TEMPLATE_WORDS = re.compile(r"\b(DeletionPolicy|UpdateReplacePolicy|Metadata)\b")


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
        why: What happens without it, in a sentence.
        severity: How bad a failure is.
        fix: What to do when the rule fails.
        source: The document that the demand comes from.
        mappings: What other catalogues call it.
        preventive: The statements of policies that refuse what the control forbids, each the kind of
            policy and the id of the statement, as in ``scp:NoRoot``: ``boundary`` for the permissions
            boundary, ``scp`` and ``rcp`` for the policies of the organization.
        across_resources: Whether another resource may meet the demand on a resource, as the policy
            of a bucket does.

    Example:
        >>> from mlgov_constructs.controls import CATALOGUE
        >>> CATALOGUE["MLG-NET-01"].severity
        <Severity.HIGH: 'high'>
    """

    id: str
    title: str
    statement: str
    why: str
    severity: Severity
    fix: str
    source: str
    mappings: tuple[Mapping, ...]
    preventive: tuple[str, ...] = ()
    across_resources: bool = False

    @property
    def needs_template(self) -> bool:
        """Whether the rule says nothing true of a resource by itself, as a hook on single resources sees it."""
        return self.across_resources or TEMPLATE_WORDS.search(self.guard_rule) is not None

    @property
    def rule_name(self) -> str:
        """The name of the Guard rule; Guard allows no hyphen in names."""
        return self.id.replace("-", "_")

    @property
    def guard_rule(self) -> str:
        """The Guard text that proves this control on a template."""
        return resources.files(__package__).joinpath("rules", f"{self.id}.guard").read_text(encoding="utf-8")
