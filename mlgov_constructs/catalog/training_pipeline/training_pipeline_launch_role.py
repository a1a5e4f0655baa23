"""The role that launches training pipelines, and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from aws_cdk import aws_iam as iam
from constructs import Construct

from mlgov_constructs.aws_tokens import aws_tokens, service_principal
from mlgov_constructs.catalog.launch_role import STACKS, LaunchRole, stacks_keep
from mlgov_constructs.identity import PROJECT_TAG, JobRole
from mlgov_constructs.mlops import PipelineStartRole
from mlgov_constructs.workspace import ParameterNames


class TrainingPipelineLaunchRole(LaunchRole):
    """The role under which Service Catalog creates, changes and deletes training pipelines.

    It holds only what :class:`TrainingPipelineProduct` creates, beside the rights of a
    :class:`LaunchRole`: pipelines with the tag of its projects, the rules that start them, and
    giving the pipeline role to SageMaker and the start role to EventBridge. It cannot create a
    role, so nothing that it launches has more rights than these.

    Controls: ``MLG-IDN-01`` (boundary), ``MLG-IDN-03`` (trust bound to the account), and those
    of its policy.

    Args:
        scope: The parent construct.
        construct_id: The id in that scope.
        names: Where the workspace is written down.
        pipeline_roles: The pipeline role of each project.
        start_roles: The roles that start the pipelines of these projects.
        permissions_boundary: The ceiling of the role.
        role_name: A name, needed to launch by the role of that name in each account that the
            portfolio is shared with; CloudFormation makes one when omitted.

    Source: https://docs.aws.amazon.com/servicecatalog/latest/adminguide/constraints-launch.html

    Example:
        ``TrainingPipelineProduct`` creates it.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        names: ParameterNames,
        pipeline_roles: Sequence[JobRole],
        start_roles: Sequence[PipelineStartRole],
        permissions_boundary: iam.IManagedPolicy,
        role_name: str | None = None,
    ) -> None:
        super().__init__(
            scope,
            construct_id,
            description="Launches training pipelines of the catalogue",
            names=names,
            permissions_boundary=permissions_boundary,
            statements=[
                *_pipelines([role.project for role in pipeline_roles]),
                *_rules([role.role_arn for role in start_roles]),
            ],
            passed_roles=[role.role_arn for role in pipeline_roles],
            role_name=role_name,
        )


def _pipelines(projects: Sequence[str]) -> list[dict[str, Any]]:
    pipelines = aws_tokens().arn("sagemaker", "pipeline/*")
    return [
        {
            "Sid": "CreatePipelines",
            "Effect": "Allow",
            "Action": "sagemaker:CreatePipeline",
            "Resource": pipelines,
            "Condition": {"StringEquals": {f"aws:RequestTag/{PROJECT_TAG}": list(projects)}},
        },
        {
            "Sid": "TagNewPipelines",
            "Effect": "Allow",
            "Action": "sagemaker:AddTags",
            "Resource": pipelines,
            "Condition": {"StringEquals": {"sagemaker:TaggingAction": "CreatePipeline"}},
        },
        {
            # Without the tag: CloudFormation looks until a resource is gone, and what is gone has no tags.
            "Sid": "SeePipelines",
            "Effect": "Allow",
            "Action": ["sagemaker:DescribePipeline", "sagemaker:ListTags"],
            "Resource": pipelines,
        },
        {
            "Sid": "LookAfterPipelines",
            "Effect": "Allow",
            "Action": ["sagemaker:DeletePipeline", "sagemaker:UpdatePipeline"],
            "Resource": pipelines,
            "Condition": {"StringEquals": {f"aws:ResourceTag/{PROJECT_TAG}": list(projects)}},
        },
        *LaunchRole.tag_changes("Pipelines", pipelines, projects),
        stacks_keep(),
    ]


def _rules(start_roles: Sequence[str]) -> list[dict[str, Any]]:
    to_events = {"StringEquals": {"iam:PassedToService": service_principal("events")}}
    return [
        {
            "Sid": "StartRules",
            "Effect": "Allow",
            "Action": [
                "events:DeleteRule",
                "events:DescribeRule",
                "events:ListTagsForResource",
                "events:ListTargetsByRule",
                "events:PutRule",
                "events:PutTargets",
                "events:RemoveTargets",
                "events:TagResource",
                "events:UntagResource",
            ],
            "Resource": aws_tokens().arn("events", f"rule/{STACKS}"),
        },
        {
            "Sid": "PassStartRoles",
            "Effect": "Allow",
            "Action": "iam:PassRole",
            "Resource": list(start_roles),
            "Condition": to_events,
        },
    ]
