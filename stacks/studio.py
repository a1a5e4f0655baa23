"""Studio as an environment's file asks for it."""

from __future__ import annotations

from pathlib import Path

from aws_cdk import Duration, Size
from constructs import Construct

from mlgov_constructs.controls import Relaxation
from mlgov_constructs.identity import JobRole
from mlgov_constructs.workspace import (
    DomainFingerprint,
    PackageRepository,
    StudioApp,
    StudioAuth,
    StudioDomain,
    StudioLifecycle,
    package_script,
)
from stacks.data_stack import DataStack
from stacks.environment import Environment, StudioSettings
from stacks.foundation_stack import FoundationStack
from stacks.translation import data_removal

FINGERPRINTS = Path(__file__).parents[1] / "environments" / "recorded"
AUTH = {"iam": StudioAuth.IAM, "identity-center": StudioAuth.IDENTITY_CENTER}


def studio_domain(
    scope: Construct,
    *,
    environment: Environment,
    settings: StudioSettings,
    foundation: FoundationStack,
    data: DataStack,
    role: JobRole,
    packages: PackageRepository | None,
) -> StudioDomain:
    """Create the Studio domain of an environment.

    Args:
        scope: The stack.
        environment: What the environment's file says.
        settings: What it says of Studio.
        foundation: The stack with network and boundary.
        data: The stack with the key.
        role: The role of shared spaces.
        packages: Where packages come from, if anywhere.
    """
    return StudioDomain(
        scope,
        "Studio",
        vpc=foundation.vpc,
        encryption_key=data.key,
        permissions_boundary=foundation.permissions_boundary,
        domain_name=f"mlgov-{environment.name}",
        auth=AUTH[settings.authentication],
        # In another region it is another domain.
        fingerprint=DomainFingerprint.from_directory(
            FINGERPRINTS / environment.name / (environment.region or "any-region"), "studio"
        ),
        space_role=role,
        instance_type=environment.workspace.sizes[environment.workspace.default_size],
        allowed_instance_types=list(environment.workspace.sizes.values()),
        idle_shutdown=Duration.minutes(settings.idle_minutes),
        default_volume_size=Size.gibibytes(settings.default_volume_gib),
        maximum_volume_size=Size.gibibytes(environment.workspace.max_volume_gib),
        lifecycles=_lifecycles(scope, packages),
        home_removal_policy=data_removal(environment),
        replace_domain=Relaxation(settings.replace_domain) if settings.replace_domain else None,
    )


def _lifecycles(scope: Construct, packages: PackageRepository | None) -> list[StudioLifecycle]:
    if packages is None:
        return []
    script = f"#!/bin/bash\n{package_script(packages)}"
    return [
        StudioLifecycle(scope, f"{name}Packages", app=app, script=script)
        for name, app in (("JupyterLab", StudioApp.JUPYTER_LAB), ("CodeEditor", StudioApp.CODE_EDITOR))
    ]
