"""The script of the example runs on a laptop as it does in a training job."""

from __future__ import annotations

import json
import os
import random
import re
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parent.parent.parent / "docs" / "examples" / "training_script" / "train.py"
METRIC = re.compile(r"validation:accuracy=([0-9.]+)")


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the script with the environment that SageMaker's toolkit gives it."""
    environment = {
        **os.environ,
        "SM_CHANNEL_TRAIN": str(folder / "train"),
        "SM_CHANNEL_VALIDATION": str(folder / "validation"),
        "SM_MODEL_DIR": str(folder / "model"),
    }
    command = [sys.executable, str(SCRIPT), "--checkpoints", str(folder / "checkpoints"), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, env=environment)


@pytest.fixture
def job(tmp_path: Path) -> Path:
    """The folders of a job whose label is one where the two features are above one together."""
    numbers = random.Random(1)
    for channel, count in (("train", 200), ("validation", 100)):
        rows = [(numbers.random(), numbers.random()) for _ in range(count)]
        (tmp_path / channel).mkdir()
        text = "".join(f"{int(x + y > 1)},{x},{y}\n" for x, y in rows)
        (tmp_path / channel / "part.csv").write_text(text, encoding="utf-8")
    return tmp_path


def weights(job: Path) -> list[float]:
    found: list[float] = json.loads((job / "model" / "model.json").read_text(encoding="utf-8"))["weights"]
    return found


def test_it_learns_prints_its_metric_and_writes_the_model(job: Path) -> None:
    done = run(job, "--epochs", "10", "--learning-rate", "0.5")
    assert done.returncode == 0, done.stderr
    found = [float(value) for value in METRIC.findall(done.stdout)]
    assert len(found) == 10
    assert found[-1] > 0.9
    assert len(weights(job)) == 3


def test_it_goes_on_from_a_checkpoint_and_ends_alike(job: Path) -> None:
    run(job, "--epochs", "6")
    whole = weights(job)
    (job / "checkpoints" / "state.json").unlink()
    run(job, "--epochs", "4")
    again = run(job, "--epochs", "6")
    assert len(METRIC.findall(again.stdout)) == 2
    assert weights(job) == whole


def test_it_takes_hyperparameters_of_others(job: Path) -> None:
    done = run(job, "--epochs", "1", "--sagemaker-something", "1")
    assert done.returncode == 0, done.stderr


def test_it_ends_without_data(job: Path) -> None:
    (job / "train" / "part.csv").unlink()
    done = run(job)
    assert done.returncode != 0
    assert "No row in" in done.stderr
