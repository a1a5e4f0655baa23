"""By which means a control is held."""

from __future__ import annotations

from dataclasses import dataclass

from mlgov_constructs.controls import Control, detective_rules


@dataclass(frozen=True, slots=True)
class ControlMeans:
    """What holds a control, besides the rule on templates that every control has.

    Attributes:
        config: The rules of AWS Config: managed ones, and a policy under the name of the control.
        security_hub: The controls of Security Hub that watch the same, as AWS or we say.
        on_resources: Whether a hook can judge single resources; one on stacks judges every control.
        preventive: The statements of policies, ``boundary:``, ``scp:`` or ``rcp:`` before the id.
    """

    config: tuple[str, ...]
    security_hub: tuple[str, ...]
    on_resources: bool
    preventive: tuple[str, ...]


def means_of(control: Control) -> ControlMeans:
    """Return by which means a control is held.

    Args:
        control: The control.

    Example:
        >>> from mlgov_constructs.controls import CATALOGUE
        >>> means_of(CATALOGUE["MLG-WSP-03"]).security_hub
        ('SageMaker.3',)
    """
    return ControlMeans(
        config=tuple(rule.name for rule in detective_rules([control])),
        security_hub=tuple(mapping.id for mapping in control.mappings if mapping.framework == "securityhub"),
        on_resources=not control.needs_template,
        preventive=control.preventive,
    )
