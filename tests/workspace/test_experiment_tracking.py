from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from constructs import Construct

from mlgov_constructs.controls import CATALOGUE, Relaxation, RuleEngine
from mlgov_constructs.errors import ConstructError
from mlgov_constructs.identity import JobRole, JobType, PermissionsBoundary
from mlgov_constructs.identity.activities import use_tracking
from mlgov_constructs.network import IsolatedVpc
from mlgov_constructs.protection import DataClass, GovernedBucket
from mlgov_constructs.workspace import ExperimentTracking, MlflowApp, TrackingServerSize
from mlgov_constructs.workspace.mlflow_parts import made_name
from tests.templates import Template, of_type
from tests.workspace.conftest import Ground, endpoints_of, ground

SERVER, APP = "AWS::SageMaker::MlflowTrackingServer", "AWS::SageMaker::MlflowApp"
CLAIMS = ["MLG-WSP-09", "MLG-WSP-10", "MLG-WSP-11", "MLG-WSP-12"]
REASON = "Models of a course that nobody serves, see RISK-7"


def tracking(base: Ground, construct_id: str, kind: Any = ExperimentTracking, **arguments: Any) -> Any:
    bucket = base.stack.node.try_find_child("Artifacts") or GovernedBucket(
        base.stack, "Artifacts", encryption_key=base.key, data_class=DataClass.ARTIFACTS
    )
    boundary = base.stack.node.find_child("Boundary")
    common = {"vpc": base.vpc, "artifact_bucket": bucket, "project": "churn", "permissions_boundary": boundary}
    return kind(base.stack, construct_id, **{**common, **arguments})


def _build(app: cdk.App) -> None:
    cdk.Tags.of(app).add("mlgov:project", "environment")
    base = ground(app, "tracking")
    server, trials = tracking(base, "Server"), tracking(base, "App", MlflowApp)
    full: dict[str, Any] = {
        "weekly_maintenance_window_start": "Wed:04:30",
        "automatic_model_registration": Relaxation(REASON),
        "removal_policy": cdk.RemovalPolicy.DESTROY,
    }
    tracking(
        base,
        "Full",
        tracking_server_name="churn-tracking",
        size=TrackingServerSize.LARGE,
        mlflow_version="2.16.2",
        **full,
    )
    tracking(base, "FullApp", MlflowApp, name="churn-app", **full)
    users = {
        name: iam.Role(base.stack, name, assumed_by=iam.AccountRootPrincipal()) for name in ("Reads", "Opens", "Looks")
    }
    server.grant_track(base.role)
    server.grant_read(users["Looks"])
    server.grant_read(users["Reads"])
    server.grant_open(users["Opens"])
    trials.grant_track(users["Reads"])
    trials.grant_open(users["Opens"])


@pytest.fixture(scope="session")
def template(synthesize: Callable[..., dict[str, Template]]) -> Template:
    return synthesize(_build, {"mlgov:allowDataRemoval": True})["tracking"]


def resource(template: Template, kind: str, name: str) -> dict[str, Any]:
    (found,) = (r for i, r in of_type(template, kind).items() if re.match(rf"{name}[0-9A-F]{{8}}$", i))
    return found


def rights(template: Template, name: str) -> list[dict[str, Any]]:
    policies = of_type(template, "AWS::IAM::ManagedPolicy") | of_type(template, "AWS::IAM::Policy")
    return [
        statement
        for policy_id, policy in policies.items()
        if policy_id.startswith(name)
        for statement in policy["Properties"]["PolicyDocument"]["Statement"]
    ]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TrackingServerSize", "Small"),
        ("MlflowVersion", "3.0"),
        ("AutomaticModelRegistration", False),
        ("WeeklyMaintenanceWindowStart", "Sun:03:00"),
        ("Tags", [{"Key": "mlgov:project", "Value": "churn"}]),
    ],
)
def test_a_server_is_governed_without_an_argument(template: Template, name: str, value: Any) -> None:
    assert resource(template, SERVER, "Server")["Properties"][name] == value


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ModelRegistrationMode", "AutoModelRegistrationDisabled"),
        ("WeeklyMaintenanceWindowStart", "Sun:03:00"),
        ("Tags", [{"Key": "mlgov:project", "Value": "churn"}]),
    ],
)
def test_an_app_is_governed_without_an_argument(template: Template, name: str, value: Any) -> None:
    assert resource(template, APP, "App")["Properties"][name] == value


