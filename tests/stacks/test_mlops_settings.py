"""What an environment file may say of pipeline and endpoint, and every problem at once when not."""

from __future__ import annotations

from pathlib import Path

import pytest

from stacks.environment import load_environment
from tests.stacks.test_environment import GOOD, problems_of

PIPELINE = "mlops:\n  pipeline:\n    data: labelled\n"
SERVING = "mlops:\n  serving:\n    model_version: 1\n"
BAD = {
    "a folder with a slash before it": (
        PIPELINE.replace("labelled", "/labelled"),
        "20: mlops.pipeline.data: found '/labelled'; must be a folder such as 'labelled/2026-11', without a slash at "
        "the beginning and at the end",
    ),
    "no data": (
        "mlops:\n  pipeline:\n    target: churned\n",
        "19: mlops.pipeline.data: is missing; the folder of the table in the curated bucket, below the project: CSV "
        "files with a header, numbers only.",
    ),
    "two days in a schedule": (
        PIPELINE + "    schedule: cron(0 3 * * MON *)\n",
        "21: mlops.pipeline.schedule: found 'cron(0 3 * * MON *)'; must be a schedule of EventBridge, such as "
        "'rate(7 days)' or 'cron(0 3 ? * MON *)'",
    ),
    "a rate in the wrong number": (
        PIPELINE + "    schedule: rate(1 days)\n",
        "21: mlops.pipeline.schedule: found 'rate(1 days)'; must be a schedule of EventBridge, such as "
        "'rate(7 days)' or 'cron(0 3 ? * MON *)'",
    ),
    "one instance": (
        SERVING + "    instances: 1\n",
        "21: mlops.serving.instances: found 1; must be greater than or equal to 2",
    ),
    "fewer at most than at least": (
        SERVING + "    instances: 6\n    max_instances: 4\n",
        "22: mlops.serving.max_instances: found 4; must be at least 'instances', 6",
    ),
    "a type without ml.": (
        SERVING + "    instance_type: m5.large\n",
        "21: mlops.serving.instance_type: found 'm5.large'; must be an instance type of SageMaker, such as "
        "'ml.m5.xlarge'",
    ),
    "no version": (
        "mlops:\n  serving:\n    model_version: 0\n",
        "20: mlops.serving.model_version: found 0; must be greater than or equal to 1",
    ),
    "drift from nothing": (
        SERVING + "    drift_check_hours: 6\n",
        "21: mlops.serving.drift_check_hours: found 6; needs 'pipeline': without it there is no baseline to compare "
        "with",
    ),
    "bias of a number": (
        PIPELINE + "    predicts: number\n    sensitive_column: age\n",
        "22: mlops.pipeline.sensitive_column: found 'age'; cannot be: bias is measured of a choice, 'predicts: "
        "yes-or-no'",
    ),
}


@pytest.mark.parametrize(("text", "expected"), BAD.values(), ids=BAD)
def test_a_bad_value_gives_its_line_its_value_and_what_is_allowed(tmp_path: Path, text: str, expected: str) -> None:
    assert problems_of(tmp_path, GOOD + text) == [expected]


def test_a_region_without_a_registry_has_neither(tmp_path: Path) -> None:
    text = GOOD.replace("eu-central-1", "us-gov-east-1") + PIPELINE + "  serving:\n    model_version: 1\n"
    found = problems_of(tmp_path, text)
    assert len(found) == 3
    assert all("cannot be: us-gov-east-1 has no AWS::SageMaker::" in problem for problem in found)


def test_nothing_is_trained_or_served_unless_asked(tmp_path: Path) -> None:
    file = tmp_path / "trial.yaml"
    file.write_text(GOOD, encoding="utf-8")
    assert load_environment(file).mlops is None


def test_no_monitor_runs_unless_named(tmp_path: Path) -> None:
    file = tmp_path / "trial.yaml"
    file.write_text(GOOD + SERVING, encoding="utf-8")
    mlops = load_environment(file).mlops
    assert mlops is not None
    assert mlops.serving is not None
    assert (mlops.serving.drift_check_hours, mlops.serving.instances, mlops.serving.max_instances) == (None, 2, 4)
