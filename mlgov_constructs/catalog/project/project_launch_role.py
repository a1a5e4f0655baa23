"""The role that launches projects, and nothing else."""

from __future__ import annotations

from aws_cdk import aws_iam as iam
from constructs import Construct

from mlgov_constructs.catalog.launch_role import LaunchRole
from mlgov_constructs.catalog.project.project_launch_ceiling import ProjectLaunchCeiling
from mlgov_constructs.catalog.project.project_rights import project_statements
from mlgov_constructs.workspace import ParameterNames


class ProjectLaunchRole(LaunchRole):
    """The role under which Service Catalog creates, changes and deletes projects.

    It holds only what :class:`ProjectProduct` creates, beside the rights of a :class:`LaunchRole`.
    It creates roles with the environment's boundary and name only, attaches no policy but those
    it created, and passes no role. What holds data (buckets, models, feature databases) it
    creates and does not delete.

    Controls: ``MLG-IDN-01`` (boundary), ``MLG-IDN-03`` (trust bound to the account), and those
    of its policy.

    Args:
        scope: The parent construct.
        construct_id: The id in that scope.
        names: Where the workspace is written down.
        name_prefix: What the names of roles and budgets begin with.
        permissions_boundary: The boundary that every role of a project gets.
        role_name: A name, needed to launch by the role of that name in each account that the
            portfolio is shared with; CloudFormation makes one when omitted.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html

    Example:
        ``ProjectProduct`` creates it.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        names: ParameterNames,
        name_prefix: str,
        permissions_boundary: iam.IManagedPolicy,
        role_name: str | None = None,
    ) -> None:
        ceiling = ProjectLaunchCeiling(
            scope,
            f"{construct_id}Ceiling",
            names=names,
            name_prefix=name_prefix,
            permissions_boundary=permissions_boundary,
        )
        super().__init__(
            scope,
            construct_id,
            description="Launches projects of the catalogue",
            names=names,
            permissions_boundary=ceiling,
            statements=project_statements(names, name_prefix, permissions_boundary.managed_policy_arn),
            role_name=role_name,
        )
        # The boundary that an app applies to all its roles would forbid what this one is for.
        iam.PermissionsBoundary.of(self).apply(ceiling)
