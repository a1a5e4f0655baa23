"""AWS Config, Security Hub and hooks: created, read back, changed, refused and deleted."""

from __future__ import annotations

import copy
import json
import zipfile
from io import BytesIO
from typing import Any

import aws_cdk as cdk
import pytest
from botocore.exceptions import ClientError

from mlgov_constructs.governance import (
    ComplianceAggregator,
    ComplianceRules,
    ConfigurationRecorder,
    GuardHooks,
    Remediation,
    SecurityHubConfiguration,
    SecurityHubStandards,
)
from mlgov_constructs.governance.remediation import RUNBOOK_ACTIONS
from mlgov_constructs.identity import PermissionsBoundary
from mlgov_constructs.protection import DataKey, LogArchive
from tests.local_cloud.conftest import Cloud, Stack

ROLE = "arn:aws:iam::123456789012:role/aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig"
STANDARD = "arn:aws:securityhub:us-east-1::standards/ai-security-best-practices/v/1.0.0"
RULE = {
    "Type": "AWS::Config::ConfigRule",
    "Properties": {"ConfigRuleName": "rotation", "Source": {"Owner": "AWS", "SourceIdentifier": "CMK_ROTATION"}},
}
PACK = json.dumps(
    {
        "Parameters": {"Role": {"Type": "String"}},
        "Resources": {
            "Rotation": RULE,
            "Remedy": {
                "Type": "AWS::Config::RemediationConfiguration",
                "Properties": {
                    "ConfigRuleName": "rotation",
                    "TargetType": "SSM_DOCUMENT",
                    "TargetId": "AWSConfigRemediation-EnableKeyRotation",
                    "Parameters": {"AutomationAssumeRole": {"StaticValue": {"Values": [{"Ref": "Role"}]}}},
                },
            },
        },
    }
)
RESOURCES: dict[str, Any] = {
    "Bucket": {"Type": "AWS::S3::Bucket"},
    "Key": {"Type": "AWS::KMS::Key", "Properties": {"KeyPolicy": {"Version": "2012-10-17", "Statement": []}}},
    "Recorder": {
        "Type": "AWS::Config::ConfigurationRecorder",
        "Properties": {
            "RoleARN": ROLE,
            "RecordingGroup": {"AllSupported": True, "IncludeGlobalResourceTypes": True},
            "RecordingMode": {"RecordingFrequency": "DAILY"},
        },
    },
    "Channel": {
        "Type": "AWS::Config::DeliveryChannel",
        "Properties": {"S3BucketName": {"Ref": "Bucket"}, "S3KmsKeyArn": {"Fn::GetAtt": ["Key", "Arn"]}},
    },
    "Rule": {
        "Type": "AWS::Config::ConfigRule",
        "DependsOn": ["Channel", "Recorder"],
        "Properties": {
            "ConfigRuleName": "versions",
            "InputParameters": {"isMfaDeleteEnabled": "false"},
            "Source": {"Owner": "AWS", "SourceIdentifier": "S3_BUCKET_VERSIONING_ENABLED"},
        },
    },
    "Pack": {
        "Type": "AWS::Config::ConformancePack",
        "DependsOn": ["Channel", "Recorder"],
        "Properties": {
            "ConformancePackName": "pack",
            "ConformancePackInputParameters": [{"ParameterName": "Role", "ParameterValue": "role-arn"}],
            "TemplateBody": PACK,
            "Tags": [{"Key": "project", "Value": "demo"}],
        },
    },
    "Aggregator": {
        "Type": "AWS::Config::ConfigurationAggregator",
        "Properties": {
            "ConfigurationAggregatorName": "all",
            "OrganizationAggregationSource": {"AllAwsRegions": True, "RoleArn": ROLE},
        },
    },
    "Hub": {
        "Type": "AWS::SecurityHub::Hub",
        "Properties": {
            "AutoEnableControls": False,
            "ControlFindingGenerator": "SECURITY_CONTROL",
            "EnableDefaultStandards": False,
            "Tags": {"project": "demo"},
        },
    },
    "Standard": {
        "Type": "AWS::SecurityHub::Standard",
        "DependsOn": "Hub",
        "Properties": {"StandardsArn": STANDARD},
    },
    "Suppression": {
        "Type": "AWS::SecurityHub::AutomationRule",
        "DependsOn": "Hub",
        "Properties": {
            "RuleName": "SageMaker.4",
            "RuleOrder": 1,
            "RuleStatus": "ENABLED",
            "Description": "until then",
            "Criteria": {"ComplianceSecurityControlId": [{"Comparison": "EQUALS", "Value": "SageMaker.4"}]},
            "Actions": [
                {"Type": "FINDING_FIELDS_UPDATE", "FindingFieldsUpdate": {"Workflow": {"Status": "SUPPRESSED"}}}
            ],
        },
    },
    "HookRole": {
        "Type": "AWS::IAM::Role",
        "Properties": {"AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": []}},
    },
    "Hook": {
        "Type": "AWS::CloudFormation::GuardHook",
        "Properties": {
            "Alias": "Example::Guard::Stacks",
            "ExecutionRole": {"Fn::GetAtt": ["HookRole", "Arn"]},
            "FailureMode": "WARN",
            "HookStatus": "ENABLED",
            "RuleLocation": {"Uri": "s3://rules/rules.zip", "VersionId": "v1"},
            "TargetOperations": ["STACK"],
            "TargetFilters": {"Actions": ["CREATE", "UPDATE"]},
            "StackFilters": {"FilteringCriteria": "ALL", "StackNames": {"Exclude": ["CDKToolkit"]}},
        },
    },
}


