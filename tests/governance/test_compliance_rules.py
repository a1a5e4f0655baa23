from __future__ import annotations

import datetime
import json
from collections.abc import Callable
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam

from mlgov_constructs.controls import CATALOGUE, ControlException, RuleEngine, Status, detective_rules
from mlgov_constructs.errors import ConstructError
from mlgov_constructs.governance import ComplianceRules, ConfigurationRecorder, Remediation
from mlgov_constructs.governance.conformance_pack import pack_template
from mlgov_constructs.governance.remediation import RUNBOOK_ACTIONS
from mlgov_constructs.identity import PermissionsBoundary
from mlgov_constructs.protection import DataKey, LogArchive
from tests.governance.conftest import REGIONS
from tests.quality.iam_names import check_iam_names
from tests.templates import Template, of_type

EVERYWHERE = ControlException(
    control="MLG-SRV-07", reason="Requests hold health data, RISK-27", expires=datetime.date(2030, 12, 31)
)
ONE_BUCKET = ControlException(
    control="MLG-PRT-06",
    resource="arn:aws:s3:::cache",
    reason="A cache that is made anew, RISK-9",
    expires=datetime.date(2030, 6, 30),
)
PACK = "AWS::Config::ConformancePack"


@pytest.fixture(scope="module")
def templates(synthesize: Callable[..., dict[str, Template]]) -> dict[str, Template]:
    def build(app: cdk.App) -> None:
        for name, region in {"plain": "eu-west-1", **REGIONS}.items():
            stack = cdk.Stack(app, name, env=cdk.Environment(region=region))
            boundary = PermissionsBoundary(stack, "Boundary", additional_actions=RUNBOOK_ACTIONS)
            ComplianceRules(stack, "Rules", remediations=Remediation, permissions_boundary=boundary)
        named = cdk.Stack(app, "named")
        key = DataKey(named, "Key")
        ComplianceRules(
            named,
            "Rules",
            recorder=ConfigurationRecorder(
                named, "Recorder", bucket=LogArchive(named, "Logs", encryption_key=key), encryption_key=key
            ),
            pack_name="mlgov",
            controls=["MLG-PRT-01", "MLG-PRT-06", "MLG-PRT-15", "MLG-WSP-04", "MLG-SRV-07"],
            log_retention=cdk.Duration.days(90),
            notebook_platforms=["notebook-al2023-v1", "notebook-al2023-v2"],
            exceptions=[EVERYWHERE, ONE_BUCKET],
            remediations=[Remediation.ENABLE_KEY_ROTATION],
            automatic=True,
            permissions_boundary=iam.ManagedPolicy.from_managed_policy_name(named, "Boundary", "boundary"),
        )

    return synthesize(build)


def pack(template: Template) -> dict[str, Any]:
    (found,) = of_type(template, PACK).values()
    return found


def body(template: Template) -> dict[str, Any]:
    text = pack(template)["Properties"]["TemplateBody"]
    assert isinstance(text, str), "the length of the template is checked, so it must be known"
    found: dict[str, Any] = json.loads(text)
    return found


def rules(template: Template) -> dict[str, dict[str, Any]]:
    found = [each["Properties"] for each in body(template)["Resources"].values() if "ConfigRule" in each["Type"]]
    return {each["ConfigRuleName"]: each for each in found}


def test_everything_that_can_be_watched_is(templates: dict[str, Template]) -> None:
    assert set(rules(templates["plain"])) == {rule.name for rule in detective_rules(CATALOGUE.values())}


def test_a_managed_rule_names_its_control(templates: dict[str, Template]) -> None:
    rule = rules(templates["plain"])["cmk-backing-key-rotation-enabled"]
    assert rule["Source"] == {"Owner": "AWS", "SourceIdentifier": "CMK_BACKING_KEY_ROTATION_ENABLED"}
    assert rule["Description"] == "MLG-PRT-01: Keys rotate"


def test_a_policy_is_judged_with_each_change(templates: dict[str, Template]) -> None:
    rule = rules(templates["plain"])["mlg-prt-02"]
    assert rule["Source"]["Owner"] == "CUSTOM_POLICY"
    assert rule["Source"]["CustomPolicyDetails"]["PolicyRuntime"] == "guard-2.x.x"
    assert "rule MLG_PRT_02 when resourceType == 'AWS::KMS::Key'" in rule["Source"]["CustomPolicyDetails"]["PolicyText"]
    assert {each["MessageType"] for each in rule["Source"]["SourceDetails"]} == {
        "ConfigurationItemChangeNotification",
        "OversizedConfigurationItemChangeNotification",
    }
    assert rule["Scope"] == {"ComplianceResourceTypes": ["AWS::KMS::Key"]}


