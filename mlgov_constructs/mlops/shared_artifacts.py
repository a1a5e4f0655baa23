"""Images that other accounts pull to serve a model."""

from __future__ import annotations

from collections.abc import Sequence

from aws_cdk import aws_ecr as ecr
from aws_cdk import aws_iam as iam
from constructs import Construct

from mlgov_constructs.errors import ConstructError
from mlgov_constructs.protection.other_accounts import account_principals, in_organization

PULL = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]


def share_images(
    scope: Construct,
    repositories: Sequence[ecr.IRepository],
    *,
    accounts: Sequence[str],
    organization_id: str | None = None,
) -> None:
    """Let other accounts pull the images of repositories.

    Args:
        scope: Who shares, for messages.
        repositories: The repositories.
        accounts: The accounts.
        organization_id: The organisation that they must belong to.

    Raises:
        ConstructError: A repository is not of this app, so its policy is out of reach.
    """
    for repository in repositories:
        statement = {
            "Sid": "PulledByReaders",
            "Effect": "Allow",
            "Principal": account_principals(accounts),
            "Action": PULL,
            **in_organization(organization_id),
        }
        if not repository.add_to_resource_policy(iam.PolicyStatement.from_json(statement)).statement_added:
            raise ConstructError(
                scope,
                None,
                f"repository {repository.node.path} is imported, and its policy is out of reach",
                "Share it where it is created.",
            )