@pytest.fixture(scope="module")
def compliance(cloud: Cloud) -> Stack:
    return cloud.stack(**copy.deepcopy(RESOURCES))


def test_the_stack_is_complete(compliance: Stack) -> None:
    assert compliance.describe()["StackStatus"] == "CREATE_COMPLETE", compliance.failures()


def test_the_recorder_records_once_it_can_deliver(cloud: Cloud, compliance: Stack) -> None:
    config = cloud.client("config")
    (recorder,) = config.describe_configuration_recorders()["ConfigurationRecorders"]
    assert recorder["recordingGroup"] == {"allSupported": True, "includeGlobalResourceTypes": True}
    assert recorder["recordingMode"] == {"recordingFrequency": "DAILY"}
    assert recorder["roleARN"] == ROLE
    (status,) = config.describe_configuration_recorder_status()["ConfigurationRecordersStatus"]
    assert status["recording"] is True
    (channel,) = config.describe_delivery_channels()["DeliveryChannels"]
    assert channel["s3BucketName"] == compliance.id("Bucket")
    assert channel["s3KmsKeyArn"].endswith(compliance.id("Key"))


def test_rules_of_the_stack_and_of_the_pack(cloud: Cloud, compliance: Stack) -> None:
    config = cloud.client("config")
    (pack,) = config.describe_conformance_packs(ConformancePackNames=["pack"])["ConformancePackDetails"]
    rules = {rule["ConfigRuleName"]: rule for rule in config.describe_config_rules()["ConfigRules"]}
    in_pack = f"rotation-{pack['ConformancePackId']}"
    assert set(rules) == {"versions", in_pack}
    assert json.loads(rules["versions"]["InputParameters"]) == {"isMfaDeleteEnabled": "false"}
    assert rules[in_pack]["CreatedBy"] == "config-conforms.amazonaws.com"
    (remedy,) = config.describe_remediation_configurations(ConfigRuleNames=[in_pack])["RemediationConfigurations"]
    assert remedy["Parameters"]["AutomationAssumeRole"] == {"StaticValue": {"Values": ["role-arn"]}}
    (status,) = config.describe_conformance_pack_status()["ConformancePackStatusDetails"]
    assert status["ConformancePackState"] == "CREATE_COMPLETE"
    tags = config.list_tags_for_resource(ResourceArn=pack["ConformancePackArn"])["Tags"]
    assert {"Key": "project", "Value": "demo"} in tags


def test_the_aggregator(cloud: Cloud, compliance: Stack) -> None:
    (found,) = cloud.client("config").describe_configuration_aggregators()["ConfigurationAggregators"]
    assert found["OrganizationAggregationSource"]["AllAwsRegions"] is True


def test_the_hub_with_standard_and_rule(cloud: Cloud, compliance: Stack) -> None:
    hub = cloud.client("securityhub")
    found = hub.describe_hub()
    assert (found["AutoEnableControls"], found["ControlFindingGenerator"]) == (False, "SECURITY_CONTROL")
    (standard,) = hub.get_enabled_standards()["StandardsSubscriptions"]
    assert standard["StandardsArn"] == STANDARD
    (rule,) = hub.batch_get_automation_rules(AutomationRulesArns=[compliance.id("Suppression")])["Rules"]
    assert rule["Criteria"]["ComplianceSecurityControlId"][0]["Value"] == "SageMaker.4"
    assert rule["Actions"][0]["FindingFieldsUpdate"]["Workflow"] == {"Status": "SUPPRESSED"}


def hook_configuration(cloud: Cloud, alias: str) -> dict[str, Any]:
    wanted = [{"Type": "HOOK", "TypeName": alias}]
    answer = cloud.client("cloudformation").batch_describe_type_configurations(TypeConfigurationIdentifiers=wanted)
    (found,) = answer["TypeConfigurations"]
    configuration = json.loads(found["Configuration"])["CloudFormationConfiguration"]["HookConfiguration"]
    return dict(configuration)


