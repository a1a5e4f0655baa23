"""What several products have in common when they are read back: network, key, role, tags."""

from collections.abc import Collection, Mapping

from mlgov_constructs.local_cloud.demo.readback.deployed import Deployed
from mlgov_constructs.local_cloud.demo.readback.section import Row, unmet

PROJECT_TAG = "mlgov:project"
_NO_KEY = "no key of the environment"


def equals(what: str, found: object, wanted: object) -> Row:
    """Returns the row of a value that must be a certain one.

    Args:
        what: What it is of.
        found: The value.
        wanted: What it must be.
    """
    return Row((what, str(found)), unmet({f"must be {wanted}": found == wanted}))


def key_row(deployed: Deployed, what: str, key: str | None, before: str = "") -> Row:
    """Returns the row of something that must be encrypted with a key of the environment.

    Args:
        deployed: The environment.
        what: What is encrypted.
        key: Its key's ARN or id, if it has one.
        before: What is told before the key.
    """
    name = key_name(deployed, key)
    text = ", ".join(filter(None, (before, name or _NO_KEY)))
    return Row((what, text), unmet({"must be encrypted with a key of the environment": bool(name)}))


def key_name(deployed: Deployed, key: str | None) -> str:
    """Returns the alias of a key, or nothing when it is none of the environment's.

    Args:
        deployed: The environment.
        key: The key's ARN or id.
    """
    names = deployed.key_names
    return names.get(key or "", "") or next((names[arn] for arn in names if key and arn.endswith(f"/{key}")), "")


def network_rows(deployed: Deployed, subnets: Collection[str], groups: Collection[str]) -> list[Row]:
    """Returns the rows of what must lie in the network of the environment.

    Args:
        deployed: The environment.
        subnets: The subnets that it lies in.
        groups: Its security groups.
    """
    in_subnets, in_groups = in_network(deployed, subnets, groups)
    return [
        Row(
            ("Subnet" if len(subnets) < 2 else "Subnets", ", ".join(subnets) or "none"),
            unmet({"must be one of the environment": in_subnets}),
        ),
        Row(("Security groups", ", ".join(groups) or "none"), unmet({"must be those of the environment": in_groups})),
    ]


def in_network(deployed: Deployed, subnets: Collection[str], groups: Collection[str]) -> tuple[bool, bool]:
    """Tells whether subnets and groups are those of the environment.

    Args:
        deployed: The environment.
        subnets: The subnets.
        groups: The security groups.
    """
    own_subnets, own_groups = deployed.ids("AWS::EC2::Subnet"), deployed.ids("AWS::EC2::SecurityGroup")
    # An environment in an existing VPC has none of its own.
    in_subnets = bool(subnets) and ({*subnets} <= {*own_subnets} or not own_subnets)
    in_groups = bool(groups) and ({*groups} <= {*own_groups} or not own_subnets)
    return in_subnets, in_groups


def role_row(deployed: Deployed, arn: str) -> Row:
    """Returns the row of a role that must be one of the environment.

    Args:
        deployed: The environment.
        arn: The role.
    """
    name = role_name(arn)
    return Row(("Role", name), unmet({"must be one of the environment": name in deployed.ids("AWS::IAM::Role")}))


def role_name(arn: str) -> str:
    """Returns the name of a role.

    Args:
        arn: The role.
    """
    return arn.rsplit("/", 1)[-1]


def tags_row(tags: Mapping[str, str]) -> Row:
    """Returns the row of tags, which must name the project.

    Args:
        tags: The tags.
    """
    text = ", ".join(f"{key}={value}" for key, value in tags.items())
    return Row(("Tags", text or "none"), unmet({"must name the project": PROJECT_TAG in tags}))


def sagemaker_tags(deployed: Deployed, arn: str) -> dict[str, str]:
    """Returns the tags of something in SageMaker.

    Args:
        deployed: The environment.
        arn: What has the tags.
    """
    tags = deployed.client("sagemaker").list_tags(ResourceArn=arn)["Tags"]
    return {tag["Key"]: tag["Value"] for tag in tags}
