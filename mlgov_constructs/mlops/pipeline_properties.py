"""The one place where a pipeline is governed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aws_cdk import CfnTag

from mlgov_constructs.identity import PROJECT_TAG

CONTROLS = ("MLG-MLO-05", "MLG-MLO-06", "MLG-MLO-07")


def pipeline_properties(
    *,
    project: str,
    pipeline_name: str,
    role_arn: str,
    definition_body: str | None = None,
    definition_location: Mapping[str, str] | None = None,
    description: str | None = None,
    max_parallel_steps: float = 4,
    tags: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Return every property of a governed pipeline, as ``CfnPipeline`` takes them.

    ``ModelPipeline`` and the template of ``TrainingPipelineProduct`` both use it. Values may be
    tokens and dynamic references.

    Args:
        project: The project, which becomes a tag.
        pipeline_name: The name of the pipeline.
        role_arn: The role of the pipeline.
        definition_body: The definition, as JSON; ``PipelineDefinition.render`` makes it.
        definition_location: Where it lies instead, ``Bucket``, ``Key`` and ``Version``.
        description: What the pipeline is for.
        max_parallel_steps: How many steps run at a time.
        tags: More tags.
    """
    return {
        "pipeline_name": pipeline_name,
        "pipeline_description": description,
        "role_arn": role_arn,
        "pipeline_definition": (
            {"PipelineDefinitionBody": definition_body}
            if definition_location is None
            else {"PipelineDefinitionS3Location": dict(definition_location)}
        ),
        "parallelism_configuration": {"MaxParallelExecutionSteps": max_parallel_steps},
        "tags": [CfnTag(key=key, value=value) for key, value in {**(tags or {}), PROJECT_TAG: project}.items()],
    }