def test_the_hook(cloud: Cloud, compliance: Stack) -> None:
    found = cloud.client("cloudformation").describe_type(Type="HOOK", TypeName="Example::Guard::Stacks")
    listed = cloud.client("cloudformation").list_types(Type="HOOK", Visibility="PRIVATE")["TypeSummaries"]
    assert found["Arn"] in {each["TypeArn"] for each in listed}
    assert found["IsActivated"] is True
    assert found["Arn"] == compliance.id("Hook")
    assert found["ExecutionRoleArn"].endswith(compliance.id("HookRole"))
    configuration = hook_configuration(cloud, "Example::Guard::Stacks")
    assert configuration["Properties"]["ruleLocation"] == {"uri": "s3://rules/rules.zip", "versionId": "v1"}
    assert (configuration["HookInvocationStatus"], configuration["FailureMode"]) == ("ENABLED", "WARN")
    assert configuration["TargetOperations"] == ["STACK"]
    assert configuration["StackFilters"]["StackNames"] == {"Exclude": ["CDKToolkit"]}


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"Type": "AWS::Config::ConfigurationRecorder", "Properties": {"RoleARN": ROLE}}, "maximum number, 1"),
        ({"Type": "AWS::SecurityHub::Hub", "Properties": {}}, "already subscribed"),
        ({"Type": "AWS::SecurityHub::Standard", "Properties": {"StandardsArn": "arn:none"}}, "is no standard"),
        (
            {
                "Type": "AWS::Config::ConformancePack",
                "Properties": {
                    "ConformancePackName": "wrong",
                    "TemplateBody": '{"Resources": {"Bucket": {"Type": "AWS::S3::Bucket"}}}',
                },
            },
            "a pack holds no AWS::S3::Bucket",
        ),
        (
            {"Type": "AWS::Config::ConfigRule", "Properties": {"Source": {"Owner": "CUSTOM_POLICY"}}},
            "The source of the rule is invalid",
        ),
        (
            {"Type": "AWS::SecurityHub::OrganizationConfiguration",
             "Properties": {"AutoEnable": False, "ConfigurationType": "CENTRAL"}},
            "needs a finding aggregator",
        ),
        (
            {
                "Type": "AWS::CloudFormation::GuardHook",
                "Properties": {
                    **RESOURCES["Hook"]["Properties"],
                    "Alias": "Example::Guard::Other",
                    "ExecutionRole": ROLE,
                    "RuleLocation": {"Uri": "s3://rules/rules.txt"},
                },
            },
            "ends in .guard, .zip or .tar.gz",
        ),
        ({"Type": "AWS::SecurityHub::Hub", "Properties": {"Colour": "red"}}, "Colour"),
    ],
)  # fmt: skip
def test_what_aws_refuses_is_refused(cloud: Cloud, compliance: Stack, change: dict[str, Any], reason: str) -> None:
    stack = cloud.stack(Wrong=change)
    assert stack.describe()["StackStatus"] == "ROLLBACK_COMPLETE"
    assert reason in stack.failures()
    stack.delete()


def test_a_channel_needs_a_recorder_that_no_longer_records(cloud: Cloud, compliance: Stack) -> None:
    (channel,) = cloud.client("config").describe_delivery_channels()["DeliveryChannels"]
    with pytest.raises(ClientError, match="LastDeliveryChannelDeleteFailedException"):
        cloud.client("config").delete_delivery_channel(DeliveryChannelName=channel["name"])


def test_everything_changes_in_place_and_goes(cloud: Cloud, compliance: Stack) -> None:
    changes = copy.deepcopy(RESOURCES)
    changes["Recorder"]["Properties"]["RecordingMode"]["RecordingFrequency"] = "CONTINUOUS"
    changes["Pack"]["Properties"]["TemplateBody"] = PACK.replace('"rotation"', '"turning"')
    changes["Pack"]["Properties"]["Tags"] = [{"Key": "team", "Value": "ml"}]
    changes["Hub"]["Properties"]["AutoEnableControls"] = True
    changes["Suppression"]["Properties"]["RuleStatus"] = "DISABLED"
    changes["Hook"]["Properties"]["FailureMode"] = "FAIL"
    changes["Hook"]["Properties"]["RuleLocation"]["VersionId"] = "v2"
    assert compliance.update(**changes) == "UPDATE_COMPLETE", compliance.failures()
    config, hub = cloud.client("config"), cloud.client("securityhub")
    (recorder,) = config.describe_configuration_recorders()["ConfigurationRecorders"]
    assert recorder["recordingMode"] == {"recordingFrequency": "CONTINUOUS"}
    (pack,) = config.describe_conformance_packs()["ConformancePackDetails"]
    names = [rule["ConfigRuleName"] for rule in config.describe_config_rules()["ConfigRules"]]
    assert names == [f"turning-{pack['ConformancePackId']}", "versions"]
    keys = {tag["Key"] for tag in config.list_tags_for_resource(ResourceArn=pack["ConformancePackArn"])["Tags"]}
    assert "team" in keys
    assert "project" not in keys
    assert hub.describe_hub()["AutoEnableControls"] is True
    (rule,) = hub.list_automation_rules()["AutomationRulesMetadata"]
    assert rule["RuleStatus"] == "DISABLED"
    configuration = hook_configuration(cloud, "Example::Guard::Stacks")
    assert (configuration["FailureMode"], configuration["Properties"]["ruleLocation"]["versionId"]) == ("FAIL", "v2")
    assert compliance.delete() == "DELETE_COMPLETE", compliance.failures()
    assert config.describe_configuration_recorders()["ConfigurationRecorders"] == []
    assert config.describe_config_rules()["ConfigRules"] == []
    with pytest.raises(ClientError, match="is not subscribed"):
        hub.describe_hub()
    with pytest.raises(ClientError, match="TypeNotFoundException"):
        cloud.client("cloudformation").describe_type(Type="HOOK", TypeName="Example::Guard::Stacks")


