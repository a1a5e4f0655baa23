"""Every row of the access matrix, evaluated on the synthesized sandbox with all layers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest

from mlgov_constructs.cli.access.layers import Layers, Request
from mlgov_constructs.cli.access.simulator import Simulator
from tests.access_matrix.rows import Matrix, Row, load_matrix

FEWEST_ROWS = 400
ROWS = list(load_matrix().rows())


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)
def test_row(row: Row, layers: Layers, simulator: Simulator, request_of: Callable[[Row], Request]) -> None:
    decision = simulator.decide(layers.simulation(request_of(row)))
    assert decision.ignored_keys == (), "these keys do not apply to the action, so they test nothing"
    assert tuple(sorted(decision.refused_by)) == row.refused_by, decision.statements
    assert decision.allowed is (row.refused_by == ())


def test_there_are_enough_rows_and_none_twice() -> None:
    assert len(ROWS) >= FEWEST_ROWS
    assert [row_id for row_id, times in Counter(row.id for row in ROWS).items() if times > 1] == []


def test_every_principal_and_name_is_used(matrix: Matrix) -> None:
    used = str(ROWS) + str(list(matrix.names.values()))
    assert {row.who for row in ROWS} == set(matrix.principals)
    assert [name for name in matrix.names if f"{{{name}}}" not in used] == []
