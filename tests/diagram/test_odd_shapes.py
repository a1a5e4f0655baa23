"""A template may have a function, or nonsense, where a list should be: the picture is drawn all the same."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import pytest

from mlgov_constructs.diagram import data_flow_picture, network_picture
from tests.diagram.conftest import Resources, Written
from tests.diagram.svg import texts
from tests.diagram.test_data_flow_picture import DATA
from tests.diagram.test_network_picture import NETWORK, NOBODY

ODD: dict[str, Any] = {
    "nothing": None,
    "text": "odd",
    "number": 7,
    "list": ["odd"],
    "mapping": {"odd": "odd"},
    "parameter": {"Ref": "Odd"},
    "attribute": {"Fn::GetAtt": []},
    "condition": {"Fn::If": ["Odd", {"odd": [{"Ref": "Odd"}]}, {"Ref": "AWS::NoValue"}]},
    "selection": {"Fn::Select": [{"Ref": "Odd"}, {"Fn::GetAZs": ""}]},
    "substitution": {"Fn::Sub": []},
    "macro": {"Fn::Transform": {"Name": "Odd"}},
}


def _mutants(resources: Resources, odd: Any) -> Iterator[Resources]:
    """Every property, one after the other, with an odd value; lists with an odd entry."""
    for name, each in resources.items():
        for key, value in each["Properties"].items():
            for instead in (odd, [value, odd]):
                yield resources | {name: each | {"Properties": each["Properties"] | {key: deepcopy(instead)}}}


@pytest.mark.parametrize("odd", ODD.values(), ids=list(ODD))
def test_no_odd_value_ends_a_picture(odd: Any, written: Written) -> None:
    for mutant in _mutants(NETWORK, odd):
        assert network_picture(written(mutant)).startswith("<svg")
    for mutant in _mutants(DATA, odd):
        assert data_flow_picture(written(mutant)).startswith("<svg")


def test_of_a_condition_both_ends_are_drawn(written: Written) -> None:
    open_rule = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "CidrIp": "0.0.0.0/0"}
    group = deepcopy(NETWORK["Doors"])
    group["Properties"]["SecurityGroupEgress"] = [{"Fn::If": ["Open", open_rule, NOBODY]}]
    assert "anywhere (0.0.0.0/0)" in texts(network_picture(written(NETWORK | {"Doors": group})))
