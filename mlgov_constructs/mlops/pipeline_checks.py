"""What can be wrong with the arguments of a pipeline."""

from __future__ import annotations

import re
from collections.abc import Mapping

from aws_cdk import Token
from aws_cdk import aws_events as events
from aws_cdk import aws_s3 as s3
from constructs import Construct

from mlgov_constructs.errors import ConstructError
from mlgov_constructs.mlops.model_registry import ModelRegistry
from mlgov_constructs.mlops.pipeline_definition import PipelineDefinition
from mlgov_constructs.mlops.register_model_step import RegisterModelStep
from mlgov_constructs.mlops.stored_definition.packed_definition import LONGEST_PACKED, PackedDefinition
from mlgov_constructs.protection import GovernedBucket
from mlgov_constructs.schedule_expression import is_cron, is_rate
from mlgov_constructs.steps import PipelineParameter

# As a prefix of the names of jobs, of which SageMaker makes 63 characters.
NAME = re.compile(r"[a-z0-9](-*[a-z0-9]){0,62}")
# SageMaker takes a megabyte; the template of the whole stack holds no more, so that a long one goes to S3.
LONGEST_DEFINITION, LONGEST_IN_TEMPLATE = 1_048_576, 100_000
MOST_PARALLEL = 50


def check_pipeline(scope: Construct, construct_id: str, name: str, parallel: int) -> None:
    """Raise when name or parallelism cannot be used."""
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
) -> None:
    """Raise when the definition, its registry and its schedule do not fit together."""
    for problem, fix in definition.problems():
        raise ConstructError(scope, construct_id, problem, fix)
    if unused := sorted({each.name for each in definition.parameters} - definition.used_parameters):
        raise ConstructError(
            scope,
            construct_id,
            f"parameter {unused[0]!r} has a default, and no step uses it",
            f"Use one of {', '.join(sorted(definition.used_parameters)) or 'none: the steps use no parameter'}.",
        )
    for step in definition.all_steps:
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
        check_values(scope, construct_id, definition.all_parameters, {})


def check_values(
    scope: Construct, construct_id: str, known: Mapping[str, PipelineParameter], values: Mapping[str, str]
) -> None:
    """Raise when a run that starts by itself has a value too many or too few."""
    if unknown := sorted(values.keys() - known.keys()):
        raise ConstructError(
            scope,
            construct_id,
            f"parameter {unknown[0]!r} is none of the pipeline",
            f"Use one of {', '.join(sorted(known)) or 'none: the pipeline has no parameter'}.",
        )
    missing = sorted(name for name, each in known.items() if each.default is None and name not in values)
    if missing:
        raise ConstructError(
            scope,
            construct_id,
            f"parameter {missing[0]!r} has no value when the pipeline starts by itself",
            f"Give the pipeline parameters={{{missing[0]!r}: ...}}, or the start one.",
        )


def check_new_data(scope: Construct, construct_id: str, prefix: str, outputs: str | None) -> None:
    """Raise when what the pipeline writes would start it again, or the prefix is a pattern."""
    if "*" in prefix:
        raise ConstructError(
            scope, construct_id, f"prefix {prefix!r} is a pattern", "Write how keys begin, and suffix for how they end."
        )
    if outputs is not None and (outputs.startswith(prefix) or prefix.startswith(outputs)):
        raise ConstructError(
            scope,
            construct_id,
            f"what the pipeline writes under {outputs!r} would start it again, as prefix {prefix!r} covers it",
            "Name the folder of the new data, for example 'churn/labelled/'.",
        )


def check_schedule(scope: Construct, construct_id: str, schedule: events.Schedule) -> None:
    """Raise when EventBridge would refuse a schedule."""
    expression = schedule.expression_string
    if Token.is_unresolved(expression) or is_rate(expression) or is_cron(expression):
        return
    raise ConstructError(
        scope,
        construct_id,
        f"schedule {expression!r} is none that EventBridge takes",
        "Write rate(1 day), rate(6 hours) or cron(0 3 ? * MON *), with ? for the day that is not said.",
    )


def check_place(
    scope: Construct,
    construct_id: str,
    definition: PipelineDefinition,
    chosen: s3.IBucket | None,
    output_bucket: s3.IBucket,
) -> None:
    """Raise when a long definition finds no place."""
    size = definition.size
    if size > LONGEST_DEFINITION:
        raise ConstructError(
            scope,
            construct_id,
            f"the definition of the pipeline has {size} characters",
            f"Keep it within {LONGEST_DEFINITION}: bring scripts in an image, or split the pipeline.",
        )
    if size <= LONGEST_IN_TEMPLATE:
        return
    packed = len(PackedDefinition.of(definition.render()).document)
    if packed > LONGEST_PACKED:
        raise ConstructError(
            scope,
            construct_id,
            f"the definition of the pipeline has {packed} characters when it is compressed",
            f"Keep it within {LONGEST_PACKED}: bring scripts in an image, or split the pipeline.",
        )
    if chosen is None and isinstance(output_bucket, GovernedBucket) and output_bucket.admits_endpoints_alone:
        raise ConstructError(
            scope,
            construct_id,
            f"the definition of the pipeline has {size} characters and goes to S3, where output_bucket "
            f"{output_bucket.node.path} admits VPC endpoints alone, and CloudFormation writes from elsewhere",
            "Give definition_bucket=..., a GovernedBucket without vpc_endpoints, or one whose administrators "
            "have the role that writes.",
        )
