"""The one place where a model card is governed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aws_cdk import CfnTag

from mlgov_constructs.identity import PROJECT_TAG
from mlgov_constructs.mlops.model_card.model_card_status import ModelCardStatus

CONTROLS = ("MLG-MLO-08", "MLG-MLO-09", "MLG-MLO-10")
# Whose keys are names that an author chose, not names of the schema.
OF_THE_AUTHOR = ("custom_details", "metadata")


def model_card_properties(
    *,
    project: str,
    model_card_name: str,
    key_arn: str,
    status: ModelCardStatus = ModelCardStatus.DRAFT,
    tags: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Return every property of a governed card but what it says, as ``CfnModelCard`` takes them.

    Args:
        project: The project, which becomes a tag.
        model_card_name: The name of the card.
        key_arn: The key that encrypts what it says.
        status: Where it stands.
        tags: More tags.
    """
    return {
        "model_card_name": model_card_name,
        "model_card_status": status.value,
        "content": {},
        "security_config": {"kmsKeyId": key_arn},
        "tags": [CfnTag(key=key, value=value) for key, value in {**(tags or {}), PROJECT_TAG: project}.items()],
    }


def template_content(value: Any) -> Any:
    """Return what a card says in the form of a template, which writes the names of the schema otherwise.

    Args:
        value: What it says, by AWS's model card JSON schema.

    Example:
        >>> template_content({"intended_uses": {"risk_rating": "Low"}})
        {'IntendedUses': {'RiskRating': 'Low'}}
    """
    if isinstance(value, Mapping):
        return {_pascal(key): each if key in OF_THE_AUTHOR else template_content(each) for key, each in value.items()}
    return [template_content(each) for each in value] if isinstance(value, list) else value


def _pascal(name: str) -> str:
    return "".join(part.capitalize() for part in name.split("_"))
