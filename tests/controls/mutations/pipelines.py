"""Faults of pipelines whose definitions lie in S3."""

from __future__ import annotations

from collections.abc import Iterable

from tests.controls.mutations.faults import Mutation, Resource, Resources, with_value, without

PIPELINE = "AWS::SageMaker::Pipeline"
VERSION = "Properties/PipelineDefinition/PipelineDefinitionS3Location/Version"


def is_in_s3(pipeline: Resource) -> bool:
    """Whether the definition of a pipeline lies in S3."""
    return "PipelineDefinitionS3Location" in pipeline["Properties"]["PipelineDefinition"]


def unchecked(resources: Resources, ids: list[str]) -> Iterable[str]:
    """Remove what checks and writes the definitions; the pipelines are accused."""
    for logical_id in [name for name, each in resources.items() if each["Type"] == "Custom::PipelineDefinition"]:
        del resources[logical_id]
    return ids


PIPELINES = (
    Mutation("MLG-MLO-25", "takes whatever lies in S3", PIPELINE, without(VERSION), is_in_s3),
    Mutation("MLG-MLO-25", "takes what nobody checked", PIPELINE, with_value(VERSION, "3sL4kqtJlcpXroDTD"), is_in_s3),
    Mutation("MLG-MLO-25", "has no writer", PIPELINE, unchecked, is_in_s3),
)
