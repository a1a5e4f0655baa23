"""The models of an environment, from their registration to their approval."""

from __future__ import annotations

from constructs import Construct

from mlgov_constructs.mlops import ModelRegistry
from mlgov_constructs.protection import EncryptedTopic
from stacks.environment import Environment
from stacks.environment_stack import EnvironmentStack
from stacks.foundation_stack import FoundationStack
from stacks.translation import data_removal


class RegistryStack(EnvironmentStack):
    """The registry of the project's models, and who is told of a new version.

    It lies below the workspace, whose roles it is granted to.

    Args:
        scope: The environment.
        construct_id: The id in the environment.
        environment: What the environment's file says.
        foundation: The stack with the key of notifications.

    Attributes:
        registry: The registry.
    """

    def __init__(
        self, scope: Construct, construct_id: str, *, environment: Environment, foundation: FoundationStack
    ) -> None:
        super().__init__(scope, construct_id, environment=environment, description="Registry of models")
        self.registry = ModelRegistry(
            self,
            "Registry",
            project=environment.project,
            model_package_group_name=f"{environment.name}-{environment.project}",
            description=f"Models of project {environment.project}",
            organization_id=environment.organization_id,
            state_change_topic=EncryptedTopic(
                self, "Changes", encryption_key=foundation.log_key, emails=environment.governance.alarm_emails
            ),
            removal_policy=data_removal(environment),
        )
