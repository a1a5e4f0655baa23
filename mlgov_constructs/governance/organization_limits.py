"""What AWS Organizations takes: ids, and policies of a length."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

from aws_cdk import Token
from constructs import Construct

from mlgov_constructs.errors import ConstructError
from mlgov_constructs.governance.organization_policies import Document

ORGANIZATION = re.compile(r"o-[0-9a-z]{10,32}")
TARGET = re.compile(r"r-[0-9a-z]{4,32}|[0-9]{12}|ou-[0-9a-z]{4,32}-[0-9a-z]{8,32}")
REGION = re.compile(r"[a-z]{2}(-[a-z]+)+-[0-9]")
INSTANCE_TYPE = re.compile(r"ml\.[a-z0-9*-]+(\.[a-z0-9*]+)?")
# A pattern that fits every role would exempt them all.
ROLE = re.compile(r"arn:[\w*-]+:iam::([0-9]{12}|\*):role/[\w+=,.@/*-]*[\w+=,.@-]{3}[\w+=,.@/*-]*", re.ASCII)
# https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_limits.html
LONGEST_POLICY = 5_120


def check_length(scope: Construct, construct_id: str, name: str, document: Document) -> None:
    """Raise an error when a service or resource control policy is longer than AWS Organizations allows.

    Args:
        scope: The parent of the construct that attaches it.
        construct_id: The id of that construct.
        name: The name of the policy, for the message.
        document: Its content.

    Raises:
        ConstructError: It is too long.
    """
    if (size := len(json.dumps(document, separators=(",", ":")))) > LONGEST_POLICY:
        raise ConstructError(
            scope,
            construct_id,
            f"the policy {name} takes {size} characters",
            f"AWS Organizations allows {LONGEST_POLICY}: name fewer subnets, instances or roles.",
        )


def check_names(
    scope: Construct,
    construct_id: str,
    *,
    organization_id: str,
    target_ids: Sequence[str],
    allowed_regions: Sequence[str],
    allowed_instance_types: Sequence[str],
    roles: Sequence[str],
) -> None:
    """Raise an error when an argument of guardrails names nothing that there is.

    Raises:
        ConstructError: A list that must not be empty is, or a name cannot be one.
    """
    for name, given in (("target_ids", target_ids), ("allowed_regions", allowed_regions)):
        if not given:
            raise ConstructError(scope, construct_id, f"{name} is empty", "Name one at least.")
    forms = (
        ([organization_id], ORGANIZATION, "organization", "'o-exampleorg1'"),
        (target_ids, TARGET, "root, unit or account", "'ou-ab12-11111111'"),
        (allowed_regions, REGION, "region", "'eu-west-1'"),
        (allowed_instance_types, INSTANCE_TYPE, "pattern of instance types", "'ml.m5.*'"),
    )
    for given, form, noun, example in forms:
        for each in given:
            if not Token.is_unresolved(each) and not form.fullmatch(each):
                raise ConstructError(scope, construct_id, f"{each!r} is no {noun}", f"Write it as in {example}.")
    check_roles(scope, construct_id, roles)


def check_roles(scope: Construct, construct_id: str, roles: Sequence[str]) -> None:
    """Raise an error when a pattern of roles is none, or fits every role.

    Raises:
        ConstructError: One is such.
    """
    for role in roles:
        if not Token.is_unresolved(role) and not ROLE.fullmatch(role):
            raise ConstructError(
                scope,
                construct_id,
                f"{role!r} is no pattern of certain roles",
                "Write it as in 'arn:*:iam::*:role/BreakGlass'.",
            )
