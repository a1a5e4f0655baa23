from __future__ import annotations

import copy
import datetime
import io
import json
import zipfile
from collections.abc import Callable
from typing import Any

import aws_cdk as cdk
import cloudformation_validate as engine
import pytest

from mlgov_constructs.controls import CATALOGUE, ControlException, RuleEngine, Status
from mlgov_constructs.errors import ConstructError
from mlgov_constructs.governance import GuardHooks, HookFailureMode
from mlgov_constructs.governance.hook_rules import hook_rule
from mlgov_constructs.governance.provider import guard_rules
from mlgov_constructs.identity import PermissionsBoundary
from mlgov_constructs.protection import AccessLogBucket, DataKey, GovernedBucket
from tests.environments import Assembly
from tests.governance.conftest import REGIONS
from tests.quality.iam_names import check_iam_names
from tests.templates import Template, of_type

HOOK, PUBLISHED = "AWS::CloudFormation::GuardHook", "Custom::GuardRules"
LEFT_OUT = ControlException(
    control="MLG-IDN-01", reason="Roles of vendors have no boundary, RISK-4", expires=datetime.date(2030, 1, 31)
)


@pytest.fixture(scope="module")
def templates(synthesize: Callable[..., dict[str, Template]]) -> dict[str, Template]:
    def build(app: cdk.App) -> None:
        for name, region in {"plain": "eu-west-1", **REGIONS}.items():
            stack = cdk.Stack(app, name, env=cdk.Environment(region=region))
            boundary = PermissionsBoundary(stack, "Boundary")
            GuardHooks(stack, "Hooks", encryption_key=DataKey(stack, "Key"), permissions_boundary=boundary)
        named = cdk.Stack(app, "named")
        key = DataKey(named, "Key")
        GuardHooks(
            named,
            "Hooks",
            encryption_key=key,
            permissions_boundary=PermissionsBoundary(named, "Boundary"),
            failure_mode=HookFailureMode.FAIL,
            alias="Example::MachineLearning",
            controls=["MLG-IDN-01", "MLG-PRT-01", "MLG-PRT-04"],
            exceptions=[LEFT_OUT],
            honours_deviations=False,
            cloud_control=False,
            stack_names=["sandbox-*"],
            excluded_stack_names=["sandbox-legacy"],
            report_bucket=GovernedBucket(named, "Reports", encryption_key=key),
            access_log_bucket=AccessLogBucket(named, "AccessLogs"),
        )

    return synthesize(build)


def hooks(template: Template) -> dict[str, dict[str, Any]]:
    return {each["Properties"]["Alias"]: each["Properties"] for each in of_type(template, HOOK).values()}


def published(template: Template) -> dict[str, Any]:
    (found,) = of_type(template, PUBLISHED).values()
    return dict(found["Properties"])


def policy_of(template: Template, role: str) -> list[dict[str, Any]]:
    (found,) = [
        each["Properties"]["PolicyDocument"]["Statement"]
        for name, each in of_type(template, "AWS::IAM::ManagedPolicy").items()
        if name.startswith(f"Hooks{role}Rights")
    ]
    return list(found)


def test_hooks_are_on_and_warn(templates: dict[str, Template]) -> None:
    for hook in hooks(templates["plain"]).values():
        assert (hook["HookStatus"], hook["FailureMode"]) == ("ENABLED", "WARN")
        assert hook["TargetFilters"] == {"Actions": ["CREATE", "UPDATE"]}
    assert hooks(templates["named"])["Example::MachineLearning::Stacks"]["FailureMode"] == "FAIL"


def test_hooks_claim_their_control_and_wait_for_the_rights_of_their_role(templates: dict[str, Template]) -> None:
    for hook in of_type(templates["plain"], HOOK).values():
        assert hook["Metadata"]["mlgov"] == {"controls": list(GuardHooks.CONTROLS)}
        assert any(name.startswith("HooksRoleRights") for name in hook["DependsOn"])


def test_reports_go_to_the_bucket_of_reports(templates: dict[str, Template]) -> None:
    (hook,) = hooks(templates["named"]).values()
    assert hook["LogBucket"]["Ref"].startswith("Reports")


def test_one_hook_sees_stacks_and_one_the_cloud_control_api(templates: dict[str, Template]) -> None:
    found = {alias: hook["TargetOperations"] for alias, hook in hooks(templates["plain"]).items()}
    assert found == {"Mlgov::Guard::Stacks": ["STACK"], "Mlgov::Guard::CloudControl": ["CLOUD_CONTROL"]}
    assert len(hooks(templates["named"])) == 1


