"""What other accounts may read of a bucket, and with which key."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import aws_cdk as cdk
import pytest

from mlgov_constructs.controls import CATALOGUE, Relaxation, RuleEngine
from mlgov_constructs.errors import ConstructError
from mlgov_constructs.protection import DataKey, GovernedBucket
from tests.protection.policies import Statement, bucket_policy, key_policy, resource, text
from tests.templates import Template

READERS = ["111122223333", "444455556666"]
REASON = Relaxation("Production serves the models of this account, PLATFORM-42")
ORGANIZATION = "o-exampleorg1"


def _share(app: cdk.App) -> None:
    stack = cdk.Stack(app, "shared")
    key = DataKey(stack, "Key")
    key.allow_accounts(READERS, organization_id=ORGANIZATION)
    DataKey(stack, "Wide").allow_accounts(READERS[:1], via_services=["s3"])
    bucket = GovernedBucket(stack, "Data", encryption_key=key, organization_id=ORGANIZATION)
    bucket.grant_read_to_accounts(READERS, prefix="churn/models/", reason=REASON)
    bucket.grant_read_to_accounts(READERS[:1], prefix="fraud/models/", reason=REASON)


@pytest.fixture(scope="module")
def shared(synthesize: Callable[..., dict[str, Template]]) -> Template:
    return synthesize(_share)["shared"]


@pytest.fixture(scope="module")
def reading(shared: Template) -> list[Statement]:
    policy = resource(shared, "AWS::S3::BucketPolicy", "DataPolicy")
    return [each for each in policy["Properties"]["PolicyDocument"]["Statement"] if each["Effect"] == "Allow"]


def test_accounts_are_named(reading: list[Statement]) -> None:
    both, one = (text(statement["Principal"]["AWS"]) for statement in reading)
    assert all(f":iam::{account}:root" in both for account in READERS)
    assert READERS[1] not in one


def test_they_read_and_do_nothing_else(reading: list[Statement]) -> None:
    for statement in reading:
        assert statement["Action"] == ["s3:GetObject", "s3:GetObjectVersion"]


def test_they_read_what_lies_under_the_prefix(reading: list[Statement]) -> None:
    assert ["/churn/models/*" in text(each["Resource"]) for each in reading] == [True, False]
    assert "/fraud/models/*" in text(reading[1]["Resource"])


def test_they_must_belong_to_the_organisation(reading: list[Statement]) -> None:
    for statement in reading:
        assert statement["Condition"] == {"StringEquals": {"aws:PrincipalOrgID": ORGANIZATION}}


def test_the_perimeter_still_refuses_everybody_else(shared: Template) -> None:
    refusal = bucket_policy(shared, "Data")["DenyOutsideIdentities"]
    assert refusal["Condition"]["StringNotEquals"] == {"aws:PrincipalOrgID": ORGANIZATION}


def test_the_template_says_who_reads_and_why(shared: Template) -> None:
    metadata = resource(shared, "AWS::S3::BucketPolicy", "DataPolicy")["Metadata"]
    assert metadata["mlgov:sharing"] == [
        {"accounts": READERS, "prefix": "churn/models/", "reason": REASON.reason},
        {"accounts": READERS[:1], "prefix": "fraud/models/", "reason": REASON.reason},
    ]
    assert {"MLG-PRT-12", "MLG-PRT-17"} <= set(metadata["mlgov"]["controls"])


def test_the_key_is_used_to_read_through_services(shared: Template) -> None:
    statement = key_policy(shared, "Key")["ReadByOtherAccounts"]
    assert statement["Action"] == ["kms:Decrypt", "kms:DescribeKey"]
    conditions = statement["Condition"]["StringEquals"]
    assert conditions["aws:PrincipalOrgID"] == ORGANIZATION
    for service, name in zip(conditions["kms:ViaService"], ("s3", "sagemaker"), strict=True):
        assert service["Fn::Join"][1][0] == f"{name}."
    assert all(f":iam::{account}:root" in text(statement["Principal"]["AWS"]) for account in READERS)


def test_without_an_organisation_the_accounts_are_named_alone(shared: Template) -> None:
    conditions = key_policy(shared, "Wide")["ReadByOtherAccounts"]["Condition"]["StringEquals"]
    assert list(conditions) == ["kms:ViaService"]


def test_the_rules_hold(shared: Template) -> None:
    controls = [control for name, control in CATALOGUE.items() if name.startswith("MLG-PRT-")]
    failed = [
        finding
        for finding in RuleEngine(controls).check_text(json.dumps(shared))
        if finding.logical_id.startswith(("Data", "Key"))
    ]
    assert failed == []


BAD: list[tuple[dict[str, Any], str]] = [
    ({"accounts": []}, "no account is named to read"),
    ({"accounts": ["production"]}, "account 'production' is no account id"),
    ({"prefix": ""}, "prefix '' is no folder of the bucket"),
    ({"prefix": "*"}, "prefix '*' is no folder of the bucket"),
    ({"prefix": "/"}, "prefix '/' is no folder of the bucket"),
    ({"prefix": "churn"}, "prefix 'churn' is no folder of the bucket"),
]


@pytest.mark.parametrize(("arguments", "message"), BAD)
def test_bad_sharing_is_refused(arguments: dict[str, Any], message: str) -> None:
    stack = cdk.Stack(cdk.App(), "Stack")
    bucket = GovernedBucket(stack, "Data", encryption_key=DataKey(stack, "Key"), organization_id=ORGANIZATION)
    given = {"accounts": READERS, "prefix": "churn/", **arguments}
    with pytest.raises(ConstructError, match=re.escape(f"[Stack/Data] {message}")):
        bucket.grant_read_to_accounts(given["accounts"], prefix=given["prefix"], reason=REASON)


def test_a_bucket_that_refuses_other_accounts_is_not_shared() -> None:
    stack = cdk.Stack(cdk.App(), "Stack")
    bucket = GovernedBucket(stack, "Data", encryption_key=DataKey(stack, "Key"))
    with pytest.raises(ConstructError, match=r"\[Stack/Data\] the bucket refuses every other account"):
        bucket.grant_read_to_accounts(READERS, prefix="churn/", reason=REASON)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"accounts": []}, "no account is named to read"),
        ({"accounts": ["1"]}, "account '1' is no account id"),
        ({"via_services": []}, "via_services [] names no service"),
        ({"via_services": ["S3"]}, "via_services ['S3'] names no service"),
    ],
)
def test_a_bad_use_of_a_key_is_refused(arguments: dict[str, Any], message: str) -> None:
    key = DataKey(cdk.Stack(cdk.App(), "Stack"), "Key")
    with pytest.raises(ConstructError, match=re.escape(f"[Stack/Key] {message}")):
        key.allow_accounts(**{"accounts": READERS, **arguments})
