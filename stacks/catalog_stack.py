"""What people provision by themselves: the portfolios and their products."""

from __future__ import annotations

from constructs import Construct

from mlgov_constructs.catalog import MlPortfolio
from stacks.data_stack import DataStack
from stacks.environment import Environment
from stacks.environment.environment import ENVIRONMENT_TAG
from stacks.environment_stack import EnvironmentStack
from stacks.foundation_stack import FoundationStack
from stacks.products import Products
from stacks.workspace_stack import WorkspaceStack


class CatalogStack(EnvironmentStack):
    """The portfolios of one environment: that of model builders, and that of the platform's administrators.

    Args:
        scope: The environment.
        construct_id: The id in the environment.
        environment: What the environment's file says.
        foundation: The stack with the boundary.
        data: The stack with the feature database.
        workspace: The stack that the products land in.

    Attributes:
        portfolio: The portfolio of data scientists and ML engineers.
        notebook: The notebook product.
        products: Every product of that portfolio.
        projects: The product of a project, which administrators provision; ``None`` where the
            region cannot have it.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        environment: Environment,
        foundation: FoundationStack,
        data: DataStack,
        workspace: WorkspaceStack,
    ) -> None:
        super().__init__(scope, construct_id, environment=environment, description="Service Catalog portfolios")
        settings = environment.catalog
        self.portfolio = MlPortfolio(
            self,
            "Portfolio",
            display_name=f"Machine learning ({environment.name})",
            provider_name=settings.provider,
            support_email=settings.support_email,
            roles=[workspace.data_scientist, workspace.personas["ml-engineer"]],
            principal_patterns=[f"role/{pattern.rpartition('role/')[2]}" for pattern in settings.data_scientists],
            tag_options={"cost-center": [environment.tags["cost-center"]], "mlgov:project": [environment.project]},
            share_with_accounts=settings.share_with.accounts,
        )
        products = Products(self, environment, foundation, data, workspace)
        self.notebook = products.notebook()
        self.products = [self.notebook, *products.for_data_scientists()]
        for product in self.products:
            self.portfolio.add_product(product)
        if settings.share_with.organization_nodes:
            self.portfolio.share_with_organization(
                settings.share_with.organization_nodes,
                encryption_key=foundation.log_key,
                permissions_boundary=foundation.permissions_boundary,
            )
        self.projects = products.project()
        if self.projects:
            MlPortfolio(
                self,
                "Projects",
                display_name=f"Projects ({environment.name})",
                provider_name=settings.provider,
                support_email=settings.support_email,
                description="What the platform's administrators provision for others",
                roles=[workspace.personas["platform-administrator"]],
                # One of its own: a key and a value make a tag option once in an account, and the form asks who pays.
                tag_options={ENVIRONMENT_TAG: [environment.name]},
            ).add_product(self.projects)
