"""An embedded AWS cloud: a target for ``cdk deploy`` that needs no account, no container and no internet."""

from mlgov_constructs.local_cloud.errors import LocalCloudError
from mlgov_constructs.local_cloud.limits import LIMITS, Limit
from mlgov_constructs.local_cloud.local_cloud import LocalCloud

__all__ = ["LIMITS", "Limit", "LocalCloud", "LocalCloudError"]
