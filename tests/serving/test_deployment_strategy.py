from __future__ import annotations

from typing import Any

import pytest
from aws_cdk import Duration

from mlgov_constructs.serving import DeploymentStrategy

STRATEGIES = [
    (DeploymentStrategy.all_at_once(), 0, 600, 2400),
    (DeploymentStrategy.canary(), 600, 300, 3300),
    (DeploymentStrategy.linear(), 300, 300, 3300),
    (DeploymentStrategy.canary(termination_wait=Duration.minutes(20)), 600, 1200, 4200),
]


@pytest.mark.parametrize(("strategy", "wait", "old", "end"), STRATEGIES)
def test_new_instances_are_watched_and_the_old_ones_wait(
    strategy: DeploymentStrategy, wait: int, old: int, end: int
) -> None:
    policy: dict[str, Any] = strategy.to_properties()["blueGreenUpdatePolicy"]
    assert policy["trafficRoutingConfiguration"]["type"] == strategy.kind
    assert policy["trafficRoutingConfiguration"]["waitIntervalInSeconds"] == wait
    assert policy["terminationWaitInSeconds"] == old
    assert policy["maximumExecutionTimeoutInSeconds"] == end


def test_batches_of_a_rolling_update_are_watched_and_have_an_end() -> None:
    assert DeploymentStrategy.rolling(percentage=20).to_properties() == {
        "rollingUpdatePolicy": {
            "maximumBatchSize": {"type": "CAPACITY_PERCENT", "value": 20},
            "waitIntervalInSeconds": 300,
            "maximumExecutionTimeoutInSeconds": 3300,
        }
    }
