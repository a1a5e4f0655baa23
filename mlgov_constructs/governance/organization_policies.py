"""The guardrails of an organization, as policy documents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mlgov_constructs.identity import PROJECT_TAG
from mlgov_constructs.identity.sagemaker_guardrails import IN_VPC, JOBS, SCHEDULES, deny, sagemaker_guardrails

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
# They have one endpoint for all regions, which counts as us-east-1 or as none.
GLOBAL_SERVICES = (
    "account:*",
    "aws-portal:*",
    "billing:*",
    "budgets:*",
    "ce:*",
    "cloudfront:*",
    "health:*",
    "iam:*",
    "organizations:*",
    "route53:*",
    "s3:GetBucketLocation",
    "s3:ListAllMyBuckets",
    "sso:*",
    "sts:*",
    "support:*",
    "tag:*",
    "trustedadvisor:*",
)
LEAVING = ("account:CloseAccount", "organizations:LeaveOrganization")
LEAVES = ("s3:PutObject", "s3:ReplicateObject", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncryptTo")
PLACED = ("sagemaker:CreateEndpointConfig", "sagemaker:CreateNotebookInstance", *JOBS)
# People choose the instance of a Studio app themselves; those that need none run on "system".
CHOSEN = (*PLACED, "sagemaker:CreateApp")
NO_INSTANCE = "system"
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

    Example:
        >>> policies = service_control_policies(organization_id="o-exampleorg1", allowed_regions=["eu-west-1"])
        >>> sorted(policies)
        ['evidence', 'perimeter', 'sagemaker']
    """
    sagemaker = sagemaker_guardrails()
    if allowed_subnets:
        elsewhere = {"ForAnyValue:StringNotEquals": {"sagemaker:VpcSubnets": list(allowed_subnets)}}
        sagemaker.append(deny("OnlyInTheseSubnets", (*IN_VPC, *SCHEDULES), elsewhere))
    if allowed_instance_types:
        allowed = [*allowed_instance_types, NO_INSTANCE]
        others = {"ForAnyValue:StringNotLike": {"sagemaker:InstanceTypes": allowed}}
        sagemaker.append(deny("OnlyTheseInstances", CHOSEN, others))
    sagemaker.append(deny("OnlyTagged", TAGGED, {"Null": {f"aws:RequestTag/{PROJECT_TAG}": "true"}}))
    regions = deny("OnlyTheseRegions", "", {"StringNotEquals": {"aws:RequestedRegion": list(allowed_regions)}})
    regions["NotAction"] = list(GLOBAL_SERVICES)
    del regions["Action"]
    outside = {
        "StringNotEquals": {"aws:ResourceOrgID": organization_id},
        "BoolIfExists": {"aws:PrincipalIsAWSService": "false", "aws:ViaAWSService": "false"},
    }
    statements = {
        "sagemaker": sagemaker,
        "evidence": [deny("EvidenceStays", EVIDENCE, {})],
        "perimeter": [regions, deny("DataStays", LEAVES, outside), deny("AccountsStay", LEAVING, {})],
    }
    return {name: _document([_except(each, exempt_roles) for each in found]) for name, found in statements.items()}


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


def _except(statement: Mapping[str, Any], roles: Sequence[str]) -> Document:
    condition = dict(statement["Condition"])
    if roles:
        condition["ArnNotLike"] = {"aws:PrincipalArn": list(roles)}
    without = {key: each for key, each in statement.items() if key != "Condition"}
    return {**without, "Condition": condition} if condition else without


def _document(statements: Sequence[Mapping[str, Any]]) -> Document:
    return {"Version": "2012-10-17", "Statement": [dict(each) for each in statements]}