def _build(app: cdk.App) -> None:
    # A request takes 51,200 bytes, so there are two stacks.
    recorded = cdk.Stack(app, "recorded")
    key = DataKey(recorded, "Key")
    logs = LogArchive(recorded, "Logs", encryption_key=key)
    recorder = ConfigurationRecorder(recorded, "Recorder", bucket=logs, encryption_key=key)
    boundary = PermissionsBoundary(recorded, "Boundary", additional_actions=RUNBOOK_ACTIONS)
    ComplianceRules(recorded, "Rules", recorder=recorder, remediations=Remediation, permissions_boundary=boundary)
    ComplianceAggregator(recorded, "Aggregator")

    checked = cdk.Stack(app, "checked")
    key = DataKey(checked, "Key")
    SecurityHubStandards(checked, "Hub", encryption_key=key)
    central = SecurityHubConfiguration(checked, "Central", target_ids=["r-ab12", "ou-ab12-11111111"])
    central.node.add_dependency(checked.node.find_child("Hub"))
    GuardHooks(
        checked,
        "Hooks",
        encryption_key=key,
        permissions_boundary=PermissionsBoundary(checked, "Boundary"),
        controls=["MLG-PRT-01", "MLG-PRT-04"],
    )


def test_recorder_pack_and_aggregator_deploy(cloud: Cloud, synthesize: Any) -> None:
    stack = Stack(cloud, "recorded", synthesize(_build)["recorded"]["Resources"])
    assert stack.create() == "CREATE_COMPLETE", stack.failures()
    config = cloud.client("config")
    assert config.describe_configuration_recorder_status()["ConfigurationRecordersStatus"][0]["recording"] is True
    rules = config.describe_config_rules()["ConfigRules"]
    assert len(rules) > 40
    assert {rule["Source"]["Owner"] for rule in rules} == {"AWS", "CUSTOM_POLICY"}
    assert cloud.client("iam").get_role(RoleName="AWSServiceRoleForConfig")["Role"]["Path"] == (
        "/aws-service-role/config.amazonaws.com/"
    )
    assert stack.delete() == "DELETE_COMPLETE", stack.failures()
    assert config.describe_conformance_packs()["ConformancePackDetails"] == []
    assert cloud.client("iam").get_role(RoleName="AWSServiceRoleForConfig"), "it stays for other regions"


def test_hub_and_hooks_deploy_and_the_rules_are_in_their_bucket(cloud: Cloud, synthesize: Any) -> None:
    stack = Stack(cloud, "checked", synthesize(_build)["checked"]["Resources"])
    assert stack.create() == "CREATE_COMPLETE", stack.failures()
    hub = cloud.client("securityhub")
    assert len(hub.get_enabled_standards()["StandardsSubscriptions"]) == 2
    assert hub.describe_organization_configuration()["OrganizationConfiguration"]["ConfigurationType"] == "CENTRAL"
    association = hub.get_configuration_policy_association(Target={"OrganizationalUnitId": "ou-ab12-11111111"})
    assert association["AssociationStatus"] == "SUCCESS"
    location = hook_configuration(cloud, "Mlgov::Guard::Stacks")["Properties"]["ruleLocation"]
    bucket, _, key = location["uri"].removeprefix("s3://").partition("/")
    written = cloud.client("s3").get_object(Bucket=bucket, Key=key, VersionId=location["versionId"])
    with zipfile.ZipFile(BytesIO(written["Body"].read())) as archive:
        assert archive.namelist() == ["MLG-PRT-01.guard", "MLG-PRT-04.guard"]
    assert stack.delete() == "DELETE_COMPLETE", stack.failures()
    with pytest.raises(ClientError, match="is not subscribed"):
        hub.describe_hub()
