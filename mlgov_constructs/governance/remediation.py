"""What AWS Config may set right by itself."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from mlgov_constructs.aws_tokens import aws_tokens

Statement = dict[str, Any]
START, READ = RUNBOOK_ACTIONS = ("ssm:StartAutomationExecution", "ssm:GetAutomationExecution")


class Remediation(StrEnum):
    """Remedies that touch no data, interrupt nothing and can be undone.

    Each is a runbook of AWS, run by Systems Manager on the resource that broke the rule. There is
    none for buckets, volumes, models or people: what to do about them is for people to say. There
    is none for trails either, which the permissions boundary lets no role change.

    Source: https://docs.aws.amazon.com/config/latest/developerguide/remediation.html

    Example:
        >>> Remediation.ENABLE_KEY_ROTATION.runbook
        'AWSConfigRemediation-EnableKeyRotation'
    """

    CLOSE_DEFAULT_SECURITY_GROUP = "close-default-security-group"
    ENABLE_KEY_ROTATION = "enable-key-rotation"

    @property
    def runbook(self) -> str:
        """The document of Systems Manager."""
        return _REMEDIES[self].runbook

    @property
    def rule(self) -> str:
        """The rule of AWS Config whose failures it remedies."""
        return _REMEDIES[self].rule

    @property
    def parameter(self) -> str:
        """The parameter of the runbook that takes the resource."""
        return _REMEDIES[self].parameter

    @property
    def control(self) -> str:
        """The control that it restores."""
        return _REMEDIES[self].control

    def statements(self) -> list[Statement]:
        """Return what the runbook's role may do."""
        tokens, remedy = aws_tokens(), _REMEDIES[self]
        runbook = f"arn:{tokens.partition}:ssm:{tokens.region}::automation-definition/{self.runbook}:*"
        acts: list[Statement] = [
            {"Action": list(remedy.actions), "Resource": tokens.arn(remedy.service, remedy.resource)},
            {"Action": [START], "Resource": runbook},
            {"Action": [READ], "Resource": tokens.arn("ssm", "automation-execution/*")},
        ]
        # These actions know no resource.
        reads: list[Statement] = [{"Action": list(remedy.reads), "Resource": "*"}] if remedy.reads else []
        return [{"Effect": "Allow", **each} for each in (*acts, *reads)]


@dataclass(frozen=True)
class _Remedy:
    control: str
    rule: str
    runbook: str
    parameter: str
    service: str
    resource: str
    actions: tuple[str, ...]
    reads: tuple[str, ...] = ()


_REMEDIES = {
    Remediation.CLOSE_DEFAULT_SECURITY_GROUP: _Remedy(
        control="MLG-NET-06",
        rule="vpc-default-security-group-closed",
        runbook="AWSConfigRemediation-RemoveVPCDefaultSecurityGroupRules",
        parameter="GroupId",
        service="ec2",
        resource="security-group/*",
        actions=("ec2:RevokeSecurityGroupEgress", "ec2:RevokeSecurityGroupIngress"),
        reads=("ec2:DescribeSecurityGroups",),
    ),
    Remediation.ENABLE_KEY_ROTATION: _Remedy(
        control="MLG-PRT-01",
        rule="cmk-backing-key-rotation-enabled",
        runbook="AWSConfigRemediation-EnableKeyRotation",
        parameter="KeyId",
        service="kms",
        resource="key/*",
        actions=("kms:EnableKeyRotation", "kms:GetKeyRotationStatus"),
    ),
}
