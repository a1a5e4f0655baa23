"""The condition keys of IAM that a security group or a network interface has: its VPC and its tags."""

from typing import Any

from ministack.core import iam_evaluator
from ministack.core.responses import get_account_id
from moto.ec2.models import ec2_backends

from mlgov_constructs.local_cloud import enforcement

_KINDS = ("network-interface", "security-group")


def install() -> None:
    """Makes the evaluation of IAM aware of them; to be called once."""
    evaluate = iam_evaluator.enforce

    def enforce(access_key_id: str, iam_action: str, service: str, region: str, **named: Any) -> Any:
        if service == "ec2":
            keys = _keys(str(named.get("resource_arn", "")), region)
            named["service_context"] = {**keys, **(named.get("service_context") or {})}
        return evaluate(access_key_id, iam_action, service, region, **named)

    iam_evaluator.enforce = enforce


def _keys(resource_arn: str, region: str) -> dict[str, str]:
    kind, _, identifier = resource_arn.rpartition(":")[2].partition("/")
    if kind not in _KINDS:
        return {}
    account = get_account_id()
    backend = ec2_backends[account][region]
    group = backend.get_security_group_from_id(identifier)
    found = backend.enis.get(identifier) if group is None else group
    if found is None:
        return {}
    vpc_id = found.vpc_id if group else found.subnet.vpc_id
    tags = {tag["key"]: tag["value"] for tag in found.get_tags()}
    prefix = f"arn:{enforcement.partition()}:ec2:{region}:{account}"
    return {
        "ec2:Vpc": f"{prefix}:vpc/{vpc_id}",
        **{f"aws:ResourceTag/{key}": value for key, value in tags.items()},
        **{f"ec2:ResourceTag/{key}": value for key, value in tags.items()},
    }
