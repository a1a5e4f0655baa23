"""The rules of an organization's policies, on small templates."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from mlgov_constructs.controls import Status
from mlgov_constructs.governance.management_policies import ai_services_opt_out_policy, ec2_policy
from tests.controls.engines import engine

OUR_ROLE = "arn:*:iam::*:role/BreakGlass"
REGION = {"StringNotEquals": {"aws:RequestedRegion": ["eu-west-1"]}}
SPARED = ["iam:*", "sts:*", "organizations:*", "support:*"]
STRANGERS = {"StringNotEqualsIfExists": {"aws:PrincipalOrgID": "o-exampleorg1"}}
NO_SERVICES = {"BoolIfExists": {"aws:PrincipalIsAWSService": "false"}}
JOBS = {"Action": ["sagemaker:CreateTrainingJob"], "Condition": {"Null": {"sagemaker:VpcSubnets": "true"}}}
MODELS = {"Action": ["sagemaker:CreateModel"], "Condition": {"Null": {"sagemaker:VpcSubnets": "true"}}}
ISOLATED = {
    "Action": "sagemaker:CreateModel",
    "Condition": {"BoolIfExists": {"sagemaker:NetworkIsolation": "false"}},
}


def policy(kind: str, content: Any, targets: Any = ("r-ab12",)) -> dict[str, Any]:
    listed = list(targets) if isinstance(targets, tuple) else targets
    properties = {"Name": "one", "Type": kind, "Content": content, "TargetIds": listed}
    return {"Type": "AWS::Organizations::Policy", "Properties": properties}


def denials(*statements: dict[str, Any], kind: str = "SERVICE_CONTROL_POLICY") -> dict[str, Any]:
    return policy(kind, {"Statement": [{"Effect": "Deny", "Resource": "*", **each} for each in statements]})


def exempting(roles: Any, operator: str = "ArnNotLike") -> dict[str, Any]:
    return denials({"Action": "*", "Condition": {operator: {"aws:PrincipalArn": roles}}})


def resource_control(**statement: Any) -> dict[str, Any]:
    return denials({"Principal": "*", "Action": "s3:*", **statement}, kind="RESOURCE_CONTROL_POLICY")


def ai_services(**default: Any) -> dict[str, Any]:
    content = copy.deepcopy(ai_services_opt_out_policy())
    content["services"]["default"]["opt_out_policy"].update(default)
    return policy("AISERVICES_OPT_OUT_POLICY", content)


def ec2(attribute: str, *path: str) -> dict[str, Any]:
    """A declarative policy without an attribute, or with a value at a path of it."""
    content = copy.deepcopy(ec2_policy())
    if not path:
        del content["ec2_attributes"][attribute]
        return policy("DECLARATIVE_POLICY_EC2", content)
    *above, last, value = path
    place = content["ec2_attributes"][attribute]
    for key in above:
        place = place[key]
    place[last] = {"@@assign": value}
    return policy("DECLARATIVE_POLICY_EC2", content)


PASSING: list[tuple[str, dict[str, Any]]] = [
    ("MLG-GOV-30", denials()),
    ("MLG-GOV-30", policy("TAG_POLICY", {"tags": {}}, {"Ref": "Targets"})),
    ("MLG-GOV-31", denials(JOBS)),
    ("MLG-GOV-31", exempting(OUR_ROLE)),
    ("MLG-GOV-31", exempting([OUR_ROLE, "arn:aws:iam::111122223333:role/ops/*"])),
    ("MLG-GOV-31", exempting([{"Fn::GetAtt": ["Role", "Arn"]}])),
    ("MLG-GOV-31", exempting({"Fn::If": ["Known", OUR_ROLE, {"Ref": "Role"}]})),
    ("MLG-GOV-31", policy("SERVICE_CONTROL_POLICY", {"Ref": "Document"})),
    ("MLG-GOV-32", denials({"NotAction": [*SPARED, "health:*"], "Condition": REGION})),
    ("MLG-GOV-32", denials({"Action": ["sagemaker:*"], "Condition": REGION})),
    ("MLG-GOV-32", denials({"Action": "*"})),
    ("MLG-GOV-33", resource_control(Condition={**STRANGERS, **NO_SERVICES})),
    ("MLG-GOV-33", resource_control(Condition={"Bool": {"aws:SecureTransport": "false"}})),
    ("MLG-GOV-33", resource_control()),
    ("MLG-GOV-34", ai_services()),
    ("MLG-GOV-34", policy("AISERVICES_OPT_OUT_POLICY", '{"services": {}}')),
    ("MLG-GOV-35", policy("DECLARATIVE_POLICY_EC2", ec2_policy())),
    ("MLG-GOV-35", ec2("snapshot_block_public_access", "state", "block_new_sharing")),
    ("MLG-GOV-36", denials(JOBS, MODELS, ISOLATED)),
    ("MLG-GOV-36", denials({"Action": "sagemaker:CreateTrainingJob"})),
]
FAILING: list[tuple[str, dict[str, Any]]] = [
    ("MLG-GOV-30", policy("TAG_POLICY", {"tags": {}}, [])),
    *(
        ("MLG-GOV-31", exempting(roles, operator))
        for operator in ("ArnNotLike", "StringNotLike")
        for roles in ("*", [OUR_ROLE, "*"], "arn:*:iam::*:role/*", ["arn:aws:iam::111122223333:*"])
    ),
    (
        "MLG-GOV-31",
        policy(
            "SERVICE_CONTROL_POLICY",
            {"Statement": {"Effect": "Deny", "Action": "*", "Condition": {"ArnNotLike": {"aws:PrincipalArn": "*"}}}},
        ),
    ),
    ("MLG-GOV-32", denials({"Action": "*", "Condition": REGION})),
    ("MLG-GOV-32", denials({"NotAction": "iam:*", "Condition": REGION})),
    *(
        ("MLG-GOV-32", denials({"NotAction": [each for each in SPARED if each != missing], "Condition": REGION}))
        for missing in SPARED
    ),
    (
        "MLG-GOV-32",
        denials({"NotAction": ["iam:*"], "Condition": {**REGION, "ArnNotLike": {"aws:PrincipalArn": OUR_ROLE}}}),
    ),
    ("MLG-GOV-33", resource_control(Effect="Allow")),
    ("MLG-GOV-33", resource_control(Condition=STRANGERS)),
    ("MLG-GOV-34", ai_services(**{"@@assign": "optIn"})),
    ("MLG-GOV-34", ai_services(**{"@@operators_allowed_for_child_policies": ["@@all"]})),
    (
        "MLG-GOV-34",
        policy("AISERVICES_OPT_OUT_POLICY", {"services": {"lex": {"opt_out_policy": {"@@assign": "optOut"}}}}),
    ),
    ("MLG-GOV-35", ec2("instance_metadata_defaults")),
    ("MLG-GOV-35", ec2("instance_metadata_defaults", "http_tokens", "optional")),
    ("MLG-GOV-35", ec2("image_block_public_access", "state", "unblocked")),
    ("MLG-GOV-35", ec2("snapshot_block_public_access", "state", "unblocked")),
    ("MLG-GOV-35", ec2("vpc_block_public_access")),
    ("MLG-GOV-35", ec2("vpc_block_public_access", "internet_gateway_block", "mode", "off")),
    ("MLG-GOV-36", denials(JOBS)),
    ("MLG-GOV-36", denials(JOBS, MODELS)),
    ("MLG-GOV-36", denials(JOBS, ISOLATED)),
]


def accused(control: str, resource: dict[str, Any]) -> list[str]:
    found = engine(control).check_text(json.dumps({"Resources": {"One": resource}}))
    return [finding.logical_id for finding in found if finding.status is Status.FAILED]


@pytest.mark.parametrize(("control", "resource"), PASSING)
def test_what_keeps_the_control_passes(control: str, resource: dict[str, Any]) -> None:
    assert accused(control, resource) == []


@pytest.mark.parametrize(("control", "resource"), FAILING)
def test_what_breaks_the_control_is_accused(control: str, resource: dict[str, Any]) -> None:
    assert set(accused(control, resource)) == {"One"}


def test_every_control_is_tried_both_ways() -> None:
    mine = {f"MLG-GOV-{number}" for number in range(30, 37)}
    assert mine == {control for control, _ in PASSING} == {control for control, _ in FAILING}