@pytest.mark.parametrize(("kind", "name"), [(SERVER, "Server"), (APP, "App")])
def test_artifacts_lie_below_the_prefix_of_the_project(template: Template, kind: str, name: str) -> None:
    tracked = resource(template, kind, name)
    prefix, bucket, folder = tracked["Properties"]["ArtifactStoreUri"]["Fn::Join"][1]
    assert (prefix, bucket["Ref"][:9], folder) == ("s3://", "Artifacts", "/churn/mlflow")
    assert tracked["DeletionPolicy"] == tracked["UpdateReplacePolicy"] == "Retain"
    assert tracked["Metadata"]["mlgov"] == {"controls": CLAIMS}
    assert any(dependency.startswith(f"{name}RoleRights") for dependency in tracked["DependsOn"])


def test_a_name_is_made_that_sagemaker_takes(template: Template) -> None:
    for kind, name, argument in ((SERVER, "Server", "TrackingServerName"), (APP, "App", "Name")):
        made = resource(template, kind, name)["Properties"][argument]
        assert re.fullmatch(r"[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}", made)


def test_every_option_is_honoured_and_a_relaxation_recorded(template: Template) -> None:
    server, app = resource(template, SERVER, "Full"), resource(template, APP, "FullApp")
    values = {
        name: server["Properties"][name] for name in ("TrackingServerName", "TrackingServerSize", "MlflowVersion")
    }
    assert values == {"TrackingServerName": "churn-tracking", "TrackingServerSize": "Large", "MlflowVersion": "2.16.2"}
    assert server["Properties"]["AutomaticModelRegistration"] is True
    assert app["Properties"]["Name"] == "churn-app"
    assert app["Properties"]["ModelRegistrationMode"] == "AutoModelRegistrationEnabled"
    for each in (server, app):
        assert each["Properties"]["WeeklyMaintenanceWindowStart"] == "Wed:04:30"
        assert each["DeletionPolicy"] == "Delete"
        claimed = each["Metadata"]["mlgov"]
        assert claimed["controls"] == ["MLG-WSP-09", "MLG-WSP-12"]
        assert [deviation["control"] for deviation in claimed["deviations"]] == ["MLG-WSP-10", "MLG-WSP-11"]
        assert claimed["deviations"][0]["reason"] == REASON


def test_the_role_reaches_its_folder_and_nothing_else(template: Template) -> None:
    of_role = rights(template, "ServerRoleRights")
    text = json.dumps(of_role)
    assert "/churn/mlflow/*" in text
    assert "RegisterModels" not in text
    written = [statement for statement in of_role if "s3:PutObject" in statement["Action"]]
    assert [statement["Resource"]["Fn::Join"][1][-1] for statement in written] == ["/churn/mlflow/*"]
    (key,) = (statement for statement in of_role if "kms:Decrypt" in statement["Action"])
    assert "kms:ViaService" in key["Condition"]["StringEquals"]
    role = resource(template, "AWS::IAM::Role", "ServerRole")
    (trust,) = role["Properties"]["AssumeRolePolicyDocument"]["Statement"]
    assert trust["Condition"] == {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}}


