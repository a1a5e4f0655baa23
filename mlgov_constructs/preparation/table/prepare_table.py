"""Check a table, put its target first, and split it into training and validation; it runs in the job.

Standard library of Python 3.8 only, row by row, so that a table of any size fits. It reads CSV files
with a header and writes them without one, as SageMaker's XGBoost takes them.
"""

from __future__ import annotations

import contextlib
import csv
import json
import os
import random
import sys
from pathlib import Path
from typing import TextIO

ROOT = Path("/opt/ml/processing")
MESSAGE = Path("/opt/ml/output/message")
SHARE_OF_TRAINING = 0.8
FEWEST_ROWS = 20
PARTS = ("train", "validation")


class TableError(Exception):
    """The table cannot be trained on; the message is what the user reads."""


def main(root: Path, target: str, goal: str) -> None:
    """Check and split every CSV file of the input."""
    files = sorted((root / "input" / "data").rglob("*.csv"))
    if not files:
        raise TableError("There is no .csv file under the training data.")
    chance = random.Random(1)  # noqa: S311 - no secret, but the same split in every run
    rows = 0
    columns: list[str] = []
    with contextlib.ExitStack() as stack:
        parts = [csv.writer(stack.enter_context(create(root, part, "part.csv"))) for part in PARTS]
        for path in files:
            with path.open(newline="", encoding="utf-8-sig") as table:
                reader = csv.reader(table)
                header = next(reader, [])
                if target not in header:
                    raise TableError(f"{path.name} has no column {target!r}. It has {', '.join(header) or 'none'}.")
                if columns and header != columns:
                    raise TableError(f"{path.name} has other columns than the files before it.")
                columns = header
                for row in filter(None, reader):
                    rows += 1
                    check(row, header, target, goal, f"{path.name}, line {reader.line_num}")
                    label = row.pop(header.index(target))
                    parts[chance.random() >= SHARE_OF_TRAINING].writerow([label, *row])
    if rows < FEWEST_ROWS:
        raise TableError(f"There are {rows} rows; {FEWEST_ROWS} are the least.")
    features = [column for column in columns if column != target]
    with create(root, "checks", "checks.json") as report:
        json.dump({"rows": rows, "target": target, "features": features}, report)


def check(row: list[str], header: list[str], target: str, goal: str, where: str) -> None:
    """Raise when a row cannot be trained on."""
    if len(row) != len(header):
        raise TableError(f"{where}: {len(row)} values for {len(header)} columns.")
    for column, value in zip(header, row):  # noqa: B905 - Python 3.8 knows no strict, and they are equally long
        if value and not is_number(value):
            raise TableError(f"{where}: column {column!r} holds {value!r}, which is no number.")
    label = row[header.index(target)]
    if not label or (goal == "yes-or-no" and float(label) not in (0, 1)):
        wanted = "0 or 1" if goal == "yes-or-no" else "a number"
        raise TableError(f"{where}: the target is {label!r}; it must be {wanted}.")


def is_number(value: str) -> bool:
    """Whether a value is a number."""
    try:
        float(value)
    except ValueError:
        return False
    return True


def create(root: Path, output: str, name: str) -> TextIO:
    """Open a new file of an output."""
    folder = root / "output" / output
    folder.mkdir(parents=True, exist_ok=True)
    return (folder / name).open("w", newline="", encoding="utf-8")


if __name__ == "__main__":
    try:
        main(ROOT, os.environ["TARGET"], os.environ["GOAL"])
    except TableError as error:
        MESSAGE.parent.mkdir(parents=True, exist_ok=True)
        MESSAGE.write_text(str(error), encoding="utf-8")
        sys.exit(str(error))
