"""The wildcards of a policy, in the words of cdk-nag."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sagemaker as sagemaker

POLICY_VARIABLE = re.compile(r"\$\{([^}]+)\}")


def wildcards(policy: iam.ManagedPolicy) -> list[str]:
    """Return the wildcard resources that a policy allows, as cdk-nag writes them in its findings.

    Args:
        policy: The policy.
    """
    stack = cdk.Stack.of(policy)
    document = stack.resolve(policy.document)
    below = _published(stack)
    resources = [
        flat(resource, below)
        for statement in document["Statement"]
        if statement["Effect"] == "Allow"
        for resource in (statement["Resource"] if isinstance(statement["Resource"], list) else [statement["Resource"]])
    ]
    return [resource for resource in dict.fromkeys(resources) if "*" in resource]


def _published(consumer: cdk.Stack) -> dict[str, cdk.Stack]:
    """The stack of each bucket and Studio domain that lies in another one, by its logical id."""
    environment = consumer.node.scope
    return {
        stack.get_logical_id(resource): stack
        for stack in (environment.node.children if environment else [])
        if isinstance(stack, cdk.Stack) and stack is not consumer
        for resource in stack.node.find_all()
        if isinstance(resource, s3.CfnBucket | sagemaker.CfnDomain)
    }


def flat(value: Any, below: Mapping[str, cdk.Stack] | None = None) -> str:
    """Return a resource as cdk-nag writes it in the id of a finding.

    Args:
        value: The resource in a policy, with its intrinsic functions.
        below: The stack of each resource that lies in another one, by its logical id.
    """
    text = json.dumps(value, separators=(",", ":"))
    match value:
        case str():
            text = POLICY_VARIABLE.sub(r"<\1>", value)
        case {"Fn::Join": [str(separator), list(parts)]}:
            text = separator.join(flat(part, below) for part in parts)
        case {"Fn::Sub": str(pattern)}:
            text = flat(pattern)
        case {"Fn::Sub": list(pattern)}:
            text = json.dumps(pattern, separators=(",", ":"))
        case {"Ref": str(name)} | {"Fn::GetAtt": [str(name), str()]} if below and name in below:
            text = _weak_reference(below[name], value)
        case {"Ref": str(name)}:
            text = f"<{name}>"
        case {"Fn::GetAtt": [str(name), str(attribute)]}:
            text = f"<{name}.{attribute}>"
    return text


def _weak_reference(producer: cdk.Stack, referenced: Mapping[str, Any]) -> str:
    """What a weak reference (see cdk.json) becomes at synthesis, when the policy can be read no more."""
    path = "Publish/Output" + json.dumps(referenced, separators=(",", ":"))
    # The CDK ends every logical id with a part of the hash of its path.
    suffix = hashlib.md5(path.encode(), usedforsecurity=False).hexdigest()[:8].upper()
    region = {} if cdk.Token.is_unresolved(producer.region) else {"Region": producer.region}
    ((function, target),) = referenced.items()
    words = "".join(target) if isinstance(target, list) else target
    name = f"PublishOutput{function.replace(':', '')}{words}{suffix}"
    reference = {"StackName": producer.stack_name, **region, "OutputName": name}
    return json.dumps({"Fn::GetStackOutput": reference}, separators=(",", ":"))
