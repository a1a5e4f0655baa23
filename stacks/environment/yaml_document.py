"""A YAML document as plain values, with the line of each of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from ruamel.yaml.reader import ReaderError

Location = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong in a file.

    Attributes:
        line: The line, counted from 1.
        location: The place, from the top of the document down; empty for the document.
        message: What was found and what is allowed.
    """

    line: int
    location: Location
    message: str


@dataclass(slots=True)
class YamlDocument:
    r"""The values of one document: mappings as ``dict``, lists as ``tuple``.

    Args:
        text: The text of the file.

    Attributes:
        value: What the document says.
        lines: The line of each value by its location.
        problems: Syntax errors, duplicate keys and keys that are no text.

    Example:
        >>> document = YamlDocument("network:\n  zones: [a, b]\n")
        >>> document.value
        {'network': {'zones': ('a', 'b')}}
        >>> document.lines["network", "zones"]
        2
    """

    text: str
    value: Any = field(default=None, init=False)
    lines: dict[Location, int] = field(default_factory=dict, init=False)
    problems: list[Problem] = field(default_factory=list, init=False)

    def __post_init__(self) -> None:
        yaml = YAML(typ="safe", pure=True)
        try:
            node = yaml.compose(self.text)
            if node is not None:
                self.value = self._read(yaml, node, (), ())
        except MarkedYAMLError as error:
            line = error.problem_mark.line + 1 if error.problem_mark else 1
            reason = " ".join(part for part in (error.context, error.problem) if part)
            self.problems.append(Problem(line, (), f"is no YAML: {reason}"))
        except ReaderError as error:
            line = self.text.count("\n", 0, error.position) + 1
            self.problems.append(
                Problem(line, (), f"is no YAML: the character {self.text[error.position]!r} is not allowed")
            )

    def line(self, location: Location) -> int:
        """Return the line of a value, or of the nearest section around it that exists."""
        while location and location not in self.lines:
            location = location[:-1]
        return self.lines.get(location, 1)

    def _read(self, yaml: YAML, node: Node, location: Location, above: tuple[Node, ...]) -> Any:
        self.lines.setdefault(location, node.start_mark.line + 1)
        if node in above:
            self.problems.append(Problem(self.line(location), location, "contains itself through an alias"))
            return None
        if isinstance(node, MappingNode):
            return self._read_mapping(yaml, node, location, (*above, node))
        if isinstance(node, SequenceNode):
            return tuple(
                self._read(yaml, item, (*location, index), (*above, node)) for index, item in enumerate(node.value)
            )
        try:
            return yaml.constructor.construct_object(node)
        except ValueError as error:
            # Written as a date or a number, and none, such as 2026-13-45.
            self.problems.append(Problem(self.line(location), location, f"found {node.value!r}: {error}"))
            return None

    def _read_mapping(
        self, yaml: YAML, node: MappingNode, location: Location, above: tuple[Node, ...]
    ) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key, line = key_node.value, key_node.start_mark.line + 1
            place = (*location, key) if isinstance(key, str) else location
            if not isinstance(key_node, ScalarNode):
                self.problems.append(Problem(line, location, "a key must be plain text"))
            elif key in values:
                first = self.lines[place]
                self.problems.append(Problem(line, place, f"is given twice, first in line {first}; keep one"))
            else:
                self.lines[place] = line
                values[key] = self._read(yaml, value_node, place, above)
        return values
