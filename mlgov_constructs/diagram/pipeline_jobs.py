"""What the definition of a SageMaker pipeline says, with its references kept readable."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from mlgov_constructs.diagram.estate import UNKNOWN, Estate
from mlgov_constructs.diagram.part import Part
from mlgov_constructs.diagram.shapes import mappings, within

JOBS = frozenset({"AutoML", "ClarifyCheck", "Processing", "QualityCheck", "Training", "Tuning"})
BRANCHES = ("IfSteps", "ElseSteps")
# A number that a parameter of the template gives stands in the definition without quotation marks.
UNKNOWN_NUMBER = re.compile(rf"(?<=[:,\[]){UNKNOWN}(?=[,\]}}])")


def pipeline_definition(estate: Estate, pipeline: Part) -> Mapping[str, Any]:
    """Return the definition of a pipeline; empty when it is not in the template.

    Args:
        estate: The templates.
        pipeline: Its resource.
    """
    body = within(pipeline.properties, "PipelineDefinition", "PipelineDefinitionBody")
    try:
        content = json.loads(UNKNOWN_NUMBER.sub("0", estate.text(pipeline, body)))
    except ValueError:
        return {}
    return content if isinstance(content, Mapping) else {}


def pipeline_steps(estate: Estate, pipeline: Part) -> list[Mapping[str, Any]]:
    """Return the steps of a pipeline, those in branches too.

    Args:
        estate: The templates.
        pipeline: Its resource.
    """
    return list(_steps(pipeline_definition(estate, pipeline).get("Steps")))


def job_networks(estate: Estate, pipeline: Part) -> tuple[int, int]:
    """Return how many jobs of a pipeline run in a VPC, and how many there are.

    Args:
        estate: The templates.
        pipeline: Its resource.
    """
    jobs = [step for step in pipeline_steps(estate, pipeline) if step.get("Type") in JOBS]
    return sum("VpcConfig" in json.dumps(step.get("Arguments")) for step in jobs), len(jobs)


def _steps(steps: Any) -> Iterator[Mapping[str, Any]]:
    for step in mappings(steps):
        yield step
        for branch in BRANCHES:
            yield from _steps(within(step, "Arguments", branch))
