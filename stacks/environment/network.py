"""The network of an environment."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from ipaddress import IPv4Network
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationInfo, field_validator, model_validator

from stacks.environment.settings import Matching, Refusal, Settings, validate_and_refuse
from stacks.environment.values import CidrBlock, LogRetentionDays

LARGEST_VPC = 16
SMALLEST_VPC = 24
# Some 20 endpoints take an address each in every subnet; a job and a notebook take theirs too.
SMALLEST_SUBNET = 26
SOURCES = ("cidr", "ipam", "existing")
RESOURCE_ID = "(?:[0-9a-f]{8}|[0-9a-f]{17})"
SubnetId = Annotated[str, Matching(f"subnet-{RESOURCE_ID}", "the id of a subnet, such as 'subnet-0a1b2c3d4e5f67890'")]

# The names of the enumerations in mlgov_constructs.network, which a test compares: a file is
# checked, and its schema written, without the two seconds that loading the CDK takes.
ServiceResourceName = Literal[
    "ecr-layers",
    "deep-learning-containers",
    "sagemaker-jumpstart",
    "sagemaker-samples",
    "systems-manager",
    "amazon-linux",
]
EndpointServiceName = Literal[
    "s3",
    "dynamodb",
    "sagemaker.api",
    "sagemaker.runtime",
    "sagemaker.featurestore-runtime",
    "sagemaker.metrics",
    "notebook",
    "studio",
    "experiments",
    "sts",
    "kms",
    "logs",
    "monitoring",
    "ecr.api",
    "ecr.dkr",
    "ssm",
    "secretsmanager",
    "servicecatalog",
    "glue",
    "athena",
    "kinesis-streams",
    "kinesis-firehose",
    "lambda",
    "states",
    "events",
    "sns",
    "sqs",
    "codeartifact.api",
    "codeartifact.repositories",
    "git-codecommit",
    "codecommit",
    "codeconnections.api",
    "elasticfilesystem",
    "bedrock-runtime",
    "lakeformation",
    "execute-api",
]


class IpamSettings(Settings):
    """Addresses out of an IPAM pool instead of a fixed range."""

    pool_id: Annotated[
        str, Matching(r"ipam-pool-[0-9a-f]{8,17}", "the id of an IPAM pool, such as 'ipam-pool-0a1b2c3d'")
    ]
    """The pool that gives the range."""

    netmask: Annotated[int, Field(ge=LARGEST_VPC, le=SMALLEST_VPC)]
    """Length of the prefix that is asked for, 16 to 24."""


class ExistingNetworkSettings(Settings):
    """A VPC that exists already: nothing is created in it, and synthesis tells what it lacks."""

    vpc_id: Annotated[str, Matching(f"vpc-{RESOURCE_ID}", "the id of a VPC, such as 'vpc-0a1b2c3d4e5f67890'")]
    """The VPC."""

    subnets: Annotated[
        Mapping[
            Annotated[str, Matching(r"[a-z0-9-]+-[0-9][a-z]", "an availability zone, such as 'eu-central-1a'")],
            SubnetId,
        ],
        Field(min_length=1, max_length=6),
    ]
    """Availability zone to isolated subnet, for each zone in use."""

    security_group_id: Annotated[
        str, Matching(f"sg-{RESOURCE_ID}", "the id of a security group, such as 'sg-0a1b2c3d4e5f67890'")
    ]
    """The security group of the workloads; its egress reaches the endpoints and nothing else."""

    endpoints: tuple[EndpointServiceName, ...]
    """The services that the VPC has endpoints of."""

    s3_endpoint_id: (
        Annotated[str, Matching(f"vpce-{RESOURCE_ID}", "the id of a VPC endpoint, such as 'vpce-0a1b2c3d4e5f67890'")]
        | None
    ) = None
    """The gateway endpoint of S3, through which alone the buckets are reached; the account bounds them when absent."""


class NetworkSettings(Settings):
    """The VPC: one of a fixed range, a range out of IPAM, or an existing VPC."""

    availability_zones: Annotated[int, Field(ge=1, le=6)] = 2
    """Availability zones in use, 1 to 6 and no more than the region has. Every interface endpoint costs by the zone."""

    connected_cidrs: tuple[CidrBlock, ...] = ()
    """Ranges of networks that are or will be connected; the range of the VPC must not overlap them."""

    cidr: CidrBlock | None = None
    """Private IPv4 range of the VPC, /16 to /24, with at least a /26 for each availability zone."""

    ipam: IpamSettings | None = None
    """Take the range from an IPAM pool; not together with `cidr`."""

    existing: ExistingNetworkSettings | None = None
    """Use a VPC that exists; not together with `cidr` or `ipam`. Its subnets name its zones."""

    flow_log_retention_days: LogRetentionDays = 365
    """Days that flow logs are kept; one of the values that CloudWatch Logs knows."""

    network_acl: bool = False
    """Add a network ACL to the subnets, as a second wall behind the security groups."""

    service_resources: tuple[ServiceResourceName, ...] = ("ecr-layers", "deep-learning-containers")
    """Buckets and image registries of AWS itself that the endpoints let workloads read, each by name."""

    @field_validator("cidr")
    @classmethod
    def _range_fits(cls, cidr: str | None, info: ValidationInfo) -> str | None:
        if cidr is None:
            return None
        block = IPv4Network(cidr)
        if not LARGEST_VPC <= block.prefixlen <= SMALLEST_VPC:
            msg = f"must be a /{LARGEST_VPC} to a /{SMALLEST_VPC}; it is a /{block.prefixlen}"
            raise ValueError(msg)
        _check_subnets(block.prefixlen, info)
        overlapping = [other for other in info.data.get("connected_cidrs", ()) if block.overlaps(IPv4Network(other))]
        if overlapping:
            msg = f"must not overlap the connected range {', '.join(overlapping)}"
            raise ValueError(msg)
        return cidr

    @field_validator("ipam")
    @classmethod
    def _netmask_fits(cls, ipam: IpamSettings | None, info: ValidationInfo) -> IpamSettings | None:
        if ipam is not None:
            _check_subnets(ipam.netmask, info)
        return ipam

    @model_validator(mode="wrap")
    @classmethod
    def _one_source(cls, network: Any, handler: Callable[[Any], NetworkSettings]) -> NetworkSettings:
        given = [key for key in SOURCES if isinstance(network, Mapping) and network.get(key) is not None]
        refusals = []
        if isinstance(network, Mapping) and len(given) != 1:
            found = f"{' and '.join(given)} are given" if given else "none is given"
            refusals.append(Refusal(network, f"exactly one of {', '.join(SOURCES)} is needed; {found}"))
        return validate_and_refuse(handler, network, refusals)


def _check_subnets(prefix: int, info: ValidationInfo) -> None:
    zones = info.data.get("availability_zones", 1)
    # Subnets are powers of two: three zones divide the range by four.
    largest = SMALLEST_SUBNET - (zones - 1).bit_length()
    if prefix > largest:
        msg = (
            f"must give each of {zones} availability zones a subnet of at least a /{SMALLEST_SUBNET}: "
            f"take a /{largest} or larger, or fewer zones"
        )
        raise ValueError(msg)
