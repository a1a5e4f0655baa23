"""The catalogue as a policy-validation plugin of the CDK."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

import aws_cdk as cdk
import jsii

from mlgov_constructs.controls.catalogue import CATALOGUE
from mlgov_constructs.controls.control import Control, Severity
from mlgov_constructs.controls.crash_report import crash_report
from mlgov_constructs.controls.finding import Finding, Status
from mlgov_constructs.controls.rule_engine import RuleEngine

NAME = "mlgov"
VERSION = "1"
PRODUCT_TEMPLATES = "*.product.template.json"


@jsii.implements(cdk.IPolicyValidationPlugin)
class ControlRules:
    """Runs the rule of every control over the synthesized templates.

    It knows nothing of what the constructs claim: it reads the templates, those of
    Service Catalog products too, so it works on a team's own resources as well. A resource
    that carries a reasoned relaxation is not reported; the template and ``mlgov check``
    show it. A failing rule fails the synthesis.

    Args:
        controls: The controls to check; the whole catalogue when omitted.

    Example:
        >>> app = cdk.App()
        >>> cdk.Validations.of(app).add_plugins(ControlRules())
    """

    def __init__(self, controls: Iterable[Control] | None = None) -> None:
        self._controls = tuple(CATALOGUE.values() if controls is None else controls)

    @property
    def name(self) -> str:
        """The name of the plugin in the validation report."""
        return NAME

    @property
    def version(self) -> str:
        """The version of the rule set."""
        return VERSION

    @property
    def rule_ids(self) -> list[str]:
        """The ids of the controls that are checked."""
        return [control.id for control in self._controls]

    def validate(self, context: cdk.IPolicyValidationContext) -> cdk.PolicyValidationPluginReport:
        """Check every template of the assembly.

        Args:
            context: What the CDK passes: the templates.

        Returns:
            The report; it fails when any finding stands, and when the check itself fails.
        """
        try:
            return self._check(context)
        except Exception as error:
            return crash_report(NAME, error)

    def _check(self, context: cdk.IPolicyValidationContext) -> cdk.PolicyValidationPluginReport:
        findings: dict[str, list[Finding]] = defaultdict(list)
        # Local, because the engine's native half must be released before the interpreter ends.
        engine = RuleEngine(self._controls)
        for template in _templates(Path(stack.template_path) for stack in context.stack_templates):
            for finding in engine.check(template):
                if finding.status is Status.FAILED:
                    findings[finding.control.id].append(finding)
        return cdk.PolicyValidationPluginReport(
            success=not findings,
            violations=[_violation(CATALOGUE[control_id], group) for control_id, group in findings.items()],
        )


def _templates(stacks: Iterable[Path]) -> list[Path]:
    templates = list(stacks)
    folders = dict.fromkeys(template.parent for template in templates)
    return [*templates, *(product for folder in folders for product in sorted(folder.glob(PRODUCT_TEMPLATES)))]


def _violation(control: Control, findings: list[Finding]) -> cdk.PolicyViolation:
    return cdk.PolicyViolation(
        rule_name=control.id,
        description=control.statement,
        fix=control.fix,
        severity="fatal" if control.severity is Severity.CRITICAL else "error",
        violating_resources=[
            cdk.PolicyViolatingResource(
                resource_logical_id=finding.logical_id,
                template_path=str(finding.template),
                locations=list(finding.messages),
            )
            for finding in findings
        ],
        rule_metadata={"title": control.title, "source": control.source},
    )
