"""The check that the template of a product can be published, and shared with any account."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import aws_cdk as cdk

from mlgov_constructs.catalog.product_parameter import PROJECT
from mlgov_constructs.controls.validation_plugin import ValidationPlugin
from mlgov_constructs.identity import PROJECT_TAG

NAME = "mlgov-product-template"
TOO_LARGE = "PRODUCT-TEMPLATE-TOO-LARGE"
FOREIGN_TAG = "PRODUCT-TEMPLATE-FOREIGN-TAG"
OWN_TAGS = "mlgov:"

# CloudFormation takes 1 MB from S3 today and took 460,800 bytes before; Service Catalog states no
# limit of its own, so the lower one is kept.
LARGEST_TEMPLATE = 460_800


class TemplateGuard(ValidationPlugin):
    """Fails the synthesis when a product template is too large, or has a tag that is not its own.

    ``GovernedProduct`` registers it.

    Args:
        template_file: The file name of the product template in the assembly.

    Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html

    Example:
        >>> TemplateGuard("Product.product.template.json").rule_ids
        ['PRODUCT-TEMPLATE-TOO-LARGE', 'PRODUCT-TEMPLATE-FOREIGN-TAG']
    """

    def __init__(self, template_file: str) -> None:
        super().__init__(NAME, [TOO_LARGE, FOREIGN_TAG])
        self._template_file = template_file

    def violations(self, templates: Sequence[Path]) -> Iterable[cdk.PolicyViolation]:
        """Look at the template.

        Args:
            templates: The templates of the stacks.

        Raises:
            FileNotFoundError: The assembly does not hold the template.
        """
        for file in product_files(templates, self._template_file):
            content = file.read_bytes()
            if len(content) > LARGEST_TEMPLATE:
                yield cdk.PolicyViolation(
                    rule_name=TOO_LARGE,
                    description=f"The template has {len(content):,} bytes, and may have {LARGEST_TEMPLATE:,}.",
                    fix="Make two products of it, or shorten what it carries inline.",
                    severity="error",
                    violating_resources=[cdk.PolicyViolatingResource(template_path=str(file), locations=[file.name])],
                )
            for logical_id, key in _foreign_tags(json.loads(content)):
                yield cdk.PolicyViolation(
                    rule_name=FOREIGN_TAG,
                    description=f"{logical_id} has the tag {key}, which is not its own and would be published.",
                    fix="Hand the resource to ProductTemplate.govern, which keeps the tags of the app away.",
                    severity="error",
                    violating_resources=[
                        cdk.PolicyViolatingResource(
                            resource_logical_id=logical_id, template_path=str(file), locations=[f"Tags.{key}"]
                        )
                    ],
                )


def product_files(templates: Sequence[Path], name: str) -> list[Path]:
    """Return the files of a product template in the assemblies that hold some templates.

    Args:
        templates: The templates of stacks.
        name: The file name of the product template.

    Raises:
        FileNotFoundError: No assembly holds it.
    """
    folders = dict.fromkeys(template.parent for template in templates)
    files = [folder / name for folder in folders if (folder / name).is_file()]
    if not files:
        raise FileNotFoundError(name)
    return files


def _foreign_tags(template: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for logical_id, resource in template["Resources"].items():
        tags = resource.get("Properties", {}).get("Tags", [])
        pairs = tags.items() if isinstance(tags, dict) else [(tag["Key"], tag["Value"]) for tag in tags]
        for key, value in pairs:
            if not key.startswith(OWN_TAGS) or (key == PROJECT_TAG and value != {"Ref": PROJECT}):
                yield logical_id, key
