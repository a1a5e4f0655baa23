"""The role that launches endpoints, and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from aws_cdk import aws_iam as iam
from constructs import Construct

from mlgov_constructs.aws_tokens import aws_tokens
from mlgov_constructs.catalog.launch_role import STACKS, LaunchRole, stacks_keep
from mlgov_constructs.identity import PROJECT_TAG, JobEnvironment, JobRole
from mlgov_constructs.workspace import ParameterNames

KINDS = {"Models": "model/*", "EndpointConfigs": "endpoint-config/*", "Endpoints": "endpoint/*"}


class ModelEndpointLaunchRole(LaunchRole):
    """The role under which Service Catalog creates, changes and deletes endpoints.

    It holds only what :class:`ModelEndpointProduct` creates, beside the rights of a
    :class:`LaunchRole`: models in the environment's subnets and without network, endpoint
    configurations with the environment's key on the sizes of the product, endpoints, all with the
    tag of its projects; their scaling, the alarms of its own stacks, the grants on the key, and
    giving SageMaker the hosting roles of these projects.

    Application Auto Scaling works under a service-linked role, which must exist in the account:
    ``aws iam create-service-linked-role --aws-service-name sagemaker.application-autoscaling.amazonaws.com``.

    Controls: ``MLG-IDN-01`` (boundary), ``MLG-IDN-03`` (trust bound to the account), and those
    of its policy.

    Args:
        scope: The parent construct.
        construct_id: The id in that scope.
        names: Where the workspace is written down.
        environment: The network and the key of the endpoints.
        hosting_roles: The hosting role of each project.
        instance_types: The instance types of the product.
        permissions_boundary: The ceiling of the role.
        role_name: A name, needed to launch by the role of that name in each account that the
            portfolio is shared with; CloudFormation makes one when omitted.

    Source: https://docs.aws.amazon.com/servicecatalog/latest/adminguide/constraints-launch.html

    Example:
        ``ModelEndpointProduct`` creates it.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        names: ParameterNames,
        environment: JobEnvironment,
        hosting_roles: Sequence[JobRole],
        instance_types: Sequence[str],
        permissions_boundary: iam.IManagedPolicy,
        role_name: str | None = None,
    ) -> None:
        projects = [role.project for role in hosting_roles]
        super().__init__(
            scope,
            construct_id,
            description="Launches endpoints of the catalogue",
            names=names,
            permissions_boundary=permissions_boundary,
            statements=[
                *_endpoints(projects, environment, instance_types),
                *environment.volume_statements(),
            ],
            passed_roles=[role.role_arn for role in hosting_roles],
            role_name=role_name,
        )
        # Apart from the rest, which fills a policy nearly: a role may have several.
        self.allow([*_scaling(), *_alarms(), stacks_keep()])
        self.allow(_tags(projects))


