"""The ceiling of every role in an environment."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

from aws_cdk import Names, Stack
from aws_cdk import aws_iam as iam
from constructs import Construct

from mlgov_constructs.aws_tokens import aws_tokens, service_principal
from mlgov_constructs.errors import ConstructError
from mlgov_constructs.identity.policy_size import LONGEST_POLICY
from mlgov_constructs.identity.sagemaker_guardrails import deny, sagemaker_guardrails

LONGEST_NAME = 128
POLICY_NAME = re.compile(r"[\w+=,.@-]{1,128}")
ACTION = re.compile(r"(?!iam:|organizations:|account:)[a-z0-9-]+:[A-Za-z]{3}[A-Za-z*]*")
RECEIVER = re.compile(r"[a-z][a-z0-9-]*")
# Everything that a token can stand for is at most this long: "arn:aws-us-gov:iam::" and an account.
SAMPLE_PARTITION, SAMPLE_ACCOUNT = "aws-us-gov", "111122223333"

CEILING = (
    "sagemaker:*",
    "sagemaker-mlflow:*",
    "s3:*",
    "servicecatalog:*",
    "cloudformation:*",
    "logs:*",
    "cloudwatch:*",
    "application-autoscaling:*",
    "ecr:*",
    "glue:*",
    "athena:*",
    "states:*",
    "events:*",
    "codecommit:*",
    "codeconnections:GetConnection",
    "codeconnections:UseConnection",
    "codeartifact:*",
    "kinesis:*",
    "firehose:*",
    "sqs:*",
    "dynamodb:*",
    "bedrock:Invoke*",
    "lambda:Invoke*",
    "sns:Publish",
    "lakeformation:GetDataAccess",
    "elasticfilesystem:Client*",
    "secretsmanager:GetSecretValue",
    "secretsmanager:DescribeSecret",
    "ssm:GetParameter*",
    "sts:*",
    "kms:CreateGrant",
    "kms:RetireGrant",
    "kms:Decrypt",
    "kms:DescribeKey",
    "kms:Encrypt",
    "kms:GenerateDataKey*",
    "kms:ReEncrypt*",
    "ec2:Describe*",
    "ec2:*NetworkInterface*",
    "ec2:*SecurityGroupEgress",
    "ec2:*SecurityGroupIngress",
    "iam:Get*",
    "iam:List*",
    "organizations:DescribeOrganization",
    # What auditors, cost owners and administrators see; personas, never jobs, are granted it.
    "budgets:View*",
    "ce:Get*",
    "cloudtrail:Describe*",
    "cloudtrail:Get*",
    "cloudtrail:LookupEvents",
    "config:Describe*",
    "kms:EnableKeyRotation",
    "kms:Get*",
    "kms:List*",
    "kms:RevokeGrant",
    "kms:UpdateKeyDescription",
    "securityhub:GetFindings",
)
RECEIVES_ROLES = ("events", "firehose", "glue", "lambda", "sagemaker", "states")
ROLE_CHANGES = (
    "iam:AttachRolePolicy",
    "iam:CreateRole",
    "iam:DeleteRolePolicy",
    "iam:DetachRolePolicy",
    "iam:PutRolePermissionsBoundary",
    "iam:PutRolePolicy",
    "iam:UpdateAssumeRolePolicy",
)
POLICY_CHANGES = (
    "iam:CreatePolicyVersion",
    "iam:DeletePolicy",
    "iam:DeletePolicyVersion",
    "iam:SetDefaultPolicyVersion",
)
NEVER = (
    "iam:DeleteRolePermissionsBoundary",
    "iam:*AccessKey*",
    "iam:*Group*",
    "iam:*LoginProfile",
    "iam:*Provider*",
    "iam:*ServiceSpecificCredential*",
    "iam:*User*",
    "kms:DeleteImportedKeyMaterial",
    "kms:Disable*",
    "kms:PutKeyPolicy",
    "kms:ScheduleKeyDeletion",
    "cloudtrail:Delete*",
    "cloudtrail:Put*",
    "cloudtrail:StopLogging",
    "cloudtrail:UpdateTrail",
    "config:Delete*",
    "config:Put*",
    "config:StopConfigurationRecorder",
    "guardduty:Delete*",
    "guardduty:Disassociate*",
    "securityhub:BatchDisable*",
    "securityhub:Delete*",
    "securityhub:Disable*",
    "securityhub:Disassociate*",
    "s3:*AccessPointPolicy*",
    "s3:DeleteBucket*",
    # Feature Store sets the ACL of what it writes (s3:PutObjectAcl); where the owner is enforced, it opens nothing.
    "s3:PutBucketAcl",
    "s3:PutObjectVersionAcl",
    "s3:Put*PublicAccessBlock",
    "s3:PutBucketPolicy",
    "ec2:AcceptVpcPeeringConnection",
    "ec2:Attach*Gateway",
    "ec2:Create*Gateway*",
    "ec2:CreateRoute",
    "ec2:CreateVpcEndpoint*",
    "ec2:CreateVpcPeeringConnection",
    "ec2:DeleteVpcEndpoints",
    "ec2:ModifyVpcEndpoint*",
    "ec2:ReplaceRoute*",
)


class PermissionsBoundary(iam.ManagedPolicy):
    """The ceiling of every role that this library creates.

    It grants nothing. A role with this boundary can do at most what its own policies **and**
    the boundary allow, so a mistake in a policy, or a role that a team adds later, cannot

    * leave the services that ML work needs,
    * create or change a role that does not carry this boundary, or change the boundary,
    * create users, access keys or identity providers,
    * disable or delete keys, trails, AWS Config, GuardDuty or Security Hub,
    * open a bucket, an internet gateway, a peering connection or an endpoint,
    * create a SageMaker resource without subnets, without a customer managed key, with
      internet access, root access or IMDSv1.

    Controls: it is what ``MLG-IDN-01`` asks every role to have.

    Args:
        scope: The parent construct.
        construct_id: The id in that scope.
        managed_policy_name: The name, unique in the account; made from the path of the
            construct and the region when omitted. The policy must know its own name.
        additional_actions: Actions beyond the ML services, for example
            ``("timestream:Select*",)``. Never of ``iam``, ``organizations`` or ``account``.
        additional_role_receivers: Services beyond those of ML work that a role may be passed to,
            for example ``("backup",)``.

    Raises:
        ConstructError: An action or a service cannot be admitted, or the policy grows over IAM's limit of
            6,144 characters.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html

    Cost: none.

    Example:
        >>> from aws_cdk import App
        >>> stack = Stack(App(), "Foundation")
        >>> boundary = PermissionsBoundary(stack, "Boundary")
        >>> iam.PermissionsBoundary.of(stack).apply(boundary)
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        managed_policy_name: str | None = None,
        additional_actions: Sequence[str] = (),
        additional_role_receivers: Sequence[str] = (),
    ) -> None:
        if refused := [action for action in additional_actions if not ACTION.fullmatch(action)]:
            raise ConstructError(
                scope,
                construct_id,
                f"additional_actions holds {refused[0]!r}, which no boundary may admit",
                "Name actions of a service as in 'timestream:Select*', none of iam, organizations or account.",
            )
        if unknown := [service for service in additional_role_receivers if not RECEIVER.fullmatch(service)]:
            raise ConstructError(
                scope,
                construct_id,
                f"additional_role_receivers holds {unknown[0]!r}, which is no service",
                "Name services as in 'backup'.",
            )
        if managed_policy_name is not None and not POLICY_NAME.fullmatch(managed_policy_name):
            raise ConstructError(
                scope,
                construct_id,
                f"managed_policy_name {managed_policy_name!r} is no policy name",
                "Use up to 128 letters, digits and _+=,.@-.",
            )
        receivers = (*RECEIVES_ROLES, *additional_role_receivers)
        longest = boundary_document(SAMPLE_PARTITION, SAMPLE_ACCOUNT, "x" * LONGEST_NAME, additional_actions, receivers)
        if (size := len(json.dumps(longest, separators=(",", ":")))) > LONGEST_POLICY:
            raise ConstructError(
                scope,
                construct_id,
                f"the boundary grows to {size} characters with {len(additional_actions)} additional_actions",
                f"IAM allows {LONGEST_POLICY}: name fewer actions, or shorter patterns.",
            )
        self.admitted_actions = (*CEILING, *additional_actions, "iam:PassRole")
        self.role_receivers = receivers
        tokens = aws_tokens()
        name = managed_policy_name or _unique_name(scope, construct_id)
        super().__init__(
            scope,
            construct_id,
            managed_policy_name=name,
            # Never change this text: a new description replaces the policy, and its name is taken.
            description="Ceiling of the roles of a machine learning environment",
            document=iam.PolicyDocument.from_json(
                boundary_document(tokens.partition, tokens.account, name, additional_actions, receivers)
            ),
        )


