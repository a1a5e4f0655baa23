"""Audit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from mlgov_constructs.aws_tokens import aws_tokens
from mlgov_constructs.identity.activities.activity import Activity, Statement, allow
from mlgov_constructs.identity.activities.duty import Duty
from mlgov_constructs.identity.activities.no_data import no_data

EVIDENCE = (
    "cloudtrail:DescribeTrails",
    "cloudtrail:LookupEvents",
    "config:DescribeComplianceByConfigRule",
    "config:DescribeConfigRules",
    "ec2:DescribeFlowLogs",
    "ec2:DescribeRouteTables",
    "ec2:DescribeSecurityGroups",
    "ec2:DescribeSubnets",
    "ec2:DescribeVpcEndpoints",
    "ec2:DescribeVpcs",
    "iam:ListPolicies",
    "iam:ListRoles",
    "kms:ListKeys",
    "s3:ListAllMyBuckets",
    "sagemaker:ListEndpoints",
    "sagemaker:ListModels",
    "sagemaker:ListNotebookInstances",
    "sagemaker:ListTrainingJobs",
)


@dataclass(frozen=True)
class Audit(Activity):
    """See how everything is set up and what has been done, and no data.

    Example:
        ``Audit().statements()``
    """

    duties: ClassVar[frozenset[Duty]] = frozenset({Duty.AUDIT})

    def statements(self) -> list[Statement]:
        """Return the policy statements, in JSON."""
        tokens = aws_tokens()
        buckets = tokens.arn("s3", "*", region="", account="")
        trails = ("cloudtrail:GetEventSelectors", "cloudtrail:GetTrailStatus")
        recorder = "config:DescribeConfigurationRecorderStatus"
        bucket_settings = (
            "s3:GetBucketLogging",
            "s3:GetBucketPolicy",
            "s3:GetBucketPublicAccessBlock",
            "s3:GetBucketVersioning",
            "s3:GetEncryptionConfiguration",
        )
        keys = ("kms:DescribeKey", "kms:GetKeyPolicy", "kms:GetKeyRotationStatus")
        roles = ("iam:GetRole", "iam:ListAttachedRolePolicies", "iam:ListRolePolicies")
        policies = ("iam:GetPolicy", "iam:GetPolicyVersion", "iam:ListPolicyVersions")
        work = ("sagemaker:DescribeEndpointConfig", "sagemaker:DescribeModel", "sagemaker:DescribeNotebookInstance")
        return [
            # These describe and list, and most know no resource.
            allow("SeeEvidence", EVIDENCE, "*"),
            allow("SeeTrails", trails, tokens.arn("cloudtrail", "trail/*")),
            allow("SeeAlarms", "cloudwatch:DescribeAlarms", tokens.arn("cloudwatch", "alarm:*")),
            allow("SeeRecorder", recorder, tokens.arn("config", "configuration-recorder/*")),
            allow("SeeFindings", "securityhub:GetFindings", tokens.arn("securityhub", "hub/default")),
            allow("SeeBuckets", bucket_settings, buckets),
            allow("SeeKeys", keys, tokens.arn("kms", "key/*")),
            allow("SeeRoles", roles, tokens.arn("iam", "role/*", region="")),
            allow("SeePolicies", policies, tokens.arn("iam", "policy/*", region="")),
            allow("SeeWork", work, [tokens.arn("sagemaker", f"{kind}/*") for kind in WORK]),
            no_data(),
        ]


WORK = ("endpoint-config", "model", "notebook-instance")