def test_the_environment_sets_parameters(templates: dict[str, Template]) -> None:
    found = rules(templates["named"])
    assert found["cw-loggroup-retention-period-check"]["InputParameters"] == {"MinRetentionTime": "90"}
    platforms = found["sagemaker-notebook-instance-platform-version"]["InputParameters"]
    assert platforms == {"supportedPlatformIdentifierVersions": "notebook-al2023-v1,notebook-al2023-v2"}
    unset = rules(templates["plain"])["cw-loggroup-retention-period-check"]
    assert unset["InputParameters"] == {"MinRetentionTime": "365"}


def test_only_the_named_controls_are_watched_and_one_with_an_exception_for_all_is_not(
    templates: dict[str, Template],
) -> None:
    assert set(rules(templates["named"])) == {
        "cmk-backing-key-rotation-enabled",
        "s3-bucket-versioning-enabled",
        "cloudwatch-log-group-encrypted",
        "cw-loggroup-retention-period-check",
        "sagemaker-notebook-instance-platform-version",
    }


def test_exceptions_are_on_record(templates: dict[str, Template]) -> None:
    recorded = pack(templates["named"])["Metadata"]["mlgov:exceptions"]
    assert [(each["control"], each["resource"], each["expires"]) for each in recorded] == [
        ("MLG-SRV-07", "*", "2030-12-31"),
        ("MLG-PRT-06", "arn:aws:s3:::cache", "2030-06-30"),
    ]


def test_the_pack_waits_for_recorder_channel_and_role(templates: dict[str, Template]) -> None:
    waits_for = pack(templates["named"])["DependsOn"]
    kinds = {templates["named"]["Resources"][each]["Type"] for each in waits_for}
    assert {
        "AWS::Config::ConfigurationRecorder",
        "AWS::Config::DeliveryChannel",
        "AWS::IAM::ManagedPolicy",
    } <= kinds


def test_remedies_are_offered_and_not_applied(templates: dict[str, Template]) -> None:
    remedies = [each for each in body(templates["plain"])["Resources"].values() if "Remediation" in each["Type"]]
    assert {each["Properties"]["TargetId"] for each in remedies} == {remedy.runbook for remedy in Remediation}
    for each in remedies:
        assert each["Properties"]["Automatic"] is False
        role = each["Properties"]["Parameters"]["AutomationAssumeRole"]
        assert role == {"StaticValue": {"Values": [{"Ref": "RemediationRole"}]}}


def test_a_remedy_waits_for_its_rule_and_is_never_automatic_unless_it_is_said() -> None:
    rules = [
        each for each in detective_rules(CATALOGUE.values()) if each.name in {remedy.rule for remedy in Remediation}
    ]
    resources = json.loads(pack_template(rules, {}, list(Remediation)))["Resources"]
    remedies = [each for each in resources.values() if "Remediation" in each["Type"]]
    assert len(remedies) == len(Remediation)
    assert json.loads(pack_template(rules, {}, list(Remediation)))["Parameters"] == {
        "RemediationRole": {"Type": "String"}
    }
    assert "Parameters" not in json.loads(pack_template(rules, {}))
    for each in remedies:
        (rule,) = each["DependsOn"]
        assert resources[rule]["Properties"]["ConfigRuleName"] == each["Properties"]["ConfigRuleName"]
        assert each["Properties"]["Automatic"] is False


def test_a_rule_of_ones_own_is_asked_at_each_change(templates: dict[str, Template]) -> None:
    rules = [each["Properties"] for each in body(templates["plain"])["Resources"].values() if "Rule" in each["Type"]]
    own = [each["Source"] for each in rules if each["Source"]["Owner"] == "CUSTOM_POLICY"]
    assert own
    for source in own:
        assert [(each["EventSource"], each["MessageType"]) for each in source["SourceDetails"]] == [
            ("aws.config", "ConfigurationItemChangeNotification"),
            ("aws.config", "OversizedConfigurationItemChangeNotification"),
        ]


def test_a_long_path_makes_a_name_that_aws_config_takes() -> None:
    stack = cdk.Stack(cdk.App(), "Stack")
    made = ComplianceRules(stack, "Rules" * 30, controls=["MLG-PRT-06"])
    assert len(made.pack_name) <= 51


def test_automatic_remedies_give_up(templates: dict[str, Template]) -> None:
    (remedy,) = [each for each in body(templates["named"])["Resources"].values() if "Remediation" in each["Type"]]
    assert remedy["Properties"]["Automatic"] is True
    assert remedy["Properties"]["MaximumAutomaticAttempts"] == 3
    assert remedy["Properties"]["Parameters"]["KeyId"] == {"ResourceValue": {"Value": "RESOURCE_ID"}}


