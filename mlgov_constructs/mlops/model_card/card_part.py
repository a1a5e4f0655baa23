"""What the parts of a model card have in common: names, limits and the form of AWS's JSON schema."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import MISSING, dataclass, field, fields
from enum import StrEnum
from typing import Any

from aws_cdk import Token

LONGEST, MOST = "longest", "most"


@dataclass(frozen=True, kw_only=True)
class CardPart:
    """A part of a card; the names of its fields are those of AWS's model card JSON schema."""

    def document(self) -> dict[str, Any]:
        """Return the part as the schema has it, without what was left out."""
        return {
            each.name: _document(value)
            for each in fields(self)
            if (value := getattr(self, each.name)) is not None and not _is_empty(value)
        }

    def problems(self, path: str = "") -> Iterator[str]:
        """Yield what the schema would refuse, each with its place.

        Args:
            path: Where this part stands in the card.
        """
        for each in fields(self):
            place = f"{path}{each.name}"
            value = getattr(self, each.name)
            if value is None:
                continue
            if each.default is MISSING and isinstance(value, str) and not value.strip():
                yield f"{place} of the model card is empty"
            yield from _problems(value, place, each.metadata)


def text(longest: int) -> Any:
    """Return a field for a text that may be left out.

    Args:
        longest: The most characters.
    """
    return field(default=None, metadata={LONGEST: longest})


def required_text(longest: int) -> Any:
    """Return a field for a text that must be given.

    Args:
        longest: The most characters.
    """
    return field(metadata={LONGEST: longest})


def items(most: int, *, longest: int = 0) -> Any:
    """Return a field for a list that may be left out.

    Args:
        most: The most items.
        longest: The most characters of each, where they are texts.
    """
    return field(default=(), metadata={MOST: most, LONGEST: longest})


def _document(value: Any) -> Any:
    if isinstance(value, CardPart):
        return value.document()
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, Mapping):
        return dict(value)
    return value if isinstance(value, str | int | float) else [_document(item) for item in value]


def _is_empty(value: Any) -> bool:
    return not isinstance(value, str | int | float | CardPart) and len(value) == 0


def _problems(value: Any, place: str, limits: Mapping[str, Any]) -> Iterator[str]:
    longest, most = limits.get(LONGEST, 0), limits.get(MOST, 0)
    if isinstance(value, CardPart):
        yield from value.problems(f"{place}.")
    elif isinstance(value, str):
        if longest and not Token.is_unresolved(value) and len(value) > longest:
            yield f"{place} of the model card has {len(value)} characters, more than {longest}"
    elif not isinstance(value, int | float):
        if most and len(value) > most:
            yield f"{place} of the model card has {len(value)} items, more than {most}"
        named = value.items() if isinstance(value, Mapping) else enumerate(value)
        for key, item in named:
            yield from _problems(item, f"{place}[{key}]", {LONGEST: longest})
