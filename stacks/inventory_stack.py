"""What an environment's models are made of, and where they serve."""

from __future__ import annotations

from constructs import Construct

from mlgov_constructs.identity import Persona, PersonaRole
from mlgov_constructs.identity.activities import ListWork
from mlgov_constructs.mlops.lineage import Lineage
from mlgov_constructs.protection import DataClass, EncryptedTopic, GovernedBucket
from stacks.data_stack import DataStack
from stacks.environment import Environment
from stacks.environment_stack import EnvironmentStack
from stacks.foundation_stack import FoundationStack
from stacks.translation import RETENTION, data_removal, existing_roles


class InventoryStack(EnvironmentStack):
    """The inventory of models and endpoints, and a role for those who ask it.

    Args:
        scope: The environment.
        construct_id: The id in the environment.
        environment: What the environment's file says.
        foundation: The stack with boundary and log key.
        data: The stack with the key.

    Attributes:
        bucket: The bucket of the inventory; Athena and the collector reach it from outside the VPC.
        lineage: The inventory.
        reader: The role of those who ask it.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        environment: Environment,
        foundation: FoundationStack,
        data: DataStack,
    ) -> None:
        super().__init__(scope, construct_id, environment=environment, description="Inventory of models and endpoints")
        removal = data_removal(environment)
        self.bucket = GovernedBucket(
            self,
            "Inventory",
            encryption_key=data.key,
            data_class=DataClass.ARTIFACTS,
            access_log_bucket=foundation.log_archive.access_log_bucket,
            organization_id=environment.organization_id,
            administrators=existing_roles(self, environment.protection.data_administrators),
            removal_policy=removal,
        )
        name = environment.name
        self.lineage = Lineage(
            self,
            "Lineage",
            bucket=self.bucket,
            permissions_boundary=foundation.permissions_boundary,
            failure_topic=EncryptedTopic(
                self, "Failures", encryption_key=foundation.log_key, emails=environment.governance.alarm_emails
            ),
            database_name=f"mlgov_lineage_{name.replace('-', '_')}",
            work_group_name=f"mlgov-lineage-{name}",
            log_retention=RETENTION[environment.governance.trail.retention_days],
            removal_policy=removal,
        )
        self.reader = PersonaRole(
            self,
            "Reader",
            persona=Persona("inventory-reader", "Asks what models are made of and where they serve", (ListWork(),)),
            permissions_boundary=foundation.permissions_boundary,
            role_name=f"mlgov-{name}-inventory-reader",
        )
        self.lineage.grant_query(self.reader)
