"""A step that prepares or checks data, or evaluates a model."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from mlgov_constructs.argument_types import checked_step
from mlgov_constructs.identity import JobType
from mlgov_constructs.steps.condition import Metric
from mlgov_constructs.steps.job_image import JobImage
from mlgov_constructs.steps.job_settings import JobSettings
from mlgov_constructs.steps.job_step import JobStep
from mlgov_constructs.steps.pipeline_step import Problem
from mlgov_constructs.steps.pipeline_value import Joined, PipelineValue
from mlgov_constructs.steps.processing_request import PROCESSING_ROOT as ROOT
from mlgov_constructs.steps.processing_request import (
    output_place,
    processing_input,
    processing_output,
    processing_request,
)
from mlgov_constructs.steps.step_output import StepOutput

# The API takes 100 arguments of 256 characters.
LONGEST_ARGUMENT, MOST_ARGUMENTS = 256, 100
RUN_ARGUMENTS = "import base64,sys;exec(base64.b64decode(''.join(sys.argv[1:])))"
LONGEST_SCRIPT = LONGEST_ARGUMENT * MOST_ARGUMENTS * 3 // 4


@checked_step
@dataclass(frozen=True, kw_only=True)
class ProcessingStep(JobStep):
    """A processing job: in the isolated subnets, without network, encrypted.

    Inputs lie in ``/opt/ml/processing/input/<name>``; what the job writes to
    ``/opt/ml/processing/output/<name>`` becomes an output.

    Attributes:
        image: What runs.
        script: Python that the image's ``python3`` runs. It travels in the definition, so a run
            and its code belong together; 19,200 bytes at most.
        entrypoint: The command, in place of a script; the one of the image when both are omitted.
        command_arguments: Arguments of the command.
        inputs: Name to ``s3://...``, to an output of another step, or to a parameter.
        output_names: The names of the outputs.
        metric_files: Name to output and path of a JSON file whose numbers conditions read.
        environment: Environment variables.

    Source: https://docs.aws.amazon.com/sagemaker/latest/dg/build-your-own-processing-container.html

    Cost:
        The machines, while the job runs: an ``ml.m5.xlarge`` costs about 0.23 USD an hour.

    Example:
        ``docs/examples/mlops.py`` is a complete app.
    """

    TYPE: ClassVar[str] = "Processing"
    JOB: ClassVar[JobType | None] = JobType.PROCESSING

    image: JobImage
    script: str | None = None
    entrypoint: Sequence[str] = ()
    command_arguments: Sequence[str] = ()
    inputs: Mapping[str, str | PipelineValue] = field(default_factory=dict)
    output_names: Sequence[str] = ()
    metric_files: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    environment: Mapping[str, str | PipelineValue] = field(default_factory=dict)

    def output(self, name: str) -> StepOutput:
        """Return an output, for another step to read.

        Args:
            name: One of ``output_names``.
        """
        return StepOutput(self.name, f"ProcessingOutputConfig.Outputs['{name}'].S3Output.S3Uri", name)

    def file(self, output: str, path: str) -> Joined:
        """Return the address of a file in an output, for another step to read.

        Args:
            output: One of ``output_names``.
            path: Where in the output the file lies.
        """
        return Joined((self.output(output), path), on="/")

    def metric(self, file: str, path: str) -> Metric:
        """Return a number of a file, for a condition to read.

        Args:
            file: One of ``metric_files``.
            path: Where in the JSON the number is, with dots.
        """
        return Metric(self.name, path, file)

    @property
    def outputs(self) -> tuple[str, ...]:
        """What other steps may read of it."""
        return tuple(self.output_names)

    @property
    def images(self) -> tuple[JobImage, ...]:
        """The image that its job pulls."""
        return (self.image,)

    @property
    def metrics(self) -> tuple[str, ...]:
        """The files with metrics that conditions may read of it."""
        return tuple(self.metric_files)

    def problems(self) -> Iterator[Problem]:
        """Yield what is wrong with the step itself."""
        yield from super().problems()
        if not self.image.is_fixed:
            yield Problem(f"step {self.name!r} runs the image {self.image.uri!r} by its tag", "Name it by its digest.")
        if self.script is not None and self.entrypoint:
            yield Problem(f"step {self.name!r} has a script and an entrypoint", "Keep one of them.")
        if self.script is not None and (size := len(self.script.encode())) > LONGEST_SCRIPT:
            yield Problem(
                f"step {self.name!r} has a script of {size} bytes",
                f"Keep it within {LONGEST_SCRIPT}, or bring it in an image of your own.",
            )
        if len(set(self.output_names)) < len(self.output_names):
            yield Problem(
                f"step {self.name!r} has the outputs {list(self.output_names)}", "Give each output a name of its own."
            )
        for file, (output, _) in self.metric_files.items():
            if output not in self.output_names:
                yield Problem(
                    f"metric file {file!r} of step {self.name!r} lies in output {output!r}, which the step has not",
                    f"Use one of {', '.join(self.output_names) or 'output_names, which is empty'}.",
                )

    def arguments(self, settings: JobSettings) -> dict[str, Any]:
        """Return the request of the step, with values that are known only when it runs.

        Args:
            settings: Where and as whom jobs run.
        """
        return processing_request(
            self,
            settings,
            application=self._application(),
            inputs=[processing_input(name, uri, f"{ROOT}/input/{name}") for name, uri in self.inputs.items()],
            outputs=[
                processing_output(name, output_place(self, settings, name), f"{ROOT}/output/{name}")
                for name in self.output_names
            ],
            environment=self.environment,
        )

    def render(self, settings: JobSettings) -> dict[str, Any]:
        """Return the step as a pipeline definition has it.

        Args:
            settings: Where and as whom jobs run.
        """
        files = [
            {"PropertyFileName": name, "OutputName": output, "FilePath": path}
            for name, (output, path) in self.metric_files.items()
        ]
        return {**super().render(settings), **({"PropertyFiles": files} if files else {})}

    def _application(self) -> dict[str, Any]:
        if self.script is not None:
            encoded = base64.b64encode(self.script.encode()).decode()
            chunks = [encoded[start : start + LONGEST_ARGUMENT] for start in range(0, len(encoded), LONGEST_ARGUMENT)]
            command = {"ContainerEntrypoint": ["python3", "-c", RUN_ARGUMENTS], "ContainerArguments": chunks}
        else:
            command = {
                **({"ContainerEntrypoint": list(self.entrypoint)} if self.entrypoint else {}),
                **({"ContainerArguments": list(self.command_arguments)} if self.command_arguments else {}),
            }
        return {"ImageUri": self.image.uri, **command}
