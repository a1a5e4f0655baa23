"""Lists of names that a person writes into one field, as definitions of features.

A template cannot walk through a list. Each field has a number of slots: commas are appended to
what the person wrote, so that every slot can be selected, and a slot that is empty drops out by a
condition.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aws_cdk import CfnCondition, Fn
from constructs import Construct

from mlgov_constructs.preparation import FeatureType

SLOTS = 20
NO_VALUE = {"Ref": "AWS::NoValue"}
# As of a feature, but always a column that Athena takes without quotes.
NAME = "[a-z][a-z0-9]{0,62}(_[a-z0-9]{1,62})*"
LIST_PATTERN = f"^$|^{NAME}(,{NAME}){{0,{SLOTS - 1}}}$"


def feature_slots(scope: Construct, fields: Mapping[str, FeatureType]) -> list[dict[str, Any]]:
    """Return the definitions of the features that are named in some fields.

    Args:
        scope: The template, in which one condition a slot is created.
        fields: The parameters, each with the type of the features that it names.
    """
    return [_definition(scope, field, kind, slot) for field, kind in fields.items() for slot in range(SLOTS)]


def _definition(scope: Construct, field: str, kind: FeatureType, slot: int) -> dict[str, Any]:
    padded = {"Fn::Join": ["", [{"Ref": field}, "," * SLOTS]]}
    name = {"Fn::Select": [str(slot), {"Fn::Split": [",", padded]}]}
    condition_id = f"{field}{slot + 1}"
    CfnCondition(scope, condition_id, expression=Fn.condition_not(Fn.condition_equals(name, "")))
    return {"Fn::If": [condition_id, {"FeatureName": name, "FeatureType": kind.value}, NO_VALUE]}
