"""The check that a recorded Studio domain is not replaced."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import aws_cdk as cdk

from mlgov_constructs.controls.validation_plugin import ValidationPlugin
from mlgov_constructs.workspace.studio.domain_fingerprint import DomainFingerprint, recorded_domains

NAME = "mlgov-studio-domain"
RULE = "STUDIO-DOMAIN-REPLACED"


class DomainGuard(ValidationPlugin):
    """Fails the synthesis when the deployment would replace a recorded Studio domain.

    ``StudioDomain`` registers it. References are known only after synthesis, and this is where
    the CDK lets the template be looked at.

    Args:
        template_file: The file name of the stack's template in the assembly.
        fingerprint: The recorded fingerprint.

    Example:
        >>> DomainGuard("ml.template.json", DomainFingerprint("ml", Path("studio/sandbox/ml.json"))).rule_ids
        ['STUDIO-DOMAIN-REPLACED']
    """

    def __init__(self, template_file: str, fingerprint: DomainFingerprint) -> None:
        super().__init__(NAME, [RULE])
        self._template_file = template_file
        self._fingerprint = fingerprint

    def violations(self, templates: Sequence[Path]) -> Iterable[cdk.PolicyViolation]:
        """Compare the domain with its fingerprint.

        Args:
            templates: The templates of the stacks.

        Returns:
            One violation a property that would replace the domain.

        Raises:
            FileNotFoundError: The assembly does not hold the domain.
        """
        found = [
            (template, current)
            for template in templates
            if template.name == self._template_file
            for name, current in recorded_domains(template)
            if name == self._fingerprint.name
        ]
        if not found:
            raise FileNotFoundError(self._template_file)
        return [
            cdk.PolicyViolation(
                rule_name=RULE,
                description=(
                    f"The deployment would replace the Studio domain recorded in {self._fingerprint.path}, and its "
                    f"people would find an empty one: {difference}."
                ),
                fix=(
                    "Undo the change. To replace the domain all the same, give it replace_domain=Relaxation(...), "
                    "deploy, and run mlgov studio record --replace."
                ),
                severity="error",
                violating_resources=[
                    cdk.PolicyViolatingResource(
                        resource_logical_id=current["LogicalId"],
                        template_path=str(template),
                        locations=[difference.name],
                    )
                ],
            )
            for template, current in found
            for difference in self._fingerprint.differences(current)
        ]
