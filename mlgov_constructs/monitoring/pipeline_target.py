"""A pipeline that a rule starts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aws_cdk import Token
from aws_cdk import aws_iam as iam
from constructs import Construct

from mlgov_constructs.aws_tokens import aws_tokens, service_principal
from mlgov_constructs.identity import GovernedRole


def pipeline_target(
    scope: Construct,
    construct_id: str,
    *,
    pipeline_name: str,
    permissions_boundary: iam.IManagedPolicy,
    parameters: Mapping[str, str],
    why: str,
) -> tuple[GovernedRole, dict[str, Any]]:
    """Return a pipeline as ``CfnRule`` takes a target, and the role that can start it and do nothing else.

    Args:
        scope: The parent of the role.
        construct_id: The id of the role.
        pipeline_name: The pipeline, of this account and region.
        permissions_boundary: The ceiling of the role.
        parameters: Parameters of the execution.
        why: When it is started, for the description of the role.
    """
    tokens = aws_tokens()
    # SageMaker writes the name in lower case in the ARN.
    name = pipeline_name if Token.is_unresolved(pipeline_name) else pipeline_name.lower()
    arn = tokens.arn("sagemaker", f"pipeline/{name}")
    own_account = {"StringEquals": {"aws:SourceAccount": tokens.account}}
    role = GovernedRole(
        scope,
        construct_id,
        assumed_by=iam.ServicePrincipal(service_principal("events"), conditions=own_account),
        description=f"Starts pipeline {pipeline_name} when {why}",
        permissions_boundary=permissions_boundary,
        statements=[{"Effect": "Allow", "Action": "sagemaker:StartPipelineExecution", "Resource": arn}],
    )
    target: dict[str, Any] = {"id": "Pipeline", "arn": arn, "roleArn": role.role_arn}
    if parameters:
        values = [{"name": key, "value": value} for key, value in parameters.items()]
        target["sageMakerPipelineParameters"] = {"pipelineParameterList": values}
    return role, target
