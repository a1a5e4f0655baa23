"""Custom resources in Python: they answer, they fail, and they are not waited for without end."""

from __future__ import annotations

from typing import Any

from tests.local_cloud.conftest import Cloud, Stack

ANSWERING = """
import cfnresponse

def handler(event, context):
    value = event["ResourceProperties"]["Value"]
    if value == "fail":
        cfnresponse.send(event, context, cfnresponse.FAILED, {}, "id", reason="it was told to")
    elif value != "silent":
        cfnresponse.send(event, context, cfnresponse.SUCCESS, {"Echo": value}, "echo-" + value)
"""
TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}


def resources(value: str) -> dict[str, Any]:
    return {
        "Role": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": TRUST}},
        "Function": {
            "Type": "AWS::Lambda::Function",
            "Properties": {
                "Code": {"ZipFile": ANSWERING},
                "Handler": "index.handler",
                "Runtime": "python3.12",
                "Role": {"Fn::GetAtt": ["Role", "Arn"]},
                "Timeout": 10,
                "Environment": {"Variables": {"MODE": "test"}},
            },
        },
        "Permission": {
            "Type": "AWS::Lambda::Permission",
            "Properties": {
                "FunctionName": {"Ref": "Function"},
                "Action": "lambda:InvokeFunction",
                "Principal": "events.amazonaws.com",
            },
        },
        "Echo": {
            "Type": "Custom::Echo",
            "Properties": {"ServiceToken": {"Fn::GetAtt": ["Function", "Arn"]}, "Value": value},
        },
    }


def test_a_custom_resource_answers_and_is_updated(cloud: Cloud) -> None:
    stack = Stack(cloud, "custom", resources("one"), {"Echo": {"Value": {"Fn::GetAtt": ["Echo", "Echo"]}}})
    assert stack.create() == "CREATE_COMPLETE", stack.failures()
    assert stack.describe()["Outputs"][0]["OutputValue"] == "one"
    assert stack.id("Echo") == "echo-one"
    configuration = cloud.client("lambda").get_function_configuration(FunctionName=stack.id("Function"))
    assert configuration["Environment"]["Variables"] == {"MODE": "test"}
    assert (configuration["Timeout"], configuration["Runtime"]) == (10, "python3.12")
    assert stack.update(Echo=resources("two")["Echo"]) == "UPDATE_COMPLETE", stack.failures()
    assert stack.describe()["Outputs"][0]["OutputValue"] == "two"
    assert stack.delete() == "DELETE_COMPLETE"


def test_a_custom_resource_that_fails_rolls_back(cloud: Cloud) -> None:
    stack = Stack(cloud, "custom-fails", resources("fail"))
    assert stack.create() in ("ROLLBACK_COMPLETE", "ROLLBACK_FAILED")
    assert "it was told to" in stack.failures()


def test_a_custom_resource_that_never_answers_times_out(cloud: Cloud) -> None:
    stack = Stack(cloud, "custom-silent", resources("silent"))
    assert stack.create() in ("ROLLBACK_COMPLETE", "ROLLBACK_FAILED")
    assert "timed out after 3s" in stack.failures()
