"""A schedule and its group with every governed property, as the API describes them."""

from __future__ import annotations

import json
from typing import Any

from tests.local_cloud.conftest import Cloud

ROLE = "arn:aws:iam::123456789012:role/starter"
TARGET = "arn:aws:scheduler:::aws-sdk:sagemaker:createTransformJob"
TAGS = [{"Key": "mlgov:project", "Value": "churn"}]


def group(name: str, tags: list[dict[str, str]]) -> dict[str, Any]:
    return {"Type": "AWS::Scheduler::ScheduleGroup", "Properties": {"Name": name, "Tags": tags}}


def schedule(expression: str, group_name: str = "Group") -> dict[str, Any]:
    return {
        "Type": "AWS::Scheduler::Schedule",
        "Properties": {
            "Description": "Every night",
            "FlexibleTimeWindow": {"Mode": "OFF"},
            "GroupName": {"Ref": group_name},
            "ScheduleExpression": expression,
            "ScheduleExpressionTimezone": "Europe/Berlin",
            "Target": {
                "Arn": TARGET,
                "Input": json.dumps({"ModelName": "churn"}),
                "RetryPolicy": {"MaximumEventAgeInSeconds": 3600, "MaximumRetryAttempts": 3},
                "RoleArn": ROLE,
            },
        },
    }


def test_a_schedule_is_made_changed_moved_and_deleted(cloud: Cloud) -> None:
    stack = cloud.stack(
        Group=group("churn-nightly", TAGS), Other=group("churn-other", []), Nightly=schedule("cron(0 2 * * ? *)")
    )
    assert stack.describe()["StackStatus"] == "CREATE_COMPLETE", stack.failures()
    client, name = cloud.client("scheduler"), stack.id("Nightly")
    assert stack.id("Group") == "churn-nightly"
    found = client.get_schedule(Name=name, GroupName="churn-nightly")
    assert (found["ScheduleExpression"], found["ScheduleExpressionTimezone"]) == ("cron(0 2 * * ? *)", "Europe/Berlin")
    assert found["Target"]["Arn"] == TARGET
    assert found["Target"]["RoleArn"] == ROLE
    assert json.loads(found["Target"]["Input"]) == {"ModelName": "churn"}
    assert found["Target"]["RetryPolicy"]["MaximumRetryAttempts"] == 3
    arn = client.get_schedule_group(Name="churn-nightly")["Arn"]
    assert client.list_tags_for_resource(ResourceArn=arn)["Tags"] == TAGS

    other = [{"Key": "cost-center", "Value": "4711"}]
    status = stack.update(Group=group("churn-nightly", other), Nightly=schedule("cron(0 3 * * ? *)"))
    assert status == "UPDATE_COMPLETE", stack.failures()
    assert client.get_schedule(Name=name, GroupName="churn-nightly")["ScheduleExpression"] == "cron(0 3 * * ? *)"
    assert client.list_tags_for_resource(ResourceArn=arn)["Tags"] == other

    assert stack.update(Nightly=schedule("cron(0 3 * * ? *)", "Other")) == "UPDATE_COMPLETE", stack.failures()
    assert client.get_schedule(Name=name, GroupName="churn-other")["State"] == "ENABLED"
    assert client.list_schedules(GroupName="churn-nightly")["Schedules"] == []

    assert stack.delete() == "DELETE_COMPLETE", stack.failures()
    assert [each["Name"] for each in client.list_schedule_groups()["ScheduleGroups"]] == ["default"]
