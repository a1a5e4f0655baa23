"""A step that makes a table fit for training."""

from __future__ import annotations

from importlib import resources

from mlgov_constructs.steps import JobImage, PipelineValue, ProcessingStep

TRAIN, VALIDATION, CHECKS = "train", "validation", "checks"


def prepare_table_step(
    name: str, *, image: JobImage, data: str | PipelineValue, target: str, goal: str
) -> ProcessingStep:
    """Return a step that checks a table row by row, puts its target first, and splits it 80 to 20.

    The table is CSV with a header, and numbers only. What it writes, ``train`` and ``validation``,
    is what SageMaker's XGBoost takes: no header, the label first. The split is the same in every
    run. ``checks/checks.json`` tells ``rows``, for a condition to read, ``target`` and ``features``. A row that
    cannot be trained on ends the job with a message that names its file and line.

    Args:
        name: The name of the step.
        image: An image with Python 3.8 or later; no other package is needed.
        data: Where the table lies.
        target: The column that the model learns to predict.
        goal: ``yes-or-no`` when the target is 0 or 1, ``number`` otherwise.

    Cost:
        The machine, while the job runs: minutes of an ``ml.m5.xlarge``, at about 0.23 USD an hour.

    Example:
        >>> image = JobImage(f"111122223333.dkr.ecr.eu-west-1.example/python@sha256:{'0' * 64}")
        >>> step = prepare_table_step("Prepare", image=image, data="s3://d/t", target="left", goal="yes-or-no")
        >>> step.outputs
        ('train', 'validation', 'checks')
    """
    return ProcessingStep(
        name,
        image=image,
        script=resources.files(__package__).joinpath("prepare_table.py").read_text(encoding="utf-8"),
        inputs={"data": data},
        environment={"TARGET": target, "GOAL": goal},
        output_names=[TRAIN, VALIDATION, CHECKS],
        metric_files={CHECKS: (CHECKS, "checks.json")},
    )
