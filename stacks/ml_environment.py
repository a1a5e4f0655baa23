"""One environment: everything between the network and the catalogue, as one construct."""

from __future__ import annotations

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from constructs import Construct

from stacks.catalog_stack import CatalogStack
from stacks.data_stack import DataStack
from stacks.environment import Capability, Environment
from stacks.foundation_stack import FoundationStack
from stacks.governance_stack import GovernanceStack
from stacks.mlops_stack import MlopsStack
from stacks.registry_stack import RegistryStack
from stacks.serving_stack import ServingStack
from stacks.workspace_stack import WorkspaceStack


class MlEnvironment(Construct):
    """All stacks of one environment, from the network up to the catalogue.

    In an app its stacks are deployed with ``cdk deploy --all``; a pipeline takes
    :class:`~stacks.ml_environment_stage.MlEnvironmentStage`.

    Args:
        scope: The app or a stage.
        construct_id: The id in it; it begins the name of every stack.
        environment: What the environment's file says.

    Example:
        >>> from stacks.environment import load_environment
        >>> environment = load_environment("environments/sandbox.yaml")
        >>> ml_environment = MlEnvironment(cdk.App(), environment.name, environment=environment)
        >>> ml_environment.foundation.stack_name
        'sandbox-foundation'
    """

    def __init__(self, scope: Construct, construct_id: str, *, environment: Environment) -> None:
        super().__init__(scope, construct_id)
        self.settings = environment
        self.foundation = FoundationStack(self, "foundation", environment=environment)
        self.data = DataStack(self, "data", environment=environment, foundation=self.foundation)
        self.registry = (
            RegistryStack(self, "registry", environment=environment, foundation=self.foundation)
            if environment.offers(Capability.MODEL_REGISTRY)
            else None
        )
        self.workspace = WorkspaceStack(
            self,
            "workspace",
            environment=environment,
            foundation=self.foundation,
            data=self.data,
            registry=self.registry,
        )
        self.catalog = CatalogStack(
            self,
            "catalog",
            environment=environment,
            foundation=self.foundation,
            data=self.data,
            workspace=self.workspace,
        )
        self.mlops, self.serving = self._models()
        self.governance = GovernanceStack(
            self, "governance", environment=environment, foundation=self.foundation, data=self.data
        )
        # Roles that the CDK makes by itself come under the boundary too.
        iam.PermissionsBoundary.of(self).apply(self.foundation.permissions_boundary)
        tags = cdk.Tags.of(self)
        for key, value in environment.resource_tags.items():
            tags.add(key, value)

    def _models(self) -> tuple[MlopsStack | None, ServingStack | None]:
        """Create the stacks that make and serve the project's model, where the file asks and the region can."""
        settings = self.settings.mlops
        if settings is None or self.registry is None:
            return None, None
        mlops = MlopsStack(
            self,
            "mlops",
            environment=self.settings,
            settings=settings,
            foundation=self.foundation,
            data=self.data,
            registry=self.registry,
            workspace=self.workspace,
        )
        if settings.serving is None or not self.settings.offers(Capability.MODEL_HOSTING):
            return mlops, None
        serving = ServingStack(
            self,
            "serving",
            environment=self.settings,
            settings=settings.serving,
            foundation=self.foundation,
            data=self.data,
            registry=self.registry.registry,
            workspace=self.workspace,
            mlops=mlops,
        )
        return mlops, serving
