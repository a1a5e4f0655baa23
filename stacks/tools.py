"""Packages, code and experiment tracking as an environment's file asks for them."""

from __future__ import annotations

from constructs import Construct

from mlgov_constructs.workspace import (
    CodeCommitRepository,
    CodeRepository,
    CodeSource,
    ExperimentTracking,
    MlflowApp,
    PackageRepository,
    TrackingServerSize,
)
from stacks.data_stack import DataStack
from stacks.environment import Capability, Environment
from stacks.foundation_stack import FoundationStack
from stacks.translation import data_removal


def package_repository(
    scope: Construct, *, environment: Environment, foundation: FoundationStack, data: DataStack
) -> PackageRepository | None:
    """Create the repository of Python packages, where packages are named and the region has CodeArtifact.

    Args:
        scope: The stack.
        environment: What the environment's file says.
        foundation: The stack with the network.
        data: The stack with the key.
    """
    work = environment.workspace
    if not (work.packages or work.own_packages) or not environment.offers(Capability.PACKAGE_REPOSITORY):
        return None
    return PackageRepository(
        scope,
        "Packages",
        vpc=foundation.vpc,
        encryption_key=data.key,
        domain_name=f"mlgov-{environment.name}",
        allowed_packages=work.packages,
        own_packages=work.own_packages,
        organization_id=environment.organization_id,
        removal_policy=data_removal(environment),
    )


def code_repositories(
    scope: Construct, *, environment: Environment, foundation: FoundationStack, data: DataStack
) -> list[CodeRepository]:
    """Create the Git repositories, each known to SageMaker by its name.

    Args:
        scope: The stack.
        environment: What the environment's file says.
        foundation: The stack with the network.
        data: The stack with the key.
    """
    code = Construct(scope, "Code")
    repositories = []
    for name in environment.workspace.code_repositories:
        repository = CodeCommitRepository(
            code,
            f"{name}-repository",
            repository_name=name,
            project=environment.project,
            encryption_key=data.key,
            removal_policy=data_removal(environment),
        )
        source = CodeSource.code_commit(repository, data.key)
        repositories.append(CodeRepository(code, name, vpc=foundation.vpc, project=environment.project, source=source))
    return repositories


def experiment_tracking(
    scope: Construct, *, environment: Environment, foundation: FoundationStack, data: DataStack
) -> ExperimentTracking | MlflowApp | None:
    """Create MLflow, where it is asked for and the region has it.

    Args:
        scope: The stack.
        environment: What the environment's file says.
        foundation: The stack with the network.
        data: The stack with the role and the bucket of MLflow.
    """
    if data.tracking_role is None:
        return None
    if environment.workspace.mlflow == "app":
        return MlflowApp(
            scope,
            "Tracking",
            vpc=foundation.vpc,
            artifact_bucket=data.artifacts,
            project=environment.project,
            role=data.tracking_role,
            removal_policy=data_removal(environment),
        )
    return ExperimentTracking(
        scope,
        "Tracking",
        vpc=foundation.vpc,
        artifact_bucket=data.artifacts,
        project=environment.project,
        role=data.tracking_role,
        size=TrackingServerSize(environment.workspace.mlflow.capitalize()),
        removal_policy=data_removal(environment),
    )
