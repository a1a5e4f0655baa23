from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3

from mlgov_constructs.errors import ConstructError
from mlgov_constructs.identity import PermissionsBoundary, Persona, PersonaPermissionSet, PersonaRole
from mlgov_constructs.identity.activities import (
    Activity,
    AdministerKeys,
    AdministerPlatform,
    ApproveModels,
    Audit,
    CreateEndpoints,
    Duty,
    ListWork,
    PassRoles,
    RegisterModels,
    RunJobs,
    UseNotebooks,
    UseProjectData,
    ViewCost,
)
from mlgov_constructs.identity.policy_size import LONGEST_POLICY, policy_size
from tests.templates import Template, of_type

BUCKET = "arn:aws:s3:::data"


def persona(*activities: Activity, name: str = "trial") -> Persona:
    return Persona(name, "A trial", activities)


@pytest.fixture
def stack() -> cdk.Stack:
    return cdk.Stack(cdk.App(), "trial")


def make(stack: cdk.Stack, trial: Persona, construct_id: str = "Role", **arguments: Any) -> PersonaRole:
    boundary = stack.node.try_find_child("Boundary") or PermissionsBoundary(stack, "Boundary")
    assert isinstance(boundary, PermissionsBoundary)
    return PersonaRole(stack, construct_id, persona=trial, permissions_boundary=boundary, **arguments)


def test_a_persona_without_activity_is_refused(stack: cdk.Stack) -> None:
    with pytest.raises(ConstructError, match=r"\[trial/Role\] the persona trial has no activity"):
        make(stack, persona())


@pytest.mark.parametrize(
    ("activities", "reason"),
    [
        ((RegisterModels("churn"), ApproveModels("churn")), "who registers a model cannot approve it"),
        ((AdministerPlatform(), UseProjectData("churn", BUCKET)), "who administers the platform cannot read data"),
        ((UseProjectData("churn", BUCKET), AdministerKeys(["key"])), "who reads data cannot change keys"),
        ((Audit(), UseProjectData("churn", BUCKET)), "who audits cannot read data"),
        ((Audit(), AdministerPlatform()), "who audits cannot administer the platform"),
    ],
)
def test_duties_that_must_be_apart_are_refused(stack: cdk.Stack, activities: tuple[Activity, ...], reason: str) -> None:
    with pytest.raises(ConstructError, match=reason):
        make(stack, persona(*activities))


def test_one_principal_does_not_hold_two_personas_that_must_be_apart(stack: cdk.Stack) -> None:
    ada = iam.ArnPrincipal("arn:aws:iam::111122223333:role/Ada")
    make(stack, persona(RegisterModels("churn")), "Registers", principals=[ada])
    make(stack, persona(ListWork()), "Lists", principals=[ada])
    with pytest.raises(ConstructError, match=r"role/Ada.*breaks the separation of duties"):
        make(stack, persona(ApproveModels("churn")), "Approves", principals=[ada])


def test_data_is_not_granted_to_who_administers(stack: cdk.Stack) -> None:
    role = make(stack, Persona.platform_administrator())
    with pytest.raises(ConstructError, match="who administers the platform cannot read data"):
        role.grant_project_data(s3.Bucket(stack, "Data"), "churn")


@pytest.mark.parametrize("activity", [Audit, AdministerPlatform])
def test_who_administers_and_audits_is_denied_data(activity: type[Activity]) -> None:
    (deny,) = (statement for statement in activity().statements() if statement["Effect"] == "Deny")
    assert {"s3:GetObject", "kms:Decrypt", "sagemaker:InvokeEndpoint", "athena:GetQueryResults"} <= set(deny["Action"])
    assert deny["Resource"] == "*"
    assert "Condition" not in deny


def test_an_activity_that_the_boundary_does_not_admit_is_named(stack: cdk.Stack) -> None:
    class Quantum(ViewCost):
        def statements(self) -> list[dict[str, Any]]:
            return [{"Effect": "Allow", "Action": "braket:CreateJob", "Resource": "*"}]

    with pytest.raises(ConstructError, match=r"the activity Quantum exceeds the boundary.*braket:CreateJob"):
        make(stack, persona(Quantum()))


def test_an_activity_that_fits_in_no_policy_is_named(stack: cdk.Stack) -> None:
    many = PassRoles([f"arn:aws:iam::111122223333:role/role-{number:04}" for number in range(200)])
    with pytest.raises(ConstructError, match=r"the activity PassRoles of trial takes \d+ characters"):
        make(stack, persona(many))


@pytest.mark.parametrize(
    "activity",
    [
        lambda: RunJobs("churn", None),  # type: ignore[arg-type]
        lambda: CreateEndpoints("churn", None),  # type: ignore[arg-type]
        lambda: UseNotebooks(None),  # type: ignore[arg-type]
    ],
)
def test_an_activity_without_its_conditions_is_refused(activity: Callable[[], Activity]) -> None:
    with pytest.raises(ValueError, match="so a condition would be missing"):
        activity()


def test_rights_that_need_more_than_ten_policies_are_refused(stack: cdk.Stack) -> None:
    role = make(stack, persona(ListWork()))
    big = PassRoles([f"arn:aws:iam::111122223333:role/role-{number:04}" for number in range(120)]).statements()
    for _ in range(10):
        role.allow(big)
    with pytest.raises(ConstructError, match="find no room in the role's 10 policies"):
        role.allow(big)


def test_tokens_are_measured_at_their_longest() -> None:
    region = policy_size([{"Resource": f"x{cdk.Aws.REGION}"}]) - policy_size([{"Resource": "x"}])
    other = policy_size([{"Resource": cdk.Fn.import_value("other")}]) - policy_size([{"Resource": ""}])
    assert (region, other) == (14, 80)
    assert LONGEST_POLICY == 6144


def test_a_permission_set_has_the_rights_and_the_boundary(synthesize: Callable[..., dict[str, Template]]) -> None:
    def build(app: cdk.App) -> None:
        stack = cdk.Stack(app, "center")
        arguments: dict[str, Any] = {
            "instance_arn": "arn:aws:sso:::instance/ssoins-1",
            "boundary_name": "mlgov-sandbox-boundary",
        }
        PersonaPermissionSet(stack, "Auditor", persona=Persona.auditor(), **arguments)
        with pytest.raises(ConstructError, match="is no name of a permission set"):
            PersonaPermissionSet(stack, "Long", persona=persona(ListWork(), name="x" * 33), **arguments)
        both = persona(RegisterModels("churn"), ApproveModels("churn"))
        with pytest.raises(ConstructError, match="who registers a model cannot approve it"):
            PersonaPermissionSet(stack, "Both", persona=both, **arguments)

    (auditor,) = of_type(synthesize(build)["center"], "AWS::SSO::PermissionSet").values()
    properties = auditor["Properties"]
    assert properties["Name"] == "auditor"
    assert properties["SessionDuration"] == "PT8H"
    assert properties["PermissionsBoundary"] == {"CustomerManagedPolicyReference": {"Name": "mlgov-sandbox-boundary"}}
    assert "NoData" in json.dumps(properties["InlinePolicy"])


def test_every_duty_is_held_by_an_activity() -> None:
    held = {duty for activity in Activity.__subclasses__() for duty in activity.duties}
    assert held == set(Duty)
