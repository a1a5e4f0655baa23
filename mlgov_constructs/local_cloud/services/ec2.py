"""EC2: moto's, with what it forgets."""

import json
from collections.abc import Mapping
from typing import Any
from xml.sax.saxutils import escape

from ministack.core.responses import get_account_id, get_region
from ministack.services import cloudwatch_logs
from moto.ec2.models import ec2_backends
from moto.logs.models import logs_backends

from mlgov_constructs.local_cloud import moto_bridge


async def handle_request(
    method: str, path: str, headers: Mapping[str, str], body: bytes, query: Mapping[str, Any]
) -> moto_bridge.Answer:
    """Answers an EC2 request."""
    form = moto_bridge.form(body)
    action = form.get("Action", "")
    if action == "CreateFlowLogs":
        _mirror_log_group(form.get("LogGroupName", ""))
    if reason := _dependency(action, form):
        return _error("DependencyViolation", reason)
    answer = await moto_bridge.handle(method, path, headers, body, query)
    if action == "ModifyVpcEndpoint" and answer[0] == 200:
        _modify_endpoint(form)
    if action == "DeleteVpcEndpoints":
        _forget_deleted_endpoints()
    if action == "DeleteVpc" and answer[0] == 200:
        _delete_network_acls(form["VpcId"])
    return answer


def _mirror_log_group(name: str) -> None:
    """Lets moto see a log group, or it would report the flow log's deliveries as failed."""
    backend = logs_backends[get_account_id()][get_region()]
    if name in cloudwatch_logs._log_groups and name not in backend.groups:
        backend.create_log_group(name, {})


def _error(code: str, message: str) -> moto_bridge.Answer:
    """Returns an error in EC2's own form."""
    error = f"<Error><Code>{code}</Code><Message>{escape(message)}</Message></Error>"
    return 400, {"Content-Type": "text/xml"}, f"<Response><Errors>{error}</Errors></Response>".encode()


def _dependency(action: str, form: Mapping[str, str]) -> str:
    """Returns what depends on the subnet, the security group or the VPC to be deleted, or nothing."""
    backend = ec2_backends[get_account_id()][get_region()]
    interfaces = list(backend.enis.values())
    if action == "DeleteSubnet":
        subnet_id = form.get("SubnetId", "")
        if any(interface.subnet.id == subnet_id for interface in interfaces):
            return f"The subnet '{subnet_id}' has dependencies and cannot be deleted."
    if action == "DeleteSecurityGroup":
        group_id = form.get("GroupId", "")
        if _is_referred_to(backend, group_id) or any(
            group.id == group_id for interface in interfaces for group in interface.group_set
        ):
            return f"resource {group_id} has a dependent object"
    if action == "DeleteVpc":
        vpc_id = form.get("VpcId", "")
        if any(group.name != "default" for group in backend.groups.get(vpc_id, {}).values()):
            return f"The vpc '{vpc_id}' has dependencies and cannot be deleted."
    return ""


def _is_referred_to(backend: Any, group_id: str) -> bool:
    """Tells whether a rule of another security group names this one."""
    return any(
        (rule.source_group or {}).get("GroupId") == group_id
        for groups in backend.groups.values()
        for group in groups.values()
        if group.id != group_id
        for rule in (*group.ingress_rules, *group.egress_rules)
    )


def _modify_endpoint(form: Mapping[str, str]) -> None:
    """Acts on the parameters of ModifyVpcEndpoint that moto ignores."""
    endpoint = ec2_backends[get_account_id()][get_region()].vpc_end_points[form["VpcEndpointId"]]
    if "PrivateDnsEnabled" in form:
        endpoint.private_dns_enabled = form["PrivateDnsEnabled"] == "true"
    if form.get("ResetPolicy") == "true":
        endpoint.policy_document = json.dumps(endpoint.DEFAULT_POLICY)


def _forget_deleted_endpoints() -> None:
    """Drops the endpoints that moto would list as deleted for ever."""
    endpoints = ec2_backends[get_account_id()][get_region()].vpc_end_points
    for identifier in [key for key, endpoint in endpoints.items() if endpoint.state == "deleted"]:
        del endpoints[identifier]


def _delete_network_acls(vpc_id: str) -> None:
    """Deletes the network ACLs of a VPC that is gone, which moto leaves."""
    acls = ec2_backends[get_account_id()][get_region()].network_acls
    for identifier in [key for key, acl in acls.items() if acl.vpc_id == vpc_id]:
        del acls[identifier]
