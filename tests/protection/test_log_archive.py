from __future__ import annotations

from typing import Any

import pytest

from mlgov_constructs.protection import AccessLogBucket, LogArchive
from tests.protection.policies import bucket_policy, denied_by, key_policy, resource, text

ACCOUNT = {"Ref": "AWS::AccountId"}
GOOD = {"aws__PrincipalIsAWSService": "false", "aws__SecureTransport": "true"}


def bucket(protection: dict[str, Any], stack: str, construct_id: str) -> dict[str, Any]:
    return resource(protection[stack], "AWS::S3::Bucket", construct_id)


def test_archive_is_encrypted_with_the_key(protection: dict[str, Any]) -> None:
    (rule,) = bucket(protection, "keys", "Archive")["Properties"]["BucketEncryption"][
        "ServerSideEncryptionConfiguration"
    ]
    assert rule["ServerSideEncryptionByDefault"]["SSEAlgorithm"] == "aws:kms"
    assert rule["BucketKeyEnabled"] is True


def test_access_logs_have_a_bucket_with_sse_s3_and_without_object_lock(protection: dict[str, Any]) -> None:
    for stack in ("keys", "immutable"):
        properties = bucket(protection, stack, "ArchiveAccessLogs")["Properties"]
        (rule,) = properties["BucketEncryption"]["ServerSideEncryptionConfiguration"]
        assert rule["ServerSideEncryptionByDefault"] == {"SSEAlgorithm": "AES256"}
        assert "ObjectLockEnabled" not in properties


def test_archive_logs_its_own_access_to_the_other_bucket(protection: dict[str, Any]) -> None:
    logging = bucket(protection, "keys", "Archive")["Properties"]["LoggingConfiguration"]
    assert logging["DestinationBucketName"]["Ref"].startswith("ArchiveAccessLogs")
    assert "LoggingConfiguration" not in bucket(protection, "keys", "ArchiveAccessLogs")["Properties"]


@pytest.mark.parametrize("name", ["Archive", "ArchiveAccessLogs"])
def test_both_are_versioned_private_owned_and_retained(protection: dict[str, Any], name: str) -> None:
    declared = bucket(protection, "keys", name)
    assert declared["DeletionPolicy"] == declared["UpdateReplacePolicy"] == "Retain"
    properties = declared["Properties"]
    assert properties["VersioningConfiguration"] == {"Status": "Enabled"}
    assert set(properties["PublicAccessBlockConfiguration"].values()) == {True}
    assert properties["OwnershipControls"] == {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}


@pytest.mark.parametrize("name", ["Archive", "ArchiveAccessLogs"])
def test_both_refuse_plain_http_old_tls_and_other_accounts(protection: dict[str, Any], name: str) -> None:
    policy = bucket_policy(protection["keys"], name)
    inside = {**GOOD, "aws__PrincipalAccount": text(ACCOUNT)}
    assert denied_by(policy, "s3:GetObject", **inside) == set()
    assert denied_by(policy, "s3:GetObject", **{**inside, "aws__SecureTransport": "false"}) == {"DenyPlainHttp"}
    assert denied_by(policy, "s3:GetObject", **inside, s3__TlsVersion="1.0") == {"DenyOldTls"}
    assert denied_by(policy, "s3:GetObject", **GOOD) == {"DenyOutsideIdentities"}


@pytest.mark.parametrize(
    ("name", "sid", "principal", "source"),
    [
        ("Archive", "AllowTrail", "cloudtrail", ":trail/*"),
        ("Archive", "AllowTrailCheck", "cloudtrail", ":trail/*"),
        ("Archive", "AllowFlowLogs", "delivery.logs", ":logs:"),
        ("Archive", "AllowFlowLogCheck", "delivery.logs", ":logs:"),
        ("Archive", "AllowInventories", "s3", ":s3:::*"),
        ("ArchiveAccessLogs", "AllowAccessLogs", "logging.s3", ":s3:::*"),
    ],
)
def test_services_deliver_for_this_account_only(
    protection: dict[str, Any], name: str, sid: str, principal: str, source: str
) -> None:
    statement = bucket_policy(protection["keys"], name)[sid]
    assert statement["Principal"] == {"Service": f"{principal}.amazonaws.com"}
    assert statement["Condition"]["StringEquals"]["aws:SourceAccount"] == ACCOUNT
    assert source in text(statement["Condition"]["ArnLike"]["aws:SourceArn"])
    assert "*" != statement["Action"] != "s3:*"


def test_trails_and_flow_logs_write_under_the_account_alone(protection: dict[str, Any]) -> None:
    policy = bucket_policy(protection["keys"], "Archive")
    for sid in ("AllowTrail", "AllowFlowLogs"):
        assert "/AWSLogs/" in text(policy[sid]["Resource"])
        assert text(policy[sid]["Resource"]).count("AWS::AccountId") == 1


def test_a_data_key_admits_the_deliveries(protection: dict[str, Any]) -> None:
    policy = key_policy(protection["immutable"], "Key")
    assert policy["ServiceDeliveryLogs"]["Principal"] == {"Service": "delivery.logs.amazonaws.com"}
    assert policy["ServiceS3"]["Principal"] == {"Service": "s3.amazonaws.com"}


def test_immutable_archive_is_locked_for_everyone(protection: dict[str, Any]) -> None:
    properties = bucket(protection, "immutable", "Archive")["Properties"]
    assert properties["ObjectLockConfiguration"]["Rule"]["DefaultRetention"] == {"Mode": "COMPLIANCE", "Days": 365}
    assert "ObjectLockEnabled" not in bucket(protection, "keys", "Archive")["Properties"]


def test_logs_end_only_when_asked(protection: dict[str, Any]) -> None:
    def expirations(stack: str) -> list[int]:
        rules = bucket(protection, stack, "Archive")["Properties"]["LifecycleConfiguration"]["Rules"]
        return [rule["ExpirationInDays"] for rule in rules if "ExpirationInDays" in rule]

    assert expirations("keys") == []
    assert expirations("immutable") == [2557]


def test_controls_and_deviations_are_claimed(protection: dict[str, Any]) -> None:
    archive = bucket(protection, "keys", "Archive")["Metadata"]["mlgov"]
    assert archive == {"controls": list(LogArchive.CONTROLS)}
    access_logs = bucket(protection, "keys", "ArchiveAccessLogs")["Metadata"]["mlgov"]
    assert access_logs["controls"] == list(AccessLogBucket.CONTROLS)
    assert [deviation["control"] for deviation in access_logs["deviations"]] == ["MLG-PRT-05", "MLG-PRT-10"]
