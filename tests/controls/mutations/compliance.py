"""Faults of AWS Config, Security Hub and hooks."""

from __future__ import annotations

from tests.controls.mutations.faults import Mutation, Resource, removed, with_value, without

RECORDER, CHANNEL = "AWS::Config::ConfigurationRecorder", "AWS::Config::DeliveryChannel"
AGGREGATOR = "AWS::Config::ConfigurationAggregator"
HUB, SUPPRESSION, ROUTE = "AWS::SecurityHub::Hub", "AWS::SecurityHub::AutomationRule", "AWS::Events::Rule"
HOOK = "AWS::CloudFormation::GuardHook"
GROUP, CRITERIA = "Properties/RecordingGroup", "Properties/Criteria"
NO_REGIONS = [{"AccountIds": ["111122223333"], "AwsRegions": ["eu-west-1"]}]


def of_findings(resource: Resource) -> bool:
    """The rules that tell of findings."""
    return resource["Properties"].get("EventPattern", {}).get("source") == ["aws.securityhub"]


COMPLIANCE = (
    Mutation("MLG-GOV-08", "names no types", RECORDER, without(GROUP)),
    Mutation("MLG-GOV-08", "records some types", RECORDER, with_value(f"{GROUP}/AllSupported", False)),
    Mutation("MLG-GOV-08", "says nothing of global types", RECORDER, without(f"{GROUP}/IncludeGlobalResourceTypes")),
    Mutation(
        "MLG-GOV-08", "has a role of ours", RECORDER, with_value("Properties/RoleARN", "arn:aws:iam::1:role/ours")
    ),
    Mutation(
        "MLG-GOV-08",
        "has a role of the template",
        RECORDER,
        with_value("Properties/RoleARN", {"Fn::GetAtt": ["Role", "Arn"]}),
    ),
    Mutation(
        "MLG-GOV-08",
        "has a role joined together",
        RECORDER,
        with_value(
            "Properties/RoleARN", {"Fn::Join": ["", ["arn:aws:iam::", {"Ref": "AWS::AccountId"}, ":role/ours"]]}
        ),
    ),
    Mutation("MLG-GOV-09", "has no key", CHANNEL, without("Properties/S3KmsKeyArn")),
    Mutation(
        "MLG-GOV-10", "names regions", AGGREGATOR, without("Properties/OrganizationAggregationSource/AllAwsRegions")
    ),
    Mutation(
        "MLG-GOV-10",
        "names accounts and regions",
        AGGREGATOR,
        with_value("Properties", {"AccountAggregationSources": NO_REGIONS}),
    ),
    Mutation("MLG-GOV-11", "leaves new controls off", HUB, with_value("Properties/AutoEnableControls", False)),
    Mutation("MLG-GOV-11", "repeats findings", HUB, without("Properties/ControlFindingGenerator")),
    Mutation("MLG-GOV-12", "names no control", SUPPRESSION, without(f"{CRITERIA}/ComplianceSecurityControlId")),
    Mutation("MLG-GOV-12", "has no time", SUPPRESSION, without(f"{CRITERIA}/UpdatedAt")),
    Mutation("MLG-GOV-12", "has no end", SUPPRESSION, without(f"{CRITERIA}/UpdatedAt/*/End")),
    Mutation("MLG-GOV-13", "is removed", ROUTE, removed, of_findings),
    Mutation("MLG-GOV-13", "is off", ROUTE, with_value("Properties/State", "DISABLED"), of_findings),
    Mutation("MLG-GOV-13", "has no target", ROUTE, with_value("Properties/Targets", []), of_findings),
    Mutation("MLG-GOV-14", "is off", HOOK, with_value("Properties/HookStatus", "DISABLED")),
    Mutation("MLG-GOV-14", "takes the newest rules", HOOK, without("Properties/RuleLocation/VersionId")),
)
