"""What was deployed, read back from the APIs of the services and compared with what governed ML demands.

Nothing here knows what was asked for: the ids come from CloudFormation, every property from the service.
"""

from collections.abc import Callable

from mlgov_constructs.local_cloud.demo.readback.buckets import read_buckets
from mlgov_constructs.local_cloud.demo.readback.budget import read_budgets
from mlgov_constructs.local_cloud.demo.readback.catalog import read_catalog
from mlgov_constructs.local_cloud.demo.readback.deployed import Deployed
from mlgov_constructs.local_cloud.demo.readback.endpoints import read_endpoints
from mlgov_constructs.local_cloud.demo.readback.feature_group import read_feature_group
from mlgov_constructs.local_cloud.demo.readback.keys import read_keys
from mlgov_constructs.local_cloud.demo.readback.model_endpoint import read_model_endpoint
from mlgov_constructs.local_cloud.demo.readback.network import read_network
from mlgov_constructs.local_cloud.demo.readback.notebook import read_notebook
from mlgov_constructs.local_cloud.demo.readback.project import read_project
from mlgov_constructs.local_cloud.demo.readback.roles import read_roles
from mlgov_constructs.local_cloud.demo.readback.section import Row, Section
from mlgov_constructs.local_cloud.demo.readback.served_model import read_served_model
from mlgov_constructs.local_cloud.demo.readback.studio_workspace import read_studio_workspace
from mlgov_constructs.local_cloud.demo.readback.trail import read_trail
from mlgov_constructs.local_cloud.demo.readback.training_pipeline import read_training_pipeline

READERS: tuple[Callable[[Deployed], Section], ...] = (
    read_network,
    read_endpoints,
    read_keys,
    read_buckets,
    read_roles,
    read_trail,
    read_budgets,
    read_catalog,
)
"""What is read back of every environment, in this order."""

__all__ = [
    "READERS",
    "Deployed",
    "Row",
    "Section",
    "read_feature_group",
    "read_model_endpoint",
    "read_notebook",
    "read_project",
    "read_served_model",
    "read_studio_workspace",
    "read_training_pipeline",
]