@pytest.mark.parametrize("name", ["FullRoleRights", "FullAppRoleRights"])
def test_who_registers_by_itself_may_register_for_its_project(template: Template, name: str) -> None:
    (register,) = (s for s in rights(template, name) if s.get("Sid") == "RegisterModels")
    assert "sagemaker:CreateModelPackage" in register["Action"]
    kinds = [resource["Fn::Join"][1][-1].split(":")[-1] for resource in register["Resource"]]
    assert kinds == ["model-package-group/*", "model-package/*"]
    assert register["Condition"] == {"StringEqualsIfExists": {"aws:ResourceTag/mlgov:project": "churn"}}


def test_who_tracks_writes_runs_and_artifacts_and_deletes_none(template: Template) -> None:
    track = [s for s in rights(template, "RoleRights") if "sagemaker-mlflow:LogMetric" in s["Action"]]
    (statement,) = track
    assert statement["Resource"]["Fn::GetAtt"][0].startswith("Server")
    assert statement["Condition"] == {"StringEquals": {"aws:ResourceTag/mlgov:project": "churn"}}
    assert not [a for a in statement["Action"] if re.search("Delete|Rename|Transition|Registered.*Alias", a)]
    assert any(
        "/churn/mlflow/*" in json.dumps(s) and "s3:PutObject" in s["Action"] for s in rights(template, "RoleRights")
    )


def test_who_reads_writes_nothing(template: Template) -> None:
    actions = {a for s in rights(template, "ReadsDefaultPolicy") for a in _list(s["Action"]) if "mlflow:" in a}
    assert actions == set(use_tracking.READ)
    looks = {a for s in rights(template, "LooksDefaultPolicy") for a in _list(s["Action"])}
    assert "s3:GetObject" in looks
    assert not looks & {"s3:PutObject", "s3:DeleteObject", "kms:GenerateDataKey"}


def test_who_opens_gets_the_page_of_this_server(template: Template) -> None:
    opens = rights(template, "OpensDefaultPolicy")
    (server,) = (s for s in opens if "sagemaker:CreatePresignedMlflowTrackingServerUrl" in s["Action"])
    assert server["Resource"]["Fn::GetAtt"][0].startswith("Server")
    assert server["Condition"] == {"StringEquals": {"aws:ResourceTag/mlgov:project": "churn"}}
    (app,) = (s for s in opens if "sagemaker:CreatePresignedMlflowAppUrl" in s["Action"])
    assert app["Resource"]["Fn::GetAtt"][0].startswith("App")


def test_an_app_is_called_by_its_one_action(template: Template) -> None:
    (call,) = (s for s in rights(template, "ReadsDefaultPolicy") if "sagemaker:CallMlflowAppApi" in s["Action"])
    assert call["Resource"]["Fn::GetAtt"][0].startswith("App")


def test_the_vpc_gets_the_endpoint_of_mlflow(template: Template) -> None:
    names = json.dumps([e["Properties"]["ServiceName"] for e in of_type(template, "AWS::EC2::VPCEndpoint").values()])
    assert ".experiments" in names
    assert ".sagemaker.api" in names


def test_an_app_alone_needs_the_endpoints_too(synthesize: Callable[..., dict[str, Template]]) -> None:
    def build(app: cdk.App) -> None:
        base = ground(app)
        tracking(base, "App", MlflowApp, vpc=IsolatedVpc(base.stack, "Other"))

    names = json.dumps(endpoints_of(synthesize(build)["workspace"], "Other"))
    assert ".experiments" in names
    assert ".sagemaker.api" in names


def test_a_long_path_makes_a_name_that_sagemaker_takes() -> None:
    made = made_name(Construct(cdk.Stack(cdk.App(), "Stack"), "Tracking" * 20))
    assert re.fullmatch(r"[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}", made)


def test_the_rules_agree_with_the_claims(template: Template) -> None:
    findings = RuleEngine([CATALOGUE[control] for control in CLAIMS]).check_text(json.dumps(template))
    assert sorted((f.control.id, f.status.value, f.logical_id[:-8]) for f in findings) == [
        (control, "deviation", name) for control in ("MLG-WSP-10", "MLG-WSP-11") for name in ("Full", "FullApp")
    ]


