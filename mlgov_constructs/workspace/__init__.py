"""Where people work: notebook instances, experiment tracking, packages and code."""

from __future__ import annotations

from mlgov_constructs.workspace.code_commit_repository import CodeCommitRepository
from mlgov_constructs.workspace.code_repository import CodeRepository
from mlgov_constructs.workspace.code_source import CodeSource
from mlgov_constructs.workspace.experiment_tracking import ExperimentTracking
from mlgov_constructs.workspace.mlflow_app import MlflowApp
from mlgov_constructs.workspace.notebook_instance import NotebookInstance
from mlgov_constructs.workspace.notebook_lifecycle import NotebookLifecycle
from mlgov_constructs.workspace.notebook_services import NOTEBOOK_SERVICES, require_notebook_services
from mlgov_constructs.workspace.package_pattern import PackagePattern
from mlgov_constructs.workspace.package_repository import PackageRepository
from mlgov_constructs.workspace.package_script import package_script
from mlgov_constructs.workspace.parameter_names import ParameterNames
from mlgov_constructs.workspace.studio.domain_fingerprint import DomainFingerprint, DomainFingerprintError
from mlgov_constructs.workspace.studio.image_repository import ImageRepository
from mlgov_constructs.workspace.studio.studio_app import StudioApp
from mlgov_constructs.workspace.studio.studio_auth import StudioAuth
from mlgov_constructs.workspace.studio.studio_domain import StudioDomain
from mlgov_constructs.workspace.studio.studio_image import StudioImage
from mlgov_constructs.workspace.studio.studio_lifecycle import StudioLifecycle
from mlgov_constructs.workspace.studio.studio_services import STUDIO_SERVICES, require_studio_services
from mlgov_constructs.workspace.studio.studio_space import StudioSpace
from mlgov_constructs.workspace.studio.teardown import StudioTeardown
from mlgov_constructs.workspace.studio.user_profile import UserProfile
from mlgov_constructs.workspace.tracking_server_size import TrackingServerSize
from mlgov_constructs.workspace.workspace_parameters import WorkspaceParameters

__all__ = [
    "NOTEBOOK_SERVICES",
    "STUDIO_SERVICES",
    "CodeCommitRepository",
    "CodeRepository",
    "CodeSource",
    "DomainFingerprint",
    "DomainFingerprintError",
    "ExperimentTracking",
    "ImageRepository",
    "MlflowApp",
    "NotebookInstance",
    "NotebookLifecycle",
    "PackagePattern",
    "PackageRepository",
    "ParameterNames",
    "StudioApp",
    "StudioAuth",
    "StudioDomain",
    "StudioImage",
    "StudioLifecycle",
    "StudioSpace",
    "StudioTeardown",
    "TrackingServerSize",
    "UserProfile",
    "WorkspaceParameters",
    "package_script",
    "require_notebook_services",
    "require_studio_services",
]