def test_rules_are_pinned_to_the_version_that_was_written(templates: dict[str, Template]) -> None:
    (resource,) = of_type(templates["plain"], PUBLISHED)
    for alias, hook in hooks(templates["plain"]).items():
        name = alias.rpartition("::")[2]
        assert hook["RuleLocation"]["VersionId"] == {"Fn::GetAtt": [resource, name]}
        assert hook["RuleLocation"]["Uri"]["Fn::Join"][1][-1] == f"/rules/{name}.zip"


def test_hooks_stand_aside_for_their_own_stack(templates: dict[str, Template]) -> None:
    filters = hooks(templates["plain"])["Mlgov::Guard::Stacks"]["StackFilters"]
    assert filters == {
        "FilteringCriteria": "ALL",
        "StackNames": {"Exclude": [{"Ref": "AWS::StackName"}, "CDKToolkit", "StackSet-AWSControlTower*"]},
    }
    named = hooks(templates["named"])["Example::MachineLearning::Stacks"]["StackFilters"]["StackNames"]
    assert named == {"Include": ["sandbox-*"], "Exclude": [{"Ref": "AWS::StackName"}, "sandbox-legacy"]}
    assert "StackFilters" not in hooks(templates["plain"])["Mlgov::Guard::CloudControl"]


def test_every_rule_of_the_catalogue_reaches_the_hook_on_stacks(templates: dict[str, Template]) -> None:
    properties = published(templates["plain"])
    assert properties["Archives"]["Stacks"]["Controls"] == list(CATALOGUE) == list(properties["Rules"])


def test_hooks_overlook_deviations_unless_told_otherwise(templates: dict[str, Template]) -> None:
    for stack, honours in (("plain", True), ("named", False)):
        for name, rule in published(templates[stack])["Rules"].items():
            assert rule == hook_rule(CATALOGUE[name], honours_deviations=honours)


def test_what_needs_a_template_stays_away_from_the_cloud_control_api(templates: dict[str, Template]) -> None:
    sent = set(published(templates["plain"])["Archives"]["CloudControl"]["Controls"])
    assert sent == {control for control in CATALOGUE if not CATALOGUE[control].needs_template}
    assert sent.isdisjoint({"MLG-PRT-04", "MLG-PRT-09", "MLG-GOV-07"})
    assert {"MLG-PRT-01", "MLG-WSP-01", "MLG-IDN-01"} <= sent


def test_a_control_with_an_exception_is_left_out_and_on_record(templates: dict[str, Template]) -> None:
    assert list(published(templates["named"])["Rules"]) == ["MLG-PRT-01", "MLG-PRT-04"]
    (hook,) = of_type(templates["named"], HOOK).values()
    assert hook["Metadata"]["mlgov:exceptions"][0]["expires"] == "2030-01-31"


def test_the_bucket_of_rules_keeps_versions_and_outlives_the_stack(templates: dict[str, Template]) -> None:
    (bucket,) = [each for name, each in of_type(templates["plain"], "AWS::S3::Bucket").items() if "HooksRules" in name]
    assert bucket["Properties"]["VersioningConfiguration"] == {"Status": "Enabled"}
    assert bucket["DeletionPolicy"] == "Retain"


def test_reads_of_the_rules_are_logged_where_it_is_asked(templates: dict[str, Template]) -> None:
    (bucket,) = [each for name, each in of_type(templates["named"], "AWS::S3::Bucket").items() if "HooksRules" in name]
    logged = bucket["Properties"]["LoggingConfiguration"]["DestinationBucketName"]
    assert logged["Ref"].startswith("AccessLogs")


def test_rules_are_laid_once_the_bucket_has_its_policy(templates: dict[str, Template]) -> None:
    (resource,) = of_type(templates["plain"], PUBLISHED).values()
    assert any(name.startswith("HooksRulesPolicy") for name in resource["DependsOn"])
    assert resource["Properties"]["ServiceTimeout"] == "300"
    keys = {name: each["Key"] for name, each in resource["Properties"]["Archives"].items()}
    assert keys == {"Stacks": "rules/Stacks.zip", "CloudControl": "rules/CloudControl.zip"}


def test_the_log_of_the_publisher_is_encrypted_and_kept(templates: dict[str, Template]) -> None:
    (log,) = of_type(templates["plain"], "AWS::Logs::LogGroup").values()
    (key,) = of_type(templates["plain"], "AWS::KMS::Key").values()
    assert log["Properties"]["RetentionInDays"] == 365
    assert log["Properties"]["KmsKeyId"]["Fn::GetAtt"][0].startswith("Key")
    assert "CloudWatchLogs" in {each["Sid"] for each in key["Properties"]["KeyPolicy"]["Statement"]}


