"""The one place where a processing job of a pipeline is hardened."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mlgov_constructs.steps.job_settings import JobSettings
from mlgov_constructs.steps.job_step import JobStep
from mlgov_constructs.steps.pipeline_value import EXECUTION_ID, Joined, PipelineValue

PROCESSING_ROOT = "/opt/ml/processing"


def processing_request(
    step: JobStep,
    settings: JobSettings,
    *,
    application: Mapping[str, Any],
    inputs: Sequence[Mapping[str, Any]],
    outputs: Sequence[Mapping[str, Any]],
    environment: Mapping[str, str | PipelineValue] | None = None,
    network_isolation: bool = True,
) -> dict[str, Any]:
    """Return the request of a processing job: in the isolated subnets, encrypted, tagged, with an end.

    Every step that starts one uses it.

    Args:
        step: The step, for its machines and its time limit.
        settings: Where and as whom jobs run.
        application: The image and its command.
        inputs: What is read; :func:`processing_input` makes one.
        outputs: What is written; :func:`processing_output` makes one.
        environment: Environment variables.
        network_isolation: Whether containers are cut off; ``False`` is a recorded relaxation of the step.
    """
    return {
        "AppSpecification": dict(application),
        **({"Environment": dict(environment)} if environment else {}),
        "NetworkConfig": {
            "EnableInterContainerTrafficEncryption": True,
            "EnableNetworkIsolation": network_isolation,
            "VpcConfig": settings.vpc_config(),
        },
        "ProcessingInputs": list(inputs),
        "ProcessingOutputConfig": {"KmsKeyId": settings.key_arn, "Outputs": list(outputs)},
        "ProcessingResources": {"ClusterConfig": step.machines(settings)},
        "RoleArn": settings.processing_role_arn,
        "StoppingCondition": {"MaxRuntimeInSeconds": step.runtime_seconds},
        "Tags": settings.job_tags(),
    }


def processing_input(name: str, uri: str | PipelineValue, local_path: str) -> dict[str, Any]:
    """Return an input, as a processing job takes it.

    Args:
        name: The name of the input.
        uri: Where it lies.
        local_path: Where the container finds it.
    """
    return {
        "InputName": name,
        "S3Input": {
            "LocalPath": local_path,
            "S3DataDistributionType": "FullyReplicated",
            "S3DataType": "S3Prefix",
            "S3InputMode": "File",
            "S3Uri": uri,
        },
    }


def processing_output(name: str, uri: str | PipelineValue, local_path: str) -> dict[str, Any]:
    """Return an output, as a processing job takes it.

    Args:
        name: The name of the output.
        uri: Where it goes.
        local_path: Where the container writes it.
    """
    return {
        "OutputName": name,
        "S3Output": {"LocalPath": local_path, "S3UploadMode": "EndOfJob", "S3Uri": uri},
    }


def output_place(step: JobStep, settings: JobSettings, *names: str) -> Joined:
    """Return where a step writes.

    A run has a folder of its own; a result that is to be found again, because the step has a
    cache, has the same one in every run.

    Args:
        step: The step.
        settings: Where and as whom jobs run.
        names: What follows the name of the step.
    """
    run = [] if step.cache is not None else [EXECUTION_ID]
    return Joined((settings.output_uri, *run, step.name, *names), on="/")