def _endpoints(
    projects: Sequence[str], environment: JobEnvironment, instance_types: Sequence[str]
) -> list[dict[str, Any]]:
    tokens = aws_tokens()
    models, configs, endpoints = every = [tokens.arn("sagemaker", kind) for kind in KINDS.values()]
    wanted, theirs = ({f"aws:{side}Tag/{PROJECT_TAG}": list(projects)} for side in ("Request", "Resource"))
    network = environment.network_condition()
    return [
        {
            "Sid": "CreateModels",
            "Effect": "Allow",
            "Action": "sagemaker:CreateModel",
            "Resource": models,
            "Condition": {**network, "StringEquals": wanted, "Bool": {"sagemaker:NetworkIsolation": "true"}},
        },
        {
            "Sid": "ConfigureEndpoints",
            "Effect": "Allow",
            "Action": "sagemaker:CreateEndpointConfig",
            "Resource": configs,
            "Condition": {
                "StringEquals": wanted,
                "ArnEquals": {"sagemaker:VolumeKmsKeyArn": environment.key_arn},
                "ForAllValues:StringEquals": {"sagemaker:InstanceTypes": list(instance_types)},
                "Null": {"sagemaker:InstanceTypes": "false"},
            },
        },
        {
            "Sid": "CreateEndpoints",
            "Effect": "Allow",
            "Action": "sagemaker:CreateEndpoint",
            "Resource": endpoints,
            "Condition": {"StringEquals": wanted},
        },
        {
            "Sid": "UseEndpointConfigs",
            "Effect": "Allow",
            "Action": "sagemaker:CreateEndpoint",
            "Resource": configs,
            "Condition": {"StringEquals": theirs},
        },
        {
            "Sid": "TagNewEndpoints",
            "Effect": "Allow",
            "Action": "sagemaker:AddTags",
            "Resource": every,
            "Condition": {
                "StringEquals": {"sagemaker:TaggingAction": ["CreateEndpoint", "CreateEndpointConfig", "CreateModel"]}
            },
        },
        {
            "Sid": "SeeEndpoints",
            "Effect": "Allow",
            # Without the tag: CloudFormation looks until a resource is gone, and what is gone has no tags.
            "Action": [
                "sagemaker:DescribeEndpoint",
                "sagemaker:DescribeEndpointConfig",
                "sagemaker:DescribeModel",
                "sagemaker:ListTags",
            ],
            "Resource": every,
        },
        {
            "Sid": "LookAfterEndpoints",
            "Effect": "Allow",
            "Action": [
                "sagemaker:DeleteEndpoint",
                "sagemaker:DeleteEndpointConfig",
                "sagemaker:DeleteModel",
                "sagemaker:UpdateEndpoint",
                "sagemaker:UpdateEndpointWeightsAndCapacities",
            ],
            "Resource": every,
            "Condition": {"StringEquals": theirs},
        },
        {
            "Sid": "SeeModelPackages",
            "Effect": "Allow",
            "Action": "sagemaker:DescribeModelPackage",
            "Resource": tokens.arn("sagemaker", "model-package/*"),
        },
    ]


def _scaling() -> list[dict[str, Any]]:
    targets = aws_tokens().arn("application-autoscaling", "scalable-target/*")
    return [
        {
            "Sid": "ScaleEndpoints",
            "Effect": "Allow",
            "Action": [
                "application-autoscaling:DeleteScalingPolicy",
                "application-autoscaling:DeregisterScalableTarget",
                "application-autoscaling:PutScalingPolicy",
                "application-autoscaling:RegisterScalableTarget",
            ],
            "Resource": targets,
            "Condition": {"StringEquals": {"application-autoscaling:service-namespace": "sagemaker"}},
        },
        {
            # The tags of the stack reach the target; these actions know no namespace.
            "Sid": "TagScaling",
            "Effect": "Allow",
            "Action": [
                "application-autoscaling:ListTagsForResource",
                "application-autoscaling:TagResource",
                "application-autoscaling:UntagResource",
            ],
            "Resource": targets,
        },
        {
            # Application Auto Scaling knows no resource for these.
            "Sid": "SeeScaling",
            "Effect": "Allow",
            "Action": [
                "application-autoscaling:DescribeScalableTargets",
                "application-autoscaling:DescribeScalingPolicies",
                "application-autoscaling:DescribeScheduledActions",
            ],
            "Resource": "*",
        },
    ]


def _alarms() -> list[dict[str, Any]]:
    return [
        {
            "Sid": "Alarms",
            "Effect": "Allow",
            "Action": [
                "cloudwatch:DeleteAlarms",
                "cloudwatch:ListTagsForResource",
                "cloudwatch:PutMetricAlarm",
                "cloudwatch:TagResource",
                "cloudwatch:UntagResource",
            ],
            # CloudFormation names an alarm after its stack.
            "Resource": aws_tokens().arn("cloudwatch", f"alarm:{STACKS}"),
        },
        {
            # Asked of all alarms, whichever a request names.
            "Sid": "SeeAlarms",
            "Effect": "Allow",
            "Action": "cloudwatch:DescribeAlarms",
            "Resource": aws_tokens().arn("cloudwatch", "alarm:*"),
        },
    ]


def _tags(projects: Sequence[str]) -> list[dict[str, Any]]:
    tokens = aws_tokens()
    return [
        statement
        for name, kind in KINDS.items()
        for statement in LaunchRole.tag_changes(name, tokens.arn("sagemaker", kind), projects)
    ]
