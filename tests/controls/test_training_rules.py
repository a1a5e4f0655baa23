from __future__ import annotations

import json
from typing import Any

import pytest

from mlgov_constructs.controls import CATALOGUE, Status
from tests.controls.engines import engine

PULL = ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
IN_ORGANIZATION = {"StringEquals": {"aws:PrincipalOrgID": "o-exampleorg1"}}
IN_ACCOUNT = {"StringEquals": {"aws:PrincipalAccount": {"Ref": "AWS::AccountId"}}}
ACCOUNT = {"AWS": {"Fn::Join": ["", ["arn:", {"Ref": "AWS::Partition"}, ":iam::111122223333:root"]]}}


def repository(policy: list[dict[str, Any]] | None = None, lifecycle: Any = None, **changes: Any) -> dict[str, Any]:
    properties: dict[str, Any] = {"RepositoryName": "churn"}
    if policy is not None:
        properties["RepositoryPolicyText"] = {"Version": "2012-10-17", "Statement": policy}
    if lifecycle is not None:
        properties["LifecyclePolicy"] = {"LifecyclePolicyText": lifecycle}
    kept = {"DeletionPolicy": "Retain", "UpdateReplacePolicy": "Retain"}
    return {"Type": "AWS::ECR::Repository", **kept, "Properties": properties, **changes}


def statement(**changes: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Principal": "*", "Action": PULL, **changes}


def rules(*statuses: str) -> str:
    found = [{"rulePriority": i, "selection": {"tagStatus": status}} for i, status in enumerate(statuses)]
    return json.dumps({"rules": found})


def failing(control: str, resource: dict[str, Any]) -> bool:
    found = engine(control).check_text(json.dumps({"Resources": {"Images": resource}}))
    assert {finding.logical_id for finding in found if finding.status is Status.FAILED} <= {"Images"}
    return any(finding.status is Status.FAILED for finding in found)


@pytest.mark.parametrize(
    "policy",
    [
        None,
        [],
        [statement(Principal=ACCOUNT)],
        [statement(Principal={"AWS": ["111122223333", "444455556666"]})],
        [statement(Principal={"Service": "lambda.amazonaws.com"})],
        [statement(Condition=IN_ORGANIZATION)],
        [statement(Principal={"AWS": "*"}, Condition=IN_ACCOUNT)],
        [statement(Effect="Deny", Action="ecr:*")],
    ],
)
def test_a_named_principal_or_a_perimeter_is_accepted(policy: list[dict[str, Any]] | None) -> None:
    assert not failing("MLG-TRN-01", repository(policy))


@pytest.mark.parametrize(
    "policy",
    [
        [statement()],
        [statement(Principal={"AWS": "*"})],
        [statement(Principal={"AWS": ["111122223333", "*"]})],
        [statement(Condition={"StringLike": {"aws:PrincipalArn": "*"}})],
        [statement(Condition=IN_ORGANIZATION), statement()],
    ],
)
def test_everybody_is_found(policy: list[dict[str, Any]]) -> None:
    assert failing("MLG-TRN-01", repository(policy))


@pytest.mark.parametrize("kept", ["Retain", "RetainExceptOnCreate"])
def test_a_kept_repository_is_accepted(kept: str) -> None:
    assert not failing("MLG-TRN-02", repository(DeletionPolicy=kept, UpdateReplacePolicy=kept))


@pytest.mark.parametrize(
    "changes",
    [
        {"DeletionPolicy": "Delete"},
        {"UpdateReplacePolicy": "Delete"},
        {"UpdateReplacePolicy": "Snapshot"},
    ],
)
def test_a_repository_that_goes_with_its_stack_is_found(changes: dict[str, Any]) -> None:
    assert failing("MLG-TRN-02", repository(**changes))


def test_a_repository_that_says_nothing_is_found() -> None:
    assert failing("MLG-TRN-02", {"Type": "AWS::ECR::Repository", "Properties": {}})


@pytest.mark.parametrize("lifecycle", [None, rules("untagged"), {"Fn::Sub": rules("untagged")}])
def test_removing_what_has_no_tag_is_accepted(lifecycle: Any) -> None:
    assert not failing("MLG-TRN-03", repository(lifecycle=lifecycle))


@pytest.mark.parametrize(
    "lifecycle",
    [
        rules("any"),
        rules("tagged"),
        rules("untagged", "any"),
        {"Fn::Join": ["", [rules("tagged"), {"Ref": "Nothing"}]]},
        {"Fn::Sub": rules("any")},
    ],
)
def test_removing_what_has_a_tag_is_found(lifecycle: Any) -> None:
    assert failing("MLG-TRN-03", repository(lifecycle=lifecycle))


@pytest.mark.parametrize("control", ["MLG-TRN-01", "MLG-TRN-02", "MLG-TRN-03"])
def test_a_template_without_repositories_is_left_alone(control: str) -> None:
    text = json.dumps({"Resources": {"Topic": {"Type": "AWS::SNS::Topic", "Properties": {}}}})
    assert all(finding.status is not Status.FAILED for finding in engine(control).check_text(text))


def test_the_controls_are_declared() -> None:
    assert {"MLG-TRN-01", "MLG-TRN-02", "MLG-TRN-03"} <= set(CATALOGUE)
