"""What can be wrong with the arguments of a pipeline."""

from __future__ import annotations

import json
import re
from typing import Any

from aws_cdk import Token
from aws_cdk import aws_events as events
from constructs import Construct

from mlgov_constructs.errors import ConstructError
from mlgov_constructs.identity import JobRole, JobType
from mlgov_constructs.mlops.model_registry import ModelRegistry
from mlgov_constructs.mlops.pipeline_definition import PipelineDefinition
from mlgov_constructs.mlops.register_model_step import RegisterModelStep

# As a prefix of the names of jobs, of which SageMaker makes 63 characters.
NAME = re.compile(r"[a-z0-9](-*[a-z0-9]){0,62}")
# SageMaker takes a megabyte, but so must the template of the whole stack.
LONGEST_DEFINITION = 100_000
MOST_PARALLEL = 50
RATE = re.compile(r"rate\((1 (minute|hour|day)|([2-9]|[1-9]\d+) (minutes|hours|days))\)")
CRON = re.compile(r"cron\((\S+ ){5}\S+\)")


def check_pipeline(scope: Construct, construct_id: str, name: str, role: JobRole, parallel: int) -> None:
    """Raise when name, role or parallelism cannot be used."""
    if role.job is not JobType.PIPELINE:
        raise ConstructError(
            scope,
            construct_id,
            f"role is one for {role.job.value}",
            "Give the pipeline a JobRole of type JobType.PIPELINE.",
        )
    if not Token.is_unresolved(name) and not NAME.fullmatch(name):
        raise ConstructError(
            scope,
            construct_id,
            f"pipeline_name {name!r} is no name of a pipeline",
            "Use up to 63 lower-case letters, digits and single hyphens.",
        )
    if not 1 <= parallel <= MOST_PARALLEL:
        raise ConstructError(
            scope, construct_id, f"max_parallel_steps {parallel} is out of range", f"Use 1 to {MOST_PARALLEL}."
        )


def check_definition(
    scope: Construct,
    construct_id: str,
    definition: PipelineDefinition,
    registry: ModelRegistry | None,
    schedule: events.Schedule | None,
    *,
    has_processing_role: bool,
) -> None:
    """Raise when the definition, its roles, its registry or its schedule do not fit together."""
    for problem, fix in definition.problems():
        raise ConstructError(scope, construct_id, problem, fix)
    for step in definition.all_steps:
        if step.JOB is JobType.PROCESSING and not has_processing_role:
            raise ConstructError(
                scope,
                construct_id,
                f"step {step.name!r} processes, and the pipeline has no role for it",
                "Give processing_role=..., a JobRole of type JobType.PROCESSING for example.",
            )
        group = step.model_package_group_name if isinstance(step, RegisterModelStep) else None
        if group is not None and (registry is None or registry.model_package_group_name != group):
            raise ConstructError(
                scope,
                construct_id,
                f"step {step.name!r} registers in group {group!r}, which is not the registry's",
                "Give the pipeline the registry that the step names.",
            )
    if schedule is not None:
        check_schedule(scope, construct_id, schedule)
        missing = sorted(name for name, each in definition.all_parameters.items() if each.default is None)
        if missing:
            raise ConstructError(
                scope,
                construct_id,
                f"parameter {missing[0]!r} has no value when the pipeline starts by itself",
                f"Give the pipeline parameters={{{missing[0]!r}: ...}}.",
            )


def check_schedule(scope: Construct, construct_id: str, schedule: events.Schedule) -> None:
    """Raise when EventBridge would refuse a schedule."""
    expression = schedule.expression_string
    if Token.is_unresolved(expression) or RATE.fullmatch(expression) or _is_cron(expression):
        return
    raise ConstructError(
        scope,
        construct_id,
        f"schedule {expression!r} is none that EventBridge takes",
        "Write rate(1 day), rate(6 hours) or cron(0 3 ? * MON *), with ? for the day that is not said.",
    )


def _is_cron(expression: str) -> bool:
    if not CRON.fullmatch(expression):
        return False
    _, _, day, _, weekday, _ = expression[5:-1].split()
    return (day == "?") != (weekday == "?")


def check_size(scope: Construct, construct_id: str, rendered: dict[str, Any]) -> None:
    """Raise when the definition is too long for a template."""
    size = len(json.dumps(rendered))
    if size > LONGEST_DEFINITION:
        raise ConstructError(
            scope,
            construct_id,
            f"the definition of the pipeline has {size} characters",
            f"Keep it within {LONGEST_DEFINITION}: bring scripts in an image, or split the pipeline.",
        )
