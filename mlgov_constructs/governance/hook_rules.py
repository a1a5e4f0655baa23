"""The rules of the catalogue as hooks of CloudFormation run them."""

from __future__ import annotations

import re

from mlgov_constructs.controls import METADATA_KEY, Control

SELECTION = re.compile(r"Resources\.\*\[")


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
