"""What data scientists provision by themselves: the portfolio and its products."""

from __future__ import annotations

from pathlib import Path

from aws_cdk import Size
from constructs import Construct

from mlgov_constructs.catalog import MlPortfolio, NotebookProduct, ProductHistory
from stacks.environment import Environment
from stacks.environment_stack import EnvironmentStack
from stacks.foundation_stack import FoundationStack
from stacks.workspace_stack import WorkspaceStack

HISTORY = Path(__file__).parents[1] / "environments" / "published"


class CatalogStack(EnvironmentStack):
    """The portfolio of one environment with the notebook product.

    Args:
        scope: The environment.
        construct_id: The id in the environment.
        environment: What the environment's file says.
        foundation: The stack with the boundary.
        workspace: The stack that the products land in.

    Attributes:
        portfolio: The portfolio.
        notebook: The notebook product.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        environment: Environment,
        foundation: FoundationStack,
        workspace: WorkspaceStack,
    ) -> None:
        super().__init__(scope, construct_id, environment=environment, description="Service Catalog portfolio")
        settings, work = environment.catalog, environment.workspace
        self.portfolio = MlPortfolio(
            self,
            "Portfolio",
            display_name=f"Machine learning ({environment.name})",
            provider_name=settings.provider,
            support_email=settings.support_email,
            roles=[workspace.data_scientist],
            principal_patterns=[f"role/{pattern.rpartition('role/')[2]}" for pattern in settings.data_scientists],
            tag_options={"cost-center": [environment.tags["cost-center"]], "mlgov:project": [environment.project]},
            share_with_accounts=settings.share_with.accounts,
        )
        default = work.default_size
        shared = settings.share_with.accounts or settings.share_with.organization_nodes

        def launch_role(product: str) -> str | None:
            """In another account a product is launched by the role of the same name there."""
            return f"mlgov-{environment.name}-launch-{product}" if shared else None

        self.notebook = NotebookProduct(
            self,
            "Notebook",
            names=workspace.parameter_names,
            environment=workspace.job_environment,
            notebook_roles=[workspace.notebook_role],
            permissions_boundary=foundation.permissions_boundary,
            owner=settings.provider,
            support_email=settings.support_email,
            version=settings.versions.notebook,
            history=ProductHistory.from_directory(HISTORY / environment.name / "notebook"),
            sizes={default: work.sizes[default], **work.sizes},
            allowed_instance_types=list(work.sizes.values()),
            largest_volume=Size.gibibytes(work.max_volume_gib),
            launch_role_name=launch_role("notebook"),
        )
        self.portfolio.add_product(self.notebook)
        if settings.share_with.organization_nodes:
            self.portfolio.share_with_organization(
                settings.share_with.organization_nodes,
                encryption_key=foundation.log_key,
                permissions_boundary=foundation.permissions_boundary,
            )
