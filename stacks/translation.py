"""Words of the environment file in the terms of the CDK."""

from __future__ import annotations

from collections.abc import Iterable

from aws_cdk import RemovalPolicy
from aws_cdk import aws_iam as iam
from aws_cdk import aws_logs as logs
from constructs import Construct

from stacks.environment import Environment

_DAYS = logs.RetentionDays
RETENTION = {
    1: _DAYS.ONE_DAY,
    3: _DAYS.THREE_DAYS,
    5: _DAYS.FIVE_DAYS,
    7: _DAYS.ONE_WEEK,
    14: _DAYS.TWO_WEEKS,
    30: _DAYS.ONE_MONTH,
    60: _DAYS.TWO_MONTHS,
    90: _DAYS.THREE_MONTHS,
    120: _DAYS.FOUR_MONTHS,
    150: _DAYS.FIVE_MONTHS,
    180: _DAYS.SIX_MONTHS,
    365: _DAYS.ONE_YEAR,
    400: _DAYS.THIRTEEN_MONTHS,
    545: _DAYS.EIGHTEEN_MONTHS,
    731: _DAYS.TWO_YEARS,
    1096: _DAYS.THREE_YEARS,
    1827: _DAYS.FIVE_YEARS,
    2192: _DAYS.SIX_YEARS,
    2557: _DAYS.SEVEN_YEARS,
    2922: _DAYS.EIGHT_YEARS,
    3288: _DAYS.NINE_YEARS,
    3653: _DAYS.TEN_YEARS,
}


def existing_roles(scope: Construct, references: Iterable[str]) -> list[iam.IRole]:
    """Return roles that exist, by their names in this account or their ARNs.

    Args:
        scope: The construct in whose scope they are imported.
        references: Names or ARNs.
    """
    return [
        iam.Role.from_role_arn(scope, reference, reference, mutable=False)
        if reference.startswith("arn:")
        else iam.Role.from_role_name(scope, reference, reference, mutable=False)
        for reference in references
    ]


def data_removal(environment: Environment) -> RemovalPolicy:
    """Return what becomes of data when its stack is deleted, by the first of the two keys.

    Args:
        environment: What the environment's file says.
    """
    return RemovalPolicy.DESTROY if environment.protection.allow_data_removal else RemovalPolicy.RETAIN
