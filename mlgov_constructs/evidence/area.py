"""The areas that controls are grouped in."""

from __future__ import annotations

from dataclasses import dataclass

TITLES = {
    "NET": "Network",
    "PRT": "Data protection",
    "IDN": "Identity and access",
    "WSP": "Workspaces",
    "STU": "Studio",
    "CAT": "Service catalogue",
    "GOV": "Governance and audit",
    "CST": "Cost",
    "MLO": "Registry, pipelines and lineage",
    "PRE": "Data preparation and features",
    "TRN": "Training",
    "SRV": "Serving",
    "MON": "Monitoring of models",
}


@dataclass(frozen=True, slots=True)
class Area:
    """A group of controls.

    Attributes:
        code: The middle part of the ids.
        title: A few words.
    """

    code: str
    title: str


def area_of(control_id: str) -> Area:
    """Return the area of a control.

    Args:
        control_id: ``MLG-<area>-<number>``.

    Example:
        >>> area_of("MLG-NET-01").title
        'Network'
    """
    code = control_id.split("-")[1]
    return Area(code, TITLES.get(code, code))
