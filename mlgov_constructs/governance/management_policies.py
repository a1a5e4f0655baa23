"""What an organization sets for its accounts, as policy documents of AWS Organizations."""

from __future__ import annotations

from typing import Any

from mlgov_constructs.governance.organization_policies import Document

# What a unit or an account below may change.
NOTHING = {"@@operators_allowed_for_child_policies": ["@@none"]}


def ai_services_opt_out_policy() -> Document:
    """Return the policy by which AWS stores no content of its AI services to improve them, none of any service.

    Source: https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_ai-opt-out_syntax.html

    Example:
        >>> ai_services_opt_out_policy()["services"]["default"]["opt_out_policy"]["@@assign"]
        'optOut'
    """
    return {"services": {**NOTHING, "default": {**NOTHING, "opt_out_policy": _fixed("optOut")}}}


def ec2_policy(*, internet_gateways: bool = False) -> Document:
    """Return the declarative policy for EC2: what every account and region of it is set to.

    Instances ask for IMDSv2 unless a launch says otherwise, and images, snapshots and the serial console are
    not open to the world. No VPC reaches the internet through a gateway, and none can be excepted.

    Args:
        internet_gateways: Whether VPCs may have a way to the internet.

    Source: https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_declarative_syntax.html

    Example:
        >>> sorted(ec2_policy(internet_gateways=True)["ec2_attributes"])[-1]
        'snapshot_block_public_access'
    """
    attributes: Document = {
        "image_block_public_access": {"state": _fixed("block_new_sharing")},
        # Two hops, as AWS advises beside required tokens: a container is one hop further away.
        "instance_metadata_defaults": {"http_put_response_hop_limit": _fixed("2"), "http_tokens": _fixed("required")},
        "serial_console_access": {"status": _fixed("disabled")},
        "snapshot_block_public_access": {"state": _fixed("block_all_sharing")},
    }
    if not internet_gateways:
        closed = {"exclusions_allowed": _fixed("disabled"), "mode": _fixed("block_bidirectional")}
        attributes["vpc_block_public_access"] = {"internet_gateway_block": closed}
    return {"ec2_attributes": attributes}


def _fixed(value: str) -> dict[str, Any]:
    return {"@@assign": value, **NOTHING}
