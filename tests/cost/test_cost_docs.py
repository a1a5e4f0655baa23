"""The numbers of docs/cost.md are those of the table of prices."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from mlgov_constructs.cli.pricing.charges import DAYS
from mlgov_constructs.cli.pricing.estimate import estimate
from mlgov_constructs.cli.pricing.price_table import PriceTable
from tests.environments import Assembly

PAGE = (Path(__file__).parents[2] / "docs" / "cost.md").read_text(encoding="utf-8")
TABLE = PriceTable.default()
HOURS = TABLE.quantity("month_hours")


def usd(price_id: str, quantity: float = 1) -> float:
    price = TABLE.price(price_id, "us-east-1")
    assert price is not None
    return price.usd * quantity


def rows() -> Iterator[tuple[str, list[float]]]:
    for what, numbers in re.findall(r"^\| ([^|]+) \|((?: [\d.]+ \|)+)$", PAGE, re.MULTILINE):
        yield what, [float(each) for each in numbers.strip(" |").split("|")]


EXPECTED = {
    "an interface endpoint": [usd("interface-endpoint", zones * HOURS) for zones in (1, 2, 3)],
    "the sandbox's 18 interface endpoints": [usd("interface-endpoint", 18 * zones * HOURS) for zones in (1, 2, 3)],
    "a customer managed key, before its first rotation": [usd("kms-key")],
    "a NAT gateway, of which there is none": [usd("nat-gateway", HOURS)],
    "the audit trail's 14 metrics and 14 alarms, at most": [usd("custom-metric", 14) + usd("alarm-metric", 14)],
    "MLflow as an app": [0],
    "MLflow on a small tracking server that is never stopped": [usd("mlflow.Small", HOURS)],
    "an endpoint on two `ml.m5.large`": [usd("instance.ml.m5.large", 2 * HOURS)],
    "a notebook on `ml.t3.medium`, 160 hours, 20 GB": [
        usd("instance.ml.t3.medium", TABLE.quantity("notebook_hours")) + usd("ml-volume-gib", 20)
    ],
    "a budget with an action, beyond the first two of the account": [usd("budget-action", DAYS)],
    "an anomaly monitor, a cost category, a budget without actions": [0],
}


def test_the_numbers_are_those_of_the_table() -> None:
    found = dict(rows())
    assert found.keys() == EXPECTED.keys()
    for what, numbers in found.items():
        assert numbers == pytest.approx(EXPECTED[what], abs=0.005), what
    assert f"the table of {TABLE.date}" in PAGE


def test_the_sandbox_has_as_many_endpoints_as_the_page_says(assembly: Assembly) -> None:
    (foundation,) = assembly("sandbox", "aws").glob("*foundation*.template.json")
    result = estimate([foundation], TABLE, region="us-east-1", default_region="us-east-1")
    endpoints = [item for stack in result.stacks for item in stack.items if item.price_id == "interface-endpoint"]
    assert len(endpoints) == 18
    resources = json.loads(foundation.read_text(encoding="utf-8"))["Resources"].values()
    assert "AWS::EC2::NatGateway" not in {resource["Type"] for resource in resources}