def test_hooks_read_rules_and_nothing_else(templates: dict[str, Template]) -> None:
    actions = [each["Action"] for each in policy_of(templates["plain"], "Role")]
    assert actions == ["s3:ListBucket", ["s3:GetObject", "s3:GetObjectVersion"], "kms:Decrypt"]
    assert any("s3:PutObject" in each["Action"] for each in policy_of(templates["named"], "Role"))


def test_the_role_is_for_these_hooks_of_this_account(templates: dict[str, Template]) -> None:
    (role,) = [
        each for name, each in of_type(templates["named"], "AWS::IAM::Role").items() if name.startswith("HooksRole")
    ]
    assert "PermissionsBoundary" in role["Properties"]
    trusts = role["Properties"]["AssumeRolePolicyDocument"]["Statement"]
    assert {trust["Principal"]["Service"] for trust in trusts} == {
        "hooks.cloudformation.amazonaws.com",
        "resources.cloudformation.amazonaws.com",
    }
    for trust in trusts:
        assert trust["Condition"]["StringEquals"] == {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}
        assert [each["Fn::Join"][1][-1] for each in trust["Condition"]["ArnLike"]["aws:SourceArn"]] == [
            ":type/hook/Example-MachineLearning-Stacks",
            ":type/hook/Example-MachineLearning-Stacks/*",
        ]


def test_the_publisher_writes_rules_and_nothing_else(templates: dict[str, Template]) -> None:
    for statement in policy_of(templates["plain"], "PublisherRole"):
        actions = [statement["Action"]] if isinstance(statement["Action"], str) else statement["Action"]
        assert {action.partition(":")[0] for action in actions} <= {"logs", "s3", "kms"}
        assert not any("Delete" in action for action in actions)
        if actions[0].startswith("s3:"):
            objects = [resource["Fn::Join"][1][-1] for resource in statement["Resource"]]
            assert objects == ["/rules/Stacks.zip", "/rules/CloudControl.zip"]


def test_every_action_of_the_roles_exists(templates: dict[str, Template]) -> None:
    assert check_iam_names(templates["named"]) == []


@pytest.mark.parametrize("stack", ["plain", "named", *REGIONS])
def test_every_rule_holds(templates: dict[str, Template], stack: str) -> None:
    areas = ("MLG-GOV-", "MLG-PRT-", "MLG-IDN-")
    rules = RuleEngine(control for name, control in CATALOGUE.items() if name.startswith(areas))
    findings = rules.check_text(json.dumps(templates[stack]))
    assert [(f.control.id, f.logical_id) for f in findings if f.status is Status.FAILED] == []


@pytest.mark.parametrize("partition", REGIONS)
def test_no_arn_names_a_partition(templates: dict[str, Template], partition: str) -> None:
    assert "arn:aws" not in json.dumps(templates[partition])


# The rules as hooks run them


def found_by(rules: dict[str, str], template: dict[str, Any]) -> set[tuple[str, str]]:
    sources = [engine.ExternalRuleSource(name=name, content=text) for name, text in rules.items()]
    compiled = engine.CelEngine(engine.EngineConfig(guard_rules=sources))
    content = engine.TemplateContent(json.dumps(template), "template")
    report = compiled.validate_template(content, engine.ValidateConfig(disable_builtin_rules=True))
    return {(each.rule_id, each.entity.logical_id if each.entity else "") for each in report.diagnostics}


@pytest.fixture(scope="module")
def foundation(assembly: Assembly) -> dict[str, Any]:
    (path,) = assembly("sandbox", "aws").rglob("*foundation*.template.json")
    template: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return template


def test_a_hook_overlooks_what_deviates_with_a_reason_and_nothing_else(foundation: dict[str, Any]) -> None:
    rules = {name: hook_rule(control, honours_deviations=True) for name, control in CATALOGUE.items()}
    assert found_by(rules, foundation) == set()
    reasonless = copy.deepcopy(foundation)
    deviating = 0
    for resource in reasonless["Resources"].values():
        deviating += len(resource.get("Metadata", {}).get("mlgov", {}).pop("deviations", ()))
    assert deviating
    assert found_by(rules, reasonless) == found_by(
        {name: each.guard_rule for name, each in CATALOGUE.items()}, foundation
    )


