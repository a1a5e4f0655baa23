"""What the inventory answered, and how it is written."""

from __future__ import annotations

import json
from dataclasses import dataclass

#: Raised when a field changes its meaning or goes away; a new field does not raise it.
SCHEMA_VERSION = 1


class LineageError(Exception):
    """Why a question could not be asked, and what to do about it."""


@dataclass(frozen=True, slots=True)
class LineageAnswer:
    """The rows that a saved query gave.

    Attributes:
        query: The name of the query.
        parameter: What was asked for; ``None`` when the query has no parameter.
        columns: The names of the columns.
        rows: A value a column, as text; ``None`` where there is none.
    """

    query: str
    parameter: str | None
    columns: tuple[str, ...]
    rows: tuple[tuple[str | None, ...], ...]

    def as_json(self) -> str:
        """Write the answer for programs.

        Example:
            >>> json.loads(LineageAnswer("sweeps", None, ("day",), (("2026-11-20",),)).as_json())["rows"]
            [{'day': '2026-11-20'}]
        """
        document = {
            "schemaVersion": SCHEMA_VERSION,
            "query": self.query,
            "parameter": self.parameter,
            "columns": list(self.columns),
            "rows": [dict(zip(self.columns, row, strict=True)) for row in self.rows],
        }
        return json.dumps(document, indent=2)

    def as_text(self) -> str:
        """Write the answer for people: a line a value, and nothing of what is empty.

        Example:
            >>> rows = (("2026-11-20", "3"), ("2026-11-21", None))
            >>> print(LineageAnswer("sweeps", None, ("day", "n"), rows).as_text())
            day  2026-11-20
            n    3
            <BLANKLINE>
            day  2026-11-21
        """
        width = max(map(len, self.columns), default=0)
        blocks = [
            "\n".join(f"{column:{width}}  {value}" for column, value in zip(self.columns, row, strict=True) if value)
            for row in self.rows
        ]
        return "\n\n".join(blocks)