@pytest.mark.parametrize(
    ("kind", "arguments", "message"),
    [
        (ExperimentTracking, {"project": "Churn"}, "project 'Churn' is no project name"),
        (ExperimentTracking, {"tracking_server_name": "churn_1"}, "the name 'churn_1' is not allowed"),
        (ExperimentTracking, {"mlflow_version": "latest"}, "mlflow_version 'latest' is no version"),
        (
            ExperimentTracking,
            {"weekly_maintenance_window_start": "Sunday 3:00"},
            "weekly_maintenance_window_start 'Sunday 3:00' is no day and time",
        ),
        (MlflowApp, {"name": "-churn"}, "the name '-churn' is not allowed"),
        (MlflowApp, {"weekly_maintenance_window_start": "Sun:24:00"}, "'Sun:24:00' is no day and time"),
    ],
)
def test_a_bad_argument_is_refused_before_anything_exists(kind: Any, arguments: dict[str, Any], message: str) -> None:
    base = ground(cdk.App(), "Stack")
    with pytest.raises(ConstructError, match=re.escape("[Stack/Tracking] ")) as error:
        tracking(base, "Tracking", kind, **arguments)
    assert message in str(error.value)
    assert base.stack.node.try_find_child("Tracking") is None


@pytest.mark.parametrize("kind", [ExperimentTracking, MlflowApp])
def test_a_bucket_without_a_key_is_refused(kind: Any) -> None:
    base = ground(cdk.App(), "Stack")
    bucket = s3.Bucket(base.stack, "Bucket")
    with pytest.raises(ConstructError, match="artifact_bucket Stack/Bucket has no customer managed key"):
        tracking(base, "Tracking", kind, artifact_bucket=bucket)


@pytest.mark.parametrize("kind", [ExperimentTracking, MlflowApp])
def test_a_role_of_ones_own_is_used_and_must_be_for_tracking(kind: Any) -> None:
    base = ground(cdk.App(), "Stack")
    boundary = base.stack.node.find_child("Boundary")
    arguments: dict[str, Any] = {"permissions_boundary": None}
    with pytest.raises(ConstructError, match="MLflow has neither a role nor a permissions boundary for one"):
        tracking(base, "Tracking", kind, **arguments)
    with pytest.raises(ConstructError, match="the role Stack/Role is for notebook of project churn"):
        tracking(base, "Tracking", kind, role=base.role, **arguments)
    mine = JobRole(base.stack, "Mine", job=JobType.TRACKING, project="churn", permissions_boundary=boundary)
    assert tracking(base, "Tracking", kind, role=mine, **arguments).role is mine


def test_a_boundary_under_which_nobody_tracks_is_refused() -> None:
    base = ground(cdk.App(), "Stack")
    narrow = PermissionsBoundary(base.stack, "Narrow")
    narrow.admitted_actions = ("s3:*",)
    with pytest.raises(ConstructError, match="the permissions boundary does not admit sagemaker-mlflow:LogMetric"):
        tracking(base, "Tracking", permissions_boundary=narrow)


@pytest.mark.parametrize("kind", [ExperimentTracking, MlflowApp])
def test_a_job_opens_no_pages(kind: Any) -> None:
    base = ground(cdk.App(), "Stack")
    with pytest.raises(ConstructError, match="Stack/Role is the role of a job, which opens no pages"):
        tracking(base, "Tracking", kind).grant_open(base.role)


@pytest.mark.parametrize(
    ("kind", "region", "message"),
    [
        (ExperimentTracking, "cn-north-1", "experiments has no VPC endpoint in the partition aws-cn"),
        (MlflowApp, "us-gov-west-1", "the partition aws-us-gov has no MLflow apps"),
    ],
)
def test_a_partition_without_it_is_named(kind: Any, region: str, message: str) -> None:
    base = ground(cdk.App(), "Stack", env=cdk.Environment(region=region))
    with pytest.raises(ConstructError, match=message):
        tracking(base, "Tracking", kind)


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
