"""The role that starts pipelines at times and on events."""

from __future__ import annotations

from typing import ClassVar

from aws_cdk import aws_iam as iam
from constructs import Construct

from mlgov_constructs.argument_types import checked_arguments
from mlgov_constructs.aws_tokens import aws_tokens, service_principal
from mlgov_constructs.identity import PROJECT_TAG, GovernedRole
from mlgov_constructs.identity.project import check_project


@checked_arguments
class PipelineStartRole(GovernedRole):
    """The role under which EventBridge starts the pipelines of a project, or one of them.

    Controls: ``MLG-IDN-01`` (boundary), ``MLG-IDN-03`` (trust bound to the account).

    Args:
        scope: The parent construct.
        construct_id: The id in that scope.
        project: The project, by whose tag pipelines are told apart.
        permissions_boundary: The ceiling of the role.
        pipeline_name: The one pipeline; every one of the project when omitted.

    Raises:
        ConstructError: ``project`` is no project name.

    Source: https://docs.aws.amazon.com/sagemaker/latest/dg/pipeline-eventbridge.html

    Cost: none.

    Example:
        ``ModelPipeline`` creates it for a pipeline with a schedule.
    """

    CONTROLS: ClassVar[tuple[str, ...]] = ("MLG-IDN-01", "MLG-IDN-03")

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        project: str,
        permissions_boundary: iam.IManagedPolicy,
        pipeline_name: str | None = None,
    ) -> None:
        check_project(scope, construct_id, project)
        tokens = aws_tokens()
        super().__init__(
            scope,
            construct_id,
            assumed_by=iam.ServicePrincipal(
                service_principal("events"), conditions={"StringEquals": {"aws:SourceAccount": tokens.account}}
            ),
            description=f"Starts {pipeline_name or 'the pipelines'} of project {project}",
            permissions_boundary=permissions_boundary,
            statements=[
                {
                    "Sid": "StartPipelines",
                    "Effect": "Allow",
                    "Action": "sagemaker:StartPipelineExecution",
                    "Resource": tokens.arn("sagemaker", f"pipeline/{pipeline_name or '*'}"),
                    "Condition": {"StringEquals": {f"aws:ResourceTag/{PROJECT_TAG}": project}},
                }
            ],
        )
        self.project = project
