from __future__ import annotations

import json
from typing import Any

import aws_cdk as cdk
import pytest

from mlgov_constructs.errors import ConstructError
from mlgov_constructs.protection import DataKey
from tests.protection.policies import as_list, key_policy, resource, text
from tests.templates import of_type

CRYPTOGRAPHY = ("Encrypt", "Decrypt", "ReEncrypt", "GenerateDataKey", "CreateGrant", "Sign", "GenerateMac")
ADMINISTRATION = ("AdministrationByAccount", "AdministrationByName")


def test_key_rotates(protection: dict[str, Any]) -> None:
    assert resource(protection["keys"], "AWS::KMS::Key", "Plain")["Properties"]["EnableKeyRotation"] is True


def test_key_is_retained_and_waits_thirty_days(protection: dict[str, Any]) -> None:
    key = resource(protection["keys"], "AWS::KMS::Key", "Plain")
    assert key["DeletionPolicy"] == key["UpdateReplacePolicy"] == "Retain"
    assert key["Properties"]["PendingWindowInDays"] == 30


def test_alias_and_description(protection: dict[str, Any]) -> None:
    (alias,) = of_type(protection["keys"], "AWS::KMS::Alias").values()
    assert alias["Properties"]["AliasName"] == "alias/mlgov/data"
    assert resource(protection["keys"], "AWS::KMS::Key", "Named")["Properties"]["Description"] == "Data of the platform"


@pytest.mark.parametrize("name", ["Plain", "Named", "Services"])
def test_nobody_has_every_action(protection: dict[str, Any], name: str) -> None:
    for statement in key_policy(protection["keys"], name).values():
        assert not {"kms:*", "*", "kms:Create*", "kms:Put*"} & set(as_list(statement["Action"]))


@pytest.mark.parametrize("sid", ADMINISTRATION)
def test_administrators_cannot_use_the_key(protection: dict[str, Any], sid: str) -> None:
    actions = key_policy(protection["keys"], "Named")[sid]["Action"]
    assert {"kms:PutKeyPolicy", "kms:ScheduleKeyDeletion", "kms:DescribeKey"} <= set(actions)
    assert [action for action in actions if any(word in action for word in CRYPTOGRAPHY)] == []


def test_named_administrators_stand_beside_the_account(protection: dict[str, Any]) -> None:
    policy = key_policy(protection["keys"], "Named")
    assert policy["AdministrationByName"]["Principal"] == {"AWS": "arn:aws:iam::111122223333:role/KeyAdmin"}
    assert ":root" in text(policy["AdministrationByAccount"]["Principal"])
    assert "AdministrationByName" not in key_policy(protection["keys"], "Plain")


def test_use_comes_through_a_service_and_from_the_account(protection: dict[str, Any]) -> None:
    statement = key_policy(protection["keys"], "Named")["UseThroughServices"]
    conditions = statement["Condition"]["StringEquals"]
    assert conditions["kms:CallerAccount"] == {"Ref": "AWS::AccountId"}
    (via,) = conditions["kms:ViaService"]
    assert via == {"Fn::Join": ["", ["s3.", {"Ref": "AWS::Region"}, ".", {"Ref": "AWS::URLSuffix"}]]}
    assert "kms:Decrypt" in statement["Action"]


def test_grants_are_for_aws_resources_through_a_service(protection: dict[str, Any]) -> None:
    statement = key_policy(protection["keys"], "Plain")["GrantsForAwsResources"]
    assert statement["Action"] == "kms:CreateGrant"
    assert statement["Condition"]["Bool"] == {"kms:GrantIsForAWSResource": "true"}
    assert set(statement["Condition"]["StringEquals"]) == {"kms:CallerAccount", "kms:ViaService"}


def test_service_principals_act_for_this_account_only(protection: dict[str, Any]) -> None:
    policy = key_policy(protection["keys"], "Services")
    logs = policy["CloudWatchLogsMlgov"]
    assert "log-group:/mlgov/*" in text(logs["Condition"]["ArnLike"]["kms:EncryptionContext:aws:logs:arn"])
    assert "logs." in text(logs["Principal"]["Service"])
    for sid, source in (("ServiceCloudwatch", ":cloudwatch:"), ("ServiceBudgets", ":budgets::"), ("ServiceS3", ":s3:")):
        condition = policy[sid]["Condition"]
        assert condition["StringEquals"] == {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}
        assert source in text(condition["ArnLike"]["aws:SourceArn"])


