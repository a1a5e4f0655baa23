"""The law: controls as data, what constructs claim of them, and the rules that prove it.

Nothing here knows a construct, and only :class:`ControlRules` and :class:`ExceptionExpiry`
need the CDK at run time; they are imported on first use so that ``mlgov check`` starts without it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlgov_constructs.controls.catalogue import CATALOGUE, Catalogue, CatalogueError
from mlgov_constructs.controls.claim import METADATA_KEY, Relaxation, claim
from mlgov_constructs.controls.control import Control, Mapping, Severity
from mlgov_constructs.controls.control_exception import EXCEPTIONS_KEY, ControlException, record_exceptions
from mlgov_constructs.controls.detective_rule import DetectiveRule, detective_rules
from mlgov_constructs.controls.finding import Finding, Status
from mlgov_constructs.controls.not_covered import NotCovered, not_covered
from mlgov_constructs.controls.parallel_check import check_templates
from mlgov_constructs.controls.rule_engine import RuleEngine, TemplateError

if TYPE_CHECKING:
    from mlgov_constructs.controls.control_rules import ControlRules
    from mlgov_constructs.controls.exception_expiry import ExceptionExpiry

__all__ = [
    "CATALOGUE",
    "EXCEPTIONS_KEY",
    "METADATA_KEY",
    "Catalogue",
    "CatalogueError",
    "Control",
    "ControlException",
    "ControlRules",
    "DetectiveRule",
    "ExceptionExpiry",
    "Finding",
    "Mapping",
    "NotCovered",
    "Relaxation",
    "RuleEngine",
    "Severity",
    "Status",
    "TemplateError",
    "check_templates",
    "claim",
    "detective_rules",
    "not_covered",
    "record_exceptions",
]


def __getattr__(name: str) -> object:
    if name == "ControlRules":
        from mlgov_constructs.controls.control_rules import ControlRules  # noqa: PLC0415

        return ControlRules
    if name == "ExceptionExpiry":
        from mlgov_constructs.controls.exception_expiry import ExceptionExpiry  # noqa: PLC0415

        return ExceptionExpiry
    msg = f"module {__name__!r} has no attribute {name!r}"
    raise AttributeError(msg)
