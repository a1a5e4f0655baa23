"""The pseudo parameters of CloudFormation, fetched once a process, and names made of them."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

from aws_cdk import Aws

# Service principals keep this domain in every partition; AWS::URLSuffix is for host names.
SERVICE_PRINCIPAL_DOMAIN = "amazonaws.com"

# Their ARNs name no region.
GLOBAL_SERVICES = frozenset({"budgets"})


class AwsTokens(NamedTuple):
    """Account, partition, region and host suffix of the stack that a template is deployed to.

    Example:
        >>> f"arn:{aws_tokens().partition}:iam::{aws_tokens().account}:root".startswith("arn:${Token[")
        True
    """

    account: str
    partition: str
    region: str
    url_suffix: str

    def arn(self, service: str, resource: str, *, region: str | None = None, account: str | None = None) -> str:
        """Return an ARN of this account and region.

        Args:
            service: The service's name in ARNs, for example ``logs``.
            resource: What follows the account.
            region: Another region, ``*`` for all, empty for a global service.
            account: Another account; empty where the service has none, as in S3.
        """
        owner = self.account if account is None else account
        place = self.region if region is None else region
        return f"arn:{self.partition}:{service}:{place}:{owner}:{resource}"

    def source_arn(self, service: str) -> str:
        """Return the pattern of everything of a service in this account, as ``aws:SourceArn`` takes it."""
        return self.arn(service, "*", region="" if service in GLOBAL_SERVICES else None)


@cache
def aws_tokens() -> AwsTokens:
    """Return the tokens; each one costs a call into the CDK's process, so they are kept."""
    return AwsTokens(Aws.ACCOUNT_ID, Aws.PARTITION, Aws.REGION, Aws.URL_SUFFIX)


def service_principal(service: str) -> str:
    """Return the principal of a service, for example of ``cloudtrail``.

    Example:
        >>> service_principal("cloudtrail").split(".")[0]
        'cloudtrail'
    """
    return f"{service}.{SERVICE_PRINCIPAL_DOMAIN}"
