"""Who may do what: the policies of a synthesized role, evaluated as IAM does."""

from __future__ import annotations

from typing import Any

from ministack.core.iam_evaluator import EvalContext, evaluate, parse_policy_document

from tests.templates import Template, of_type

ACCOUNT, REGION = "111122223333", "eu-west-1"
PSEUDO = {
    "AWS::Partition": "aws",
    "AWS::Region": REGION,
    "AWS::AccountId": ACCOUNT,
    "AWS::URLSuffix": "amazonaws.com",
}


def resolved(value: Any) -> Any:
    """A template value with a readable text for what is known at deployment only."""
    match value:
        case {"Ref": str(name)}:
            return PSEUDO.get(name, name)
        case {"Fn::GetAtt": [name, attribute]}:
            return f"arn:aws:any:{REGION}:{ACCOUNT}:{name}" if attribute == "Arn" else f"{name}.{attribute}"
        case {"Fn::Join": [separator, parts]}:
            return separator.join(resolved(part) for part in parts)
        case dict():
            return {key: resolved(entry) for key, entry in value.items()}
        case list():
            return [resolved(entry) for entry in value]
    return value


def decision(template: Template, role: str, action: str, resource: str = "*", **context: Any) -> str:
    """``Allow``, ``Deny`` or ``ImplicitDeny`` for a request of a role, within its boundary.

    Args:
        template: The template that holds the role, its policies and its boundary.
        role: The logical id of the role.
        action: The action.
        resource: What it acts on.
        context: Condition keys of the request; two underscores stand for the colon.
    """
    keys = {key.replace("__", ":").lower(): value for key, value in context.items()}
    request = EvalContext(
        principal_arn=f"arn:aws:sts::{ACCOUNT}:assumed-role/{role}/session",
        principal_type="AssumedRole",
        principal_account=ACCOUNT,
        action=action,
        resource_arn=resource,
        region=REGION,
        service_context=keys,
    )
    policies = of_type(template, "AWS::IAM::ManagedPolicy")
    own = [
        p["Properties"]["PolicyDocument"]
        for p in policies.values()
        if {"Ref": role} in p["Properties"].get("Roles", [])
    ]
    boundary = template["Resources"][role]["Properties"]["PermissionsBoundary"]["Ref"]
    return evaluate(
        request,
        [parse_policy_document(resolved(document)) for document in own],
        [parse_policy_document(resolved(policies[boundary]["Properties"]["PolicyDocument"]))],
    ).decision