def test_cloud_trail_acts_for_the_named_trail(protection: dict[str, Any]) -> None:
    policy = key_policy(protection["keys"], "Services")
    encrypts = policy["CloudTrailAuditEncrypts"]
    assert encrypts["Action"] == "kms:GenerateDataKey*"
    assert "kms:EncryptionContext:aws:cloudtrail:arn" in encrypts["Condition"]["StringLike"]
    for sid in ("CloudTrailAuditEncrypts", "CloudTrailAuditDescribes"):
        assert ":trail/audit" in text(policy[sid]["Condition"]["ArnLike"]["aws:SourceArn"])


def test_one_more_service_is_a_way_for_the_account_alone(protection: dict[str, Any]) -> None:
    policy = key_policy(protection["keys"], "Services")
    use, grants = policy["UseThroughServicesCodeartifact"], policy["GrantsForAwsResourcesCodeartifact"]
    for statement in (use, grants):
        conditions = statement["Condition"]["StringEquals"]
        assert conditions["kms:CallerAccount"] == {"Ref": "AWS::AccountId"}
        assert text(conditions["kms:ViaService"]).count("codeartifact.") == 1
    assert grants["Condition"]["Bool"] == {"kms:GrantIsForAWSResource": "true"}


def test_every_service_statement_has_a_condition(protection: dict[str, Any]) -> None:
    for name in ("keys", "topics", "immutable"):
        for key in of_type(protection[name], "AWS::KMS::Key").values():
            for statement in key["Properties"]["KeyPolicy"]["Statement"]:
                if "Service" in statement["Principal"]:
                    assert statement["Condition"]


def test_grants_of_another_stack_write_to_the_grantee_alone(protection: dict[str, Any]) -> None:
    assert "Reader" not in json.dumps(protection["keys"])
    (policy,) = of_type(protection["data"], "AWS::IAM::Policy").values()
    granted = {action for s in policy["Properties"]["PolicyDocument"]["Statement"] for action in as_list(s["Action"])}
    assert {"kms:Decrypt", "kms:GenerateDataKey*"} <= granted


def test_controls_are_claimed(protection: dict[str, Any]) -> None:
    key = resource(protection["keys"], "AWS::KMS::Key", "Plain")
    assert key["Metadata"]["mlgov"] == {"controls": list(DataKey.CONTROLS)}


@pytest.mark.parametrize(
    ("arguments", "found"),
    [
        ({"pending_window": cdk.Duration.days(6)}, "pending_window of 6 days"),
        ({"pending_window": cdk.Duration.days(31)}, "pending_window of 31 days"),
        ({"alias": "aws/s3"}, "alias 'aws/s3'"),
        ({"alias": "alias/aws/s3"}, "alias 'alias/aws/s3'"),
        ({"alias": "spaced out"}, "alias 'spaced out'"),
        ({"via_services": []}, "via_services []"),
        ({"via_services": ["*"]}, "via_services ['*']"),
    ],
)
def test_wrong_arguments_are_refused(arguments: dict[str, Any], found: str) -> None:
    stack = cdk.Stack(cdk.App(), "Stack")
    with pytest.raises(ConstructError, match=r"^\[Stack/Key\] ") as error:
        DataKey(stack, "Key", **arguments)
    assert found in str(error.value)
    assert stack.node.children == []


def test_a_service_is_never_given_everything() -> None:
    key = DataKey(cdk.Stack(cdk.App(), "Stack"), "Key")
    with pytest.raises(ConstructError, match="gives everything away"):
        key.allow_service("s3", actions=["kms:*"])
    with pytest.raises(ConstructError, match="is no service name"):
        key.allow_service("*")
    with pytest.raises(ConstructError, match="is no service name"):
        key.allow_use_through("*")
