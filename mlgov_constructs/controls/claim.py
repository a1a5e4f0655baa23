"""What a construct says of itself: the controls it implements and where it deviates.

Both are written into the ``Metadata`` of the CloudFormation resource, so the template
that is deployed carries its own claims, and a checker needs nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mlgov_constructs.controls.catalogue import CATALOGUE

if TYPE_CHECKING:
    from aws_cdk import CfnResource
    from constructs import IConstruct

METADATA_KEY = "mlgov"
SHORTEST_REASON = 15


@dataclass(frozen=True, slots=True)
class Relaxation:
    """Permission to leave a secure default, with the reason that an auditor will read.

    Attributes:
        reason: Why this resource may deviate; at least 15 characters.

    Raises:
        ValueError: The reason is missing or too short to explain anything.

    Example:
        >>> Relaxation("Classroom notebook without data, approved in RISK-112").reason
        'Classroom notebook without data, approved in RISK-112'
    """

    reason: str

    def __post_init__(self) -> None:
        if len(self.reason.strip()) < SHORTEST_REASON:
            msg = (
                f"Relaxation reason {self.reason!r} does not explain the deviation. "
                f"Write at least {SHORTEST_REASON} characters that an auditor can act on."
            )
            raise ValueError(msg)


def claim(
    construct: IConstruct,
    controls: Iterable[str],
    deviations: Mapping[str, Relaxation | None] | None = None,
) -> None:
    """Record on a resource the controls it implements and the ones it deviates from.

    A control that has a relaxation in ``deviations`` is recorded as a deviation and not as
    implemented, so a construct passes its relaxable arguments as they are.

    Args:
        construct: The CloudFormation resource that carries the property, or the construct
            whose default child it is.
        controls: Ids of the controls that the resource implements.
        deviations: Control id to the relaxation that the user gave, or ``None``.

    Raises:
        KeyError: An id is not in the catalogue.
        TypeError: The construct is no CloudFormation resource and has none as its default child.

    Example:
        >>> from aws_cdk import App, Stack, aws_kms as kms
        >>> key = kms.CfnKey(Stack(App(), "Stack"), "Key", enable_key_rotation=True)
        >>> claim(key, ["MLG-PRT-01"])
        >>> key.get_metadata("mlgov")
        {'controls': ['MLG-PRT-01']}
    """
    relaxed = {control: reason for control, reason in (deviations or {}).items() if reason is not None}
    unknown = [control for control in (*controls, *relaxed) if control not in CATALOGUE]
    if unknown:
        msg = f"Unknown control {', '.join(unknown)}: the ids are in mlgov_constructs/controls/catalogue"
        raise KeyError(msg)
    resource = _resource(construct)
    earlier = resource.get_metadata(METADATA_KEY) or {}
    record: dict[str, object] = {
        "controls": sorted({*earlier.get("controls", ()), *controls} - relaxed.keys()),
    }
    deviating = [
        *earlier.get("deviations", ()),
        *({"control": control, "reason": relaxation.reason} for control, relaxation in sorted(relaxed.items())),
    ]
    if deviating:
        record["deviations"] = deviating
    resource.add_metadata(METADATA_KEY, record)


def _resource(construct: IConstruct) -> CfnResource:
    # Imported here: the rules and the command line run without the CDK.
    from aws_cdk import CfnResource  # noqa: PLC0415

    resource = construct if isinstance(construct, CfnResource) else construct.node.default_child
    if not isinstance(resource, CfnResource):
        msg = f"{construct.node.path} is no CloudFormation resource and has none as its default child"
        raise TypeError(msg)
    return resource
