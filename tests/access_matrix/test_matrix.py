"""Every row of the access matrix, evaluated on the synthesized sandbox and its endpoint with all layers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest

from mlgov_constructs.cli.access.layers import Layers, Request
from mlgov_constructs.cli.access.simulator import Simulator
from tests.access_matrix.rows import Family, Matrix, Row, load_matrix

FEWEST_ROWS = 4900
# What serves, and is changed by its stack alone; the rows take its tag and its folders for granted.
DEPLOYED = ("Pipeline", "Model", "EndpointConfig", "Endpoint", "MonitoringSchedule")
NAMED = {"Pipeline": "PipelineName", "Endpoint": "EndpointName", "MonitoringSchedule": "MonitoringScheduleName"}
MATRIX = load_matrix()
ROWS = list(MATRIX.rows())


# A test for each row would take as long again to collect as to evaluate.
@pytest.mark.parametrize("family", MATRIX.families, ids=lambda family: family.title)
def test_family(family: Family, layers: Layers, simulator: Simulator, request_of: Callable[[Row], Request]) -> None:
    wrong = {}
    for row in family.rows():
        decision = simulator.decide(layers.simulation(request_of(row)))
        assert decision.ignored_keys == (), f"{row.id}: these keys do not apply to the action, so they test nothing"
        found = tuple(sorted(decision.refused_by))
        if found != row.refused_by or decision.allowed is not (row.refused_by == ()):
            wrong[row.id] = (found, decision.statements)
    assert wrong == {}


def test_there_are_enough_rows_and_none_twice() -> None:
    assert len(ROWS) >= FEWEST_ROWS
    assert [row_id for row_id, times in Counter(row.id for row in ROWS).items() if times > 1] == []


def test_every_role_of_the_sandbox_is_asked_about(matrix: Matrix, layers: Layers) -> None:
    asked = {layers.assembly.find(*each.split("/")).arn for each in matrix.principals.values() if "/" in each}
    assert sorted({role.arn for role in layers.assembly.of_type("AWS::IAM::Role")} - asked) == []


def test_every_principal_and_name_is_used(matrix: Matrix) -> None:
    used = str(ROWS) + str(list(matrix.names.values()))
    assert {row.who for row in ROWS} == set(matrix.principals)
    assert [name for name in matrix.names if f"{{{name}}}" not in used] == []


@pytest.mark.parametrize("kind", DEPLOYED)
def test_what_serves_says_that_a_stack_keeps_it(layers: Layers, kind: str) -> None:
    (found,) = layers.assembly.of_type(f"AWS::SageMaker::{kind}")
    tags = {tag["Key"]: tag["Value"] for tag in found.properties["Tags"]}
    assert (tags["mlgov:project"], tags["mlgov:deployed-by"]) == ("sandbox", "stack")


@pytest.mark.parametrize("kind", NAMED)
def test_what_serves_writes_where_nobody_else_does(layers: Layers, kind: str) -> None:
    (found,) = layers.assembly.of_type(f"AWS::SageMaker::{kind}")
    assert found.properties[NAMED[kind]] == "sandbox-sandbox"
