"""The tags that every resource of a stack carries."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Any

from pydantic import Field, WrapValidator

from stacks.environment.settings import Refusal, suggestion, validate_and_refuse
from stacks.environment.values import TagKey, TagValue

REQUIRED_TAGS = ("owner", "cost-center", "data-classification")
# https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html
MOST_TAGS = 40


def _required_tags(tags: object, handler: Callable[[Any], Mapping[str, str]]) -> Mapping[str, str]:
    refusals = []
    if isinstance(tags, Mapping):
        others = [key for key in tags if key not in REQUIRED_TAGS]
        refusals = [
            Refusal(tags, f"the tag {key!r} is missing{suggestion(key, others)}")
            for key in REQUIRED_TAGS
            if key not in tags
        ]
    return validate_and_refuse(handler, tags, refusals)


ResourceTags = Annotated[
    Mapping[TagKey, TagValue],
    Field(max_length=MOST_TAGS, json_schema_extra={"required": list(REQUIRED_TAGS)}),
    WrapValidator(_required_tags),
]
