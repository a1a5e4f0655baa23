"""The settings of an environment and of an organization: what a file may say, and how it is read."""

from stacks.environment.capability import Capability
from stacks.environment.catalog import CatalogSettings, ProductVersions, SharingSettings
from stacks.environment.compliance import ComplianceSettings, ExceptionSettings
from stacks.environment.cost import CostSettings
from stacks.environment.environment import Environment
from stacks.environment.environment_file import EnvironmentFileError, load_environment, load_organization
from stacks.environment.governance import GovernanceSettings, TrailSettings
from stacks.environment.mlops import MlopsSettings, PipelineSettings, ServingSettings
from stacks.environment.network import ExistingNetworkSettings, IpamSettings, NetworkSettings
from stacks.environment.organization import Organization
from stacks.environment.protection import ObjectLockSettings, ProtectionSettings
from stacks.environment.studio import StudioSettings
from stacks.environment.workspace import WorkspaceSettings

__all__ = [
    "Capability",
    "CatalogSettings",
    "ComplianceSettings",
    "CostSettings",
    "Environment",
    "EnvironmentFileError",
    "ExceptionSettings",
    "ExistingNetworkSettings",
    "GovernanceSettings",
    "IpamSettings",
    "MlopsSettings",
    "NetworkSettings",
    "ObjectLockSettings",
    "Organization",
    "PipelineSettings",
    "ProductVersions",
    "ProtectionSettings",
    "ServingSettings",
    "SharingSettings",
    "StudioSettings",
    "TrailSettings",
    "WorkspaceSettings",
    "load_environment",
    "load_organization",
]
