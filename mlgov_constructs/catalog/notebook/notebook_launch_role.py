"""The role that launches notebooks, and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from aws_cdk import aws_iam as iam
from constructs import Construct

from mlgov_constructs.aws_tokens import aws_tokens
from mlgov_constructs.catalog.launch_role import LaunchRole
from mlgov_constructs.identity import PROJECT_TAG, JobEnvironment, JobRole
from mlgov_constructs.workspace import ParameterNames


class NotebookLaunchRole(LaunchRole):
    """The role under which Service Catalog creates, changes and deletes notebook instances.

    It holds only what :class:`NotebookProduct` creates, beside the rights of a
    :class:`LaunchRole`: notebook instances with the tag of its projects, in the environment's
    subnets and hardened, the interfaces and the grants on the key that SageMaker makes for the
    caller, and giving SageMaker the notebook roles of these projects. It cannot create a role,
    so nothing that it launches has more rights than the notebook role.

    Controls: ``MLG-IDN-01`` (boundary), ``MLG-IDN-03`` (trust bound to the account), and those
    of its policy.

    Args:
        scope: The parent construct.
        construct_id: The id in that scope.
        names: Where the workspace is written down.
        environment: The network and the key of the notebooks.
        notebook_roles: The notebook role of each project.
        permissions_boundary: The ceiling of the role.
        role_name: A name, needed to launch by the role of that name in each account that the
            portfolio is shared with; CloudFormation makes one when omitted.

    Source: https://docs.aws.amazon.com/servicecatalog/latest/adminguide/constraints-launch.html

    Example:
        ``NotebookProduct`` creates it.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        names: ParameterNames,
        environment: JobEnvironment,
        notebook_roles: Sequence[JobRole],
        permissions_boundary: iam.IManagedPolicy,
        role_name: str | None = None,
    ) -> None:
        super().__init__(
            scope,
            construct_id,
            description="Launches notebooks of the catalogue",
            names=names,
            permissions_boundary=permissions_boundary,
            statements=[
                *_notebooks([role.project for role in notebook_roles], environment),
                *environment.interface_statements(),
                *environment.volume_statements(),
            ],
            passed_roles=[role.role_arn for role in notebook_roles],
            role_name=role_name,
        )


def _notebooks(projects: Sequence[str], environment: JobEnvironment) -> list[dict[str, Any]]:
    notebooks = aws_tokens().arn("sagemaker", "notebook-instance/*")
    network = environment.network_condition()
    return [
        {
            "Sid": "CreateNotebooks",
            "Effect": "Allow",
            "Action": "sagemaker:CreateNotebookInstance",
            "Resource": notebooks,
            "Condition": {
                **network,
                "StringEquals": {
                    f"aws:RequestTag/{PROJECT_TAG}": list(projects),
                    "sagemaker:DirectInternetAccess": "Disabled",
                    "sagemaker:RootAccess": "Disabled",
                    "sagemaker:MinimumInstanceMetadataServiceVersion": "2",
                },
                "ArnEquals": {"sagemaker:VolumeKmsKeyArn": environment.key_arn},
            },
        },
        {
            "Sid": "TagNewNotebooks",
            "Effect": "Allow",
            "Action": "sagemaker:AddTags",
            "Resource": notebooks,
            "Condition": {"StringEquals": {"sagemaker:TaggingAction": "CreateNotebookInstance"}},
        },
        {
            # Without the tag: CloudFormation looks until a resource is gone, and what is gone has no tags.
            "Sid": "SeeNotebooks",
            "Effect": "Allow",
            "Action": ["sagemaker:DescribeNotebookInstance", "sagemaker:ListTags"],
            "Resource": notebooks,
        },
        {
            "Sid": "LookAfterNotebooks",
            "Effect": "Allow",
            "Action": [
                "sagemaker:DeleteNotebookInstance",
                "sagemaker:StartNotebookInstance",
                "sagemaker:StopNotebookInstance",
                "sagemaker:UpdateNotebookInstance",
            ],
            "Resource": notebooks,
            "Condition": {"StringEquals": {f"aws:ResourceTag/{PROJECT_TAG}": list(projects)}},
        },
        *LaunchRole.tag_changes("Notebooks", notebooks, projects),
    ]
