"""The law: controls as data, what constructs claim of them, and the rules that prove it.

Nothing here knows a construct, and only :class:`ControlRules` needs the CDK at run time;
it is imported on first use so that ``mlgov check`` starts without it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlgov_constructs.controls.catalogue import CATALOGUE, Catalogue
from mlgov_constructs.controls.claim import METADATA_KEY, Relaxation, claim
from mlgov_constructs.controls.control import Control, Mapping, Severity
from mlgov_constructs.controls.finding import Finding, Status
from mlgov_constructs.controls.rule_engine import RuleEngine, TemplateError

if TYPE_CHECKING:
    from mlgov_constructs.controls.control_rules import ControlRules

__all__ = [
    "CATALOGUE",
    "METADATA_KEY",
    "Catalogue",
    "Control",
    "ControlRules",
    "Finding",
    "Mapping",
    "Relaxation",
    "RuleEngine",
    "Severity",
    "Status",
    "TemplateError",
    "claim",
]


def __getattr__(name: str) -> object:
    if name == "ControlRules":
        from mlgov_constructs.controls.control_rules import ControlRules  # noqa: PLC0415

        return ControlRules
    msg = f"module {__name__!r} has no attribute {name!r}"
    raise AttributeError(msg)
