"""The check that a published version of a product is what it was."""

from __future__ import annotations

import json
from pathlib import Path

import aws_cdk as cdk
import jsii

from mlgov_constructs.catalog.product_history import PublishedVersion
from mlgov_constructs.catalog.product_template import first_difference, normalized

NAME = "mlgov-product-version"
RULE = "PRODUCT-VERSION-CHANGED"


@jsii.implements(cdk.IPolicyValidationPlugin)
class VersionGuard:
    """Fails the synthesis when the template of a published version has changed.

    ``NotebookProduct`` registers it. The template is known only after synthesis, and this is
    where the CDK lets it be looked at.

    Args:
        template_file: The file name of the product template in the assembly.
        published: The published version that it must equal.

    Example:
        >>> published = PublishedVersion("v1", Path("catalog/sandbox/notebook/v1.json"), {})
        >>> VersionGuard("Product.product.template.json", published).rule_ids
        ['PRODUCT-VERSION-CHANGED']
    """

    def __init__(self, template_file: str, published: PublishedVersion) -> None:
        self._template_file = template_file
        self._published = published

    @property
    def name(self) -> str:
        """The name of the plugin in the validation report."""
        return NAME

    @property
    def version(self) -> str:
        """The version of the check."""
        return "1"

    @property
    def rule_ids(self) -> list[str]:
        """The one rule of this plugin."""
        return [RULE]

    def validate(self, context: cdk.IPolicyValidationContext) -> cdk.PolicyValidationPluginReport:
        """Compare the template with the published file.

        Args:
            context: What the CDK passes: the templates.

        Returns:
            A report with one violation when they differ.
        """
        folders = dict.fromkeys(Path(stack.template_path).parent for stack in context.stack_templates)
        files = [folder / self._template_file for folder in folders if (folder / self._template_file).is_file()]
        violations = [violation for file in files for violation in self._differences(file)]
        return cdk.PolicyValidationPluginReport(success=not violations, violations=violations)

    def _differences(self, file: Path) -> list[cdk.PolicyViolation]:
        current = normalized(json.loads(file.read_text(encoding="utf-8")))
        difference = first_difference(self._published.template, current)
        if difference is None:
            return []
        name, path = self._published.name, self._published.path
        following = f"v{int(name[1:]) + 1}"
        return [
            cdk.PolicyViolation(
                rule_name=RULE,
                description=f"Version {name} was changed after it was published in {path}. {difference}",
                fix=f"Undo the change, or give the product version={following!r} and run mlgov portfolio publish.",
                severity="error",
                violating_resources=[
                    cdk.PolicyViolatingResource(
                        resource_logical_id=difference.partition(":")[0].split(".")[1] if "." in difference else name,
                        template_path=str(file),
                        locations=[difference],
                    )
                ],
            )
        ]
