"""The compliance of an organization in one place."""

from __future__ import annotations

from typing import Any, ClassVar

from aws_cdk import aws_config as config
from aws_cdk import aws_iam as iam
from constructs import Construct

from mlgov_constructs.argument_types import checked_arguments
from mlgov_constructs.aws_tokens import aws_tokens, service_principal
from mlgov_constructs.controls import claim
from mlgov_constructs.identity import GovernedRole

# What AWSConfigRoleForOrganizations allows; these actions know no resource.
READ_ORGANIZATION = (
    "organizations:DescribeOrganization",
    "organizations:ListAccounts",
    "organizations:ListAWSServiceAccessForOrganization",
    "organizations:ListDelegatedAdministrators",
)


@checked_arguments
class ComplianceAggregator(Construct):
    """Collects what AWS Config found in every account and region of the organization.

    It creates the aggregator and the role with which AWS Config reads the list of accounts. It
    belongs to the delegated administrator of AWS Config, or to the management account.

    Controls: MLG-GOV-10; those of :class:`~mlgov_constructs.identity.GovernedRole` in its role.

    Cost: none.

    Args:
        scope: The parent construct.
        construct_id: The id in that scope.
        permissions_boundary: The boundary of the role; one that admits just this when omitted. The
            :class:`~mlgov_constructs.identity.PermissionsBoundary` of an environment admits no list
            of accounts.

    Source: https://docs.aws.amazon.com/config/latest/developerguide/aggregate-data.html

    Example:
        >>> from aws_cdk import App, Stack
        >>> aggregator = ComplianceAggregator(Stack(App(), "Audit"), "Aggregator")
    """

    CONTROLS: ClassVar[tuple[str, ...]] = ("MLG-GOV-10",)

    def __init__(
        self, scope: Construct, construct_id: str, *, permissions_boundary: iam.IManagedPolicy | None = None
    ) -> None:
        super().__init__(scope, construct_id)
        read = {"Sid": "ReadOrganization", "Effect": "Allow", "Action": list(READ_ORGANIZATION), "Resource": "*"}
        role = GovernedRole(
            self,
            "Role",
            description="Lets AWS Config read which accounts the organization has",
            assumed_by=iam.ServicePrincipal(
                service_principal("config"),
                conditions={"StringEquals": {"aws:SourceAccount": aws_tokens().account}},
            ),
            permissions_boundary=permissions_boundary or self._boundary(read),
            statements=[read],
        )
        aggregator = config.CfnConfigurationAggregator(
            self,
            "Resource",
            organization_aggregation_source={"allAwsRegions": True, "roleArn": role.role_arn},
        )
        # AWS Config tests what the role may read when the aggregator is created.
        aggregator.node.add_dependency(role.rights)
        claim(aggregator, self.CONTROLS)

    def _boundary(self, read: dict[str, Any]) -> iam.ManagedPolicy:
        document = iam.PolicyDocument.from_json({"Version": "2012-10-17", "Statement": [read]})
        return iam.ManagedPolicy(self, "Boundary", description="The ceiling of the aggregator", document=document)
