"""The rights of a role find room, whoever grants them."""

from __future__ import annotations

import json
import re
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3

from mlgov_constructs.identity import GovernedRole, PermissionsBoundary
from mlgov_constructs.identity.policy_size import LONGEST_POLICY, policy_size
from tests.templates import of_type

JOINED = re.compile(r'\{"Fn::Join":\["",\["arn:",\{"Ref":"AWS::Partition"\},"([^"]*)"\]\]\}')


def governed_role(stack: cdk.Stack) -> GovernedRole:
    return GovernedRole(
        stack,
        "Role",
        assumed_by=iam.ServicePrincipal("lambda"),
        description="Reads buckets",
        permissions_boundary=PermissionsBoundary(stack, "Boundary"),
        statements=[],
    )


def buckets(stack: cdk.Stack, count: int) -> list[s3.IBucket]:
    return [s3.Bucket.from_bucket_name(stack, f"Bucket{each}", f"{'long-' * 8}{each}") for each in range(count)]


def rights(stack: cdk.Stack) -> dict[str, dict[str, Any]]:
    """The policies of the role, by their logical ids."""
    root = stack.node.root
    assert isinstance(root, cdk.App)
    template = root.synth().get_stack_by_name("Stack").template
    return {
        name: each["Properties"]["PolicyDocument"]
        for name, each in of_type(template, "AWS::IAM::ManagedPolicy").items()
        if name.startswith("RoleRights")
    }


def test_grants_of_the_cdk_that_do_not_fit_begin_the_next_policy() -> None:
    stack = cdk.Stack(cdk.App(), "Stack")
    role = governed_role(stack)
    for bucket in buckets(stack, 40):
        bucket.grant_read(role)
    policies = rights(stack)
    assert len(policies) == role.policy_count > 1
    for document in policies.values():
        text = json.dumps(document, separators=(",", ":"))
        # As long as it becomes: {"Fn::Join": ["", ["arn:", {"Ref": "AWS::Partition"}, ":s3:::..."]]}.
        joined = re.sub(
            r'\{"Fn::Join":\["",\["arn:",\{"Ref":"AWS::Partition"\},"([^"]*)"\]\]\}', r'"arn:aws-us-gov\1"', text
        )
        assert "Fn::Join" not in joined
        assert len(joined) <= LONGEST_POLICY
    granted = json.dumps(list(policies.values()))
    assert all(f"{'long-' * 8}{each}/*" in granted for each in range(40))


def test_the_same_grant_takes_room_once() -> None:
    stack = cdk.Stack(cdk.App(), "Stack")
    role = governed_role(stack)
    (bucket,) = buckets(stack, 1)
    for _ in range(60):
        bucket.grant_read(role)
    (document,) = rights(stack).values()
    assert len(document["Statement"]) == 1


def test_what_fits_in_no_policy_is_refused_where_it_is_granted() -> None:
    stack = cdk.Stack(cdk.App(), "Stack")
    role = governed_role(stack)
    resources = [f"arn:x:s3:::bucket-{each}/*" for each in range(400)]
    with pytest.raises(RuntimeError, match=r"\[Stack/Role\] \d+ characters of rights find no room"):
        iam.Grant.add_to_principal(grantee=role, actions=["s3:GetObject"], resource_arns=resources)


def test_rights_that_fill_a_policy_leave_no_empty_one_before_them() -> None:
    stack = cdk.Stack(cdk.App(), "Stack")
    role = governed_role(stack)
    statement = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:x:s3:::bucket/"}
    filled = {**statement, "Resource": statement["Resource"].ljust(LONGEST_POLICY - policy_size([statement]) + 18, "x")}
    assert policy_size([filled]) == LONGEST_POLICY
    role.allow([filled])
    assert role.policy_count == 1
    (document,) = rights(stack).values()
    assert len(document["Statement"]) == 1
