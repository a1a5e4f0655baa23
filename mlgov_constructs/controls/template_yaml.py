"""Reads YAML as CloudFormation does, and writes the short forms of the intrinsic functions out."""

from __future__ import annotations

import json
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.constructor import SafeConstructor
from ruamel.yaml.error import YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode

# The short forms whose long form has no "Fn::" before it.
PLAIN = ("Ref", "Condition")


def read_yaml(text: str) -> Any:
    """Return what a YAML text says, as JSON would say it.

    Args:
        text: The text.

    Raises:
        ValueError: It is no YAML.

    Example:
        >>> read_yaml("Arn: !GetAtt Key.Arn")
        {'Arn': {'Fn::GetAtt': ['Key', 'Arn']}}
    """
    yaml = YAML(typ="safe", pure=True)
    yaml.Constructor = _Constructor
    try:
        # Dates and the like are texts to CloudFormation.
        return json.loads(json.dumps(yaml.load(text), default=str))
    except (YAMLError, TypeError) as error:
        msg = f"it is neither JSON nor YAML: {error}"
        raise ValueError(msg) from error


class _Constructor(SafeConstructor):
    """Writes short forms out."""

    def written_out(self, suffix: str, node: Node) -> dict[str, Any]:
        if isinstance(node, ScalarNode):
            value: Any = self.construct_scalar(node)
        elif isinstance(node, MappingNode):
            value = self.construct_mapping(node, deep=True)
        else:
            value = self.construct_sequence(node, deep=True)
        if suffix == "GetAtt" and isinstance(value, str):
            value = value.split(".", 1)
        return {suffix if suffix in PLAIN else f"Fn::{suffix}": value}


_Constructor.add_multi_constructor("!", _Constructor.written_out)
