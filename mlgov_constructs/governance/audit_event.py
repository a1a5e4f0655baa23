"""What an auditor asks a trail first."""

from __future__ import annotations

from enum import StrEnum

from mlgov_constructs.aws_tokens import service_principal


class AuditEvent(StrEnum):
    """The events that raise an alarm: those of the CIS AWS Foundations Benchmark.

    Source:
        https://docs.aws.amazon.com/securityhub/latest/userguide/cloudwatch-controls.html

    Example:
        >>> AuditEvent.TRAIL_CHANGE.pattern[:41]
        '{ ($.eventName = CreateTrail) || ($.event'
    """

    ROOT_USE = "root-use"
    UNAUTHORIZED_CALL = "unauthorized-call"
    SIGN_IN_WITHOUT_MFA = "sign-in-without-mfa"
    SIGN_IN_FAILURE = "sign-in-failure"
    IAM_POLICY_CHANGE = "iam-policy-change"
    TRAIL_CHANGE = "trail-change"
    KEY_DELETION = "key-deletion"
    BUCKET_POLICY_CHANGE = "bucket-policy-change"
    CONFIG_CHANGE = "config-change"
    SECURITY_GROUP_CHANGE = "security-group-change"
    NETWORK_ACL_CHANGE = "network-acl-change"
    GATEWAY_CHANGE = "gateway-change"
    ROUTE_TABLE_CHANGE = "route-table-change"
    VPC_CHANGE = "vpc-change"

    @property
    def description(self) -> str:
        """What happened, for the one who reads the alarm."""
        return _DESCRIPTIONS[self]

    @property
    def pattern(self) -> str:
        """The filter pattern of CloudWatch Logs that finds the event in a trail."""
        return _PATTERNS[self]


_DESCRIPTIONS = {
    AuditEvent.ROOT_USE: "The root user of the account was used",
    AuditEvent.UNAUTHORIZED_CALL: "A call was refused for want of permission",
    AuditEvent.SIGN_IN_WITHOUT_MFA: "A user signed in to the console without a second factor",
    AuditEvent.SIGN_IN_FAILURE: "A sign-in to the console failed",
    AuditEvent.IAM_POLICY_CHANGE: "An IAM policy was created, changed, deleted, attached or detached",
    AuditEvent.TRAIL_CHANGE: "A trail was created, changed, deleted, started or stopped",
    AuditEvent.KEY_DELETION: "A KMS key was disabled or scheduled for deletion",
    AuditEvent.BUCKET_POLICY_CHANGE: "The policy, ACL, CORS, lifecycle or replication of a bucket was changed",
    AuditEvent.CONFIG_CHANGE: "The recorder or delivery channel of AWS Config was changed or stopped",
    AuditEvent.SECURITY_GROUP_CHANGE: "A security group was created, changed or deleted",
    AuditEvent.NETWORK_ACL_CHANGE: "A network ACL was created, changed or deleted",
    AuditEvent.GATEWAY_CHANGE: "A network gateway was created, changed or deleted",
    AuditEvent.ROUTE_TABLE_CHANGE: "A route table was created, changed or deleted",
    AuditEvent.VPC_CHANGE: "A VPC or a VPC peering connection was created, changed or deleted",
}


def _any_of(*event_names: str) -> str:
    return f"{{ {_names(event_names)} }}"


def _from(service: str, *event_names: str) -> str:
    return f"{{ ($.eventSource = {service_principal(service)}) && ({_names(event_names)}) }}"


def _names(event_names: tuple[str, ...]) -> str:
    return " || ".join(f"($.eventName = {name})" for name in event_names)


_PATTERNS = {
    AuditEvent.ROOT_USE: (
        '{ $.userIdentity.type = "Root" && $.userIdentity.invokedBy NOT EXISTS && $.eventType != "AwsServiceEvent" }'
    ),
    AuditEvent.UNAUTHORIZED_CALL: '{ ($.errorCode = "*UnauthorizedOperation") || ($.errorCode = "AccessDenied*") }',
    AuditEvent.SIGN_IN_WITHOUT_MFA: (
        '{ ($.eventName = "ConsoleLogin") && ($.additionalEventData.MFAUsed != "Yes") '
        '&& ($.userIdentity.type = "IAMUser") && ($.responseElements.ConsoleLogin = "Success") }'
    ),
    AuditEvent.SIGN_IN_FAILURE: '{ ($.eventName = ConsoleLogin) && ($.errorMessage = "Failed authentication") }',
    AuditEvent.IAM_POLICY_CHANGE: _from(
        "iam",
        "DeleteGroupPolicy",
        "DeleteRolePolicy",
        "DeleteUserPolicy",
        "PutGroupPolicy",
        "PutRolePolicy",
        "PutUserPolicy",
        "CreatePolicy",
        "DeletePolicy",
        "CreatePolicyVersion",
        "DeletePolicyVersion",
        "AttachRolePolicy",
        "DetachRolePolicy",
        "AttachUserPolicy",
        "DetachUserPolicy",
        "AttachGroupPolicy",
        "DetachGroupPolicy",
    ),
    AuditEvent.TRAIL_CHANGE: _any_of(
        "CreateTrail", "UpdateTrail", "DeleteTrail", "StartLogging", "StopLogging", "PutEventSelectors"
    ),
    AuditEvent.KEY_DELETION: _from("kms", "DisableKey", "ScheduleKeyDeletion"),
    AuditEvent.BUCKET_POLICY_CHANGE: _from(
        "s3",
        "PutBucketAcl",
        "PutBucketPolicy",
        "PutBucketCors",
        "PutBucketLifecycle",
        "PutBucketReplication",
        "DeleteBucketPolicy",
        "DeleteBucketCors",
        "DeleteBucketLifecycle",
        "DeleteBucketReplication",
    ),
    AuditEvent.CONFIG_CHANGE: _from(
        "config",
        "StopConfigurationRecorder",
        "DeleteDeliveryChannel",
        "PutDeliveryChannel",
        "PutConfigurationRecorder",
    ),
    AuditEvent.SECURITY_GROUP_CHANGE: _any_of(
        "AuthorizeSecurityGroupIngress",
        "AuthorizeSecurityGroupEgress",
        "RevokeSecurityGroupIngress",
        "RevokeSecurityGroupEgress",
        "CreateSecurityGroup",
        "DeleteSecurityGroup",
    ),
    AuditEvent.NETWORK_ACL_CHANGE: _any_of(
        "CreateNetworkAcl",
        "CreateNetworkAclEntry",
        "DeleteNetworkAcl",
        "DeleteNetworkAclEntry",
        "ReplaceNetworkAclEntry",
        "ReplaceNetworkAclAssociation",
    ),
    AuditEvent.GATEWAY_CHANGE: _any_of(
        "CreateCustomerGateway",
        "DeleteCustomerGateway",
        "AttachInternetGateway",
        "CreateInternetGateway",
        "DeleteInternetGateway",
        "DetachInternetGateway",
    ),
    AuditEvent.ROUTE_TABLE_CHANGE: _from(
        "ec2",
        "CreateRoute",
        "CreateRouteTable",
        "ReplaceRoute",
        "ReplaceRouteTableAssociation",
        "DeleteRouteTable",
        "DeleteRoute",
        "DisassociateRouteTable",
    ),
    AuditEvent.VPC_CHANGE: _any_of(
        "CreateVpc",
        "DeleteVpc",
        "ModifyVpcAttribute",
        "AcceptVpcPeeringConnection",
        "CreateVpcPeeringConnection",
        "DeleteVpcPeeringConnection",
        "RejectVpcPeeringConnection",
    ),
}
