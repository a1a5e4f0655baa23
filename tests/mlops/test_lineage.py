"""The inventory as it is deployed: tables, workgroup, collector, and who may ask."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sns as sns

from mlgov_constructs.errors import ConstructError
from mlgov_constructs.identity import PermissionsBoundary, Persona, PersonaRole
from mlgov_constructs.identity.activities import ListWork
from mlgov_constructs.mlops.lineage import Lineage, collector, lineage_queries
from mlgov_constructs.mlops.lineage.lineage_tables import lineage_tables
from mlgov_constructs.protection import DataKey, EncryptedTopic, GovernedBucket, LogArchive
from tests.quality.iam_names import check_iam_names
from tests.templates import Template, of_type

TOPIC = "arn:aws:sns:eu-west-1:111122223333:failures"
READER = Persona("inventory-reader", "Asks the inventory", (ListWork(),))


def ground(app: cdk.App, name: str = "lineage", region: str | None = None) -> dict[str, Any]:
    """What an inventory stands on, as its arguments."""
    stack = cdk.Stack(app, name, env=cdk.Environment(region=region) if region else None)
    key = DataKey(stack, "Key")
    archive = LogArchive(stack, "Logs", encryption_key=key)
    return {
        "scope": stack,
        "bucket": GovernedBucket(stack, "Bucket", encryption_key=key, access_log_bucket=archive.access_log_bucket),
        "permissions_boundary": PermissionsBoundary(stack, "Boundary"),
        "failure_topic": EncryptedTopic(stack, "Topic", encryption_key=key),
    }


def _lineage(app: cdk.App) -> None:
    base = ground(app)
    lineage = Lineage(construct_id="Lineage", **base)
    scope, boundary = base["scope"], base["permissions_boundary"]
    lineage.grant_query(PersonaRole(scope, "Reader", persona=READER, permissions_boundary=boundary))
    other_key = kms.Key.from_key_arn(scope, "OtherKey", "arn:aws:kms:eu-west-1:111122223333:key/1")
    given = s3.Bucket.from_bucket_attributes(scope, "Given", bucket_name="given", encryption_key=other_key)
    other = {**base, "bucket": given, "failure_topic": sns.Topic.from_topic_arn(scope, "Other", TOPIC)}
    Lineage(
        construct_id="Full",
        prefix="governance/models",
        database_name="models",
        work_group_name="models",
        scan_limit=cdk.Size.mebibytes(10),
        schedule=events.Schedule.rate(cdk.Duration.hours(6)),
        log_retention=logs.RetentionDays.THREE_MONTHS,
        removal_policy=cdk.RemovalPolicy.DESTROY,
        **other,
    )


@pytest.fixture(scope="session")
def template(synthesize: Callable[..., dict[str, Template]]) -> Template:
    return synthesize(_lineage)["lineage"]


def named(template: Template, kind: str, name: str) -> dict[str, Any]:
    (found,) = (each for i, each in of_type(template, kind).items() if i.startswith(name))
    return found


def flat(value: Any) -> str:
    """A value with its joins resolved to the names of what they refer to."""
    if isinstance(value, dict):
        ((function, argument),) = value.items()
        if function == "Fn::Join":
            return "".join(flat(part) for part in argument[1])
        return f"<{argument if isinstance(argument, str) else '.'.join(argument)}>"
    return str(value)


def work_group(template: Template, name: str = "Lineage") -> dict[str, Any]:
    properties: dict[str, Any] = named(template, "AWS::Athena::WorkGroup", name)["Properties"]
    return properties


def statements(template: Template, role: str) -> list[dict[str, Any]]:
    policy = named(template, "AWS::IAM::ManagedPolicy", role)
    found: list[dict[str, Any]] = policy["Properties"]["PolicyDocument"]["Statement"]
    return found


def test_clients_choose_nothing(template: Template) -> None:
    assert work_group(template)["WorkGroupConfiguration"]["EnforceWorkGroupConfiguration"] is True


def test_results_have_the_key_of_the_bucket_and_stay_in_the_account(template: Template) -> None:
    results = work_group(template)["WorkGroupConfiguration"]["ResultConfiguration"]
    assert results["EncryptionConfiguration"]["EncryptionOption"] == "SSE_KMS"
    assert flat(results["EncryptionConfiguration"]["KmsKey"]).startswith("<Key")
    assert flat(results["OutputLocation"]).endswith("/lineage/results/")
    assert results["ExpectedBucketOwner"] == {"Ref": "AWS::AccountId"}


@pytest.mark.parametrize(("name", "limit"), [("Lineage", 1024**3), ("Full", 10 * 1024**2)])
def test_a_query_is_bounded_and_measured(template: Template, name: str, limit: int) -> None:
    settings = work_group(template, name)["WorkGroupConfiguration"]
    assert settings["BytesScannedCutoffPerQuery"] == limit
    assert settings["PublishCloudWatchMetricsEnabled"] is True


def test_a_query_is_paid_here_and_read_by_one_engine(template: Template) -> None:
    settings = work_group(template)["WorkGroupConfiguration"]
    assert settings["RequesterPaysEnabled"] is False
    assert settings["EngineVersion"] == {"SelectedEngineVersion": "Athena engine version 3"}


def test_a_workgroup_goes_although_it_has_a_history(template: Template) -> None:
    assert work_group(template)["RecursiveDeleteOption"] is True


def test_results_expire(template: Template) -> None:
    bucket = named(template, "AWS::S3::Bucket", "Bucket")
    (rule,) = (
        each
        for each in bucket["Properties"]["LifecycleConfiguration"]["Rules"]
        if each["Id"] == "mlgov-lineage-results"
    )
    assert (rule["Prefix"], rule["ExpirationInDays"]) == ("lineage/results/", 30)
    assert rule["NoncurrentVersionExpiration"] == {"NoncurrentDays": 1}


def test_each_table_lies_under_the_prefix_a_folder_a_day(template: Template) -> None:
    tables = [
        each["Properties"] for i, each in of_type(template, "AWS::Glue::Table").items() if i.startswith("Lineage")
    ]
    assert {each["TableInput"]["Name"] for each in tables} == {table.name for table in lineage_tables()}
    for each in tables:
        found = each["TableInput"]
        location = flat(found["StorageDescriptor"]["Location"])
        assert location.endswith(f"/lineage/tables/{found['Name']}")
        assert flat(found["Parameters"]["storage.location.template"]) == location + "/day=${day}"
        assert found["Parameters"]["projection.enabled"] == "true"
        assert found["PartitionKeys"] == [{"Name": "day", "Type": "string"}]
        assert each["DatabaseName"] == "mlgov_lineage"


def test_tables_wait_for_their_database(template: Template) -> None:
    (database,) = (i for i in of_type(template, "AWS::Glue::Database") if i.startswith("Lineage"))
    tables = [each for i, each in of_type(template, "AWS::Glue::Table").items() if i.startswith("Lineage")]
    assert [each.get("DependsOn") for each in tables] == [[database]] * len(tables)


@pytest.mark.parametrize("kind", ["AWS::Glue::Database", "AWS::Glue::Table", "AWS::Logs::LogGroup"])
@pytest.mark.parametrize("policy", ["DeletionPolicy", "UpdateReplacePolicy"])
def test_one_key_alone_deletes_nothing(template: Template, kind: str, policy: str) -> None:
    assert {each[policy] for each in of_type(template, kind).values()} == {"Retain"}


def test_every_query_is_saved_in_the_workgroup(template: Template) -> None:
    saved = {
        each["Properties"]["Name"]: each["Properties"]
        for i, each in of_type(template, "AWS::Athena::NamedQuery").items()
        if i.startswith("Lineage")
    }
    assert saved.keys() == lineage_queries().keys()
    for name, query in lineage_queries().items():
        assert saved[name]["QueryString"] == query.sql
        assert saved[name]["Database"] == "mlgov_lineage"
        assert flat(saved[name]["WorkGroup"]).startswith("<LineageCatalogWorkGroup")


def test_the_collector_is_the_file_that_is_tested(template: Template) -> None:
    function = named(template, "AWS::Lambda::Function", "Lineage")["Properties"]
    assert function["Code"]["ZipFile"] == Path(collector.__file__).read_text("utf-8")
    assert function["Timeout"] == 900
    variables = function["Environment"]["Variables"]
    assert flat(variables["BUCKET"]).startswith("<Bucket")
    assert variables["PREFIX"] == "lineage/tables"


def test_its_log_has_the_key(template: Template) -> None:
    assert flat(named(template, "AWS::Logs::LogGroup", "LineageLog")["Properties"]["KmsKeyId"]).startswith("<Key")
    key = named(template, "AWS::KMS::Key", "Key")["Properties"]["KeyPolicy"]["Statement"]
    assert "CloudWatchLogs" in {each["Sid"] for each in key}


@pytest.mark.parametrize(("name", "days"), [("Lineage", 365), ("Full", 90)])
def test_its_log_is_kept(template: Template, name: str, days: int) -> None:
    assert named(template, "AWS::Logs::LogGroup", f"{name}Log")["Properties"]["RetentionInDays"] == days


@pytest.mark.parametrize(("name", "when"), [("Lineage", "cron(17 2 * * ? *)"), ("Full", "rate(6 hours)")])
def test_a_sweep_runs_at_times(template: Template, name: str, when: str) -> None:
    assert named(template, "AWS::Events::Rule", f"{name}Sweep")["Properties"]["ScheduleExpression"] == when


def test_every_kind_of_event_reaches_the_collector(template: Template) -> None:
    told = {
        kind
        for each in of_type(template, "AWS::Events::Rule").values()
        for kind in each["Properties"].get("EventPattern", {}).get("detail-type", [])
    }
    assert told == set(collector.KINDS)
    patterns = [each["Properties"].get("EventPattern") for each in of_type(template, "AWS::Events::Rule").values()]
    assert {tuple(pattern["source"]) for pattern in patterns if pattern} == {("aws.sagemaker",)}


def test_decisions_are_successful_calls_that_set_a_status(template: Template) -> None:
    pattern = named(template, "AWS::Events::Rule", "LineageDecisions")["Properties"]["EventPattern"]
    assert pattern["source"] == ["aws.sagemaker"]
    assert pattern["detail"] == {
        "eventName": ["UpdateModelPackage"],
        "errorCode": [{"exists": False}],
        "requestParameters": {"modelApprovalStatus": [{"exists": True}]},
    }


def test_each_rule_and_nobody_else_may_start_the_collector(template: Template) -> None:
    rules = {i for i in of_type(template, "AWS::Events::Rule") if i.startswith("Lineage")}
    allowed = [
        each["Properties"]
        for i, each in of_type(template, "AWS::Lambda::Permission").items()
        if i.startswith("Lineage")
    ]
    assert {each["SourceArn"]["Fn::GetAtt"][0] for each in allowed} == rules
    assert {each["Principal"] for each in allowed} == {"events.amazonaws.com"}


def test_the_collector_looks_and_writes_and_does_nothing_else(template: Template) -> None:
    found = statements(template, "LineageCollectorRole")
    everywhere = [each for each in found if each["Resource"] == "*"]
    assert [each["Sid"] for each in everywhere] == ["ListModelsAndEndpoints"]
    for each in found:
        actions = [each["Action"]] if isinstance(each["Action"], str) else each["Action"]
        verbs = {action.split(":")[1] for action in actions if action.startswith(("cloudtrail:", "sagemaker:"))}
        assert all(verb.startswith(("Describe", "List", "Lookup", "Query")) for verb in verbs)
    (write,) = (each for each in found if each.get("Sid") == "WriteInventory")
    assert write["Action"] == "s3:PutObject"
    assert flat(write["Resource"]).endswith("/lineage/tables/*")
    (encrypt,) = (each for each in found if each.get("Sid") == "EncryptInventory")
    assert encrypt["Action"] == "kms:GenerateDataKey"
    assert flat(encrypt["Condition"]["StringEquals"]["kms:ViaService"]) == "s3.<AWS::Region>.<AWS::URLSuffix>"


def test_the_collector_looks_at_every_kind_of_work(template: Template) -> None:
    described: dict[str, set[str]] = {}
    for each in statements(template, "LineageCollectorRole"):
        actions = [each["Action"]] if isinstance(each["Action"], str) else each["Action"]
        for resource in each["Resource"] if isinstance(each["Resource"], list) else [each["Resource"]]:
            kind = flat(resource).rsplit(":", 1)[1].removesuffix("/*") if ":sagemaker:" in flat(resource) else ""
            described.setdefault(kind, set()).update(actions)
    del described[""]
    assert described == {
        "artifact": {"sagemaker:DescribeArtifact"},
        "endpoint": {"sagemaker:DescribeEndpoint", "sagemaker:ListTags"},
        "endpoint-config": {"sagemaker:DescribeEndpointConfig"},
        "inference-component": {"sagemaker:DescribeInferenceComponent"},
        "model": {"sagemaker:DescribeModel"},
        "model-card": {"sagemaker:DescribeModelCard"},
        "model-package": {"sagemaker:DescribeModelPackage", "sagemaker:ListModelPackages"},
        "model-package-group": {"sagemaker:ListTags"},
        "pipeline": {"sagemaker:DescribePipelineExecution", "sagemaker:ListPipelineExecutionSteps"},
    }


def test_the_role_has_the_boundary(template: Template) -> None:
    role = named(template, "AWS::IAM::Role", "LineageCollectorRole")["Properties"]
    assert flat(role["PermissionsBoundary"]).startswith("<Boundary")
    assert role["AssumeRolePolicyDocument"]["Statement"][0]["Principal"] == {"Service": "lambda.amazonaws.com"}


def test_who_asks_reads_the_tables_and_its_results_only(template: Template) -> None:
    found = statements(template, "Reader")
    reads = [each for each in found if "s3:GetObject" in each["Action"]]
    assert {flat(each["Resource"]).split(">")[1] for each in reads} == {"/lineage/tables/*", "/lineage/results/*"}
    writes = [each for each in found if "s3:PutObject" in each["Action"]]
    assert [flat(each["Resource"]).split(">")[1] for each in writes] == ["/lineage/results/*"]
    (asks,) = (each for each in found if "athena:StartQueryExecution" in each["Action"])
    assert flat(asks["Resource"]).endswith(":workgroup/mlgov-lineage")
    (glue,) = (each for each in found if "glue:GetTable" in each["Action"])
    assert [flat(each).rsplit(":", 1)[1] for each in glue["Resource"]] == [
        "catalog",
        "database/mlgov_lineage",
        "table/mlgov_lineage/*",
    ]
    (lists,) = (each for each in found if each["Action"] == "s3:ListBucket")
    assert lists["Condition"] == {"StringLike": {"s3:prefix": ["lineage/tables/*", "lineage/results/*"]}}
    (key,) = (each for each in found if "kms:Decrypt" in each["Action"])
    assert flat(key["Condition"]["StringEquals"]["kms:ViaService"]).startswith("s3.")


def test_every_action_and_condition_key_exists(template: Template) -> None:
    assert check_iam_names(template) == []


@pytest.mark.parametrize("name", ["Lineage", "Full"])
def test_a_failure_is_told(template: Template, name: str) -> None:
    alarm = named(template, "AWS::CloudWatch::Alarm", name)["Properties"]
    assert (alarm["Namespace"], alarm["MetricName"], alarm["Threshold"]) == ("AWS/Lambda", "Errors", 1)
    assert flat(alarm["Dimensions"][0]["Value"]).startswith(f"<{name}Collector")
    (told,) = alarm["AlarmActions"]
    assert flat(told) == TOPIC if name == "Full" else flat(told).startswith("<Topic")


def test_the_claims_are_written_down(template: Template) -> None:
    claimed = {
        control
        for i, each in template["Resources"].items()
        if i.startswith("Lineage")
        for control in each.get("Metadata", {}).get("mlgov", {}).get("controls", ())
    }
    assert {*(f"MLG-MLO-{number}" for number in range(20, 25)), "MLG-PRE-05", "MLG-PRT-15", "MLG-IDN-01"} <= claimed


def test_both_keys_remove_the_tables(synthesize: Callable[..., dict[str, Template]]) -> None:
    template = synthesize(_lineage, context={"mlgov:allowDataRemoval": True})["lineage"]
    for kind in ("AWS::Glue::Database", "AWS::Glue::Table"):
        assert {each["DeletionPolicy"] for i, each in of_type(template, kind).items() if i.startswith("Full")} == {
            "Delete"
        }


@pytest.mark.parametrize(
    ("wrong", "problem"),
    [
        ({"prefix": "/lineage/"}, "prefix '/lineage/' is not allowed. Use words"),
        ({"database_name": "Models"}, "database_name 'Models' is not allowed. Use lower-case"),
        ({"work_group_name": "my models"}, "work_group_name 'my models' is not allowed"),
        ({"scan_limit": cdk.Size.mebibytes(1)}, "scan_limit of 1 MiB is less than Athena allows. Use 10 MiB"),
        ({"schedule": events.Schedule.expression("daily")}, "schedule 'daily' is none that EventBridge takes"),
    ],
)
def test_a_wrong_argument_is_refused(wrong: dict[str, Any], problem: str) -> None:
    with pytest.raises(ConstructError, match="^" + r"\[lineage/Lineage\] " + problem):
        Lineage(construct_id="Lineage", **ground(cdk.App()), **wrong)


def test_a_bucket_without_a_key_is_refused() -> None:
    base = ground(cdk.App())
    bucket = s3.Bucket.from_bucket_name(base["scope"], "Plain", "plain")
    with pytest.raises(ConstructError, match=r"has no key of its own\. Pass a GovernedBucket"):
        Lineage(construct_id="Lineage", **{**base, "bucket": bucket})


@pytest.mark.parametrize("persona", [Persona.auditor(), Persona.platform_administrator()], ids=lambda each: each.name)
def test_a_persona_that_is_refused_all_data_is_told_so(persona: Persona) -> None:
    base = ground(cdk.App())
    lineage = Lineage(construct_id="Lineage", **base)
    role = PersonaRole(base["scope"], "Role", persona=persona, permissions_boundary=base["permissions_boundary"])
    with pytest.raises(ConstructError, match=f"the persona {persona.name} is refused all data.*second role"):
        lineage.grant_query(role)


def test_a_role_of_the_app_may_ask_too() -> None:
    base = ground(cdk.App())
    role = iam.Role(base["scope"], "Plain", assumed_by=iam.AccountRootPrincipal())
    Lineage(construct_id="Lineage", **base).grant_query(role)
    document = base["scope"].resolve(role.node.find_child("DefaultPolicy").document)  # type: ignore[attr-defined]
    assert "athena:StartQueryExecution" in json.dumps(document)


REGIONS = {"aws": "eu-west-1", "aws-us-gov": "us-gov-west-1", "aws-cn": "cn-north-1"}


@pytest.mark.parametrize("partition", REGIONS)
def test_nothing_names_a_partition(synthesize: Callable[..., dict[str, Template]], partition: str) -> None:
    def build(app: cdk.App) -> None:
        base = ground(app, partition, REGIONS[partition])
        lineage = Lineage(construct_id="Lineage", **base)
        role = PersonaRole(base["scope"], "Reader", persona=READER, permissions_boundary=base["permissions_boundary"])
        lineage.grant_query(role)

    text = json.dumps(synthesize(build)[partition])
    assert "arn:aws:" not in text
    assert ".amazonaws.com.cn" not in text
