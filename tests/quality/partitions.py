"""Checks that a template for one partition holds nothing of another."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

Json = Any

ARN = re.compile(r"arn:(aws[a-z-]*):")
# Console addresses have a domain of their own in each partition.
CONSOLE = re.compile(r"console\.(?:aws\.amazon\.com|amazonaws[a-z-]*\.c\w+)")
CONSOLES = {
    "aws": "console.aws.amazon.com",
    "aws-us-gov": "console.amazonaws-us-gov.com",
    "aws-cn": "console.amazonaws.cn",
}
SUFFIX = re.compile(r"\bamazonaws\.com(\.cn)?\b")
SUFFIXES = {"aws": "amazonaws.com", "aws-us-gov": "amazonaws.com", "aws-cn": "amazonaws.com.cn"}
# Names of services, not addresses: principals, and the sources of CloudTrail's events, are the same everywhere.
SERVICE_PRINCIPAL = re.compile(r"[a-z0-9.-]+\.amazonaws\.com")
PRINCIPAL_PLACES = (
    "/Principal/Service",
    "/Properties/Principal",
    "/iam:PassedToService",
    "/iam:AWSServiceName",
    "/AWSServiceName",
    "/aws:PrincipalServiceName",
    "/eventSource",
)

EVENT_SOURCE = re.compile(r"\$\.eventSource\s*!?=\s*\"?[a-z0-9.-]+\.amazonaws\.com\b(?!\.cn)")
# The path of a service-linked role is the principal of its service.
SERVICE_LINKED_ROLE = re.compile(r":role/aws-service-role/[a-z0-9.-]+\.amazonaws\.com/")


def check_partition(template: dict[str, Json], partition: str) -> list[str]:
    """Say which literals belong to another partition.

    Args:
        template: A CloudFormation template.
        partition: The partition that it is made for.

    Returns:
        One sentence a fault; empty when there is none.
    """
    faults = []
    for place, text in _texts(template.get("Resources", {}), ""):
        faults += [
            f"{place}: arn:{found}: in {text!r}; use Aws.PARTITION" for found in ARN.findall(text) if found != partition
        ]
        faults += [
            f"{place}: {found.group()} in {text!r}; the console is {CONSOLES[partition]}"
            for found in CONSOLE.finditer(text)
            if found.group() != CONSOLES[partition]
        ]
        if SERVICE_PRINCIPAL.fullmatch(text) and any(known in place for known in PRINCIPAL_PLACES):
            continue
        faults += [
            f"{place}: {found.group()} in {text!r}; use Aws.URL_SUFFIX"
            for found in SUFFIX.finditer(SERVICE_LINKED_ROLE.sub("", EVENT_SOURCE.sub("", text)))
            if found.group() != SUFFIXES[partition]
        ]
    return faults


def _texts(value: Json, place: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield place, value
    elif isinstance(value, list):
        for position, item in enumerate(value):
            yield from _texts(item, f"{place}/{position}")
    elif isinstance(value, dict):
        for key, item in value.items():
            yield f"{place}/{key}", key
            yield from _texts(item, f"{place}/{key}")
