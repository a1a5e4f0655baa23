"""A rule that starts a pipeline."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aws_cdk import Token
from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam
from constructs import Construct

from mlgov_constructs.aws_tokens import aws_tokens, service_principal
from mlgov_constructs.identity import GovernedRole


def pipeline_rule(
    scope: Construct,
    construct_id: str,
    *,
    pipeline_name: str,
    permissions_boundary: iam.IManagedPolicy,
    parameters: Mapping[str, str] | None,
    what: str,
    event_pattern: Mapping[str, Any],
) -> events.CfnRule:
    """Return a new rule that starts a pipeline, under a role that can start it and do nothing else.

    Args:
        scope: The parent of rule and role.
        construct_id: The id of the rule; that of the role ends in ``Role``.
        pipeline_name: The pipeline, of this account and region.
        permissions_boundary: The ceiling of the role.
        parameters: Parameters of the execution.
        what: What starts it, for the descriptions.
        event_pattern: The events that start it.
    """
    tokens = aws_tokens()
    # SageMaker writes the name in lower case in the ARN.
    name = pipeline_name if Token.is_unresolved(pipeline_name) else pipeline_name.lower()
    arn = tokens.arn("sagemaker", f"pipeline/{name}")
    own_account = {"StringEquals": {"aws:SourceAccount": tokens.account}}
    role = GovernedRole(
        scope,
        f"{construct_id}Role",
        assumed_by=iam.ServicePrincipal(service_principal("events"), conditions=own_account),
        description=f"Starts pipeline {pipeline_name} when {what}",
        permissions_boundary=permissions_boundary,
        statements=[{"Effect": "Allow", "Action": "sagemaker:StartPipelineExecution", "Resource": arn}],
    )
    target: dict[str, Any] = {"id": "Pipeline", "arn": arn, "roleArn": role.role_arn}
    if parameters:
        values = [{"name": key, "value": value} for key, value in parameters.items()]
        target["sageMakerPipelineParameters"] = {"pipelineParameterList": values}
    rule = events.CfnRule(
        scope,
        construct_id,
        description=f"Starts pipeline {pipeline_name} when {what}",
        event_pattern=dict(event_pattern),
        targets=[target],
    )
    rule.node.add_dependency(role.rights)
    return rule
