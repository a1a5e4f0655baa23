"""The catalogue as a policy-validation plugin of the CDK."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path

import aws_cdk as cdk

from mlgov_constructs.controls.catalogue import CATALOGUE
from mlgov_constructs.controls.control import Control, Severity
from mlgov_constructs.controls.finding import Finding, Status
from mlgov_constructs.controls.rule_engine import RuleEngine
from mlgov_constructs.controls.validation_plugin import ValidationPlugin, by_assembly

NAME = "mlgov"


class ControlRules(ValidationPlugin):
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
        super().__init__(NAME, [control.id for control in self._controls])

    def violations(self, templates: Sequence[Path]) -> Iterable[cdk.PolicyViolation]:
        """Return one violation for each control that a resource fails.

        Args:
            templates: The templates of the stacks.
        """
        # Local, because the engine's native half must be released before the interpreter ends.
        engine = RuleEngine(self._controls)
        findings: dict[str, list[Finding]] = defaultdict(list)
        for template in (path for assembly in by_assembly(templates) for path in assembly):
            for finding in engine.check(template):
                if finding.status is Status.FAILED:
                    findings[finding.control.id].append(finding)
        return [_violation(CATALOGUE[control_id], group) for control_id, group in findings.items()]


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
