"""What a monitor looks at, as its job definition says it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aws_cdk import Duration
from aws_cdk import aws_s3 as s3

from mlgov_constructs.monitoring import batch_transform_input, endpoint_input
from mlgov_constructs.monitoring.batch_transform_input import BatchTransformInput
from mlgov_constructs.monitoring.endpoint_input import EndpointInput
from mlgov_constructs.monitoring.ground_truth import GroundTruth


def input_properties(
    monitored: EndpointInput | BatchTransformInput,
    attributes: Mapping[str, Any] | None,
    ground_truth: GroundTruth | None,
) -> dict[str, Any]:
    """Return what is monitored, as the job definitions take it.

    Args:
        monitored: The endpoint, or the batch transform jobs.
        attributes: Where in a record to look; what is ``None`` is left out.
        ground_truth: What turned out to be right.
    """
    look = {name: value for name, value in (attributes or {}).items() if value is not None}
    truth = {} if ground_truth is None else {"groundTruthS3Input": {"s3Uri": ground_truth.uri}}
    if isinstance(monitored, EndpointInput):
        endpoint = {"endpointName": monitored.endpoint_name, "localPath": endpoint_input.LOCAL_PATH, **look}
        return {"endpointInput": endpoint, **truth}
    batch = {
        "dataCapturedDestinationS3Uri": monitored.uri,
        "datasetFormat": monitored.dataset_format.to_properties(),
        "localPath": batch_transform_input.LOCAL_PATH,
        **look,
    }
    return {"batchTransformInput": batch, **truth}


def monitored_location(monitored: EndpointInput | BatchTransformInput, project: str) -> tuple[s3.IBucket, str]:
    """Return where what is monitored was captured: the bucket, and the prefix without slashes around it.

    Args:
        monitored: The endpoint, which captures, or the batch transform jobs.
        project: The project.
    """
    if isinstance(monitored, BatchTransformInput):
        return monitored.bucket, monitored.prefix.strip("/")
    capture = monitored.data_capture
    assert capture is not None  # noqa: S101 - check_monitor demands it
    return capture.bucket, capture.prefix_of(project)


def offset(before: Duration | None) -> str | None:
    """Return a time before the run, as the job definitions take it.

    Args:
        before: How long before; ``None`` when it was not given.
    """
    return None if before is None else f"-{before.to_iso_string()}"
