"""The base of the roles that launch products."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from aws_cdk import aws_iam as iam
from constructs import Construct

from mlgov_constructs.aws_tokens import aws_tokens, service_principal
from mlgov_constructs.identity import DEPLOYED_TAG, PROJECT_TAG, USER_TAG, GovernedRole
from mlgov_constructs.identity.activities import PassRoles
from mlgov_constructs.identity.sagemaker_guardrails import deny
from mlgov_constructs.workspace import ParameterNames

STACKS = "SC-*"  # what Service Catalog calls the stacks of provisioned products


class LaunchRole(GovernedRole):
    """A role under which Service Catalog creates, changes and deletes what one product holds.

    It holds the stacks of Service Catalog, the template in the bucket of Service Catalog, the
    workspace's parameters, and what the product adds: its statements, and the roles that it may
    give to SageMaker. The trust admits Service Catalog for this account only.

    Controls: ``MLG-IDN-01`` (boundary), ``MLG-IDN-03`` (trust bound to the account), and those
    of its policy.

    Args:
        scope: The parent construct.
        construct_id: The id in that scope.
        description: What it launches.
        names: Where the workspace is written down.
        permissions_boundary: The ceiling of the role.
        statements: What creates, changes and deletes the resources of the product.
        passed_roles: ARNs of the roles that the product gives to ``passed_to``.
        passed_to: The service that receives them.
        role_name: A name, needed to launch by the role of that name in each account that the
            portfolio is shared with; CloudFormation makes one when omitted.

    Source: https://docs.aws.amazon.com/servicecatalog/latest/adminguide/constraints-launch.html

    Example:
        ``NotebookLaunchRole`` is one.
    """

    CONTROLS: ClassVar[tuple[str, ...]] = ("MLG-IDN-01", "MLG-IDN-03")

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        description: str,
        names: ParameterNames,
        permissions_boundary: iam.IManagedPolicy,
        statements: Sequence[Mapping[str, Any]],
        passed_roles: Sequence[str] = (),
        passed_to: str = "sagemaker",
        role_name: str | None = None,
    ) -> None:
        super().__init__(
            scope,
            construct_id,
            assumed_by=iam.ServicePrincipal(
                service_principal("servicecatalog"),
                conditions={"StringEquals": {"aws:SourceAccount": aws_tokens().account}},
            ),
            description=description,
            permissions_boundary=permissions_boundary,
            statements=[
                *provisioning_statements(names),
                *statements,
                *PassRoles(passed_roles, passed_to).statements(),
            ],
            role_name=role_name,
        )
        self.fixed_name = role_name

    @staticmethod
    def tag_changes(kind: str, resource: str, projects: Sequence[str]) -> list[dict[str, Any]]:
        """Return what follows a change of the tag options when a provisioned product is updated.

        Service Catalog hands the chosen tags to the stack, and CloudFormation sets them anew. The
        project and the person of a resource stay what they are, in whichever way it does so: a
        request may repeat them and cannot change or remove them.

        Args:
            kind: What the resources are, in the names of the statements, for example ``Notebooks``.
            resource: The ARN pattern of the resources, of SageMaker.
            projects: The projects of the product.

        Source: https://docs.aws.amazon.com/servicecatalog/latest/adminguide/tagoptions.html
        """
        resource_tag, request_tag = f"aws:ResourceTag/{PROJECT_TAG}", f"aws:RequestTag/{PROJECT_TAG}"
        same_person = {f"aws:RequestTag/{USER_TAG}": f"${{aws:ResourceTag/{USER_TAG}}}"}
        return [
            *(
                {
                    "Sid": f"Retag{kind}{''.join(part.title() for part in project.split('-'))}",
                    "Effect": "Allow",
                    "Action": "sagemaker:AddTags",
                    "Resource": resource,
                    "Condition": {
                        "StringEquals": {resource_tag: project},
                        "StringEqualsIfExists": {request_tag: project, **same_person},
                    },
                }
                for project in projects
            ),
            {
                "Sid": f"Untag{kind}",
                "Effect": "Allow",
                "Action": "sagemaker:DeleteTags",
                "Resource": resource,
                "Condition": {
                    "StringEquals": {resource_tag: list(projects)},
                    "ForAllValues:StringNotEquals": {"aws:TagKeys": [PROJECT_TAG, USER_TAG]},
                    "Null": {"aws:TagKeys": "false"},
                },
            },
        ]


def stacks_keep() -> dict[str, Any]:
    """Return the deny of changing what a stack of the environment keeps, which has the tag of the project too."""
    change = ("sagemaker:AddTags", "sagemaker:Delete*", "sagemaker:Update*")
    return deny("StacksKeepTheirs", change, {"Null": {f"aws:ResourceTag/{DEPLOYED_TAG}": "false"}})


def provisioning_statements(names: ParameterNames) -> list[dict[str, Any]]:
    """Return what Service Catalog needs to provision any product.

    Args:
        names: Where the workspace is written down.
    """
    tokens = aws_tokens()
    return [
        {
            "Sid": "Stacks",
            "Effect": "Allow",
            "Action": [
                "cloudformation:CreateStack",
                "cloudformation:DeleteStack",
                "cloudformation:DescribeStackEvents",
                "cloudformation:DescribeStackResources",
                "cloudformation:DescribeStacks",
                "cloudformation:GetTemplate",
                "cloudformation:SetStackPolicy",
                "cloudformation:UpdateStack",
            ],
            "Resource": tokens.arn("cloudformation", f"stack/{STACKS}"),
        },
        {
            # CloudFormation knows no resource for a template that is no stack yet.
            "Sid": "Templates",
            "Effect": "Allow",
            "Action": ["cloudformation:GetTemplateSummary", "cloudformation:ValidateTemplate"],
            "Resource": "*",
        },
        {
            # The copy of the template lies in a bucket of the service, whose name is not known.
            "Sid": "ReadProductTemplate",
            "Effect": "Allow",
            "Action": "s3:GetObject",
            "Resource": "*",
            "Condition": {"StringEquals": {"s3:ExistingObjectTag/servicecatalog:provisioning": "true"}},
        },
        {
            "Sid": "ReadWorkspace",
            "Effect": "Allow",
            "Action": ["ssm:GetParameter", "ssm:GetParameters"],
            "Resource": tokens.arn("ssm", f"parameter{names.prefix}/*"),
        },
    ]
