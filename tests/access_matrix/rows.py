"""The rows of the access matrix, read from its data file.

A family is declared once and gives a row for each principal and request: the whole request,
and for each of its guardrails the same request with the key wrong and with the key left out.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

MATRIX = Path(__file__).with_name("matrix.toml")
LAYERS = ("identity", "boundary", "resource", "endpoint", "organization", "resource-control")
Value = str | list[str]


@dataclass(frozen=True)
class Guardrail:
    """A condition key that a request must have right.

    Attributes:
        key: The condition key.
        wrong: A value that must not pass.
        if_wrong: The layers that refuse it; empty when it passes.
        if_absent: The layers that refuse a request without the key; empty when it passes.
    """

    key: str
    wrong: Value
    if_wrong: tuple[str, ...]
    if_absent: tuple[str, ...]


class Row(NamedTuple):
    """One request and what must become of it."""

    id: str
    who: str
    action: str
    resource: str
    context: dict[str, Value | None]
    refused_by: tuple[str, ...]
    resource_account: str | None


@dataclass(frozen=True)
class Family:
    """Requests that are decided alike.

    Attributes:
        title: What is asked for, in words.
        who: The principals, by their names in the data file; a group stands there for its members.
        requests: Pairs of an action and a resource.
        refused_by: The layers that refuse them; empty when they are allowed.
        context: The condition keys of the whole request.
        guardrails: The keys that are tried wrong and absent too.
        resource_account: The account of the resource, when it is another.
    """

    title: str
    who: tuple[str, ...]
    requests: tuple[tuple[str, str], ...]
    refused_by: tuple[str, ...] = ()
    context: Mapping[str, Value] = field(default_factory=dict)
    guardrails: tuple[Guardrail, ...] = ()
    resource_account: str | None = None

    def rows(self) -> Iterator[Row]:
        """Its rows, each once."""
        for who in self.who:
            for action, resource in self.requests:
                for variant, context, refused_by in _variants(self):
                    yield Row(
                        f"{self.title} | {who} | {action} | {resource} | {variant}",
                        who,
                        action,
                        resource,
                        context,
                        refused_by,
                        self.resource_account,
                    )


@dataclass(frozen=True)
class Matrix:
    """The data file.

    Attributes:
        principals: Roles by ``stack/logical id``, or the principals of services.
        names: What may stand in braces in requests and contexts: a text, or where to find it.
        families: The families of rows.
    """

    principals: Mapping[str, str]
    names: Mapping[str, str]
    families: tuple[Family, ...]

    def rows(self) -> Iterator[Row]:
        """Every row, each once."""
        for family in self.families:
            yield from family.rows()


def load_matrix(path: Path = MATRIX) -> Matrix:
    """Read the data file; a layer that does not exist fails."""
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    contexts, groups = data.get("contexts", {}), data.get("groups", {})
    return Matrix(
        principals=data["principals"],
        names=data["names"],
        families=tuple(_family(each, contexts, groups) for each in data["family"]),
    )


def _family(
    data: dict[str, Any], contexts: Mapping[str, Mapping[str, Value]], groups: Mapping[str, list[str]]
) -> Family:
    guardrails = tuple(
        Guardrail(each["key"], each["wrong"], _layers(each["if_wrong"]), _layers(each["if_absent"]))
        for each in data.pop("guardrail", [])
    )
    context: dict[str, Value] = {}
    for like in data.pop("like", []):
        context |= contexts[like]
    context |= data.pop("context", {})
    if missing := [each.key for each in guardrails if each.key not in context]:
        msg = f"{data['title']}: the context does not have {missing[0]}, so nothing shows that it is right"
        raise ValueError(msg)
    return Family(
        title=data.pop("title"),
        who=tuple(each for name in data.pop("who") for each in groups.get(name, [name])),
        requests=tuple((action, resource) for action, resource in data.pop("requests")),
        refused_by=_layers(data.pop("refused_by", [])),
        context=context,
        guardrails=guardrails,
        **data,
    )


def _layers(names: list[str]) -> tuple[str, ...]:
    if unknown := [name for name in names if name not in LAYERS]:
        msg = f"{unknown[0]!r} is no layer"
        raise ValueError(msg)
    return tuple(sorted(names))


def _variants(family: Family) -> Iterator[tuple[str, dict[str, Value | None], tuple[str, ...]]]:
    whole: dict[str, Value | None] = dict(family.context)
    yield "whole", whole, family.refused_by
    for guardrail in family.guardrails:
        key = guardrail.key
        yield f"{key} wrong", {**whole, key: guardrail.wrong}, guardrail.if_wrong
        # ``None`` takes a key out that AWS would set itself.
        yield f"{key} absent", {**whole, key: None}, guardrail.if_absent
