"""One table of what was read back, in which every row says whether it is as it must be."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """One thing that was read back.

    Args:
        cells: What the services told, one text a column.
        faults: The demands that it does not meet; none when all is as it must be.
    """

    cells: tuple[str, ...]
    faults: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Section:
    """What was read back of one subject.

    Args:
        title: The subject.
        columns: The headings.
        rows: The things.
        demands: What must hold of all of them together, by whether it does.
    """

    title: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    demands: Mapping[str, bool]

    @property
    def faults(self) -> list[str]:
        """Every demand that is not met, with the thing that does not meet it."""
        of_rows = [f"{self.title}: {row.cells[0]}: {fault}" for row in self.rows for fault in row.faults]
        return of_rows + [f"{self.title}: {fault}" for fault in unmet(self.demands)]


def unmet(demands: Mapping[str, bool]) -> tuple[str, ...]:
    """Returns the demands that do not hold.

    Args:
        demands: Each demand, as a sentence with "must", by whether it holds.
    """
    return tuple(demand for demand, holds in demands.items() if not holds)