def test_a_rule_for_the_cloud_control_api_accuses_no_resource_that_is_right(foundation: dict[str, Any]) -> None:
    rules = {name: each.guard_rule for name, each in CATALOGUE.items() if not each.needs_template}
    one_each = {resource["Type"]: (name, resource) for name, resource in foundation["Resources"].items()}
    accused = found_by(rules, foundation)
    wrong = {
        (rule, kind)
        for kind, (name, resource) in one_each.items()
        for rule, _ in found_by(
            rules, {"Resources": {name: {"Type": kind, "Properties": resource.get("Properties", {})}}}
        )
        if (rule, name) not in accused
    }
    assert wrong == set(), "say across_resources of these in the catalogue: they judge a resource by another one"


# The custom resource


class Bucket:
    """What S3 would keep."""

    def __init__(self, version: str | None = "v1") -> None:
        self.version = version
        self.objects: dict[str, bytes] = {}

    def put_object(self, **given: Any) -> dict[str, Any]:
        self.objects[given["Key"]] = given["Body"]
        return {"VersionId": self.version} if self.version else {}


def event(kind: str = "Create") -> dict[str, Any]:
    archives = {"Stacks": {"Key": "rules/Stacks.zip", "Controls": ["MLG-PRT-01", "MLG-PRT-04"]}}
    rules = {"MLG-PRT-04": "rule B {}", "MLG-PRT-01": "rule A {}"}
    return {"RequestType": kind, "ResourceProperties": {"Bucket": "rules", "Archives": archives, "Rules": rules}}


def test_rules_are_laid_into_an_archive_each_in_its_file() -> None:
    bucket = Bucket()
    assert guard_rules.on_event(event(), bucket) == {"Stacks": "v1"}
    with zipfile.ZipFile(io.BytesIO(bucket.objects["rules/Stacks.zip"])) as archive:
        assert {name: archive.read(name) for name in archive.namelist()} == {
            "MLG-PRT-01.guard": b"rule A {}",
            "MLG-PRT-04.guard": b"rule B {}",
        }


def test_the_same_rules_make_the_same_archive() -> None:
    first, second = Bucket(), Bucket()
    guard_rules.on_event(event(), first)
    guard_rules.on_event(event("Update"), second)
    assert first.objects == second.objects


def test_rules_stay_when_the_stack_goes() -> None:
    bucket = Bucket()
    assert guard_rules.on_event(event("Delete"), bucket) == {}
    assert bucket.objects == {}


def test_a_bucket_without_versions_is_refused() -> None:
    with pytest.raises(ValueError, match="keeps no versions"):
        guard_rules.on_event(event(), Bucket(version=None))


@pytest.mark.parametrize(
    ("arguments", "found"),
    [
        ({"alias": "AWS::Guard"}, "alias 'AWS::Guard'"),
        ({"alias": "Guard"}, "alias 'Guard'"),
        ({"controls": ["MLG-XXX-01"]}, "the control 'MLG-XXX-01' is unknown"),
        ({"controls": ["MLG-IDN-01"], "exceptions": [LEFT_OUT]}, "nothing is left to check"),
        (
            {
                "exceptions": [
                    ControlException(
                        control="MLG-IDN-01", resource="role", reason="One role of a vendor", expires=LEFT_OUT.expires
                    )
                ]
            },
            "a hook knows no resource yet",
        ),
        ({"stack_names": ["a"] * 50}, "stack_names has 50 names"),
        ({"excluded_stack_names": ["a"] * 50}, "excluded_stack_names has 50 names"),
    ],
)
def test_wrong_arguments_are_refused(arguments: dict[str, Any], found: str) -> None:
    stack = cdk.Stack(cdk.App(), "Stack")
    boundary = PermissionsBoundary(stack, "Boundary")
    with pytest.raises(ConstructError, match=r"^\[Stack/Hooks\] ") as error:
        GuardHooks(stack, "Hooks", encryption_key=DataKey(stack, "Key"), permissions_boundary=boundary, **arguments)
    assert found in str(error.value)
    assert stack.node.try_find_child("Hooks") is None


def test_more_rules_than_can_be_sent_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mlgov_constructs.governance.guard_hooks.LONGEST_RULES", 1000)
    stack = cdk.Stack(cdk.App(), "Stack")
    with pytest.raises(ConstructError, match="Name fewer controls: 1000 can be sent"):
        GuardHooks(
            stack, "Hooks", encryption_key=DataKey(stack, "Key"), permissions_boundary=PermissionsBoundary(stack, "B")
        )
