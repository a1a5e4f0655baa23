from __future__ import annotations

from collections.abc import Callable
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3

from mlgov_constructs.controls import Relaxation
from mlgov_constructs.errors import ConstructError
from mlgov_constructs.protection import AccessLogBucket, DataKey, GovernedBucket, LogArchive, ObjectLock
from tests.protection.policies import as_list, bucket_policy, denied_by, resource, text
from tests.templates import of_type

REASON = "Synthetic data of a public demo, approved in RISK-7"
GOOD = {"aws__PrincipalIsAWSService": "false", "aws__ViaAWSService": "false", "aws__SecureTransport": "true"}
INSIDE = {**GOOD, "aws__PrincipalOrgID": "o-exampleorg1", "aws__SourceVpce": "vpce-11112222"}
SSE = "s3__x_amz_server_side_encryption"
KEY_ID = f"{SSE}_aws_kms_key_id"


def properties(protection: dict[str, Any], construct_id: str = "Plain") -> dict[str, Any]:
    found: dict[str, Any] = resource(protection["data"], "AWS::S3::Bucket", construct_id)["Properties"]
    return found


@pytest.fixture(scope="module")
def closed(protection: dict[str, Any]) -> dict[str, Any]:
    return bucket_policy(protection["data"], "Closed")


def test_encryption_with_the_given_key_and_a_bucket_key(protection: dict[str, Any]) -> None:
    (rule,) = properties(protection)["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert rule["BucketKeyEnabled"] is True
    assert rule["ServerSideEncryptionByDefault"]["SSEAlgorithm"] == "aws:kms"
    assert "Services" in text(rule["ServerSideEncryptionByDefault"]["KMSMasterKeyID"])


def test_versions_are_kept(protection: dict[str, Any]) -> None:
    assert properties(protection)["VersioningConfiguration"] == {"Status": "Enabled"}


def test_public_access_is_blocked(protection: dict[str, Any]) -> None:
    assert properties(protection)["PublicAccessBlockConfiguration"] == {
        "BlockPublicAcls": True,
        "BlockPublicPolicy": True,
        "IgnorePublicAcls": True,
        "RestrictPublicBuckets": True,
    }


def test_owner_is_enforced_without_acl(protection: dict[str, Any]) -> None:
    assert properties(protection)["OwnershipControls"] == {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
    assert "AccessControl" not in properties(protection)


def test_access_is_logged_under_the_construct_path(protection: dict[str, Any]) -> None:
    logging = properties(protection)["LoggingConfiguration"]
    assert "AccessLogs" in text(logging["DestinationBucketName"])
    assert logging["LogFilePrefix"] == "data/Plain/"


def test_bucket_and_its_policy_are_retained(protection: dict[str, Any]) -> None:
    for kind, name in (("AWS::S3::Bucket", "Plain"), ("AWS::S3::BucketPolicy", "PlainPolicy")):
        declared = resource(protection["data"], kind, name)
        assert declared["DeletionPolicy"] == declared["UpdateReplacePolicy"] == "Retain"


@pytest.mark.parametrize("action", ["s3:GetObject", "s3:PutObject", "s3:GetBucketPolicy"])
def test_plain_http_and_old_tls_are_refused(closed: dict[str, Any], action: str) -> None:
    assert "DenyPlainHttp" in denied_by(closed, action, **{**INSIDE, "aws__SecureTransport": "false"})
    assert "DenyOldTls" in denied_by(closed, action, **INSIDE, s3__TlsVersion="1.1")
    assert denied_by(closed, action, **INSIDE, s3__TlsVersion="1.2") == set()


def test_a_request_without_encryption_headers_passes(closed: dict[str, Any]) -> None:
    assert denied_by(closed, "s3:PutObject", **INSIDE) == set()


def test_the_key_of_the_bucket_passes(closed: dict[str, Any]) -> None:
    key_arn = text(
        closed["DenyWrongKey"]["Condition"]["StringNotEquals"]["s3:x-amz-server-side-encryption-aws-kms-key-id"]
    )
    assert "Services" in key_arn
    assert denied_by(closed, "s3:PutObject", **INSIDE, **{SSE: "aws:kms", KEY_ID: key_arn}) == set()


@pytest.mark.parametrize(
    ("headers", "refused_by"),
    [
        ({SSE: "AES256"}, {"DenyOtherEncryption", "DenyKeyNotNamed"}),
        ({SSE: "aws:kms"}, {"DenyKeyNotNamed"}),
        ({SSE: "aws:kms", KEY_ID: "arn:aws:kms:eu-west-1:111122223333:key/other"}, {"DenyWrongKey"}),
        ({f"{SSE}_customer_algorithm": "AES256"}, {"DenyCustomerProvidedKey"}),
    ],
)
def test_other_encryption_is_refused(closed: dict[str, Any], headers: dict[str, str], refused_by: set[str]) -> None:
    assert denied_by(closed, "s3:PutObject", **INSIDE, **headers) == refused_by


@pytest.mark.parametrize("action", ["s3:GetObject", "s3:PutObject", "s3:DeleteObjectVersion", "s3:ListBucket"])
def test_other_organisations_are_refused(closed: dict[str, Any], action: str) -> None:
    assert denied_by(closed, action, **{**INSIDE, "aws__PrincipalOrgID": "o-stranger001"}) == {"DenyOutsideIdentities"}
    assert denied_by(closed, action, **GOOD, aws__SourceVpce="vpce-11112222") == {"DenyOutsideIdentities"}


@pytest.mark.parametrize("action", ["s3:GetObject", "s3:PutObject", "s3:DeleteObjectVersion", "s3:ListBucket"])
def test_other_networks_are_refused(closed: dict[str, Any], action: str) -> None:
    assert denied_by(closed, action, **{**INSIDE, "aws__SourceVpce": "vpce-99999999"}) == {"DenyOutsideNetworks"}
    assert denied_by(closed, action, **GOOD, aws__PrincipalOrgID="o-exampleorg1") == {"DenyOutsideNetworks"}


def test_named_administrators_come_from_any_network_and_no_other_organisation(closed: dict[str, Any]) -> None:
    administrator = {**GOOD, "aws__PrincipalArn": "arn:aws:iam::111122223333:role/BreakGlass"}
    assert denied_by(closed, "s3:GetObject", **administrator, aws__PrincipalOrgID="o-exampleorg1") == set()
    assert denied_by(closed, "s3:GetObject", **administrator) == {"DenyOutsideIdentities"}


def test_aws_services_are_let_through(closed: dict[str, Any]) -> None:
    service = {"aws__PrincipalIsAWSService": "true", "aws__ViaAWSService": "false", "aws__SecureTransport": "true"}
    assert denied_by(closed, "s3:PutObject", **service) == set()
    through = {**GOOD, "aws__ViaAWSService": "true", "aws__PrincipalOrgID": "o-exampleorg1"}
    assert denied_by(closed, "s3:PutObject", **through) == set()


def test_the_configuration_stays_manageable_from_anywhere(closed: dict[str, Any]) -> None:
    for action in (
        "s3:PutBucketPolicy",
        "s3:DeleteBucketPolicy",
        "s3:PutEncryptionConfiguration",
        "s3:GetBucketLocation",
    ):
        assert denied_by(closed, action, **GOOD) == set()


def test_the_account_is_the_perimeter_without_an_organisation(protection: dict[str, Any]) -> None:
    policy = bucket_policy(protection["data"], "Plain")
    assert policy["DenyOutsideIdentities"]["Condition"]["StringNotEquals"] == {
        "aws:PrincipalAccount": {"Ref": "AWS::AccountId"}
    }
    assert "DenyOutsideNetworks" not in policy


def test_options(protection: dict[str, Any]) -> None:
    closed, plain = properties(protection, "Closed"), properties(protection)
    assert closed["ObjectLockEnabled"] is True
    assert closed["ObjectLockConfiguration"]["Rule"]["DefaultRetention"] == {"Mode": "GOVERNANCE", "Days": 30}
    assert closed["AnalyticsConfigurations"] == [{"Id": "storage-class", "StorageClassAnalysis": {}}]
    (inventory,) = closed["InventoryConfigurations"]
    assert (inventory["Destination"]["Format"], inventory["ScheduleFrequency"]) == ("Parquet", "Weekly")
    assert (
        closed["NotificationConfiguration"]["EventBridgeConfiguration"]
        if "NotificationConfiguration" in closed
        else True
    )
    assert not {"ObjectLockEnabled", "AnalyticsConfigurations", "InventoryConfigurations"} & plain.keys()


def test_nothing_of_the_data_stack_is_written_to_the_archive(protection: dict[str, Any]) -> None:
    assert "ImportValue" not in text(protection["keys"])
    assert "data:" not in text(of_type(protection["keys"], "AWS::S3::BucketPolicy"))


@pytest.mark.parametrize(
    ("name", "transitions", "expiration", "old_versions"),
    [
        ("Raw", [("INTELLIGENT_TIERING", 30), ("GLACIER_IR", 180)], None, 365),
        ("Curated", [("INTELLIGENT_TIERING", 30)], None, 180),
        ("Artifacts", [("INTELLIGENT_TIERING", 30)], None, 730),
        ("Transient", [], 30, 7),
        ("Logs", [("GLACIER_IR", 90)], None, 90),
    ],
)
def test_lifecycle_by_data_class(
    protection: dict[str, Any],
    name: str,
    transitions: list[tuple[str, int]],
    expiration: int | None,
    old_versions: int,
) -> None:
    bucket = resource(protection["classes"], "AWS::S3::Bucket", name)["Properties"]
    (rule,) = bucket["LifecycleConfiguration"]["Rules"]
    assert rule["Status"] == "Enabled"
    assert rule["AbortIncompleteMultipartUpload"] == {"DaysAfterInitiation": 7}
    assert [(t["StorageClass"], t["TransitionInDays"]) for t in rule.get("Transitions", [])] == transitions
    assert rule.get("ExpirationInDays") == expiration
    assert rule["NoncurrentVersionExpiration"]["NoncurrentDays"] == old_versions
    assert rule.get("ExpiredObjectDeleteMarker", False) is (expiration is None)


def test_one_access_log_bucket_a_stack_by_default(protection: dict[str, Any]) -> None:
    buckets = of_type(protection["classes"], "AWS::S3::Bucket")
    targets = [b["Properties"].get("LoggingConfiguration", {}).get("DestinationBucketName") for b in buckets.values()]
    (log_bucket,) = [logical_id for logical_id in buckets if logical_id.startswith("AccessLogBucket")]
    assert targets.count({"Ref": log_bucket}) == len(buckets) - 1 == 5


def test_controls_are_claimed(protection: dict[str, Any]) -> None:
    bucket = resource(protection["data"], "AWS::S3::Bucket", "Plain")
    policy = resource(protection["data"], "AWS::S3::BucketPolicy", "PlainPolicy")
    assert bucket["Metadata"]["mlgov"] == {"controls": list(GovernedBucket.CONTROLS)}
    assert policy["Metadata"]["mlgov"] == {"controls": list(GovernedBucket.POLICY_CONTROLS)}


def test_grants_carry_the_key(protection: dict[str, Any]) -> None:
    (policy,) = of_type(protection["data"], "AWS::IAM::Policy").values()
    actions = {action for s in policy["Properties"]["PolicyDocument"]["Statement"] for action in as_list(s["Action"])}
    assert {"s3:GetObject*", "s3:PutObject", "kms:Decrypt"} <= actions


class TestArguments:
    @pytest.fixture
    def stack(self) -> cdk.Stack:
        return cdk.Stack(cdk.App(), "Stack")

    @pytest.fixture
    def key(self, stack: cdk.Stack) -> kms.IKey:
        return DataKey(stack, "Key")

    def test_a_wrong_organisation_is_refused(self, stack: cdk.Stack, key: kms.IKey) -> None:
        with pytest.raises(ConstructError, match=r"^\[Stack/Bucket\] organization_id 'acme' is none"):
            GovernedBucket(stack, "Bucket", encryption_key=key, organization_id="acme")
        assert stack.node.try_find_child("Bucket") is None

    def test_an_encrypted_log_bucket_is_refused(self, stack: cdk.Stack, key: kms.IKey) -> None:
        archive = LogArchive(stack, "Archive", encryption_key=key)
        with pytest.raises(ConstructError, match="S3 delivers no access logs there"):
            GovernedBucket(stack, "Bucket", encryption_key=key, access_log_bucket=archive)

    def test_a_log_bucket_and_no_logging_contradict_each_other(self, stack: cdk.Stack, key: kms.IKey) -> None:
        with pytest.raises(ConstructError, match="Leave one of them out"):
            GovernedBucket(
                stack,
                "Bucket",
                encryption_key=key,
                access_log_bucket=AccessLogBucket(stack, "Logs"),
                access_logging=Relaxation(REASON),
            )

    def test_a_relaxed_access_log_is_a_recorded_deviation(self, stack: cdk.Stack, key: kms.IKey) -> None:
        bucket = GovernedBucket(stack, "Bucket", encryption_key=key, access_logging=Relaxation(REASON))
        resource = bucket.node.default_child
        assert isinstance(resource, s3.CfnBucket)
        assert resource.logging_configuration is None
        assert resource.get_metadata("mlgov")["deviations"] == [{"control": "MLG-PRT-10", "reason": REASON}]

    @pytest.mark.parametrize("days", [0, 36501])
    def test_object_lock_out_of_range_is_refused(self, days: int) -> None:
        with pytest.raises(ValueError, match=f"Object lock of {days} days"):
            ObjectLock(days=days)


def test_events_are_sent_when_it_is_told_to(synthesize: Callable[..., dict[str, Any]]) -> None:
    def build(app: cdk.App) -> None:
        stack = cdk.Stack(app, "events")
        bucket = GovernedBucket(stack, "Bucket", encryption_key=DataKey(stack, "Key"))
        bucket.send_events()
        assert not bucket.admits_endpoints_alone

    found = resource(synthesize(build)["events"], "AWS::S3::Bucket", "Bucket")["Properties"]
    assert found["NotificationConfiguration"] == {"EventBridgeConfiguration": {"EventBridgeEnabled": True}}
    assert not of_type(synthesize(build)["events"], "AWS::Lambda::Function")
