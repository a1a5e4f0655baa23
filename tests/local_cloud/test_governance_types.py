"""What roles, topics, alarms, trails, budgets, queues and rules become, as their APIs describe them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.local_cloud.conftest import Cloud, Stack

TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "sagemaker.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}
ALLOW = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:Get*", "Resource": "*"}]}
RESOURCES: dict[str, Any] = {
    "Boundary": {
        "Type": "AWS::IAM::ManagedPolicy",
        "Properties": {"ManagedPolicyName": "boundary-gov", "PolicyDocument": ALLOW},
    },
    "Role": {
        "Type": "AWS::IAM::Role",
        "Properties": {
            "RoleName": "role-gov",
            "Path": "/ml/",
            "AssumeRolePolicyDocument": TRUST,
            "PermissionsBoundary": {"Ref": "Boundary"},
            "MaxSessionDuration": 7200,
            "ManagedPolicyArns": ["arn:aws:iam::aws:policy/ReadOnlyAccess"],
            "Policies": [{"PolicyName": "inline", "PolicyDocument": ALLOW}],
            "Tags": [{"Key": "project", "Value": "demo"}],
        },
    },
    "Policy": {
        "Type": "AWS::IAM::Policy",
        "Properties": {"PolicyName": "attached", "PolicyDocument": ALLOW, "Roles": [{"Ref": "Role"}]},
    },
    "Key": {"Type": "AWS::KMS::Key", "Properties": {}},
    "Topic": {
        "Type": "AWS::SNS::Topic",
        "Properties": {
            "DisplayName": "alarms",
            "KmsMasterKeyId": {"Ref": "Key"},
            "Subscription": [{"Protocol": "email", "Endpoint": "a@example.com"}],
        },
    },
    "TopicPolicy": {
        "Type": "AWS::SNS::TopicPolicy",
        "Properties": {
            "Topics": [{"Ref": "Topic"}],
            "PolicyDocument": {
                "Version": "2012-10-17",
                "Statement": [
                    {
                        "Effect": "Allow",
                        "Principal": {"Service": "budgets.amazonaws.com"},
                        "Action": "sns:Publish",
                        "Resource": {"Ref": "Topic"},
                    }
                ],
            },
        },
    },
    "Subscription": {
        "Type": "AWS::SNS::Subscription",
        "Properties": {"TopicArn": {"Ref": "Topic"}, "Protocol": "sqs", "Endpoint": {"Fn::GetAtt": ["Queue", "Arn"]}},
    },
    "Alarm": {
        "Type": "AWS::CloudWatch::Alarm",
        "Properties": {
            "AlarmActions": [{"Ref": "Topic"}],
            "ComparisonOperator": "GreaterThanOrEqualToThreshold",
            "EvaluationPeriods": 1,
            "MetricName": "KeyDeletion",
            "Namespace": "Trail",
            "Period": 300,
            "Statistic": "Sum",
            "Threshold": 1,
            "TreatMissingData": "notBreaching",
            "Dimensions": [{"Name": "a", "Value": "b"}],
        },
    },
    "Bucket": {"Type": "AWS::S3::Bucket"},
    "Logs": {"Type": "AWS::Logs::LogGroup"},
    "Trail": {
        "Type": "AWS::CloudTrail::Trail",
        "Properties": {
            "TrailName": "trail-gov",
            "S3BucketName": {"Ref": "Bucket"},
            "S3KeyPrefix": "trail",
            "IsLogging": True,
            "IsMultiRegionTrail": True,
            "EnableLogFileValidation": True,
            "KMSKeyId": {"Fn::GetAtt": ["Key", "Arn"]},
            "CloudWatchLogsLogGroupArn": {"Fn::GetAtt": ["Logs", "Arn"]},
            "CloudWatchLogsRoleArn": {"Fn::GetAtt": ["Role", "Arn"]},
            "AdvancedEventSelectors": [
                {
                    "Name": "data",
                    "FieldSelectors": [
                        {"Field": "eventCategory", "Equals": ["Data"]},
                        {"Field": "resources.type", "Equals": ["AWS::S3::Object"]},
                    ],
                }
            ],
            "Tags": [{"Key": "project", "Value": "demo"}],
        },
    },
    "Budget": {
        "Type": "AWS::Budgets::Budget",
        "Properties": {
            "Budget": {
                "BudgetName": "budget-gov",
                "BudgetType": "COST",
                "TimeUnit": "MONTHLY",
                "BudgetLimit": {"Amount": 500, "Unit": "USD"},
                "CostFilters": {"TagKeyValue": ["user:project$demo"]},
            },
            "NotificationsWithSubscribers": [
                {
                    "Notification": {
                        "NotificationType": "FORECASTED",
                        "ComparisonOperator": "GREATER_THAN",
                        "Threshold": 80,
                        "ThresholdType": "PERCENTAGE",
                    },
                    "Subscribers": [{"SubscriptionType": "SNS", "Address": {"Ref": "Topic"}}],
                }
            ],
        },
    },
    "Queue": {
        "Type": "AWS::SQS::Queue",
        "Properties": {"KmsMasterKeyId": {"Ref": "Key"}, "MessageRetentionPeriod": 1209600},
    },
    "QueuePolicy": {
        "Type": "AWS::SQS::QueuePolicy",
        "Properties": {
            "Queues": [{"Ref": "Queue"}],
            "PolicyDocument": {
                "Version": "2012-10-17",
                "Statement": [{"Effect": "Deny", "Principal": "*", "Action": "sqs:*", "Resource": "*"}],
            },
        },
    },
    "Rule": {
        "Type": "AWS::Events::Rule",
        "Properties": {
            "EventPattern": {"source": ["aws.sagemaker"]},
            "State": "ENABLED",
            "Targets": [{"Id": "queue", "Arn": {"Fn::GetAtt": ["Queue", "Arn"]}}],
        },
    },
    "Parameter": {
        "Type": "AWS::SSM::Parameter",
        "Properties": {"Name": "/gov/topic", "Type": "String", "Value": {"Ref": "Topic"}, "Tags": {"project": "demo"}},
    },
}


@pytest.fixture(scope="module")
def governance(cloud: Cloud) -> Stack:
    return cloud.stack(**RESOURCES)


def test_the_stack_is_complete(governance: Stack) -> None:
    assert governance.describe()["StackStatus"] == "CREATE_COMPLETE", governance.failures()


def test_role(cloud: Cloud, governance: Stack) -> None:
    iam = cloud.client("iam")
    role = iam.get_role(RoleName="role-gov")["Role"]
    assert role["PermissionsBoundary"]["PermissionsBoundaryArn"] == governance.id("Boundary")
    assert (role["Path"], role["MaxSessionDuration"]) == ("/ml/", 7200)
    assert role["AssumeRolePolicyDocument"] == TRUST
    assert {"Key": "project", "Value": "demo"} in role["Tags"]
    assert sorted(iam.list_role_policies(RoleName="role-gov")["PolicyNames"]) == ["attached", "inline"]
    attached = iam.list_attached_role_policies(RoleName="role-gov")["AttachedPolicies"]
    assert [item["PolicyName"] for item in attached] == ["ReadOnlyAccess"]


def test_topic(cloud: Cloud, governance: Stack) -> None:
    sns, arn = cloud.client("sns"), governance.id("Topic")
    attributes = sns.get_topic_attributes(TopicArn=arn)["Attributes"]
    assert attributes["KmsMasterKeyId"] == governance.id("Key")
    assert json.loads(attributes["Policy"])["Statement"][0]["Action"] == "sns:Publish"
    protocols = {item["Protocol"] for item in sns.list_subscriptions_by_topic(TopicArn=arn)["Subscriptions"]}
    assert protocols == {"email", "sqs"}


def test_alarm(cloud: Cloud, governance: Stack) -> None:
    alarm = cloud.client("cloudwatch").describe_alarms(AlarmNames=[governance.id("Alarm")])["MetricAlarms"][0]
    assert alarm["AlarmActions"] == [governance.id("Topic")]
    assert (alarm["Threshold"], alarm["TreatMissingData"]) == (1.0, "notBreaching")
    assert alarm["Dimensions"] == [{"Name": "a", "Value": "b"}]


def test_trail(cloud: Cloud, governance: Stack) -> None:
    cloudtrail = cloud.client("cloudtrail")
    trail = cloudtrail.describe_trails(trailNameList=["trail-gov"])["trailList"][0]
    assert trail["LogFileValidationEnabled"] is True
    assert trail["IsMultiRegionTrail"] is True
    assert trail["KmsKeyId"].endswith(governance.id("Key"))
    assert trail["CloudWatchLogsLogGroupArn"].endswith(f"{governance.id('Logs')}:*")
    assert trail["CloudWatchLogsRoleArn"].endswith("role-gov")
    assert cloudtrail.get_trail_status(Name="trail-gov")["IsLogging"] is True
    selectors = cloudtrail.get_event_selectors(TrailName="trail-gov")["AdvancedEventSelectors"]
    assert selectors[0]["FieldSelectors"][1]["Equals"] == ["AWS::S3::Object"]


def test_budget(cloud: Cloud, governance: Stack) -> None:
    budgets, key = cloud.client("budgets"), {"AccountId": "123456789012", "BudgetName": "budget-gov"}
    budget = budgets.describe_budget(**key)["Budget"]
    assert float(budget["BudgetLimit"]["Amount"]) == 500
    assert budget["CostFilters"] == {"TagKeyValue": ["user:project$demo"]}
    notification = budgets.describe_notifications_for_budget(**key)["Notifications"][0]
    assert (notification["NotificationType"], notification["Threshold"]) == ("FORECASTED", 80.0)
    wanted = {name: notification[name] for name in ("NotificationType", "ComparisonOperator", "Threshold")}
    wanted["ThresholdType"] = "PERCENTAGE"
    subscribers = budgets.describe_subscribers_for_notification(**key, Notification=wanted)["Subscribers"]
    assert subscribers == [{"SubscriptionType": "SNS", "Address": governance.id("Topic")}]


def test_queue_rule_and_parameter(cloud: Cloud, governance: Stack) -> None:
    found = cloud.client("sqs").get_queue_attributes(QueueUrl=governance.id("Queue"), AttributeNames=["All"])
    assert found["Attributes"]["KmsMasterKeyId"] == governance.id("Key")
    assert found["Attributes"]["MessageRetentionPeriod"] == "1209600"
    assert "Deny" in found["Attributes"]["Policy"]
    events = cloud.client("events")
    assert json.loads(events.describe_rule(Name=governance.id("Rule"))["EventPattern"]) == {"source": ["aws.sagemaker"]}
    assert [item["Id"] for item in events.list_targets_by_rule(Rule=governance.id("Rule"))["Targets"]] == ["queue"]
    assert cloud.client("ssm").get_parameter(Name="/gov/topic")["Parameter"]["Value"] == governance.id("Topic")


def test_everything_changes_in_place_and_goes(cloud: Cloud, governance: Stack) -> None:
    changes = json.loads(json.dumps(RESOURCES))
    changes["Role"]["Properties"].pop("PermissionsBoundary")
    changes["Role"]["Properties"]["ManagedPolicyArns"] = []
    changes["Boundary"]["Properties"]["PolicyDocument"]["Statement"][0]["Action"] = "s3:Put*"
    changes["Policy"]["Properties"]["PolicyName"] = "renamed"
    changes["Trail"]["Properties"]["IsLogging"] = False
    changes["Alarm"]["Properties"]["Threshold"] = 5
    changes["Budget"]["Properties"]["Budget"]["BudgetLimit"]["Amount"] = 900
    changes["Topic"]["Properties"]["Subscription"] = []
    changes["Rule"]["Properties"]["Targets"] = []
    changes["Parameter"]["Properties"]["Value"] = "other"
    assert governance.update(**changes) == "UPDATE_COMPLETE", governance.failures()
    iam = cloud.client("iam")
    assert "PermissionsBoundary" not in iam.get_role(RoleName="role-gov")["Role"]
    assert sorted(iam.list_role_policies(RoleName="role-gov")["PolicyNames"]) == ["inline", "renamed"]
    arn = governance.id("Boundary")
    version = iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
    document = iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]["Document"]
    assert document["Statement"][0]["Action"] == "s3:Put*"
    assert cloud.client("cloudtrail").get_trail_status(Name="trail-gov")["IsLogging"] is False
    budget = cloud.client("budgets").describe_budget(AccountId="123456789012", BudgetName="budget-gov")["Budget"]
    assert float(budget["BudgetLimit"]["Amount"]) == 900
    assert cloud.client("ssm").get_parameter(Name="/gov/topic")["Parameter"]["Value"] == "other"
    assert governance.delete() == "DELETE_COMPLETE"
    assert "role-gov" not in [role["RoleName"] for role in iam.list_roles()["Roles"]]
