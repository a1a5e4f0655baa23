"""Logistic regression on CSV files with the label first: the same script on a laptop and in a training job.

SageMaker's toolkit gives the folders as environment variables and the hyperparameters as arguments.
Without them the folders are those of a training job, `/opt/ml/...`.
"""

import argparse
import csv
import json
import math
import os
from pathlib import Path

Row = tuple[float, list[float]]


def read(folder: Path) -> list[Row]:
    """Return the rows of all files: the label, and the features with a one for the intercept."""
    rows = []
    for file in sorted(folder.glob("*.csv")):
        with file.open(encoding="utf-8", newline="") as lines:
            rows += [(float(line[0]), [1.0, *map(float, line[1:])]) for line in csv.reader(lines) if line]
    if not rows:
        raise SystemExit(f"No row in {folder}")
    return rows


def chance(weights: list[float], features: list[float]) -> float:
    """Return how likely the label is one."""
    score = sum(weight * feature for weight, feature in zip(weights, features, strict=True))
    return 1 / (1 + math.exp(-max(-60.0, min(60.0, score))))


def accuracy(weights: list[float], rows: list[Row]) -> float:
    """Return the share of rows whose label is told."""
    return sum((chance(weights, features) >= 0.5) == (label >= 0.5) for label, features in rows) / len(rows)


def load(checkpoint: Path, size: int) -> tuple[int, list[float]]:
    """Return the epoch to begin with, and the weights so far."""
    if not checkpoint.exists():
        return 0, [0.0] * size
    state = json.loads(checkpoint.read_text(encoding="utf-8"))
    return int(state["epoch"]), list(state["weights"])


def save(checkpoint: Path, epoch: int, weights: list[float]) -> None:
    """Keep the weights, whole or not at all: a Spot machine may be taken back while it writes."""
    checkpoint.parent.mkdir(parents=True, exist_ok=True)
    part = checkpoint.with_suffix(".part")
    part.write_text(json.dumps({"epoch": epoch, "weights": weights}), encoding="utf-8")
    part.replace(checkpoint)


def main() -> None:
    """Train, print the metric of each epoch, and write the model."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--epochs", type=int, default=20)
    parser.add_argument("--learning-rate", type=float, default=0.1)
    parser.add_argument("--train", type=Path, default=os.environ.get("SM_CHANNEL_TRAIN", "/opt/ml/input/data/train"))
    parser.add_argument(
        "--validation", type=Path, default=os.environ.get("SM_CHANNEL_VALIDATION", "/opt/ml/input/data/validation")
    )
    parser.add_argument("--model-dir", type=Path, default=os.environ.get("SM_MODEL_DIR", "/opt/ml/model"))
    parser.add_argument("--checkpoints", type=Path, default="/opt/ml/checkpoints")
    # The toolkit passes every hyperparameter, also those of other scripts.
    given, _ = parser.parse_known_args()
    rows, held_back = read(given.train), read(given.validation)
    checkpoint = given.checkpoints / "state.json"
    first, weights = load(checkpoint, len(rows[0][1]))
    for epoch in range(first, given.epochs):
        # Each epoch begins elsewhere, and always at the same row: a run that was interrupted ends alike.
        start = epoch % len(rows)
        for label, features in rows[start:] + rows[:start]:
            error = label - chance(weights, features)
            weights = [w + given.learning_rate * error * f for w, f in zip(weights, features, strict=True)]
        save(checkpoint, epoch + 1, weights)
        print(f"epoch={epoch + 1} validation:accuracy={accuracy(weights, held_back):.4f}", flush=True)
    given.model_dir.mkdir(parents=True, exist_ok=True)
    (given.model_dir / "model.json").write_text(json.dumps({"weights": weights}), encoding="utf-8")


if __name__ == "__main__":
    main()
