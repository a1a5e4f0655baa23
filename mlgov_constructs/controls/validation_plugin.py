"""What our policy-validation plugins of the CDK have in common."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from pathlib import Path

import aws_cdk as cdk
import jsii

CRASHED = "MLG-CHECK-CRASHED"
VERSION = "1"
PRODUCT_TEMPLATES = "*.product.template.json"


@jsii.implements(cdk.IPolicyValidationPlugin)
class ValidationPlugin(ABC):
    """A check of the synthesized templates that fails the synthesis, and never passes by accident.

    The CDK notes the exception of a plugin in the report file and lets the synthesis pass
    when no plugin names a violation. A check that did not run must not look like one that
    found nothing, so an exception becomes a violation here, ``MLG-CHECK-CRASHED``.

    Args:
        name: The name in the validation report.
        rule_ids: The rules that the check knows.
    """

    def __init__(self, name: str, rule_ids: Sequence[str]) -> None:
        self._name = name
        self._rule_ids = list(rule_ids)

    @property
    def name(self) -> str:
        """The name of the plugin in the validation report."""
        return self._name

    @property
    def version(self) -> str:
        """The version of the check."""
        return VERSION

    @property
    def rule_ids(self) -> list[str]:
        """The rules that are checked."""
        return self._rule_ids

    def validate(self, context: cdk.IPolicyValidationContext) -> cdk.PolicyValidationPluginReport:
        """Check the templates of an assembly; the CDK calls it.

        Args:
            context: What the CDK passes: the templates.

        Returns:
            The report; it fails when a violation was found, and when the check itself failed.
        """
        try:
            violations = list(self.violations([Path(stack.template_path) for stack in context.stack_templates]))
        except Exception as error:
            violations = [self._crash(error)]
        return cdk.PolicyValidationPluginReport(success=not violations, violations=violations)

    @abstractmethod
    def violations(self, templates: Sequence[Path]) -> Iterable[cdk.PolicyViolation]:
        """Return what is wrong in some templates.

        Args:
            templates: The templates of the stacks, without those of Service Catalog products.
        """

    def _crash(self, error: Exception) -> cdk.PolicyViolation:
        return cdk.PolicyViolation(
            rule_name=CRASHED,
            description=f"{self._name} could not check the templates: {type(error).__name__}: {error}",
            fix="Nothing was proven. Mend what the message names and synthesize again.",
            severity="fatal",
            # A violation without a resource is dropped as if there were none.
            violating_resources=[cdk.PolicyViolatingResource(locations=[self._name])],
        )


def by_assembly(templates: Sequence[Path]) -> list[list[Path]]:
    """Return the templates of each assembly, those of its Service Catalog products included.

    Args:
        templates: The templates of stacks.
    """
    folders: dict[Path, list[Path]] = {}
    for template in templates:
        folders.setdefault(template.parent, []).append(template)
    return [[*stacks, *sorted(folder.glob(PRODUCT_TEMPLATES))] for folder, stacks in folders.items()]
