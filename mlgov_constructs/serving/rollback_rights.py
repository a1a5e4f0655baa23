"""The right to look at the alarms that bring an update back."""

from __future__ import annotations

from collections.abc import Sequence

from aws_cdk import Stack
from aws_cdk import aws_iam as iam
from constructs import Construct, IDependable

from mlgov_constructs.controls import claim
from mlgov_constructs.identity import GovernedRole
from mlgov_constructs.identity.grants import rights_of, statement

ACTIONS = ["cloudwatch:DescribeAlarms"]


def grant_rollback(scope: Construct, role: iam.IRole, alarm_arns: Sequence[str]) -> IDependable:
    """Let SageMaker look at the alarms of an update, which it does with the role of the model.

    Args:
        scope: The endpoint, or the component.
        role: The role of the containers.
        alarm_arns: The alarms; none when nothing brings the update back.

    Returns:
        What the endpoint depends on, so that the role has its rights first.
    """
    if not alarm_arns:
        return rights_of(role)
    if Stack.of(role).node.addr == Stack.of(scope).node.addr:
        iam.Grant.add_to_principal(grantee=role, actions=ACTIONS, resource_arns=list(alarm_arns))
        return rights_of(role)
    # The stack of the role lies below: a policy there that names these alarms would make a cycle.
    policy = iam.ManagedPolicy(
        scope,
        "RollbackRights",
        roles=[role],
        document=iam.PolicyDocument(statements=[iam.PolicyStatement.from_json(statement(ACTIONS, alarm_arns))]),
    )
    claim(policy, GovernedRole.RIGHTS_CONTROLS)
    return policy
