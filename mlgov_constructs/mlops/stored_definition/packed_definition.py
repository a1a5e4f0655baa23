"""A definition made small, apart from the values that are known only when the stack is deployed."""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from mlgov_constructs.argument_types import is_number_token
from mlgov_constructs.mlops.pipeline_schema import TOKEN

# CloudFormation hands the properties of a custom resource to its function in one event of 256 kB.
LONGEST_PACKED = 180_000


@dataclass(frozen=True)
class PackedDefinition:
    """A definition, compressed, with places for tokens, and the tokens.

    Attributes:
        document: The definition with ``{{text:0}}`` and the like in place of tokens, compressed
            with gzip and in base64.
        values: The tokens by the numbers of their places.

    Example:
        >>> PackedDefinition.of({"Version": "2020-12-01"}).values
        {}
    """

    document: str
    values: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, definition: Mapping[str, Any]) -> PackedDefinition:
        """Return a definition packed; equal definitions are packed alike.

        Args:
            definition: The definition, as ``PipelineDefinition.render`` makes it.
        """
        places: dict[str, tuple[str, Any]] = {}
        text = json.dumps(_with_places(definition, places), separators=(",", ":"))
        document = base64.b64encode(gzip.compress(text.encode(), mtime=0)).decode()
        return cls(document, dict(places.values()))


def _with_places(value: Any, places: dict[str, tuple[str, Any]]) -> Any:
    if isinstance(value, Mapping):
        return {key: _with_places(item, places) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        # A list that is a token has one element, which stands for all.
        if len(value) == 1 and isinstance(value[0], str) and value[0].startswith("#{Token["):
            return _place("list", list(value), places)
        return [_with_places(item, places) for item in value]
    if isinstance(value, str) and TOKEN.search(value):
        return _place("text", value, places)
    if is_number_token(value):
        return _place("number", value, places)
    return value


def _place(kind: str, value: Any, places: dict[str, tuple[str, Any]]) -> str:
    number, _ = places.setdefault(f"{kind} {value}", (str(len(places)), value))
    return f"{{{{{kind}:{number}}}}}"
