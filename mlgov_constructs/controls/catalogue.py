"""The catalogue of controls, read from the TOML files beside this module."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from functools import cached_property
from importlib import resources
from typing import Any

from mlgov_constructs.controls import control as model

AREAS = (
    "network",
    "protection",
    "identity",
    "workspace",
    "studio",
    "catalog",
    "governance",
    "cost",
    "mlops",
    "pipelines",
    "lineage",
    "preparation",
    "training",
    "serving",
    "monitoring",
)

REQUIRED = frozenset({"title", "statement", "why", "severity", "fix", "source"})
OPTIONAL = frozenset({"preventive", "across_resources", "published", "ours"})


class CatalogueError(ValueError):
    """A control is declared wrongly: which one, what is wrong, and what to do."""


class Catalogue(Mapping[str, model.Control]):
    """Every control by its id, in the order of the areas and of their files.

    The declarations are data: one TOML file an area, one Guard file a control.

    Raises:
        CatalogueError: On first use, when a control lacks a field, has one that is unknown, has a
            severity that is none, or has no rule.

    Example:
        >>> len([c for c in CATALOGUE.values() if c.id.startswith("MLG-NET-")]) > 0
        True
    """

    @cached_property
    def _controls(self) -> dict[str, model.Control]:
        controls: dict[str, model.Control] = {}
        for area in AREAS:
            text = resources.files(__package__).joinpath("catalogue", f"{area}.toml").read_text(encoding="utf-8")
            for control_id, declared in tomllib.loads(text).items():
                controls[control_id] = _control(control_id, declared)
        return controls

    def __getitem__(self, control_id: str) -> model.Control:
        """Return the control with this id; ``KeyError`` names the id that is unknown."""
        return self._controls[control_id]

    def __iter__(self) -> Iterator[str]:
        return iter(self._controls)

    def __len__(self) -> int:
        return len(self._controls)


def _control(control_id: str, declared: dict[str, Any]) -> model.Control:
    if missing := sorted(REQUIRED - declared.keys()):
        msg = f"{control_id} has no {missing[0]}. Declare {', '.join(missing)} in controls/catalogue."
        raise CatalogueError(msg)
    if unknown := sorted(declared.keys() - REQUIRED - OPTIONAL):
        msg = f"{control_id} declares {unknown[0]!r}. Known are {', '.join(sorted(REQUIRED | OPTIONAL))}."
        raise CatalogueError(msg)
    if declared["severity"] not in set(model.Severity):
        msg = f"{control_id} has the severity {declared['severity']!r}. Use one of {', '.join(model.Severity)}."
        raise CatalogueError(msg)
    if not resources.files(__package__).joinpath("rules", f"{control_id}.guard").is_file():
        msg = f"{control_id} has no rule. Write controls/rules/{control_id}.guard."
        raise CatalogueError(msg)
    mappings = tuple(
        model.Mapping(framework=framework, id=identifier, published=published)
        for published, key in ((True, "published"), (False, "ours"))
        for framework, identifiers in declared.get(key, {}).items()
        for identifier in identifiers
    )
    return model.Control(
        id=control_id,
        title=declared["title"],
        statement=declared["statement"],
        why=declared["why"],
        severity=model.Severity(declared["severity"]),
        fix=declared["fix"],
        source=declared["source"],
        mappings=mappings,
        preventive=tuple(declared.get("preventive", ())),
        across_resources=declared.get("across_resources", False),
    )


CATALOGUE = Catalogue()
