"""The kinds of single values that an environment file holds."""

from __future__ import annotations

from ipaddress import IPv4Network
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints

from mlgov_constructs.controls.claim import SHORTEST_REASON
from stacks.environment.settings import Matching

# RFC 1918 and RFC 6598: what a VPC may use without owning the addresses.
PRIVATE_RANGES = tuple(
    IPv4Network(block) for block in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10")
)


def _written_account(value: object) -> object:
    # YAML reads an unquoted account as a number, and drops a leading zero.
    if isinstance(value, int) and not isinstance(value, bool):
        if len(str(value)) == 12:
            return str(value)
        msg = "must be an AWS account number of 12 digits; quote it, or YAML takes a leading zero away"
        raise ValueError(msg)
    return value


def _private_block(value: str) -> str:
    try:
        block = IPv4Network(value)
    except ValueError as error:
        msg = f"must be an IPv4 range in CIDR notation, such as '10.20.0.0/20' ({error})"
        raise ValueError(msg) from error
    if not any(block.subnet_of(private) for private in PRIVATE_RANGES):
        msg = f"must be a private range, inside {', '.join(map(str, PRIVATE_RANGES))}"
        raise ValueError(msg)
    return value


# In front of what checks an account.
WrittenAccount = BeforeValidator(_written_account)
AccountId = Annotated[str, Matching(r"[0-9]{12}", "an AWS account number of 12 digits, in quotes"), WrittenAccount]
CidrBlock = Annotated[str, AfterValidator(_private_block), Field(examples=["10.20.0.0/20"])]
EmailAddress = Annotated[
    str,
    Matching(
        r"[A-Za-z0-9._%+'-]+@(?:[A-Za-z0-9-]+\.)+[A-Za-z]{2,}", "an e-mail address, such as 'ml-team@example.com'"
    ),
]
EnvironmentName = Annotated[
    str,
    Matching(
        r"[a-z][a-z0-9-]{1,20}",
        "2 to 21 lower-case letters, digits and hyphens, starting with a letter: it begins every stack's name",
    ),
]
LogRetentionDays = Literal[
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653
]
OrganizationId = Annotated[
    str, Matching(r"o-[a-z0-9]{10,32}", "the id of an AWS organization, such as 'o-exampleorg1'")
]
OrganizationNode = Annotated[
    str,
    Matching(
        r"o-[a-z0-9]{10,32}|ou-[a-z0-9]{4,32}-[a-z0-9]{8,32}",
        "the id of an organization ('o-exampleorg1') or of an organizational unit ('ou-ab12-11111111')",
    ),
]
ProjectSlug = Annotated[
    str,
    Matching(r"[a-z][a-z0-9-]{1,30}", "2 to 31 lower-case letters, digits and hyphens, starting with a letter"),
]
Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=SHORTEST_REASON)]
RegionName = Annotated[
    str, Matching(r"[a-z]{2,4}(?:-[a-z]+){1,2}-[0-9]", "the code of an AWS region, such as 'eu-central-1'")
]
RoleReference = Annotated[
    str,
    Matching(
        r"[\w+=,.@-]{1,64}|arn:[a-z-]+:iam::[0-9]{12}:role/[\w+=,.@/-]+",
        "the name of a role of this account, or the ARN of a role",
    ),
]
RolePattern = Annotated[
    str,
    Matching(
        r"[\w+=,.@*?-]{1,64}|arn:[a-z-]+:iam::(?:[0-9]{12})?:role/[\w+=,.@/*?-]+",
        "the name or the ARN of a role; '*' and '?' stand for any characters and for one",
    ),
]
TagKey = Annotated[
    str,
    Matching(
        r"(?!aws:|mlgov:)[\w .:/=+@-]{1,128}",
        "a tag key: up to 128 letters, digits, spaces and _ . : / = + - @, not beginning with 'aws:' or 'mlgov:' "
        "(the project is named by 'project')",
    ),
]
TagValue = Annotated[
    str, Matching(r"[\w .:/=+@-]{1,256}", "a tag value: 1 to 256 letters, digits, spaces and _ . : / = + - @")
]