@pytest.mark.parametrize(
    ("remedy", "kind", "everywhere"),
    [
        (Remediation.CLOSE_DEFAULT_SECURITY_GROUP, "security-group/*", [["ec2:DescribeSecurityGroups"]]),
        (Remediation.ENABLE_KEY_ROTATION, "key/*", []),
    ],
)
def test_a_remedy_reaches_what_it_sets_right(remedy: Remediation, kind: str, everywhere: list[list[str]]) -> None:
    acts, starts, reads, *rest = remedy.statements()
    assert acts["Resource"].endswith(f":{kind}")
    assert starts["Resource"].endswith(f"::automation-definition/{remedy.runbook}:*")
    assert reads["Resource"].endswith(":automation-execution/*")
    assert [(each["Action"], each["Resource"]) for each in rest] == [(actions, "*") for actions in everywhere]


def test_no_remedy_touches_data() -> None:
    actions = [action for each in Remediation for found in each.statements() for action in found["Action"]]
    assert {action.partition(":")[0] for action in actions} == {"ec2", "kms", "ssm"}
    assert [action for action in actions if "Delete" in action or "Disable" in action or "Schedule" in action] == []


def test_every_action_of_the_roles_exists(templates: dict[str, Template]) -> None:
    assert check_iam_names(templates["plain"]) == []


def test_the_role_of_runbooks_is_for_runbooks_of_this_account(templates: dict[str, Template]) -> None:
    (role,) = of_type(templates["plain"], "AWS::IAM::Role").values()
    (trust,) = role["Properties"]["AssumeRolePolicyDocument"]["Statement"]
    assert trust["Principal"] == {"Service": "ssm.amazonaws.com"}
    assert trust["Condition"]["StringEquals"] == {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}
    assert json.dumps(trust["Condition"]["ArnLike"]).endswith(':automation-execution/*"]]}}')
    assert "PermissionsBoundary" in role["Properties"]
    (parameter,) = pack(templates["plain"])["Properties"]["ConformancePackInputParameters"]
    assert parameter["ParameterName"] == "RemediationRole"


@pytest.mark.parametrize("stack", ["plain", "named", *REGIONS])
def test_every_rule_holds(templates: dict[str, Template], stack: str) -> None:
    engine = RuleEngine(control for name, control in CATALOGUE.items() if name.startswith(("MLG-GOV-", "MLG-IDN-")))
    findings = engine.check_text(json.dumps(templates[stack]))
    assert [(f.control.id, f.logical_id) for f in findings if f.status is Status.FAILED] == []


@pytest.mark.parametrize("partition", REGIONS)
def test_no_arn_names_a_partition(templates: dict[str, Template], partition: str) -> None:
    assert "arn:aws" not in json.dumps(templates[partition])


@pytest.mark.parametrize(
    ("arguments", "found"),
    [
        ({"pack_name": "1st"}, "pack_name '1st'"),
        ({"controls": ["MLG-XXX-01"]}, "the control 'MLG-XXX-01' is unknown"),
        ({"controls": ["MLG-NET-04"]}, "AWS Config has nothing that watches MLG-NET-04"),
        ({"controls": ["MLG-SRV-07"], "exceptions": [EVERYWHERE]}, "nothing is left to watch"),
        ({"controls": ["MLG-PRT-06"], "remediations": [Remediation.ENABLE_KEY_ROTATION]}, "enable-key-rotation has no"),
        ({"log_retention": cdk.Duration.hours(36)}, "log_retention of 1.5 days cannot be watched"),
        ({"notebook_platforms": []}, "notebook_platforms is empty"),
        ({"remediations": [Remediation.ENABLE_KEY_ROTATION]}, "without a permissions_boundary"),
    ],
)
def test_wrong_arguments_are_refused(arguments: dict[str, Any], found: str) -> None:
    stack = cdk.Stack(cdk.App(), "Stack")
    with pytest.raises(ConstructError, match=r"^\[Stack/Rules\] ") as error:
        ComplianceRules(stack, "Rules", **arguments)
    assert found in str(error.value)
    assert stack.node.try_find_child("Rules") is None


def test_an_unknown_control_of_an_exception_is_refused() -> None:
    wrong = ControlException(control="S3.1", reason="The id of another list", expires=datetime.date(2030, 1, 1))
    with pytest.raises(ConstructError, match=r"the control 'S3.1' is unknown"):
        ComplianceRules(cdk.Stack(cdk.App(), "Stack"), "Rules", exceptions=[wrong])


def test_a_boundary_that_stops_runbooks_is_refused() -> None:
    stack = cdk.Stack(cdk.App(), "Stack")
    with pytest.raises(ConstructError, match="does not admit ssm:StartAutomationExecution"):
        ComplianceRules(
            stack, "Rules", remediations=Remediation, permissions_boundary=PermissionsBoundary(stack, "Boundary")
        )


def test_a_pack_over_the_limit_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mlgov_constructs.governance.compliance_rules.MOST_RULES", 2)
    with pytest.raises(ConstructError, match="name fewer controls, in two packs"):
        ComplianceRules(cdk.Stack(cdk.App(), "Stack"), "Rules")
