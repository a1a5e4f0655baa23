"""What belongs to the bill of an account, in the region where the bill is."""

from __future__ import annotations

from aws_cdk import Duration
from constructs import Construct

from mlgov_constructs.cost import CostCategories, SpendingAnomalies
from mlgov_constructs.protection import DataKey
from stacks.environment import Environment
from stacks.environment_stack import EnvironmentStack
from stacks.translation import existing_roles

REGIONS = {"aws": "us-east-1", "aws-cn": "cn-northwest-1"}


class BillStack(EnvironmentStack):
    """Unusual spending of a project, and the bill divided by project.

    Cost Explorer takes orders in one region of a partition, whatever the region of the environment.

    Args:
        scope: The environment.
        construct_id: The id in the environment.
        environment: What the environment's file says.
    """

    def __init__(self, scope: Construct, construct_id: str, *, environment: Environment) -> None:
        super().__init__(
            scope,
            construct_id,
            environment=environment,
            description="Watch over the bill",
            region=REGIONS[environment.partition],
        )
        protection = environment.protection
        key = DataKey(
            self,
            "BillKey",
            alias=f"mlgov/{environment.name}/bill",
            description=f"Notices about the bill of {environment.name}",
            administrators=existing_roles(self, protection.key_administrators),
            pending_window=Duration.days(protection.key_deletion_days),
        )
        SpendingAnomalies(
            self,
            "Anomalies",
            projects=[environment.project],
            encryption_key=key,
            emails=environment.cost.notify,
        )
        CostCategories(self, "Categories", name=f"mlgov {environment.name}")
