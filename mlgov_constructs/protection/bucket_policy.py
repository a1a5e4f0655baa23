"""The statements that the buckets of this package share, as plain JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from aws_cdk import RemovalPolicy
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3

from mlgov_constructs.aws_tokens import aws_tokens, service_principal
from mlgov_constructs.controls import Relaxation, claim

Statement = dict[str, Any]

# Reading, writing and listing objects, and not the configuration of the bucket, so that
# whoever deploys can still manage it.
DATA_ACTIONS = (
    "s3:AbortMultipartUpload",
    "s3:BypassGovernanceRetention",
    "s3:DeleteObject*",
    "s3:GetObject*",
    "s3:ListBucket",
    "s3:ListBucketMultipartUploads",
    "s3:ListBucketVersions",
    "s3:ListMultipartUploadParts",
    "s3:PutObject*",
    "s3:RestoreObject",
)
ENCRYPTION = "s3:x-amz-server-side-encryption"
ENCRYPTION_KEY = "s3:x-amz-server-side-encryption-aws-kms-key-id"
CUSTOMER_KEY = "s3:x-amz-server-side-encryption-customer-algorithm"
# A service that calls for itself has no account, no organisation and no endpoint.
NOT_AN_AWS_SERVICE = {"aws:PrincipalIsAWSService": "false"}
# A service that calls for a principal (Athena, for example) comes from its own network.
NOT_THROUGH_AN_AWS_SERVICE = {**NOT_AN_AWS_SERVICE, "aws:ViaAWSService": "false"}


def deny_weak_transport(bucket_arn: str) -> list[Statement]:
    """Refuse plain HTTP, and TLS older than 1.2."""
    resources = _bucket_and_objects(bucket_arn)
    return [
        _deny("DenyPlainHttp", "s3:*", resources, {"Bool": {"aws:SecureTransport": "false"}}),
        _deny("DenyOldTls", "s3:*", resources, {"NumericLessThan": {"s3:TlsVersion": "1.2"}}),
    ]


def deny_other_keys(bucket_arn: str, key_arn: str) -> list[Statement]:
    """Refuse objects that ask for anything but the key of the bucket.

    A request without encryption headers takes the default of the bucket, so it passes.
    One that names ``aws:kms`` without a key would take the key that AWS manages, so it is
    refused, as is ``AES256``.
    """
    objects = f"{bucket_arn}/*"
    wrong_key = {"Null": {ENCRYPTION_KEY: "false"}, "StringNotEquals": {ENCRYPTION_KEY: key_arn}}
    other_encryption = {"Null": {ENCRYPTION: "false"}, "StringNotEquals": {ENCRYPTION: "aws:kms"}}
    key_not_named = {"Null": {ENCRYPTION: "false", ENCRYPTION_KEY: "true"}}
    return [
        _deny("DenyWrongKey", "s3:PutObject", objects, wrong_key),
        _deny("DenyOtherEncryption", "s3:PutObject", objects, other_encryption),
        _deny("DenyKeyNotNamed", "s3:PutObject", objects, key_not_named),
        _deny("DenyCustomerProvidedKey", "s3:PutObject", objects, {"Null": {CUSTOMER_KEY: "false"}}),
    ]


def deny_outside_identities(bucket_arn: str, principals: Mapping[str, str]) -> Statement:
    """Refuse the data to principals outside the account or organisation."""
    condition = {"StringNotEquals": dict(principals), "BoolIfExists": NOT_AN_AWS_SERVICE}
    return _deny("DenyOutsideIdentities", list(DATA_ACTIONS), _bucket_and_objects(bucket_arn), condition)


def deny_outside_networks(
    bucket_arn: str,
    vpc_endpoint_ids: Sequence[str],
    administrator_arns: Sequence[str] = (),
) -> Statement:
    """Refuse the data to requests that do not come through one of the VPC endpoints."""
    condition: dict[str, Any] = {
        "StringNotEquals": {"aws:SourceVpce": list(vpc_endpoint_ids)},
        "BoolIfExists": NOT_THROUGH_AN_AWS_SERVICE,
    }
    if administrator_arns:
        condition["ArnNotLike"] = {"aws:PrincipalArn": list(administrator_arns)}
    return _deny("DenyOutsideNetworks", list(DATA_ACTIONS), _bucket_and_objects(bucket_arn), condition)


def allow_service(
    sid: str,
    service: str,
    actions: str | Sequence[str],
    resource: str,
    *,
    source_arn: str,
    conditions: Mapping[str, str] | None = None,
) -> Statement:
    """Let a service in, on behalf of this account and of the named source only."""
    return {
        "Sid": sid,
        "Effect": "Allow",
        "Principal": {"Service": service_principal(service)},
        "Action": actions if isinstance(actions, str) else list(actions),
        "Resource": resource,
        "Condition": {
            "StringEquals": {"aws:SourceAccount": aws_tokens().account, **(conditions or {})},
            "ArnLike": {"aws:SourceArn": source_arn},
        },
    }


def attach(bucket: s3.Bucket, statements: Sequence[Statement], removal_policy: RemovalPolicy) -> s3.BucketPolicy:
    """Give the bucket its policy; what grants add later joins it.

    The policy is removed or retained with the bucket: a retained bucket stays guarded.
    """
    document = iam.PolicyDocument.from_json({"Version": "2012-10-17", "Statement": list(statements)})
    policy = s3.BucketPolicy(bucket, "Policy", bucket=bucket, document=document, removal_policy=removal_policy)
    bucket.policy = policy
    return policy


def claim_on(
    bucket: s3.Bucket,
    policy: s3.BucketPolicy,
    bucket_controls: Sequence[str],
    policy_controls: Sequence[str],
    deviations: Mapping[str, Relaxation | None],
) -> None:
    """Record what the bucket and its policy implement, each on the resource that carries it."""
    claim(bucket, bucket_controls, deviations)
    claim(policy, policy_controls)


def _bucket_and_objects(bucket_arn: str) -> list[str]:
    return [bucket_arn, f"{bucket_arn}/*"]


def _deny(sid: str, actions: str | list[str], resources: str | list[str], condition: Mapping[str, Any]) -> Statement:
    return {
        "Sid": sid,
        "Effect": "Deny",
        "Principal": "*",
        "Action": actions,
        "Resource": resources,
        "Condition": condition,
    }
