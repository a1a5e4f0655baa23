"""The check that a published version of a product is what it was."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path

import aws_cdk as cdk

from mlgov_constructs.catalog.product_history import PublishedVersion
from mlgov_constructs.catalog.template_document import first_difference, normalized
from mlgov_constructs.catalog.template_guard import product_files
from mlgov_constructs.controls.validation_plugin import ValidationPlugin

NAME = "mlgov-product-version"
RULE = "PRODUCT-VERSION-CHANGED"


class VersionGuard(ValidationPlugin):
    """Fails the synthesis when the template of a published version has changed.

    ``GovernedProduct`` registers it. The template is known only after synthesis, and this is
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
        super().__init__(NAME, [RULE])
        self._template_file = template_file
        self._published = published

    def violations(self, templates: Sequence[Path]) -> Iterable[cdk.PolicyViolation]:
        """Compare the template with the published file.

        Args:
            templates: The templates of the stacks.

        Returns:
            One violation when they differ.

        Raises:
            FileNotFoundError: The assembly does not hold the template.
        """
        files = product_files(templates, self._template_file)
        return [violation for file in files for violation in self._differences(file)]

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
