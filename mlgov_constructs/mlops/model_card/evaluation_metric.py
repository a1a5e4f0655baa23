"""One result of an evaluation."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from mlgov_constructs.argument_types import checked_arguments
from mlgov_constructs.mlops.model_card.card_part import CardPart, required_text, text

LONGEST_VALUE = 63


@checked_arguments
@dataclass(frozen=True, kw_only=True)
class EvaluationMetric(CardPart):
    """One result of an evaluation: a number, a text or a yes or no.

    Attributes:
        name: The metric, up to 255 characters.
        value: The result; a text has up to 63 characters.
        notes: Up to 1,024 characters.

    Example:
        >>> EvaluationMetric(name="fair", value=True).document()
        {'name': 'fair', 'value': True, 'type': 'boolean'}
    """

    name: str = required_text(255)
    value: float | str | bool
    notes: str | None = text(1024)

    def document(self) -> dict[str, Any]:
        """Return the part as the schema has it."""
        return {**super().document(), "type": self._type()}

    def problems(self, path: str = "") -> Iterator[str]:
        """Yield what the schema would refuse.

        Args:
            path: Where this part stands in the card.
        """
        yield from super().problems(path)
        if isinstance(self.value, str) and len(self.value) > LONGEST_VALUE:
            yield f"{path}value of the model card has {len(self.value)} characters, more than {LONGEST_VALUE}"

    def _type(self) -> str:
        if isinstance(self.value, bool):
            return "boolean"
        return "string" if isinstance(self.value, str) else "number"
