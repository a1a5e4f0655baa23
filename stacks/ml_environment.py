"""One environment: everything between the network and the catalogue, as one construct."""

from __future__ import annotations

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from constructs import Construct

from stacks.bill_stack import REGIONS as BILLED_IN
from stacks.bill_stack import BillStack
from stacks.catalog_stack import CatalogStack
from stacks.compliance_stack import ComplianceStack
from stacks.data_stack import DataStack
from stacks.environment import Capability, Environment
from stacks.foundation_stack import FoundationStack
from stacks.governance_stack import GovernanceStack
from stacks.inventory_stack import InventoryStack
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
        self.inventory = (
            InventoryStack(self, "inventory", environment=environment, foundation=self.foundation, data=self.data)
            if self.registry and environment.governance.inventory
            else None
        )
        self.governance = GovernanceStack(
            self,
            "governance",
            environment=environment,
            foundation=self.foundation,
            data=self.data,
            workspace=self.workspace,
            spenders=self._spenders(),
        )
        self.bill = (
            BillStack(self, "bill", environment=environment)
            if environment.cost.anomalies and environment.partition in BILLED_IN
            else None
        )
        self.compliance = self._compliance()
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

    def _spenders(self) -> list[iam.IRole]:
        """Return the roles under which work begins that costs money."""
        workspace, pipeline = self.workspace, self.mlops.pipeline if self.mlops else None
        of_the_pipeline = [pipeline.role, pipeline.training_role, pipeline.processing_role] if pipeline else []
        return [
            workspace.data_scientist,
            workspace.personas["ml-engineer"],
            workspace.personas["data-steward"],
            *(role for job, role in workspace.job_roles.items() if job.starts_jobs),
            *(role for role in of_the_pipeline if role),
            *(product.launch_role for product in self.catalog.products),
        ]

    def _compliance(self) -> ComplianceStack | None:
        settings = self.settings.governance.compliance
        if settings is None:
            return None
        stack = ComplianceStack(
            self, "compliance", environment=self.settings, settings=settings, foundation=self.foundation
        )
        others = [each for each in self.node.children if isinstance(each, cdk.Stack) and each is not stack]
        for other in others:
            stack.add_stack_dependency(other, "The hooks look at every stack that is made after them.")
        return stack
