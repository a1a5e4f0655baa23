"""What AWS Organizations takes: ids, and policies of a length."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from aws_cdk import Token
from constructs import Construct

from mlgov_constructs.errors import ConstructError
from mlgov_constructs.governance.organization_policies import Document


class Form(NamedTuple):
    """What an argument must look like, what it then is, and an example of it."""

    pattern: re.Pattern[str]
    noun: str
    example: str


ORGANIZATION = Form(re.compile(r"o-[0-9a-z]{10,32}"), "organization", "o-exampleorg1")
TARGET = Form(
    re.compile(r"r-[0-9a-z]{4,32}|[0-9]{12}|ou-[0-9a-z]{4,32}-[0-9a-z]{8,32}"),
    "root, unit or account",
    "ou-ab12-11111111",
)
REGION = Form(re.compile(r"[a-z]{2}(-[a-z]+)+-[0-9]"), "region", "eu-west-1")
INSTANCE_TYPE = Form(re.compile(r"ml\.[a-z0-9*-]+(\.[a-z0-9*]+)?"), "pattern of instance types", "ml.m5.*")
# A pattern that fits every role would exempt them all.
ROLE = Form(
    re.compile(r"arn:[\w*-]+:iam::([0-9]{12}|\*):role/[\w+=,.@/*-]*[\w+=,.@-]{3}[\w+=,.@/*-]*", re.ASCII),
    "pattern of certain roles",
    "arn:*:iam::*:role/BreakGlass",
)
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
    for given, form in (
        ([organization_id], ORGANIZATION),
        (target_ids, TARGET),
        (allowed_regions, REGION),
        (allowed_instance_types, INSTANCE_TYPE),
        (roles, ROLE),
    ):
        check_form(scope, construct_id, given, form)


def check_form(scope: Construct, construct_id: str, given: Iterable[str], form: Form) -> None:
    """Raise an error when one of some texts has not the form that it should have.

    Args:
        scope: The parent of the construct that was given them.
        construct_id: The id of that construct.
        given: The texts.
        form: The form.

    Raises:
        ConstructError: The first text that has another one.
    """
    for each in given:
        if not Token.is_unresolved(each) and not form.pattern.fullmatch(each):
            raise ConstructError(
                scope, construct_id, f"{each!r} is no {form.noun}", f"Write it as in {form.example!r}."
            )
