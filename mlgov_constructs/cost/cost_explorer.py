"""Where Cost Explorer takes orders."""

from __future__ import annotations

from aws_cdk import Stack, Token
from constructs import Construct

from mlgov_constructs.errors import ConstructError

# CloudFormation knows its types in the region of its endpoint only; AWS GovCloud (US) has none.
# https://docs.aws.amazon.com/general/latest/gr/billing.html
REGIONS = ("us-east-1", "cn-northwest-1")


def check_region(scope: Construct, construct_id: str) -> None:
    """Raise when the stack lies in a region whose CloudFormation does not know Cost Explorer.

    Args:
        scope: The parent of the construct.
        construct_id: Its id.

    Raises:
        ConstructError: The region is known, and it is another one.
    """
    region = Stack.of(scope).region
    if not Token.is_unresolved(region) and region not in REGIONS:
        raise ConstructError(
            scope,
            construct_id,
            f"region {region!r} has no Cost Explorer",
            f"Put it into a stack in {' or '.join(REGIONS)}: it watches the account in every region.",
        )