def boundary_document(
    partition: str,
    account: str,
    policy_name: str,
    additional_actions: Sequence[str] = (),
    receivers: Sequence[str] = RECEIVES_ROLES,
) -> dict[str, Any]:
    """Return the policy document of a boundary.

    Args:
        partition: The partition, or its token.
        account: The account, or its token.
        policy_name: The name of the boundary itself.
        additional_actions: Actions to admit beyond the ML services.
        receivers: Services that a role may be passed to.
    """
    own_arn = f"arn:{partition}:iam::{account}:policy/{policy_name}"
    return {
        "Version": "2012-10-17",
        "Statement": [
            {"Sid": "Ceiling", "Effect": "Allow", "Action": [*CEILING, *additional_actions], "Resource": "*"},
            {
                "Sid": "PassRolesToWork",
                "Effect": "Allow",
                "Action": "iam:PassRole",
                "Resource": f"arn:{partition}:iam::{account}:role/*",
                "Condition": {"StringEquals": {"iam:PassedToService": [service_principal(name) for name in receivers]}},
            },
            deny("RolesKeepTheBoundary", ROLE_CHANGES, {"StringNotEquals": {"iam:PermissionsBoundary": own_arn}}),
            {"Sid": "BoundaryStays", "Effect": "Deny", "Action": list(POLICY_CHANGES), "Resource": own_arn},
            {"Sid": "Never", "Effect": "Deny", "Action": list(NEVER), "Resource": "*"},
            *sagemaker_guardrails(),
        ],
    }


def _unique_name(scope: Construct, construct_id: str) -> str:
    # IAM is global: the region keeps the boundaries of one app in two regions apart.
    path = Names.unique_resource_name(scope, max_length=60, separator="-")
    return f"{path}-{construct_id}-{Stack.of(scope).region}"
