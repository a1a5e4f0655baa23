"""What is known of AWS regions without asking AWS.

Source: https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-availability-zones.html
"""

from __future__ import annotations

_OTHER_THAN_THREE = {"us-east-1": 6, "us-west-2": 4, "ap-northeast-1": 4, "ap-northeast-2": 4}
_THREE = (
    "af-south-1 ap-east-1 ap-east-2 ap-northeast-3 ap-south-1 ap-south-2 ap-southeast-1 ap-southeast-2 ap-southeast-3 "
    "ap-southeast-4 ap-southeast-5 ap-southeast-6 ap-southeast-7 ca-central-1 ca-west-1 eu-central-1 eu-central-2 "
    "eu-north-1 eu-south-1 eu-south-2 eu-west-1 eu-west-2 eu-west-3 il-central-1 me-central-1 me-south-1 mx-central-1 "
    "sa-east-1 us-east-2 us-west-1 cn-north-1 cn-northwest-1 us-gov-east-1 us-gov-west-1"
)

#: Availability zones of each region; a region that is not listed is not checked.
AVAILABILITY_ZONES = {**dict.fromkeys(_THREE.split(), 3), **_OTHER_THAN_THREE}

_PARTITIONS = {
    "cn-": "aws-cn",
    "us-gov-": "aws-us-gov",
    "us-iso-": "aws-iso",
    "us-isob-": "aws-iso-b",
    "us-isof-": "aws-iso-f",
    "eu-isoe-": "aws-iso-e",
    "eusc-": "aws-eusc",
}


def partition_of(region: str | None) -> str:
    """Return the partition that a region belongs to.

    Args:
        region: The region, or ``None`` when the template shall fit any.

    Returns:
        The partition; ``aws`` when no region is given.

    Example:
        >>> partition_of("us-gov-west-1")
        'aws-us-gov'
    """
    return next((name for prefix, name in _PARTITIONS.items() if (region or "").startswith(prefix)), "aws")
