"""The graph of lineage, which jobs that run would fill."""

from typing import Any

from mlgov_constructs.local_cloud.services.json_service import Operation, Request
from mlgov_constructs.local_cloud.services.sagemaker.kind import Kind


def _no_artifacts(request: Request) -> dict[str, Any]:
    """Lists nothing: no job runs here, so SageMaker sees no data go into a model."""
    return {"ArtifactSummaries": []}


KINDS: tuple[Kind, ...] = ()
OPERATIONS: dict[str, Operation] = {"ListArtifacts": _no_artifacts}
