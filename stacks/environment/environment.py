"""An environment: everything that differs from one deployment to the next."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from hashlib import sha256
from typing import Any

from pydantic import ValidationInfo, field_validator

from stacks.environment.capability import Capability
from stacks.environment.catalog import CatalogSettings
from stacks.environment.cost import CostSettings
from stacks.environment.governance import GovernanceSettings
from stacks.environment.mlops import MlopsSettings
from stacks.environment.network import NetworkSettings
from stacks.environment.protection import ProtectionSettings
from stacks.environment.regions import AVAILABILITY_ZONES, partition_of
from stacks.environment.resource_tags import ResourceTags
from stacks.environment.settings import Refusal, Settings, validate_and_refuse
from stacks.environment.values import (
    AccountId,
    EnvironmentName,
    OrganizationId,
    ProjectSlug,
    RegionName,
)
from stacks.environment.workspace import WorkspaceSettings

PROJECT_TAG = "mlgov:project"
ENVIRONMENT_TAG = "mlgov:environment"
# Where the constructs of pipelines, endpoints and monitors write, each in a folder of its name.
MODEL_FOLDERS = ("pipelines", "data-capture", "monitoring")
# A role is named after prefix, project and kind of work, in 64 characters.
LONGEST_IN_PREFIX = 14


class Environment(Settings):
    """One environment, as one file describes it.

    Example:
        >>> from stacks.environment import load_environment
        >>> environment = load_environment("environments/sandbox.yaml")
        >>> environment.name, environment.partition
        ('sandbox', 'aws')
    """

    name: EnvironmentName
    """Name of the environment; it begins the name of every stack and of every parameter."""

    account: AccountId | None = None
    """The account to deploy to, 12 digits in quotes; that of the credentials at hand when absent."""

    region: RegionName | None = None
    """The region to deploy to; that of the credentials at hand when absent."""

    organization_id: OrganizationId | None = None
    """The AWS organization that bounds access; the account bounds it when absent."""

    project: ProjectSlug
    """The project that the resources belong to: the value of their tag `mlgov:project`, by which cost and access go."""

    tags: ResourceTags
    """Tags of every resource and of the pipeline's jobs, `owner`, `cost-center` and `data-classification` at least."""

    network: NetworkSettings
    """The VPC."""

    protection: ProtectionSettings = ProtectionSettings()
    """Keys and data protection."""

    workspace: WorkspaceSettings = WorkspaceSettings()
    """What a data scientist may choose for a notebook."""

    mlops: MlopsSettings | None = None
    """The training pipeline and the endpoint of the project's model; neither when absent."""

    catalog: CatalogSettings
    """The Service Catalog portfolio."""

    cost: CostSettings
    """The monthly budget."""

    governance: GovernanceSettings
    """Audit trail and alarms."""

    @property
    def partition(self) -> str:
        """The partition of the region: ``aws``, ``aws-us-gov``, ``aws-cn`` ..."""
        return partition_of(self.region)

    @property
    def project_prefix(self) -> str:
        """What the names of the roles and budgets of provisioned projects begin with, and nothing else's."""
        name = self.name
        if len(name) > LONGEST_IN_PREFIX:
            name = f"{name[: LONGEST_IN_PREFIX - 5].rstrip('-')}-{sha256(name.encode()).hexdigest()[:4]}"
        return f"mlp-{name}"

    @property
    def model_name(self) -> str:
        """The name of the environment's own pipeline, endpoint and monitor."""
        return f"{self.name}-{self.project}"

    @property
    def model_folders(self) -> tuple[str, ...]:
        """The folders of the project in which these three keep models, requests and reports."""
        return tuple(f"{folder}/{self.model_name}" for folder in MODEL_FOLDERS) if self.mlops else ()

    @property
    def tracks_experiments(self) -> bool:
        """Whether the environment has MLflow."""
        return self.workspace.mlflow != "none" and self.offers(Capability.EXPERIMENT_TRACKING)

    def offers(self, capability: Capability) -> bool:
        """Tell whether the region of the environment has a capability.

        Args:
            capability: The capability.
        """
        return capability.is_offered(self.region)

    @property
    def resource_tags(self) -> dict[str, str]:
        """The tags of every resource, those of project and environment included."""
        return {**self.job_tags, PROJECT_TAG: self.project}

    @property
    def job_tags(self) -> dict[str, str]:
        """The tags of every job beside that of its project, which the job has anyway."""
        return {**self.tags, ENVIRONMENT_TAG: self.name}

    @field_validator("network", mode="wrap")
    @classmethod
    def _zones_exist(
        cls, network: object, handler: Callable[[Any], NetworkSettings], info: ValidationInfo
    ) -> NetworkSettings:
        region = info.data.get("region")
        most = AVAILABILITY_ZONES.get(region or "")
        zones = _value(network, "availability_zones")
        refusals = []
        if most is not None and isinstance(zones, int) and zones > most:
            message = f"must be at most {most}: {region} has {most} availability zones"
            refusals.append(Refusal(zones, message, ("availability_zones",)))
        return validate_and_refuse(handler, network, refusals)

    @field_validator("workspace", mode="wrap")
    @classmethod
    def _offered_in_region(
        cls, workspace: object, handler: Callable[[Any], WorkspaceSettings], info: ValidationInfo
    ) -> WorkspaceSettings:
        region = info.data.get("region")
        wanted = {
            "mlflow": Capability.EXPERIMENT_TRACKING,
            "packages": Capability.PACKAGE_REPOSITORY,
            "own_packages": Capability.PACKAGE_REPOSITORY,
        }
        refusals = [
            Refusal(value, f"cannot be: {region} has no {capability.value}", (key,))
            for key, capability in wanted.items()
            if (value := _value(workspace, key)) and value != "none" and not capability.is_offered(region)
        ]
        return validate_and_refuse(handler, workspace, refusals)

    @field_validator("mlops", mode="wrap")
    @classmethod
    def _models_in_region(
        cls, mlops: object, handler: Callable[[Any], MlopsSettings | None], info: ValidationInfo
    ) -> MlopsSettings | None:
        region = info.data.get("region")
        wanted = {
            "pipeline": (Capability.MODEL_REGISTRY,),
            "serving": (Capability.MODEL_REGISTRY, Capability.MODEL_HOSTING),
        }
        refusals = [
            Refusal(section, f"cannot be: {region} has no {capability.value}", (key,))
            for key, capabilities in wanted.items()
            for capability in capabilities
            if (section := _value(mlops, key)) and not capability.is_offered(region)
        ]
        return validate_and_refuse(handler, mlops, refusals)

    @field_validator("catalog", mode="wrap")
    @classmethod
    def _others_to_share_with(
        cls, catalog: object, handler: Callable[[Any], CatalogSettings], info: ValidationInfo
    ) -> CatalogSettings:
        sharing = _value(catalog, "share_with")
        nodes, accounts = _value(sharing, "organization_nodes"), _value(sharing, "accounts")
        refusals = []
        if nodes and info.data.get("organization_id", "wrong") is None:
            message = "needs 'organization_id': only an organization has nodes to share with"
            refusals.append(Refusal(nodes, message, ("share_with", "organization_nodes")))
        own = info.data.get("account")
        if isinstance(accounts, tuple) and own is not None and own in map(str, accounts):
            message = "must be another account: this one owns the portfolio"
            position = [str(account) for account in accounts].index(own)
            refusals.append(Refusal(own, message, ("share_with", "accounts", position)))
        return validate_and_refuse(handler, catalog, refusals)


def _value(section: object, key: str) -> object:
    """The value of a section, whether it is still as read or already a model."""
    return section.get(key) if isinstance(section, Mapping) else getattr(section, key, None)
