"""An organization: what it holds its machine learning accounts to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Any

from pydantic import Field, ValidationInfo, WrapValidator, field_validator

from stacks.environment.network import SubnetId
from stacks.environment.regions import partition_of
from stacks.environment.resource_tags import ResourceTags
from stacks.environment.settings import Matching, Refusal, Settings, validate_and_refuse, validate_named_once
from stacks.environment.values import (
    AccountId,
    EnvironmentName,
    OrganizationId,
    Reason,
    RegionName,
    WrittenAccount,
)

# The forms of mlgov_constructs.governance, which a test compares: a file is checked without loading the CDK.
UNIT = r"ou-[0-9a-z]{4,32}-[0-9a-z]{8,32}"
TARGET = rf"r-[0-9a-z]{{4,32}}|[0-9]{{12}}|{UNIT}"
INSTANCE_TYPE = r"ml\.[a-z0-9*-]+(\.[a-z0-9*]+)?"
ROLE = (
    r"arn:[A-Za-z0-9_*-]+:iam::([0-9]{12}|\*):role/"
    r"[A-Za-z0-9_+=,.@/*-]*[A-Za-z0-9_+=,.@-]{3}[A-Za-z0-9_+=,.@/*-]*"
)
TAG_KEY, TAG_VALUE = r"(?!aws:)[A-Za-z0-9_.:/=+@ -]{1,128}", r"[A-Za-z0-9_.:/=+@ -]{1,256}"

NamedOnce = WrapValidator(validate_named_once)
Target = Annotated[
    str,
    Matching(TARGET, "the id of a root ('r-ab12'), of a unit ('ou-ab12-11111111') or of an account, in quotes"),
    WrittenAccount,
]
Unit = Annotated[str, Matching(UNIT, "the id of an organizational unit, such as 'ou-ab12-11111111'")]
InstanceTypePattern = Annotated[str, Matching(INSTANCE_TYPE, "a pattern of instance types, such as 'ml.m5.*'")]
CertainRoles = Annotated[
    str,
    Matching(
        ROLE,
        "the ARN of certain roles, such as 'arn:*:iam::*:role/BreakGlass'; "
        "'*' stands for any characters, and never for the whole name",
    ),
]
RequiredKey = Annotated[
    str,
    Matching(TAG_KEY, "a tag key: up to 128 letters, digits, spaces and _ . : / = + - @, not beginning with 'aws:'"),
]
RequiredValue = Annotated[str, Matching(TAG_VALUE, "a tag value: 1 to 256 letters, digits, spaces and _ . : / = + - @")]
PolicyPrefix = Annotated[
    str,
    Matching(r"[a-z][a-z0-9-]{1,30}", "2 to 31 lower-case letters, digits and hyphens, starting with a letter"),
]


class Organization(Settings):
    """What an organization holds its machine learning accounts to, as one file describes it.

    Example:
        >>> from stacks.environment import load_organization
        >>> organization = load_organization("environments/organization.yaml")
        >>> organization.name, organization.target_ids
        ('organization', ('ou-ab12-11111111',))
    """

    name: EnvironmentName
    """Name of the stack."""

    account: AccountId | None = None
    """The management account, or the delegated administrator of AWS Organizations, 12 digits in quotes; that of the
    credentials at hand when absent."""

    region: RegionName | None = None
    """The region to deploy to, the home region of Control Tower where it has units; that of the credentials at hand
    when absent."""

    organization_id: OrganizationId
    """The organization, beyond which no data goes and from beyond which nobody comes."""

    target_ids: Annotated[tuple[Target, ...], Field(min_length=1), NamedOnce]
    """The root, units and accounts that the policies are attached to. They deny: begin with a unit for tests."""

    tags: ResourceTags
    """Tags of the policies themselves; `owner`, `cost-center` and `data-classification` are required."""

    allowed_regions: Annotated[tuple[RegionName, ...], Field(min_length=1), NamedOnce]
    """The regions in which work is allowed, all of one partition; that of the bill is one of them where an environment
    looks for anomalies."""

    allowed_subnets: Annotated[tuple[SubnetId, ...], NamedOnce] = ()
    """The only subnets that SageMaker may use; any, but some, when empty."""

    allowed_instance_types: Annotated[tuple[InstanceTypePattern, ...], NamedOnce] = ()
    """Patterns of the instance types that may be used, such as `ml.m5.*`; all when empty."""

    exempt_roles: Annotated[tuple[CertainRoles, ...], NamedOnce] = ()
    """ARN patterns of the roles that no service control policy holds, for emergencies."""

    deployment_roles: Annotated[tuple[CertainRoles, ...], NamedOnce] = ()
    """ARN patterns of the roles that deploy environments: they set up the trails and recorders that are guarded."""

    required_tags: Mapping[RequiredKey, Annotated[tuple[RequiredValue, ...], NamedOnce]] = {}
    """Tags without which nobody makes models, endpoints, notebooks and jobs, each with the values that it may have, or
    an empty list for any; none beyond the project's when absent."""

    control_tower_unit_ids: Annotated[tuple[Unit, ...], NamedOnce] = ()
    """The units that Control Tower's controls are turned on for; none when empty."""

    internet_gateways: Reason | None = None
    """Why VPCs may have a way to the internet, in 15 characters or more; they have none when absent."""

    outbound_network: Reason | None = None
    """Why models may run without network isolation, in 15 characters or more; none may when absent."""

    policy_prefix: PolicyPrefix = "mlgov"
    """What the names of the policies begin with; another one in each file of the same organization."""

    @field_validator("allowed_regions", mode="wrap")
    @classmethod
    def _of_one_partition(
        cls, regions: object, handler: Callable[[Any], tuple[str, ...]], info: ValidationInfo
    ) -> tuple[str, ...]:
        listed = [str(region) for region in regions] if isinstance(regions, tuple) else []
        home = info.data.get("region") or next(iter(listed), None)
        refusals = [
            Refusal(region, f"must be of the partition of {home}: no organization reaches beyond one", (position,))
            for position, region in enumerate(listed)
            if partition_of(region) != partition_of(home)
        ]
        return validate_and_refuse(handler, regions, refusals)
