"""SageMaker Studio: domains with their home, user profiles, spaces, apps, images and lifecycle configurations."""

from mlgov_constructs.local_cloud.services.json_service import Operation
from mlgov_constructs.local_cloud.services.sagemaker.kind import Kind
from mlgov_constructs.local_cloud.services.sagemaker.studio import domains, images, people

KINDS: tuple[Kind, ...] = (*domains.KINDS, *people.KINDS, *images.KINDS)
OPERATIONS: dict[str, Operation] = {**people.OPERATIONS, **images.OPERATIONS}
