"""Who may do what with a package repository."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mlgov_constructs.aws_tokens import aws_tokens, service_principal
from mlgov_constructs.identity.activities import Statement
from mlgov_constructs.identity.grants import statement
from mlgov_constructs.perimeter import Perimeter

LOG_IN = ("codeartifact:GetAuthorizationToken",)
READ = (
    "codeartifact:DescribePackageVersion",
    "codeartifact:DescribeRepository",
    "codeartifact:GetPackageVersionAsset",
    "codeartifact:GetRepositoryEndpoint",
    "codeartifact:ListPackageVersions",
    "codeartifact:ListPackages",
    "codeartifact:ReadFromRepository",
)
PUBLISH = ("codeartifact:PublishPackageVersion",)


def log_in(domain_arn: str) -> list[Statement]:
    """Return the right to ask for a token of a domain."""
    bearer = {"StringEquals": {"sts:AWSServiceName": service_principal("codeartifact")}}
    return [
        statement(LOG_IN, domain_arn),
        # A bearer token belongs to no resource: the condition names what it opens.
        statement(["sts:GetServiceBearerToken"], "*", bearer),
    ]


def resource_policy(actions: Sequence[str], perimeter: Perimeter) -> dict[str, Any]:
    """Return a resource policy: the account decides by IAM, and other accounts of the organisation may ask."""
    tokens = aws_tokens()
    statements = [statement(actions, "*") | {"Principal": {"AWS": tokens.arn("iam", "root", region="")}}]
    if perimeter.organization_id is not None:
        others = {"StringEquals": perimeter.principals, "StringNotEquals": {"aws:PrincipalAccount": tokens.account}}
        statements.append(statement(actions, "*", others) | {"Principal": "*"})
    return {"Version": "2012-10-17", "Statement": statements}
