"""The products of an environment, each as its file asks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aws_cdk import Size
from constructs import Construct

from mlgov_constructs.catalog import (
    FeatureGroupProduct,
    GovernedProduct,
    ModelEndpointProduct,
    NotebookProduct,
    ProductHistory,
    ProjectProduct,
    StudioProduct,
    TrainingPipelineProduct,
)
from mlgov_constructs.identity import JobType
from stacks.data_stack import DataStack
from stacks.environment import Capability, Environment
from stacks.foundation_stack import FoundationStack
from stacks.workspace_stack import WorkspaceStack

HISTORY = Path(__file__).parents[1] / "environments" / "published"


@dataclass(frozen=True)
class Products:
    """Creates the products of an environment; one that its region cannot have is left out.

    Attributes:
        scope: The stack.
        environment: What the environment's file says.
        foundation: The stack with the boundary.
        data: The stack with the feature database.
        workspace: The stack that the products land in.
    """

    scope: Construct
    environment: Environment
    foundation: FoundationStack
    data: DataStack
    workspace: WorkspaceStack

    def notebook(self) -> NotebookProduct:
        """Return the product of a notebook."""
        work = self.environment.workspace
        return NotebookProduct(
            self.scope,
            "Notebook",
            environment=self.workspace.job_environment,
            notebook_roles=[self.workspace.notebook_role],
            sizes=self._sizes(),
            allowed_instance_types=list(work.sizes.values()),
            largest_volume=Size.gibibytes(work.max_volume_gib),
            **self._common("notebook", self.environment.catalog.versions.notebook),
        )

    def for_data_scientists(self) -> Iterator[GovernedProduct]:
        """Yield the other products of those who build models."""
        versions, roles = self.environment.catalog.versions, self.workspace.job_roles
        if self.workspace.studio and self.environment.offers(Capability.STUDIO_SPACES):
            yield StudioProduct(
                self.scope,
                "StudioWorkspace",
                domain=self.workspace.studio,
                studio_roles=[roles[JobType.STUDIO]],
                sizes=self._sizes(),
                **self._common("studio", versions.studio),
            )
        if self.data.feature_store_role:
            yield FeatureGroupProduct(
                self.scope,
                "FeatureGroup",
                environment=self.workspace.job_environment,
                databases=[self.data.feature_database],
                store_roles=[self.data.feature_store_role],
                **self._common("feature-group", versions.feature_group),
            )
        if not self.environment.offers(Capability.MODEL_REGISTRY):
            return
        yield TrainingPipelineProduct(
            self.scope,
            "TrainingPipeline",
            pipeline_roles=[roles[JobType.PIPELINE]],
            start_roles=[self.workspace.pipeline_start_role],
            **self._common("training-pipeline", versions.training_pipeline),
        )
        if self.environment.offers(Capability.MODEL_HOSTING):
            yield ModelEndpointProduct(
                self.scope,
                "ModelEndpoint",
                environment=self.workspace.job_environment,
                hosting_roles=[roles[JobType.HOSTING]],
                **self._common("model-endpoint", versions.model_endpoint),
            )

    def project(self) -> ProjectProduct | None:
        """Return the product of a project, where the region has all that a project holds."""
        if not all(map(self.environment.offers, (Capability.MODEL_REGISTRY, Capability.BUDGETS))):
            return None
        return ProjectProduct(
            self.scope,
            "Project",
            name_prefix=self.environment.project_prefix,
            zones=self.environment.network.availability_zones,
            **self._common("project", self.environment.catalog.versions.project),
        )

    def _sizes(self) -> dict[str, str]:
        """The sizes of machines for people, the one that is chosen beforehand first."""
        work = self.environment.workspace
        return {work.default_size: work.sizes[work.default_size], **work.sizes}

    def _common(self, product_id: str, version: str) -> dict[str, Any]:
        catalog, name = self.environment.catalog, self.environment.name
        shared = catalog.share_with.accounts or catalog.share_with.organization_nodes
        return {
            "names": self.workspace.parameter_names,
            "permissions_boundary": self.foundation.permissions_boundary,
            "owner": catalog.provider,
            "support_email": catalog.support_email,
            "version": version,
            "history": ProductHistory.from_directory(HISTORY / name / product_id),
            # In another account a product is launched by the role of the same name there.
            "launch_role_name": f"mlgov-{name}-launch-{product_id}" if shared else None,
        }
