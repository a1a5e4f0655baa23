"""The guardrails of an organization, as policy documents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mlgov_constructs.identity import PROJECT_TAG
from mlgov_constructs.identity.sagemaker_guardrails import (
    IN_VPC,
    JOBS,
    LOCAL_STORAGE_INSTANCE_TYPES,
    SCHEDULES,
    deny,
    sagemaker_guardrails,
)

Document = dict[str, Any]
EVIDENCE = (
    "cloudtrail:DeleteTrail",
    "cloudtrail:PutEventSelectors",
    "cloudtrail:StopLogging",
    "cloudtrail:UpdateTrail",
    "config:DeleteConfigurationRecorder",
    "config:DeleteDeliveryChannel",
    "config:StopConfigurationRecorder",
    "guardduty:DeleteDetector",
    "guardduty:DisassociateFromAdministratorAccount",
    "securityhub:DeleteMembers",
    "securityhub:DisableSecurityHub",
    "securityhub:DisassociateFromAdministratorAccount",
)
# They have one endpoint for all regions, which counts as us-east-1 or as none. The list is AWS's, of its
# region deny control, without what an account for machine learning has no use for; keys and AWS Config stay held.
# https://docs.aws.amazon.com/controltower/latest/controlreference/primary-region-deny-policy.html
GLOBAL_SERVICES = (
    "account:*",
    "aws-portal:*",
    "billing:*",
    "budgets:*",
    "ce:*",
    "cloudfront:*",
    "consolidatedbilling:*",
    "cur:*",
    "ec2:DescribeRegions",
    "freetier:*",
    "health:*",
    "iam:*",
    "invoicing:*",
    "organizations:*",
    "payments:*",
    "pricing:*",
    "route53:*",
    "s3:GetBucketLocation",
    "s3:ListAllMyBuckets",
    "savingsplans:*",
    "sso:*",
    "sts:*",
    "support:*",
    "tag:*",
    "tax:*",
    "trustedadvisor:*",
)
LEAVING = ("account:CloseAccount", "organizations:LeaveOrganization")
LEAVES = ("s3:PutObject", "s3:ReplicateObject", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncryptTo")
# Who may make a role of an exempt name is exempt.
ROLE_CHANGES = (
    "iam:AttachRolePolicy",
    "iam:CreateRole",
    "iam:DeleteRole*",
    "iam:DetachRolePolicy",
    "iam:PutRole*",
    "iam:UpdateAssumeRolePolicy",
)
PLACED = ("sagemaker:CreateEndpointConfig", "sagemaker:CreateNotebookInstance", *JOBS)
MOVED = ("sagemaker:UpdateCluster", "sagemaker:UpdateDomain")
# People choose the instance of a Studio app themselves; those that need none run on "system".
CHOSEN = (
    *PLACED,
    *SCHEDULES,
    *MOVED,
    "sagemaker:Create*JobDefinition",
    "sagemaker:CreateApp",
    "sagemaker:CreateCluster",
    "sagemaker:CreateDomain",
    "sagemaker:CreateSpace",
    "sagemaker:CreateTransformJob",
    "sagemaker:*UserProfile",
    "sagemaker:UpdateNotebookInstance",
    "sagemaker:UpdateSpace",
)
NO_INSTANCE = "system"
ISOLATION = "sagemaker:NetworkIsolation"
TAGGED = ("sagemaker:CreateEndpoint", "sagemaker:CreateModel", *PLACED)
# What a resource control policy can protect; sign-in with SAML and OIDC has no organization yet.
PROTECTED = ("kms:*", "s3:*", "secretsmanager:*", "sqs:*", "sts:AssumeRole")


def service_control_policies(
    *,
    organization_id: str,
    allowed_regions: Sequence[str],
    allowed_subnets: Sequence[str] = (),
    allowed_instance_types: Sequence[str] = (),
    exempt_roles: Sequence[str] = (),
    deployment_roles: Sequence[str] = (),
    isolated_models: bool = True,
) -> dict[str, Document]:
    """Return what no principal of the member accounts may do, by the name of each policy.

    Service-linked roles are never held by a service control policy. What a service does for a
    caller elsewhere passes by ``aws:ViaAWSService`` and ``aws:PrincipalIsAWSService``.

    Args:
        organization_id: The organization whose perimeter data must not leave.
        allowed_regions: The regions in which work is allowed.
        allowed_subnets: The only subnets that SageMaker may use; any, but some, when empty.
        allowed_instance_types: Patterns of the instance types that may be used; all when empty.
        exempt_roles: ARN patterns of the roles that the policies do not hold, for emergencies.
        deployment_roles: ARN patterns of the roles that may set up trails, AWS Config and the like.
        isolated_models: Whether models, and so batch transforms, must be isolated from the network.

    Example:
        >>> policies = service_control_policies(organization_id="o-exampleorg1", allowed_regions=["eu-west-1"])
        >>> sorted(policies)
        ['limits', 'perimeter', 'sagemaker']
    """
    named = [*exempt_roles, *deployment_roles]
    outside = {
        "StringNotEquals": {"aws:ResourceOrgID": organization_id},
        "BoolIfExists": {"aws:PrincipalIsAWSService": "false", "aws:ViaAWSService": "false"},
    }
    perimeter = [deny("DataStays", LEAVES, outside), deny("AccountsStay", LEAVING, {})]
    if named:
        perimeter.append({**deny("ExemptRolesStay", ROLE_CHANGES, {}), "Resource": named})
    statements = {
        "sagemaker": [*sagemaker_guardrails(), *_transforms(isolated_models=isolated_models)],
        "limits": _limits(allowed_regions, allowed_subnets, allowed_instance_types),
        "perimeter": perimeter,
    }
    policies = {name: [except_roles(each, exempt_roles) for each in found] for name, found in statements.items()}
    policies["perimeter"].append(except_roles(deny("EvidenceStays", EVIDENCE, {}), named))
    return {name: _document(found) for name, found in policies.items()}


def resource_control_policies(*, organization_id: str) -> dict[str, Document]:
    """Return what nobody may do to the resources of the member accounts, whoever it is.

    AWS services pass; one that acts for a customer passes when the customer is in the organization.

    Args:
        organization_id: The organization whose principals may reach the resources.

    Example:
        >>> sorted(resource_control_policies(organization_id="o-exampleorg1"))
        ['identities']
    """
    outside = {
        "StringNotEqualsIfExists": {"aws:PrincipalOrgID": organization_id},
        "BoolIfExists": {"aws:PrincipalIsAWSService": "false"},
    }
    deputy = {
        "StringNotEqualsIfExists": {"aws:SourceOrgID": organization_id},
        "Null": {"aws:SourceAccount": "false"},
        "Bool": {"aws:PrincipalIsAWSService": "true"},
    }
    plain = {"BoolIfExists": {"aws:SecureTransport": "false"}}
    encrypted = tuple(action for action in PROTECTED if not action.startswith("sts:"))
    statements = [
        deny("OnlyOurPrincipals", PROTECTED, outside),
        deny("NoConfusedDeputy", PROTECTED, deputy),
        deny("OnlyEncrypted", encrypted, plain),
    ]
    return {"identities": _document([{**statement, "Principal": "*"} for statement in statements])}


def except_roles(statement: Mapping[str, Any], roles: Sequence[str]) -> Document:
    """Return a statement that does not hold some roles.

    Args:
        statement: The statement, with its condition.
        roles: ARN patterns of the roles; nobody is excepted when empty.

    Example:
        >>> except_roles({"Effect": "Deny", "Condition": {}}, ["arn:*:iam::*:role/BreakGlass"])["Condition"]
        {'ArnNotLike': {'aws:PrincipalArn': ['arn:*:iam::*:role/BreakGlass']}}
    """
    condition = dict(statement["Condition"])
    if roles:
        condition["ArnNotLike"] = {"aws:PrincipalArn": list(roles)}
    without = {key: each for key, each in statement.items() if key != "Condition"}
    return {**without, "Condition": condition} if condition else without


def _transforms(*, isolated_models: bool) -> list[Document]:
    """Batch transform knows no subnets and no isolation: its model does, so the model is held."""
    keyless = {
        "Null": {"sagemaker:VolumeKmsKeyArn": "true"},
        "ForAnyValue:StringNotLike": {"sagemaker:InstanceTypes": list(LOCAL_STORAGE_INSTANCE_TYPES)},
    }
    isolated = deny("ModelsAreIsolated", "sagemaker:CreateModel", {"BoolIfExists": {ISOLATION: "false"}})
    return [
        deny("TransformVolumesHaveAKey", "sagemaker:CreateTransformJob", keyless),
        *([isolated] if isolated_models else []),
    ]


def _limits(regions: Sequence[str], subnets: Sequence[str], instance_types: Sequence[str]) -> list[Document]:
    limits = []
    if subnets:
        elsewhere = {"ForAnyValue:StringNotEquals": {"sagemaker:VpcSubnets": list(subnets)}}
        limits.append(deny("OnlyInTheseSubnets", (*IN_VPC, *SCHEDULES, *MOVED), elsewhere))
    if instance_types:
        others = {"ForAnyValue:StringNotLike": {"sagemaker:InstanceTypes": [*instance_types, NO_INSTANCE]}}
        limits.append(deny("OnlyTheseInstances", CHOSEN, others))
    limits.append(deny("OnlyTagged", TAGGED, {"Null": {f"aws:RequestTag/{PROJECT_TAG}": "true"}}))
    elsewhere = {"StringNotEquals": {"aws:RequestedRegion": list(regions)}}
    spared = {key: each for key, each in deny("OnlyTheseRegions", "", elsewhere).items() if key != "Action"}
    return [*limits, {**spared, "NotAction": list(GLOBAL_SERVICES)}]


def _document(statements: Sequence[Mapping[str, Any]]) -> Document:
    return {"Version": "2012-10-17", "Statement": [dict(each) for each in statements]}
