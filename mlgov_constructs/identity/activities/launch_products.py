"""Provision products of the catalogue."""

from __future__ import annotations

from dataclasses import dataclass

from mlgov_constructs.aws_tokens import aws_tokens
from mlgov_constructs.identity.activities.activity import Activity, Statement, allow


@dataclass(frozen=True)
class LaunchProducts(Activity):
    """Provision products of the portfolios one may see, and look after one's own.

    Which products these are is decided by the principals of the portfolio.

    Example:
        ``LaunchProducts().statements()``
    """

    def statements(self) -> list[Statement]:
        """Return the policy statements, in JSON."""
        # A shared product belongs to the account that shares it.
        products = aws_tokens().arn("catalog", "product/*", account="*")
        provision = (
            "servicecatalog:DescribeProduct",
            "servicecatalog:DescribeProvisioningArtifact",
            "servicecatalog:DescribeProvisioningParameters",
            "servicecatalog:ListLaunchPaths",
            "servicecatalog:ListProvisioningArtifacts",
            "servicecatalog:ProvisionProduct",
        )
        own = (
            "servicecatalog:DescribeProvisionedProduct",
            "servicecatalog:DescribeRecord",
            "servicecatalog:GetProvisionedProductOutputs",
            "servicecatalog:ListRecordHistory",
            "servicecatalog:ScanProvisionedProducts",
            "servicecatalog:SearchProvisionedProducts",
            "servicecatalog:TerminateProvisionedProduct",
            "servicecatalog:UpdateProvisionedProduct",
        )
        return [
            allow("ProvisionProducts", provision, products),
            allow("OwnProvisionedProducts", own, "*", {"StringEquals": {"servicecatalog:userLevel": "self"}}),
        ]
