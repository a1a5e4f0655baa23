"""The request of a job of Clarify."""

from __future__ import annotations

from typing import Any

from mlgov_constructs.monitoring.checks.analysis_config_step import FILE, AnalysisConfigStep
from mlgov_constructs.steps import JobImage, JobSettings, JobStep, Joined, PipelineValue
from mlgov_constructs.steps.processing_request import (
    PROCESSING_ROOT,
    output_place,
    processing_input,
    processing_output,
    processing_request,
)

RESULT = "analysis_result"


def clarify_request(
    step: JobStep,
    settings: JobSettings,
    *,
    image: JobImage,
    dataset: str | PipelineValue,
    config: AnalysisConfigStep,
    network_isolation: bool,
) -> dict[str, Any]:
    """Return the request of a job of Clarify, with the inputs and the output that its image knows.

    Args:
        step: The step.
        settings: Where and as whom jobs run.
        image: The image of Clarify.
        dataset: The data.
        config: The step that writes the analysis configuration.
        network_isolation: Whether containers are cut off.

    Source: https://docs.aws.amazon.com/sagemaker/latest/dg/clarify-processing-job-configure-parameters.html
    """
    file = Joined((config.config, FILE), on="/")
    return processing_request(
        step,
        settings,
        application={"ImageUri": image.uri},
        inputs=[
            processing_input("analysis_config", file, f"{PROCESSING_ROOT}/input/config"),
            processing_input("dataset", dataset, f"{PROCESSING_ROOT}/input/data"),
        ],
        outputs=[processing_output(RESULT, output_place(step, settings), f"{PROCESSING_ROOT}/output")],
        network_isolation=network_isolation,
    )
