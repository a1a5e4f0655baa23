"""Principals of a portfolio by pattern, valid in every account that sees the portfolio."""

from __future__ import annotations

import re

from aws_cdk import aws_servicecatalog as sc
from constructs import Construct

from mlgov_constructs.aws_tokens import aws_tokens
from mlgov_constructs.errors import ConstructError

PATTERN = re.compile(r"(role|user|group)/[A-Za-z0-9_+=,.@/*?-]*[A-Za-z0-9_+=,.@-][*?]*")


def check_pattern(scope: Construct, construct_id: str | None, pattern: str) -> None:
    """Refuse a pattern that names nobody, or everybody.

    Args:
        scope: The construct in whose scope the pattern is used.
        construct_id: The id of the construct that was given the pattern.
        pattern: As in ``role/DataScientist-*``; a name must stand before the last star.

    Raises:
        ConstructError: The pattern cannot be used.
    """
    if not PATTERN.fullmatch(pattern):
        raise ConstructError(
            scope,
            construct_id,
            f"principal pattern {pattern!r} names nobody, or everybody",
            "Write it as in 'role/DataScientist-*'.",
        )


def associate_pattern(scope: Construct, portfolio_id: str, pattern: str) -> sc.CfnPortfolioPrincipalAssociation:
    """Open a portfolio to the principals whose name fits a pattern.

    Args:
        scope: The parent of the association.
        portfolio_id: The portfolio.
        pattern: The pattern, which was checked.
    """
    return sc.CfnPortfolioPrincipalAssociation(
        scope,
        f"Principals-{pattern.replace('/', '-')}",
        portfolio_id=portfolio_id,
        principal_arn=f"arn:{aws_tokens().partition}:iam:::{pattern}",
        principal_type="IAM_PATTERN",
    )
