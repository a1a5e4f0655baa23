"""What keys, buckets and log groups become, as their APIs describe them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.local_cloud.conftest import Cloud, Stack

KEY_POLICY = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"AWS": "arn:aws:iam::123456789012:root"},
            "Action": "kms:*",
            "Resource": "*",
        }
    ],
}
BUCKET: dict[str, Any] = {
    "BucketEncryption": {
        "ServerSideEncryptionConfiguration": [
            {
                "BucketKeyEnabled": True,
                "ServerSideEncryptionByDefault": {
                    "SSEAlgorithm": "aws:kms",
                    "KMSMasterKeyID": {"Fn::GetAtt": ["Key", "Arn"]},
                },
            }
        ]
    },
    "VersioningConfiguration": {"Status": "Enabled"},
    "PublicAccessBlockConfiguration": {
        "BlockPublicAcls": True,
        "BlockPublicPolicy": True,
        "IgnorePublicAcls": True,
        "RestrictPublicBuckets": True,
    },
    "OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]},
    "LoggingConfiguration": {"DestinationBucketName": {"Ref": "LogBucket"}, "LogFilePrefix": "access/"},
    "ObjectLockEnabled": True,
    "ObjectLockConfiguration": {
        "ObjectLockEnabled": "Enabled",
        "Rule": {"DefaultRetention": {"Mode": "COMPLIANCE", "Days": 30}},
    },
    "LifecycleConfiguration": {
        "Rules": [
            {
                "Id": "archive",
                "Status": "Enabled",
                "Prefix": "raw/",
                "Transitions": [{"StorageClass": "GLACIER", "TransitionInDays": 90}],
                "NoncurrentVersionTransitions": [{"StorageClass": "GLACIER", "TransitionInDays": 30}],
                "NoncurrentVersionExpiration": {"NoncurrentDays": 365, "NewerNoncurrentVersions": 3},
                "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7},
                "ExpirationInDays": 3650,
            }
        ]
    },
    "IntelligentTieringConfigurations": [
        {"Id": "tier", "Status": "Enabled", "Tierings": [{"AccessTier": "ARCHIVE_ACCESS", "Days": 90}]}
    ],
    "InventoryConfigurations": [
        {
            "Id": "weekly",
            "Enabled": True,
            "IncludedObjectVersions": "All",
            "ScheduleFrequency": "Weekly",
            "OptionalFields": ["Size", "EncryptionStatus"],
            "Destination": {"BucketArn": {"Fn::GetAtt": ["LogBucket", "Arn"]}, "Format": "Parquet", "Prefix": "inv"},
        }
    ],
    "AnalyticsConfigurations": [
        {
            "Id": "classes",
            "StorageClassAnalysis": {
                "DataExport": {
                    "OutputSchemaVersion": "V_1",
                    "Destination": {"BucketArn": {"Fn::GetAtt": ["LogBucket", "Arn"]}, "Format": "CSV"},
                }
            },
        }
    ],
    "MetricsConfigurations": [{"Id": "all"}],
    "NotificationConfiguration": {"EventBridgeConfiguration": {"EventBridgeEnabled": True}},
    "Tags": [{"Key": "project", "Value": "demo"}],
}
STORAGE: dict[str, Any] = {
    "Key": {
        "Type": "AWS::KMS::Key",
        "Properties": {
            "Description": "data",
            "EnableKeyRotation": True,
            "RotationPeriodInDays": 180,
            "KeyPolicy": KEY_POLICY,
            "PendingWindowInDays": 7,
            "Tags": [{"Key": "project", "Value": "demo"}],
        },
    },
    "Alias": {
        "Type": "AWS::KMS::Alias",
        "Properties": {"AliasName": "alias/storage-test", "TargetKeyId": {"Ref": "Key"}},
    },
    "LogBucket": {"Type": "AWS::S3::Bucket"},
    "Bucket": {"Type": "AWS::S3::Bucket", "Properties": BUCKET},
    "Policy": {
        "Type": "AWS::S3::BucketPolicy",
        "Properties": {
            "Bucket": {"Ref": "Bucket"},
            "PolicyDocument": {
                "Version": "2012-10-17",
                "Statement": [
                    {
                        "Effect": "Deny",
                        "Principal": "*",
                        "Action": "s3:*",
                        "Resource": {"Fn::Sub": "${Bucket.Arn}/*"},
                        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
                    }
                ],
            },
        },
    },
    "Logs": {
        "Type": "AWS::Logs::LogGroup",
        "Properties": {
            "LogGroupName": "/test/storage",
            "RetentionInDays": 365,
            "KmsKeyId": {"Fn::GetAtt": ["Key", "Arn"]},
            "Tags": [{"Key": "project", "Value": "demo"}],
        },
    },
    "Filter": {
        "Type": "AWS::Logs::MetricFilter",
        "Properties": {
            "LogGroupName": {"Ref": "Logs"},
            "FilterPattern": "{ $.eventName = StopLogging }",
            "MetricTransformations": [{"MetricName": "Stopped", "MetricNamespace": "Trail", "MetricValue": "1"}],
        },
    },
}


@pytest.fixture(scope="module")
def storage(cloud: Cloud) -> Stack:
    return cloud.stack(**STORAGE)


def test_the_stack_is_complete(storage: Stack) -> None:
    assert storage.describe()["StackStatus"] == "CREATE_COMPLETE", storage.failures()


def test_key(cloud: Cloud, storage: Stack) -> None:
    kms, key_id = cloud.client("kms"), storage.id("Key")
    assert kms.describe_key(KeyId="alias/storage-test")["KeyMetadata"]["KeyId"] == key_id
    rotation = kms.get_key_rotation_status(KeyId=key_id)
    assert (rotation["KeyRotationEnabled"], rotation["RotationPeriodInDays"]) == (True, 180)
    assert json.loads(kms.get_key_policy(KeyId=key_id)["Policy"]) == KEY_POLICY
    assert {"TagKey": "project", "TagValue": "demo"} in kms.list_resource_tags(KeyId=key_id)["Tags"]


def test_bucket_encryption_uses_the_key_with_a_bucket_key(cloud: Cloud, storage: Stack) -> None:
    answer = cloud.client("s3").get_bucket_encryption(Bucket=storage.id("Bucket"))
    rule = answer["ServerSideEncryptionConfiguration"]["Rules"][0]
    assert rule["BucketKeyEnabled"] is True
    assert rule["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] == "aws:kms"
    assert rule["ApplyServerSideEncryptionByDefault"]["KMSMasterKeyID"].endswith(storage.id("Key"))


def test_bucket_access(cloud: Cloud, storage: Stack) -> None:
    s3, bucket = cloud.client("s3"), storage.id("Bucket")
    blocked = s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"]
    assert blocked == BUCKET["PublicAccessBlockConfiguration"]
    owner = s3.get_bucket_ownership_controls(Bucket=bucket)["OwnershipControls"]["Rules"]
    assert owner == [{"ObjectOwnership": "BucketOwnerEnforced"}]
    statement = json.loads(s3.get_bucket_policy(Bucket=bucket)["Policy"])["Statement"][0]
    assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    logging = s3.get_bucket_logging(Bucket=bucket)["LoggingEnabled"]
    assert (logging["TargetBucket"], logging["TargetPrefix"]) == (storage.id("LogBucket"), "access/")


def test_bucket_versions_and_lock(cloud: Cloud, storage: Stack) -> None:
    s3, bucket = cloud.client("s3"), storage.id("Bucket")
    assert s3.get_bucket_versioning(Bucket=bucket)["Status"] == "Enabled"
    lock = s3.get_object_lock_configuration(Bucket=bucket)["ObjectLockConfiguration"]
    assert lock["Rule"]["DefaultRetention"] == {"Mode": "COMPLIANCE", "Days": 30}


def test_bucket_lifecycle(cloud: Cloud, storage: Stack) -> None:
    rules = cloud.client("s3").get_bucket_lifecycle_configuration(Bucket=storage.id("Bucket"))["Rules"]
    assert rules == [
        {
            "ID": "archive",
            "Status": "Enabled",
            "Filter": {"Prefix": "raw/"},
            "Expiration": {"Days": 3650},
            "Transitions": [{"Days": 90, "StorageClass": "GLACIER"}],
            "NoncurrentVersionTransitions": [{"NoncurrentDays": 30, "StorageClass": "GLACIER"}],
            "NoncurrentVersionExpiration": {"NoncurrentDays": 365, "NewerNoncurrentVersions": 3},
            "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7},
        }
    ]


def test_bucket_reports(cloud: Cloud, storage: Stack) -> None:
    s3, bucket = cloud.client("s3"), storage.id("Bucket")
    inventory = s3.get_bucket_inventory_configuration(Bucket=bucket, Id="weekly")["InventoryConfiguration"]
    assert inventory["IsEnabled"] is True
    assert inventory["Schedule"] == {"Frequency": "Weekly"}
    assert inventory["Destination"]["S3BucketDestination"]["Format"] == "Parquet"
    analytics = s3.list_bucket_analytics_configurations(Bucket=bucket)["AnalyticsConfigurationList"]
    assert [item["Id"] for item in analytics] == ["classes"]
    tiering = s3.get_bucket_intelligent_tiering_configuration(Bucket=bucket, Id="tier")
    assert tiering["IntelligentTieringConfiguration"]["Tierings"] == [{"AccessTier": "ARCHIVE_ACCESS", "Days": 90}]
    assert s3.get_bucket_metrics_configuration(Bucket=bucket, Id="all")["MetricsConfiguration"] == {"Id": "all"}
    assert "EventBridgeConfiguration" in s3.get_bucket_notification_configuration(Bucket=bucket)
    assert {"Key": "project", "Value": "demo"} in s3.get_bucket_tagging(Bucket=bucket)["TagSet"]


def test_log_group(cloud: Cloud, storage: Stack) -> None:
    logs = cloud.client("logs")
    group = logs.describe_log_groups(logGroupNamePrefix="/test/storage")["logGroups"][0]
    assert group["retentionInDays"] == 365
    assert group["kmsKeyId"].endswith(storage.id("Key"))
    filters = logs.describe_metric_filters(logGroupName="/test/storage")["metricFilters"]
    assert filters[0]["metricTransformations"][0]["metricName"] == "Stopped"


def test_settings_change_and_go_in_place(cloud: Cloud) -> None:
    resources = {"Key": STORAGE["Key"], "LogBucket": STORAGE["LogBucket"], "Bucket": STORAGE["Bucket"]}
    logs = {"Type": "AWS::Logs::LogGroup", "Properties": {"RetentionInDays": 30}}
    stack = cloud.stack(**resources, Logs=logs)
    assert stack.describe()["StackStatus"] == "CREATE_COMPLETE", stack.failures()
    bucket, group = stack.id("Bucket"), stack.id("Logs")
    properties = {key: value for key, value in BUCKET.items() if key not in ("LifecycleConfiguration", "Tags")}
    properties["InventoryConfigurations"] = []
    properties["VersioningConfiguration"] = {"Status": "Suspended"}
    changed = {"Type": "AWS::Logs::LogGroup", "Properties": {"KmsKeyId": {"Fn::GetAtt": ["Key", "Arn"]}}}
    status = stack.update(Bucket={"Type": "AWS::S3::Bucket", "Properties": properties}, Logs=changed)
    assert status == "UPDATE_COMPLETE", stack.failures()
    assert (stack.id("Bucket"), stack.id("Logs")) == (bucket, group)
    s3 = cloud.client("s3")
    assert s3.get_bucket_versioning(Bucket=bucket)["Status"] == "Suspended"
    assert "InventoryConfigurationList" not in s3.list_bucket_inventory_configurations(Bucket=bucket)
    with pytest.raises(s3.exceptions.ClientError, match="NoSuchLifecycleConfiguration"):
        s3.get_bucket_lifecycle_configuration(Bucket=bucket)
    found = cloud.client("logs").describe_log_groups(logGroupNamePrefix=group)["logGroups"][0]
    assert "retentionInDays" not in found
    assert found["kmsKeyId"].endswith(stack.id("Key"))


def test_a_deleted_key_only_waits_for_its_deletion(cloud: Cloud) -> None:
    stack = cloud.stack(Key=STORAGE["Key"])
    key_id = stack.id("Key")
    assert stack.delete() == "DELETE_COMPLETE"
    assert cloud.client("kms").describe_key(KeyId=key_id)["KeyMetadata"]["KeyState"] == "PendingDeletion"
