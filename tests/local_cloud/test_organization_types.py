"""Policies of AWS Organizations, attached where the template says."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.local_cloud.conftest import Cloud

TAGS = {"tags": {"owner": {"tag_key": {"@@assign": "owner"}}}}
DENY = {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "ec2:*", "Resource": "*"}]}


def policy(kind: str, content: Any, targets: list[str], **more: Any) -> dict[str, Any]:
    properties = {"Name": f"test-{kind.lower()}", "Type": kind, "Content": content, "TargetIds": targets, **more}
    return {"Type": "AWS::Organizations::Policy", "Properties": properties}


@pytest.fixture
def root(cloud: Cloud) -> Iterator[str]:
    organizations = cloud.client("organizations")
    (found,) = organizations.list_roots()["Roots"]
    organizations.enable_policy_type(RootId=found["Id"], PolicyType="TAG_POLICY")
    yield str(found["Id"])
    organizations.disable_policy_type(RootId=found["Id"], PolicyType="TAG_POLICY")


def targets(cloud: Cloud, policy_id: str) -> list[str]:
    found = cloud.client("organizations").list_targets_for_policy(PolicyId=policy_id)["Targets"]
    return [target["TargetId"] for target in found]


def test_policies_are_attached_changed_and_removed(cloud: Cloud, root: str) -> None:
    organizations = cloud.client("organizations")
    tags = [{"Key": "owner", "Value": "ana"}]
    stack = cloud.stack(
        Tags=policy("TAG_POLICY", TAGS, [root], Description="Tags", Tags=tags),
        Refusal=policy("SERVICE_CONTROL_POLICY", DENY, [root]),
    )
    assert stack.describe()["StackStatus"] == "CREATE_COMPLETE", stack.failures()
    found = organizations.describe_policy(PolicyId=stack.id("Tags"))["Policy"]
    assert (found["PolicySummary"]["Name"], found["PolicySummary"]["Type"]) == ("test-tag_policy", "TAG_POLICY")
    assert json.loads(found["Content"]) == TAGS
    assert targets(cloud, stack.id("Tags")) == targets(cloud, stack.id("Refusal")) == [root]
    assert tags[0] in organizations.list_tags_for_resource(ResourceId=stack.id("Tags"))["Tags"]
    before = stack.id("Refusal")
    changed = {**DENY, "Statement": []}
    assert stack.update(Refusal=policy("SERVICE_CONTROL_POLICY", changed, [])) == "UPDATE_COMPLETE", stack.failures()
    assert stack.id("Refusal") == before
    assert json.loads(organizations.describe_policy(PolicyId=before)["Policy"]["Content"]) == changed
    assert targets(cloud, before) == []
    assert stack.delete() == "DELETE_COMPLETE"
    left = organizations.list_policies(Filter="TAG_POLICY")["Policies"]
    assert "test-tag_policy" not in [each["Name"] for each in left]


@pytest.mark.parametrize(
    ("kind", "target", "why"),
    [("SERVICE_CONTROL_POLICY", "ou-none-11111111", "TargetNotFound"), ("BACKUP_POLICY", "", "PolicyTypeNotEnabled")],
)
def test_what_organizations_refuses_is_refused(cloud: Cloud, root: str, kind: str, target: str, why: str) -> None:
    stack = cloud.stack(Policy=policy(kind, DENY, [target or root]))
    assert stack.describe()["StackStatus"] == "ROLLBACK_COMPLETE"
    assert why in stack.failures()


def test_a_policy_that_aws_would_not_take_is_refused(cloud: Cloud, root: str) -> None:
    long = {**DENY, "Statement": [{**DENY["Statement"][0], "Sid": "A" * 5_120}]}
    stack = cloud.stack(Policy=policy("SERVICE_CONTROL_POLICY", long, []))
    assert stack.describe()["StackStatus"] == "ROLLBACK_COMPLETE"
    assert "POLICY_CONTENT_LIMIT_EXCEEDED" in stack.failures()
