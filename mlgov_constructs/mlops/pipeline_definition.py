"""A pipeline as SageMaker takes it, and everything that can be wrong with it before it runs."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from aws_cdk import Token
from aws_cdk import aws_iam as iam

from mlgov_constructs.mlops.pipeline_schema import schema_problems
from mlgov_constructs.mlops.register_model_step import RegisterModelStep
from mlgov_constructs.mlops.stored_definition.handler import open_steps, steps_of
from mlgov_constructs.steps import JobSettings, PipelineParameter, PipelineStep, Problem
from mlgov_constructs.steps.pipeline_value import values_in

VERSION = "2020-12-01"
ISOLATION, METADATA = "MLG-MLO-05", "CustomerMetadataProperties"
PARAMETER_NAME = re.compile(r"[A-Za-z0-9\-_]{1,64}")
MOST_STEPS, MOST_PARAMETERS = 50, 200


@dataclass(frozen=True)
class PipelineDefinition:
    """The steps of a pipeline with the settings of its jobs.

    ``ModelPipeline`` and the templates of products both use it.

    Attributes:
        steps: The steps; those in branches belong to their condition.
        settings: Where and as whom jobs run.
        parameters: Parameters whose default differs from the one that the steps give them.

    Source: https://docs.aws.amazon.com/sagemaker/latest/dg/build-and-manage-pipeline.html

    Example:
        ``docs/examples/mlops.py`` is a complete app.
    """

    steps: Sequence[PipelineStep]
    settings: JobSettings
    parameters: Sequence[PipelineParameter] = ()

    @cached_property
    def all_steps(self) -> list[PipelineStep]:
        """Every step, those in branches included."""
        return list(_flat(self.steps))

    @cached_property
    def all_parameters(self) -> dict[str, PipelineParameter]:
        """Every parameter that a step uses, by its name."""
        given = {parameter.name: parameter for parameter in self.parameters}
        used = {parameter.name: parameter for parameter in self._used}
        return {name: given.get(name, parameter) for name, parameter in used.items()} | given

    @property
    def used_parameters(self) -> frozenset[str]:
        """The names of the parameters that a step uses."""
        return frozenset(parameter.name for parameter in self._used)

    @property
    def relaxed_steps(self) -> list[str]:
        """The steps whose jobs may be open, by a recorded relaxation."""
        return [step.name for step in self.all_steps if ISOLATION in step.relaxations]

    @property
    def size(self) -> int:
        """The number of its characters; what is known only when the stack is deployed counts as it stands now."""
        return len(json.dumps(self.render()))

    def of_roles(self, training: iam.IRole | None, processing: iam.IRole | None) -> PipelineDefinition:
        """Return the same definition with other roles of its jobs.

        Args:
            training: The role of training jobs; as before when omitted.
            processing: The role of processing jobs; as before when omitted.
        """
        settings = replace(
            self.settings,
            training_role_arn=training.role_arn if training else self.settings.training_role_arn,
            processing_role_arn=processing.role_arn if processing else self.settings.processing_role_arn,
        )
        return replace(self, settings=settings)

    def render(self) -> dict[str, Any]:
        """Return the definition."""
        return self._rendered

    @cached_property
    def _rendered(self) -> dict[str, Any]:
        steps = [step.render(self.settings) for step in self.steps]
        for rendered in steps_of(steps):
            step = self._by_name[rendered["Name"]]
            if isinstance(step, RegisterModelStep):
                rendered["Arguments"][METADATA] |= self._images(step)
        return {
            "Version": VERSION,
            "Metadata": {},
            "Parameters": [self.all_parameters[name].declaration() for name in sorted(self.all_parameters)],
            "Steps": steps,
        }

    def _images(self, registration: RegisterModelStep) -> dict[str, Any]:
        """Return which images other steps pull, where they differ from the one that trained the model."""
        trained = registration.training.image_parameter.default
        parameters = {each.default: each.render() for each in self.all_parameters.values()}
        found: dict[str, Any] = {}
        for step in self.all_steps:
            for number, image in enumerate(step.images):
                if image.uri != trained:
                    name = f"mlgov:image.{step.name}" + (f".{number + 1}" if number else "")
                    found[name] = parameters.get(image.uri, image.uri)
        return found

    def problems(self) -> Iterator[Problem]:
        """Yield what is wrong, the most fundamental first."""
        if not self.steps:
            yield Problem("the pipeline has no step", "Give it at least one.")
        if len(self.all_steps) > MOST_STEPS:
            yield Problem(f"the pipeline has {len(self.all_steps)} steps", f"SageMaker allows {MOST_STEPS}: split it.")
        yield from self._duplicates()
        for step in self.all_steps:
            yield from step.problems()
            yield from step.setting_problems(self.settings)
        yield from self._parameter_problems()
        yield from self._dependency_problems()
        for step in self.all_steps:
            yield from self._read_problems(step)
        yield from self._number_problems()
        # Last, as the message of a step says more than that of a schema.
        yield from schema_problems(self.render())
        for name in sorted(set(open_steps(self.render())) - set(self.relaxed_steps)):
            yield Problem(
                f"step {name!r} has a job that is not isolated",
                "Give it subnets, network isolation and encryption between containers, as MLG-MLO-05 demands.",
            )

    @cached_property
    def _used(self) -> list[PipelineParameter]:
        return [
            value
            for step in self.all_steps
            for value in values_in(step.arguments(self.settings))
            if isinstance(value, PipelineParameter)
        ]

    @cached_property
    def _by_name(self) -> dict[str, PipelineStep]:
        return {step.name: step for step in self.all_steps}

    def _duplicates(self) -> Iterator[Problem]:
        names = [step.name for step in self.all_steps]
        for name in sorted({name for name in names if names.count(name) > 1}):
            yield Problem(f"two steps have the name {name!r}", "Give each step a name of its own.")

    def _parameter_problems(self) -> Iterator[Problem]:
        if len(self.all_parameters) > MOST_PARAMETERS:
            count = len(self.all_parameters)
            yield Problem(f"the pipeline has {count} parameters", f"SageMaker allows {MOST_PARAMETERS}.")
        given = {parameter.name for parameter in self.parameters}
        for name, parameter in self.all_parameters.items():
            if not PARAMETER_NAME.fullmatch(name):
                yield Problem(
                    f"parameter {name!r} has no name of a parameter",
                    "Use up to 64 letters, digits, hyphens and underscores.",
                )
            if name not in given and any(other != parameter for other in self._used if other.name == name):
                yield Problem(f"two parameters have the name {name!r} and differ", "Use one of them in all steps.")

    def _dependency_problems(self) -> Iterator[Problem]:
        for step in self.all_steps:
            for other in step.depends_on:
                if other.name not in self._by_name:
                    yield Problem(
                        f"step {step.name!r} depends on step {other.name!r}, which the pipeline has not",
                        f"Add {other.name!r} to the steps, or leave it out of depends_on.",
                    )
            known = [step, *(other for other in step.depends_on if other.name in self._by_name)]
            taken = {branch for each in known for branch in self._branches[each.name]}
            for condition in self.all_steps:
                if len(taken & {f"{condition.name}.{name}" for name in condition.named_branches}) > 1:
                    yield Problem(
                        f"step {step.name!r} waits for both branches of step {condition.name!r}, of which one runs",
                        "Depend on steps of one branch, or put a step of its own into each.",
                    )

    def _number_problems(self) -> Iterator[Problem]:
        for parameter in self.all_parameters.values():
            if not _is_json(parameter.declaration()):
                yield Problem(f"parameter {parameter.name!r} has a default that is no number", "Give it a finite one.")
        # From within, so that it is the step itself and not the condition around it.
        for step in reversed(self.all_steps):
            if not _is_json(step.render(self.settings)):
                yield Problem(f"step {step.name!r} has a number that is infinite or none", "Give it a finite one.")

    def _read_problems(self, step: PipelineStep) -> Iterator[Problem]:
        for read in (read for value in values_in(step.arguments(self.settings)) for read in value.reads):
            source = self._by_name.get(read.step)
            if source is None:
                yield Problem(
                    f"step {step.name!r} reads of step {read.step!r}, which the pipeline has not",
                    f"Add {read.step!r} to the steps, or read of another step.",
                )
            elif read.output is not None and read.output not in source.outputs:
                yield Problem(
                    f"step {step.name!r} reads output {read.output!r} of step {read.step!r}, which writes none such",
                    f"Use one of {_names(source.outputs)}, or let {read.step!r} write it.",
                )
            elif read.metric is not None and not _is_known(read.metric, source.metrics):
                yield Problem(
                    f"step {step.name!r} reads metric {read.metric!r}, which step {read.step!r} does not emit",
                    f"Use one of {_names(source.metrics)}, or declare it where the metrics of {read.step!r} are.",
                )
            elif not self._runs_before(source, step):
                yield Problem(
                    f"step {step.name!r} reads of step {read.step!r}, which runs in another branch or not before it",
                    f"Move {step.name!r} into the branch of {read.step!r}, or behind it.",
                )

    def _runs_before(self, source: PipelineStep, reader: PipelineStep) -> bool:
        """Whether one step has run whenever the other runs: it lies in the same branch or in one around it."""
        around = self._branches[source.name]
        return source is not reader and self._branches[reader.name][: len(around)] == around

    @cached_property
    def _branches(self) -> dict[str, tuple[str, ...]]:
        """The branches that lead to each step."""
        return dict(_paths(self.steps, ()))


def _is_json(value: Any) -> bool:
    try:
        json.dumps(value, allow_nan=False)
    except ValueError:
        return False
    return True


def _flat(steps: Sequence[PipelineStep]) -> Iterator[PipelineStep]:
    for step in steps:
        yield step
        yield from _flat(step.branches)


def _paths(steps: Sequence[PipelineStep], above: tuple[str, ...]) -> Iterator[tuple[str, tuple[str, ...]]]:
    for step in steps:
        yield step.name, above
        for name, branch in step.named_branches.items():
            yield from _paths(branch, (*above, f"{step.name}.{name}"))


def _is_known(metric: str, metrics: Sequence[str]) -> bool:
    # Which metric a token stands for is the affair of who wrote the mapping that it comes from.
    return Token.is_unresolved(metric) or metric in metrics


def _names(names: Sequence[str]) -> str:
    return ", ".join(repr(name) for name in names) or "none, as it has none"
