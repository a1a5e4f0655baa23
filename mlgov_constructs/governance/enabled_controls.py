"""Controls of AWS Control Tower, on the units of an organization."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from aws_cdk import Stack, Token
from aws_cdk import aws_controltower as controltower
from constructs import Construct

from mlgov_constructs.argument_types import checked_arguments
from mlgov_constructs.aws_tokens import aws_tokens
from mlgov_constructs.errors import ConstructError
from mlgov_constructs.governance.control_tower_control import ControlTowerControl
from mlgov_constructs.governance.organization_limits import ORGANIZATION, check_form

UNIT = re.compile(r"ou-[0-9a-z]{4,32}-[0-9a-z]{8,32}")
GLOBAL, LEGACY = re.compile(r"[0-9a-z]{20,32}"), re.compile(r"AWS-GR_[A-Z0-9_]+")
WITHOUT_CONTROL_TOWER = "cn-"
# Control Tower takes ten operations at once, and a landing zone has others.
AT_ONCE = 5
KNOWN = {control.value: control.name for control in ControlTowerControl}
# What the stacks of this library pass, and what any account for machine learning should.
DEFAULT = (
    ControlTowerControl.REQUIRE_NOTEBOOK_WITHOUT_INTERNET,
    ControlTowerControl.REQUIRE_NOTEBOOK_IN_VPC,
    ControlTowerControl.REQUIRE_NOTEBOOK_WITHOUT_ROOT,
    ControlTowerControl.DETECT_NOTEBOOK_WITH_INTERNET,
    ControlTowerControl.DETECT_NOTEBOOK_WITHOUT_KEY,
    ControlTowerControl.DETECT_ENDPOINT_WITHOUT_KEY,
    ControlTowerControl.REQUIRE_BUCKET_BLOCKS_PUBLIC_ACCESS,
    ControlTowerControl.DETECT_PUBLIC_READ,
    ControlTowerControl.DETECT_PUBLIC_WRITE,
    ControlTowerControl.REQUIRE_KEY_ROTATION,
    ControlTowerControl.REQUIRE_SUBNET_WITHOUT_PUBLIC_ADDRESSES,
)


@checked_arguments
class EnabledControls(Construct):
    """Turns controls of AWS Control Tower on, for every account of some units.

    It belongs to a stack of the management account, in the home region of the landing zone, and the units must
    be registered with Control Tower. Up to five operations run at once; each takes some minutes.

    Cost: none of Control Tower; a detective control is a rule of AWS Config or a check of Security Hub, charged
    in each account (0.001 USD an evaluation).

    Args:
        scope: The parent construct.
        construct_id: The id in that scope.
        organization_id: The organization that the units are of.
        unit_ids: The units (``ou-ab12-11111111``); Control Tower takes neither accounts nor the root.
        controls: The controls; one that ``ControlTowerControl`` lacks by its global identifier, or a legacy
            one by its name (``AWS-GR_ENCRYPTED_VOLUMES``).

    Attributes:
        controls: The controls by unit and identifier.

    Raises:
        ConstructError: There is no unit or control, one or the organization is none, or the region has no
            Control Tower.

    Source: https://docs.aws.amazon.com/controltower/latest/controlreference/control-identifiers.html

    Example:
        >>> from aws_cdk import App, Stack
        >>> enabled = EnabledControls(
        ...     Stack(App(), "Organization"),
        ...     "Controls",
        ...     organization_id="o-exampleorg1",
        ...     unit_ids=["ou-ab12-11111111"],
        ... )
        >>> len(enabled.controls)
        11
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        organization_id: str,
        unit_ids: Sequence[str],
        controls: Iterable[ControlTowerControl | str] = DEFAULT,
    ) -> None:
        chosen = [str(control) for control in dict.fromkeys(controls)]
        for name, given in (("unit_ids", unit_ids), ("controls", chosen)):
            if not given:
                raise ConstructError(scope, construct_id, f"{name} is empty", "Name one at least.")
        for unit in unit_ids:
            if not UNIT.fullmatch(unit):
                raise ConstructError(scope, construct_id, f"{unit!r} is no unit", "Write it as in 'ou-ab12-11111111'.")
        check_form(scope, construct_id, [organization_id], ORGANIZATION)
        for control in chosen:
            if not GLOBAL.fullmatch(control) and not LEGACY.fullmatch(control):
                raise ConstructError(
                    scope,
                    construct_id,
                    f"{control!r} is no control of Control Tower",
                    "Use a member of ControlTowerControl, a global identifier, or a name as in 'AWS-GR_...'.",
                )
        region = Stack.of(scope).region
        if not Token.is_unresolved(region) and region.startswith(WITHOUT_CONTROL_TOWER):
            raise ConstructError(
                scope, construct_id, f"{region} has no AWS Control Tower", "Name no units: policies hold there alone."
            )
        super().__init__(scope, construct_id)
        tokens = aws_tokens()
        self.controls: dict[tuple[str, str], controltower.CfnEnabledControl] = {}
        for unit in dict.fromkeys(unit_ids):
            target = tokens.arn("organizations", f"ou/{organization_id}/{unit}", region="")
            for control in chosen:
                self._enable(unit, control, target)

    def _enable(self, unit: str, control: str, target: str) -> None:
        name = KNOWN.get(control, control)
        enabled = controltower.CfnEnabledControl(
            self, f"{unit}-{name}", control_identifier=_arn(control), target_identifier=target
        )
        before = list(self.controls.values())
        if len(before) >= AT_ONCE:
            enabled.add_resource_dependency(before[-AT_ONCE])
        self.controls[unit, control] = enabled


def _arn(control: str) -> str:
    tokens = aws_tokens()
    if LEGACY.fullmatch(control):
        return tokens.arn("controltower", f"control/{control}", account="")
    return tokens.arn("controlcatalog", f"control/{control}", region="", account="")
