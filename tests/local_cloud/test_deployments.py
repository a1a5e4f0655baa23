"""How a deployment goes: no change, update, replacement, rollback, retention, what is refused."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.local_cloud.conftest import Cloud, Stack


def topic(**properties: Any) -> dict[str, Any]:
    return {"Type": "AWS::SNS::Topic", "Properties": properties}


def bad_role(**properties: Any) -> dict[str, Any]:
    return {"Type": "AWS::IAM::Policy", "Properties": {"PolicyName": "p", "Roles": ["nobody"], "PolicyDocument": {}}}


def test_no_change_is_told(cloud: Cloud) -> None:
    stack = cloud.stack(Topic=topic(DisplayName="a"))
    with pytest.raises(cloud.client("cloudformation").exceptions.ClientError, match="No updates are to be performed"):
        stack.update()


def test_update_keeps_the_physical_id(cloud: Cloud) -> None:
    stack = cloud.stack(Topic=topic(DisplayName="a"))
    before = stack.id("Topic")
    assert stack.update(Topic=topic(DisplayName="b")) == "UPDATE_COMPLETE"
    assert stack.id("Topic") == before
    assert cloud.client("sns").get_topic_attributes(TopicArn=before)["Attributes"]["DisplayName"] == "b"


def test_replacement_makes_the_new_one_and_removes_the_old(cloud: Cloud) -> None:
    stack = cloud.stack(Topic=topic(TopicName="first-name"))
    before = stack.id("Topic")
    assert stack.update(Topic=topic(TopicName="second-name")) == "UPDATE_COMPLETE", stack.failures()
    arns = [item["TopicArn"] for item in cloud.client("sns").list_topics()["Topics"]]
    assert stack.id("Topic").endswith(":second-name")
    assert before not in arns
    assert stack.id("Topic") in arns


def test_a_replacement_under_a_kept_custom_name_is_refused(cloud: Cloud) -> None:
    vpc: dict[str, Any] = {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.9.0.0/16"}}
    group = {"GroupName": "kept", "GroupDescription": "one", "VpcId": {"Ref": "Vpc"}}
    stack = cloud.stack(Vpc=vpc, Group={"Type": "AWS::EC2::SecurityGroup", "Properties": group})
    changed = {"Type": "AWS::EC2::SecurityGroup", "Properties": {**group, "GroupDescription": "two"}}
    assert stack.update(Group=changed) == "UPDATE_ROLLBACK_COMPLETE"
    assert "custom-named resource requires replacing" in stack.failures()


def test_a_nested_create_only_property_replaces(cloud: Cloud) -> None:
    def repository(branch: str) -> dict[str, Any]:
        config = {"RepositoryUrl": "https://example.com/a.git", "Branch": branch}
        return {"Type": "AWS::SageMaker::CodeRepository", "Properties": {"GitConfig": config}}

    stack = cloud.stack(Repository=repository("main"))
    before = stack.id("Repository")
    assert stack.update(Repository=repository("next")) == "UPDATE_COMPLETE", stack.failures()
    assert stack.id("Repository") != before
    repositories = cloud.client("sagemaker").list_code_repositories()["CodeRepositorySummaryList"]
    arns = [item["CodeRepositoryArn"] for item in repositories]
    assert stack.id("Repository") in arns
    assert before not in arns


def test_a_failed_creation_rolls_back(cloud: Cloud) -> None:
    stack = Stack(cloud, "failing-create", {"Topic": topic(TopicName="never"), "Policy": bad_role()})
    stack.resources["Policy"]["DependsOn"] = "Topic"
    assert stack.create() == "ROLLBACK_COMPLETE"
    assert not [item for item in cloud.client("sns").list_topics()["Topics"] if item["TopicArn"].endswith(":never")]


def test_a_failed_update_restores_what_was(cloud: Cloud) -> None:
    stack = cloud.stack(Topic=topic(DisplayName="before"))
    arn = stack.id("Topic")
    policy = {**bad_role(), "DependsOn": "Topic"}
    assert stack.update(Topic=topic(DisplayName="after"), Policy=policy) == "UPDATE_ROLLBACK_COMPLETE"
    assert cloud.client("sns").get_topic_attributes(TopicArn=arn)["Attributes"]["DisplayName"] == "before"


def test_a_half_made_resource_is_removed(cloud: Cloud) -> None:
    role = {
        "RoleName": "half-made",
        "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": []},
        "ManagedPolicyArns": ["arn:aws:iam::123456789012:policy/no-such-policy"],
    }
    stack = Stack(cloud, "half", {"Role": {"Type": "AWS::IAM::Role", "Properties": role}})
    assert stack.create() == "ROLLBACK_COMPLETE"
    assert "half-made" not in [item["RoleName"] for item in cloud.client("iam").list_roles()["Roles"]]


def test_retained_resources_stay(cloud: Cloud) -> None:
    stack = cloud.stack(Bucket={"Type": "AWS::S3::Bucket", "DeletionPolicy": "Retain"})
    bucket = stack.id("Bucket")
    assert stack.delete() == "DELETE_COMPLETE"
    assert bucket in [item["Name"] for item in cloud.client("s3").list_buckets()["Buckets"]]


def test_a_bucket_that_holds_objects_is_not_deleted(cloud: Cloud) -> None:
    stack = cloud.stack(Bucket={"Type": "AWS::S3::Bucket"})
    s3, bucket = cloud.client("s3"), stack.id("Bucket")
    s3.put_object(Bucket=bucket, Key="a", Body=b"b")
    assert stack.delete() == "DELETE_FAILED"
    assert "BucketNotEmpty" in stack.failures()
    s3.delete_object(Bucket=bucket, Key="a")
    assert stack.delete() == "DELETE_COMPLETE"


def test_a_type_that_is_not_modelled_is_refused_before_anything_is_made(cloud: Cloud) -> None:
    stack = Stack(cloud, "unknown-type", {"Table": {"Type": "AWS::DynamoDB::Table", "Properties": {}}, "T": topic()})
    with pytest.raises(cloud.client("cloudformation").exceptions.ClientError, match="AWS::DynamoDB::Table"):
        stack.create()


@pytest.mark.parametrize(
    ("resource", "message"),
    [
        ({"Type": "AWS::SNS::Topic", "Properties": {"Colour": "red"}}, "AWS::SNS::Topic has the property Colour"),
        (
            {
                "Type": "AWS::CloudTrail::Trail",
                "Properties": {"IsLogging": True, "S3BucketName": "b", "InsightSelectors": []},
            },
            "InsightSelectors",
        ),
        (
            {
                "Type": "AWS::S3::Bucket",
                "Properties": {"LifecycleConfiguration": {"Rules": [{"Status": "Enabled", "Colour": 1}]}},
            },
            "Colour",
        ),
        (
            {"Type": "AWS::Budgets::Budget", "Properties": {"Budget": {"BudgetType": "COST", "Colour": "red"}}},
            "budgets:CreateBudget.Budget has the property Colour",
        ),
    ],
)
def test_a_property_that_is_not_modelled_fails_the_deployment(
    cloud: Cloud, resource: dict[str, Any], message: str
) -> None:
    stack = cloud.stack(Resource=resource)
    assert stack.describe()["StackStatus"] == "ROLLBACK_COMPLETE"
    assert message in stack.failures()


@pytest.mark.parametrize(
    ("resource", "message"),
    [
        ({"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.0.0.0/8"}}, "invalid"),
        ({"Type": "AWS::Logs::LogGroup", "Properties": {"RetentionInDays": 17}}, "retention"),
        (
            {
                "Type": "AWS::SageMaker::NotebookInstance",
                "Properties": {
                    "InstanceType": "ml.huge.7xlarge",
                    "RoleArn": "arn:aws:iam::123456789012:role/any",
                },
            },
            "ml.huge.7xlarge",
        ),
        (
            {
                "Type": "AWS::SageMaker::NotebookInstance",
                "Properties": {
                    "InstanceType": "ml.t3.medium",
                    "RoleArn": "arn:aws:iam::123456789012:role/any",
                    "DirectInternetAccess": "Disabled",
                },
            },
            "must specify a subnet",
        ),
    ],
)
def test_what_the_service_would_refuse_is_refused(cloud: Cloud, resource: dict[str, Any], message: str) -> None:
    stack = cloud.stack(Resource=resource)
    assert stack.describe()["StackStatus"] == "ROLLBACK_COMPLETE"
    assert message.lower() in stack.failures().lower()


def test_a_second_role_of_the_same_name_is_refused(cloud: Cloud) -> None:
    document = {"Version": "2012-10-17", "Statement": []}
    role = {"Type": "AWS::IAM::Role", "Properties": {"RoleName": "twice", "AssumeRolePolicyDocument": document}}
    cloud.stack(Role=role)
    second = cloud.stack(Role=role)
    assert second.describe()["StackStatus"] == "ROLLBACK_COMPLETE"
    assert "already exists" in second.failures()
    assert cloud.client("iam").get_role(RoleName="twice")["Role"]["RoleName"] == "twice"


def test_stack_tags_reach_the_resources(cloud: Cloud) -> None:
    stack = Stack(cloud, "tagged", {"Topic": topic(), "Bucket": {"Type": "AWS::S3::Bucket"}})
    stack.create(Tags=[{"Key": "project", "Value": "demo"}])
    wanted = {"Key": "project", "Value": "demo"}
    assert wanted in cloud.client("sns").list_tags_for_resource(ResourceArn=stack.id("Topic"))["Tags"]
    assert wanted in cloud.client("s3").get_bucket_tagging(Bucket=stack.id("Bucket"))["TagSet"]


def test_conditions_see_pseudo_parameters_and_functions(cloud: Cloud) -> None:
    template = {
        "Parameters": {"Names": {"Type": "CommaDelimitedList", "Default": ""}},
        "Mappings": {"Regions": {"us-east-1": {"main": "yes"}}},
        "Conditions": {
            "Here": {"Fn::Equals": [{"Ref": "AWS::Region"}, "us-east-1"]},
            "Mapped": {"Fn::Equals": [{"Fn::FindInMap": ["Regions", {"Ref": "AWS::Region"}, "main"]}, "yes"]},
            "Named": {"Fn::Not": [{"Fn::Equals": ["", {"Fn::Join": ["", {"Ref": "Names"}]}]}]},
            "Both": {"Fn::And": [{"Condition": "Here"}, {"Condition": "Mapped"}]},
        },
        "Resources": {
            "Both": {"Type": "AWS::SNS::Topic", "Condition": "Both"},
            "Named": {"Type": "AWS::SNS::Topic", "Condition": "Named"},
        },
    }
    cloudformation = cloud.client("cloudformation")
    cloudformation.create_stack(StackName="conditions", TemplateBody=json.dumps(template))
    Stack(cloud, "conditions", {}).wait()
    made = cloudformation.describe_stack_resources(StackName="conditions")["StackResources"]
    assert [item["LogicalResourceId"] for item in made] == ["Both"]
