"""Requests that come through a VPC endpoint: its policy is evaluated, and conditions see where they come from."""

import json
from collections.abc import Mapping
from contextvars import ContextVar
from typing import Any

from ministack.core import iam_evaluator
from ministack.core.responses import get_account_id
from moto.ec2.models import ec2_backends

from mlgov_constructs.local_cloud.vpc_access import VPC_ENDPOINT_HEADER

_endpoint_id: ContextVar[str] = ContextVar("endpoint_id", default="")


def install(organization: str | None) -> None:
    """Makes the evaluation of IAM aware of endpoints and of the organisation; to be called once.

    Args:
        organization: The id of the organisation that the account lies in, if any.
    """
    evaluate = iam_evaluator.enforce
    lies_in = {"aws:PrincipalOrgID": organization, "aws:ResourceOrgID": organization} if organization else {}

    def enforce(access_key_id: str, iam_action: str, service: str, region: str, **named: Any) -> Any:
        endpoint_id = _endpoint_id.get()
        named["service_context"] = {**(named.get("service_context") or {}), **lies_in}
        if not endpoint_id:
            return evaluate(access_key_id, iam_action, service, region, **named)
        endpoint = ec2_backends[get_account_id()][region].vpc_end_points.get(endpoint_id)
        if endpoint is None or service not in endpoint.service_name.split("."):
            message = f"{endpoint_id} is no VPC endpoint of {service} in {region}"
            return iam_evaluator.AuthError("AccessDenied", message)
        named["service_context"] |= {"aws:SourceVpc": endpoint.vpc_id, "aws:SourceVpce": endpoint_id}
        denied = evaluate(access_key_id, iam_action, service, region, **named)
        if denied:
            return denied
        principal = iam_evaluator.resolve_principal(access_key_id, get_account_id())
        request = iam_evaluator.EvalContext(
            principal_arn=principal.arn,
            principal_type=principal.type,
            principal_account=principal.account,
            action=iam_action,
            resource_arn=named.get("resource_arn", "*"),
            region=region,
            service_context={key.lower(): value for key, value in named["service_context"].items()},
            principal_keys=principal.keys,
        )
        return _denied_by(endpoint.policy_document, request)

    iam_evaluator.enforce = enforce


def enter(headers: Mapping[str, str]) -> None:
    """Notes the endpoint that the request at hand comes through, or that it comes through none.

    Args:
        headers: The request's headers, in lower case.
    """
    _endpoint_id.set(headers.get(VPC_ENDPOINT_HEADER, ""))


def _denied_by(document: str | Mapping[str, Any], request: Any) -> Any:
    policy = iam_evaluator.parse_policy_document(json.loads(document) if isinstance(document, str) else document)
    decision = iam_evaluator.evaluate(request, [policy]).decision
    if decision == "Allow":
        return None
    reason = (
        "with an explicit deny in a VPC endpoint policy"
        if decision == "Deny"
        else f"because no VPC endpoint policy allows the {request.action} action"
    )
    who = f"User: {request.principal_arn} is not authorized"
    message = f"{who} to perform: {request.action} on resource: {request.resource_arn} {reason}"
    return iam_evaluator.AuthError("AccessDenied", message)
