"""The rules of the catalogue as hooks of CloudFormation run them."""

from __future__ import annotations

import re

from mlgov_constructs.controls import METADATA_KEY, Control

SELECTION = re.compile(r"Resources\.\*\[")
# What only a template says of a resource.
TEMPLATE_WORDS = re.compile(r"\b(DeletionPolicy|UpdateReplacePolicy|Metadata)\b")
# Demands on resources that another resource meets: the policy of a bucket, the alarm on a trail.
ACROSS_RESOURCES = frozenset(
    {
        "MLG-CAT-01",
        "MLG-GOV-07",
        "MLG-GOV-13",
        "MLG-NET-03",
        "MLG-NET-06",
        "MLG-PRT-09",
        "MLG-PRT-12",
        "MLG-PRT-16",
        "MLG-WSP-15",
    }
)


def needs_template(control: Control) -> bool:
    """Tell whether the rule of a control says nothing true of a resource by itself.

    Args:
        control: The control.
    """
    return control.id in ACROSS_RESOURCES or TEMPLATE_WORDS.search(control.guard_rule) is not None


def hook_rule(control: Control, *, honours_deviations: bool) -> str:
    """Return the rule of a control, which overlooks resources that deviate from it with a reason.

    Guard knows nothing of our deviations, so each selection of the rule leaves their resources out.

    Args:
        control: The control.
        honours_deviations: Whether deviations are overlooked; the rule as it is otherwise.
    """
    if not honours_deviations:
        return control.guard_rule
    clause = f" Metadata.{METADATA_KEY}.deviations[ control == '{control.id}' ] empty "
    return SELECTION.sub(lambda selection: selection.group() + clause, control.guard_rule)
