"""The controls of AWS Control Tower that concern what this library makes."""

from __future__ import annotations

from enum import StrEnum


class ControlTowerControl(StrEnum):
    """A control of the catalogue of AWS Control Tower, by its global identifier.

    ``REQUIRE_...`` are proactive: CloudFormation refuses the resource. ``DETECT_...`` are detective: AWS Config
    finds it. ``HUB_...`` are detective too, and controls of Security Hub. The identifier is the same in every
    region; AWS shows it as the *API controlIdentifier* of the control.

    Source: https://docs.aws.amazon.com/controltower/latest/controlreference/all-global-identifiers.html

    Example:
        >>> ControlTowerControl.REQUIRE_NOTEBOOK_IN_VPC.value
        'e832sfwz1eeru2ivf1b9r31qz'
    """

    REQUIRE_NOTEBOOK_WITHOUT_INTERNET = "by3ykpgv0a73qqv1k8jksf8q0"  # CT.SAGEMAKER.PR.1
    REQUIRE_NOTEBOOK_IN_VPC = "e832sfwz1eeru2ivf1b9r31qz"  # CT.SAGEMAKER.PR.2
    REQUIRE_NOTEBOOK_WITHOUT_ROOT = "cu3a2h6bg8a0bjtmzyqmmfa4l"  # CT.SAGEMAKER.PR.3
    DETECT_NOTEBOOK_WITH_INTERNET = "66gfl06uj1v999z53szvu0exa"
    DETECT_NOTEBOOK_WITHOUT_KEY = "3b7ib9mi87kcw90atgx2nboax"
    DETECT_ENDPOINT_WITHOUT_KEY = "i4cdcl01auws2k0z9x9nt0ka"
    DETECT_ENDPOINT_ON_ONE_INSTANCE = "5lkdq47dkd6jvs4jsnm6e0jff"
    HUB_NOTEBOOK_WITH_INTERNET = "4bb3tcgou1ylnhd6go25k977p"  # SageMaker.1
    HUB_NOTEBOOK_OUTSIDE_VPC = "dr2xzx1mnwnsbf8cjujdjawzl"  # SageMaker.2
    HUB_NOTEBOOK_WITH_ROOT = "2zp2qwp4ac7hq9s0h6odw5gwn"  # SageMaker.3

    REQUIRE_BUCKET_BLOCKS_PUBLIC_ACCESS = "8uk3vrotlr08jfb0cbxp5klbs"
    REQUIRE_BUCKET_ASKS_FOR_TLS = "bjycx3imkp5f2dxkbf842mhy4"
    REQUIRE_BUCKET_KEEPS_VERSIONS = "8z6s5s1vsaxgc2db0ny6pue61"
    REQUIRE_BUCKET_WITH_KEY = "b7p5zuz380l9pblepsai1u6an"
    DETECT_PUBLIC_READ = "8sw3pbid15t9cbww8d2w2qwgf"
    DETECT_PUBLIC_WRITE = "9j9nwxj789d82sypnukhyyowy"
    DETECT_ACCOUNT_WITHOUT_PUBLIC_ACCESS_BLOCK = "6wmutsohbkwhfw6sf7cbt5e81"

    REQUIRE_KEY_ROTATION = "2revak523sghuta5v2e4tg2np"
    DETECT_PUBLIC_KEY = "5q59ccry3dhfdrikso1f3yasc"
    DETECT_KEY_DELETION = "4kbh6euysu0ufxhdzh76kq6rd"

    REQUIRE_SUBNET_WITHOUT_PUBLIC_ADDRESSES = "dqr0y5wiori5frkzvn07uqe84"
    REQUIRE_CLOSED_HIGH_RISK_PORTS = "39o509cq5imkyls30q7qc6ynd"
    DETECT_SUBNET_WITH_PUBLIC_ADDRESSES = "50z1ot237wl8u1lv5ufau6qqo"
    DETECT_ROUTE_TO_INTERNET = "b8pjfqosgkgknznstduvel4rh"

    REQUIRE_TRAIL_VALIDATION = "cok7rgoujcdjcy6bjzgpvnq8w"
    REQUIRE_TRAIL_WITH_KEY = "1paru4wpdnqadarlqxnt1q0xy"
    REQUIRE_LOG_GROUP_WITH_KEY = "c92ed44a1bs6fko01twdx8x3a"
