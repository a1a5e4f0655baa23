"""A portfolio shared with an organization, which CloudFormation has no resource for."""

from __future__ import annotations

import re
from collections.abc import Sequence
from importlib import resources

from aws_cdk import CustomResource, Duration
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from aws_cdk import aws_servicecatalog as sc
from constructs import Construct

from mlgov_constructs.aws_tokens import aws_tokens, service_principal
from mlgov_constructs.controls import claim
from mlgov_constructs.errors import ConstructError
from mlgov_constructs.identity import GovernedRole
from mlgov_constructs.inline_function import InlineFunction, write_own_log
from mlgov_constructs.protection import DataKey

TIMEOUT_SECONDS = 150
NODE = re.compile(r"o-[a-z0-9]{10,32}|ou-[a-z0-9]{4,32}-[a-z0-9]{8,32}")


class OrganizationShare(Construct):
    """Shares a portfolio, with its tag options, with an organization or some of its units.

    ``AWS::ServiceCatalog::PortfolioShare`` knows single accounts only, so a small function does
    it at deployment: Python without dependencies, inline, with an encrypted log, under the
    boundary, with the right to share this one portfolio.

    The account must be the management account of the organization or a delegated
    administrator of Service Catalog, with trusted access enabled. Accounts of the organization
    need not accept the share.

    Args:
        scope: The parent construct.
        construct_id: The id in that scope.
        portfolio: The portfolio.
        organization_nodes: Ids of organizations (``o-...``) and organizational units (``ou-...``).
        encryption_key: The key of the function's log; it must admit CloudWatch Logs.
        permissions_boundary: The ceiling of the function's role.
        log_retention: How long the log is kept; one year by default.

    Raises:
        ConstructError: A node has another form, or is named twice.

    Source: https://docs.aws.amazon.com/servicecatalog/latest/adminguide/catalogs_portfolios_sharing_how-to-share.html

    Cost: a few seconds of Lambda a deployment.

    Example:
        ``MlPortfolio.share_with_organization`` creates it.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        portfolio: sc.IPortfolio,
        organization_nodes: Sequence[str],
        encryption_key: kms.IKey,
        permissions_boundary: iam.IManagedPolicy,
        log_retention: logs.RetentionDays = logs.RetentionDays.ONE_YEAR,
    ) -> None:
        if wrong := [node for node in organization_nodes if not NODE.fullmatch(node)]:
            raise ConstructError(
                scope,
                construct_id,
                f"organization node {wrong[0]!r} is neither an organization nor an organizational unit",
                "Write it as in 'o-exampleorg1' or 'ou-ab12-11111111'.",
            )
        if twice := [node for node in organization_nodes if list(organization_nodes).count(node) > 1]:
            raise ConstructError(scope, construct_id, f"organization node {twice[0]!r} is named twice", "Name it once.")
        super().__init__(scope, construct_id)
        if isinstance(encryption_key, DataKey):
            encryption_key.allow_cloud_watch_logs()
        log_group = logs.LogGroup(self, "Log", encryption_key=encryption_key, retention=log_retention)
        role = GovernedRole(
            self,
            "Role",
            assumed_by=iam.ServicePrincipal(service_principal("lambda")),
            description="Shares a portfolio of the catalogue with the organization",
            permissions_boundary=permissions_boundary,
            statements=[
                write_own_log(log_group),
                {
                    "Sid": "SharePortfolio",
                    "Effect": "Allow",
                    "Action": ["servicecatalog:CreatePortfolioShare", "servicecatalog:DeletePortfolioShare"],
                    "Resource": aws_tokens().arn("catalog", f"portfolio/{portfolio.portfolio_id}"),
                },
                {
                    # The status of a share knows no resource, and neither does the organization.
                    "Sid": "FollowShare",
                    "Effect": "Allow",
                    "Action": ["organizations:DescribeOrganization", "servicecatalog:DescribePortfolioShareStatus"],
                    "Resource": "*",
                },
            ],
        )
        claim(log_group, ["MLG-PRT-15"])
        function = InlineFunction(
            self,
            "Function",
            description="Shares a portfolio of the catalogue with the organization",
            source=resources.files(__package__).joinpath("provider", "handler.py").read_text("utf-8"),
            role=role,
            rights=role.rights,
            log_group=log_group,
            timeout=Duration.seconds(TIMEOUT_SECONDS),
        )
        for node in organization_nodes:
            CustomResource(
                self,
                node,
                service_token=function.function_arn,
                resource_type="Custom::PortfolioShare",
                service_timeout=Duration.seconds(TIMEOUT_SECONDS + 60),
                properties={"PortfolioId": portfolio.portfolio_id, "OrganizationNode": node},
            )
