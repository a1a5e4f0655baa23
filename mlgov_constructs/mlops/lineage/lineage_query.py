"""The saved queries over the inventory, as they are declared in ``queries.toml``."""

from __future__ import annotations

import functools
import tomllib
from dataclasses import dataclass
from importlib import resources
from typing import Any

WINDOW_DAYS = 7
SINCE = f"date_format(date_add('day', -{WINDOW_DAYS}, now()), '%Y-%m-%d')"


@dataclass(frozen=True, slots=True)
class LineageQuery:
    """A question that the inventory answers.

    Attributes:
        name: Its name, also in Athena.
        description: The question.
        sql: The query in the SQL of Athena; ``?`` stands for the parameter.
        parameter: What the parameter is; empty when there is none.
    """

    name: str
    description: str
    sql: str
    parameter: str = ""


@functools.cache
def lineage_queries() -> dict[str, LineageQuery]:
    """Return the queries by name.

    Example:
        >>> lineage_queries()["versions-of-model"].parameter
        'model package group'
    """
    declared = tomllib.loads(resources.files(__package__).joinpath("queries.toml").read_text("utf-8"))
    views = {name: view["sql"].strip().replace("{since}", SINCE) for name, view in declared["views"].items()}
    return {name: _query(name, query, views) for name, query in declared["queries"].items()}


def _query(name: str, declared: dict[str, Any], views: dict[str, str]) -> LineageQuery:
    used = ",\n".join(f"{view} AS (\n{views[view]}\n)" for view in declared["views"])
    return LineageQuery(
        name=name,
        description=declared["description"],
        sql=f"WITH {used}\n{declared['sql'].strip()}",
        parameter=declared.get("parameter", ""),
    )
