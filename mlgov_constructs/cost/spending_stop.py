"""What happens when a budget is spent: the project begins no new work."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, ClassVar

from aws_cdk import Stack, Token
from aws_cdk import aws_budgets as budgets
from aws_cdk import aws_iam as iam
from constructs import Construct

from mlgov_constructs.argument_types import checked_arguments
from mlgov_constructs.aws_tokens import aws_tokens, service_principal
from mlgov_constructs.controls import claim
from mlgov_constructs.cost.project_budget import ProjectBudget
from mlgov_constructs.cost.stop_approval import StopApproval
from mlgov_constructs.cost.stopped_work import STOPPED_ACTIONS, stop_statement
from mlgov_constructs.errors import ConstructError
from mlgov_constructs.identity import GovernedRole
from mlgov_constructs.identity.grants import give, statement

MOST_ROLES = 100
MOST_POLICIES_OF_A_ROLE = 10
DECIDE = ("budgets:DescribeBudgetAction", "budgets:DescribeBudgetActionHistories", "budgets:ExecuteBudgetAction")


@checked_arguments
class SpendingStop(Construct):
    """Lets a project begin no new work once its budget is spent.

    AWS Budgets then attaches a policy to the project's roles that refuses new jobs, notebooks, apps,
    endpoints and products (:attr:`STOPPED_ACTIONS`). Work that runs goes on, and everyone can save,
    stop, delete and scale down. AWS Budgets detaches the policy when the next month begins, or when a
    person reverses the action.

    It creates that policy, the budget action, and the role of the action with a boundary of its own:
    the role may attach and detach this one policy, at these roles, and nothing else. The usual boundary
    of an environment would not let it, as no role under it may change a role.

    It acts on what was spent, not on a forecast, and AWS Budgets learns of that up to a day late.
    The thresholds of the budget warn before, at 80 per cent for example.

    Controls: MLG-CST-03 (action), MLG-CST-04 (role), those of ``GovernedRole``.

    Args:
        scope: The parent construct.
        construct_id: The id in that scope.
        budget: The budget; its topic and people are told.
        roles: The roles of the project's people and jobs, 1 to 100, of this account.
        threshold: Per cent of the budget at which it stops; 100 by default.
        approval: Whether a person confirms; ``AUTOMATIC`` by default.

    Raises:
        ConstructError: There is no role, one twice or too many, the threshold is none, or a role
            is of another account or has no room for another policy.

    Source:
        https://docs.aws.amazon.com/cost-management/latest/userguide/budgets-controls.html

    Cost: two budgets with actions are free, each further one is 0.10 USD a day.

    Example:
        >>> from aws_cdk import App, Stack
        >>> from mlgov_constructs.protection import DataKey
        >>> stack = Stack(App(), "Governance")
        >>> stop = SpendingStop(
        ...     stack,
        ...     "Stop",
        ...     budget=ProjectBudget(
        ...         stack, "Budget", project="churn", monthly_limit=500, encryption_key=DataKey(stack, "Key")
        ...     ),
        ...     roles=[iam.Role.from_role_name(stack, "People", "churn-data-scientist")],
        ... )
    """

    CONTROLS: ClassVar[tuple[str, ...]] = ("MLG-CST-03",)
    ROLE_CONTROLS: ClassVar[tuple[str, ...]] = ("MLG-CST-04",)
    STOPPED_ACTIONS: ClassVar[tuple[str, ...]] = STOPPED_ACTIONS
    BOUNDARY_ACTIONS: ClassVar[tuple[str, ...]] = ("budgets:DescribeBudgetAction*", "budgets:ExecuteBudgetAction")

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        budget: ProjectBudget,
        roles: Sequence[iam.IRole],
        threshold: float = 100,
        approval: StopApproval = StopApproval.AUTOMATIC,
    ) -> None:
        _check_roles(scope, construct_id, roles)
        if not math.isfinite(threshold) or threshold <= 0:
            raise ConstructError(
                scope, construct_id, f"threshold {threshold!r} never stops", "Use per cent of the budget, more than 0."
            )
        super().__init__(scope, construct_id)
        self.policy = iam.ManagedPolicy(
            self,
            "Policy",
            description="Refuses new work while the budget of the project is spent",
            document=_document([stop_statement()]),
        )
        role = self._action_role(roles)
        action = budgets.CfnBudgetsAction(
            self,
            "Resource",
            action_type="APPLY_IAM_POLICY",
            action_threshold={"type": "PERCENTAGE", "value": threshold},
            notification_type="ACTUAL",
            approval_model=approval.value,
            budget_name=budget.budget_name,
            execution_role_arn=role.role_arn,
            definition={
                "iamActionDefinition": {
                    "policyArn": self.policy.managed_policy_arn,
                    "roles": [each.role_name for each in roles],
                }
            },
            subscribers=[
                {"type": "SNS", "address": budget.topic.topic_arn},
                *({"type": "EMAIL", "address": email} for email in budget.emails),
            ],
        )
        # AWS Budgets tests the role and the topic when the action is created.
        action.node.add_dependency(role.rights, budget.topic.node.find_child("Policy"))
        claim(action, self.CONTROLS)
        self.action_id: str = action.attr_action_id
        self._budget_name = budget.budget_name

    def grant_decide(self, grantee: iam.IGrantable) -> None:
        """Let someone approve the stop, reverse it and reset it, and see what became of it.

        A ``PermissionsBoundary`` of the grantee must admit :attr:`BOUNDARY_ACTIONS`. Give it to nobody whom
        the stop holds.

        Args:
            grantee: Who decides, the owner of the budget for example.
        """
        action = aws_tokens().arn("budgets", f"budget/{self._budget_name}/action/{self.action_id}", region="")
        give(grantee, [statement(DECIDE, action)])

    def _action_role(self, roles: Sequence[iam.IRole]) -> GovernedRole:
        tokens = aws_tokens()
        policy_arn = self.policy.managed_policy_arn
        ceiling = iam.ManagedPolicy(
            self,
            "Ceiling",
            description="Ceiling of the role that stops spending: one policy, at any role",
            document=_document([_attach(policy_arn, tokens.arn("iam", "role/*", region=""))]),
        )
        role = GovernedRole(
            self,
            "Role",
            assumed_by=iam.ServicePrincipal(
                service_principal("budgets"),
                conditions={
                    "StringEquals": {"aws:SourceAccount": tokens.account},
                    "ArnLike": {"aws:SourceArn": tokens.arn("budgets", "budget/*", region="")},
                },
            ),
            description="Attaches the policy that stops spending",
            permissions_boundary=ceiling,
            statements=[_attach(policy_arn, [each.role_arn for each in roles])],
        )
        # The boundary that an app applies to all its roles would forbid what this one is for.
        iam.PermissionsBoundary.of(role).apply(ceiling)
        claim(role, self.ROLE_CONTROLS)
        for policy in (ceiling, role.rights):
            claim(policy, self.ROLE_CONTROLS)
        return role


def _attach(policy_arn: str, resource: str | list[str]) -> dict[str, Any]:
    return {
        "Sid": "AttachTheStop",
        "Effect": "Allow",
        "Action": ["iam:AttachRolePolicy", "iam:DetachRolePolicy"],
        "Resource": resource,
        "Condition": {"ArnEquals": {"iam:PolicyARN": policy_arn}},
    }


def _document(statements: list[dict[str, Any]]) -> iam.PolicyDocument:
    return iam.PolicyDocument.from_json({"Version": "2012-10-17", "Statement": statements})


def _check_roles(scope: Construct, construct_id: str, roles: Sequence[iam.IRole]) -> None:
    if not 1 <= len(roles) <= MOST_ROLES:
        raise ConstructError(
            scope,
            construct_id,
            f"{len(roles)} roles cannot be stopped by one action",
            f"Name 1 to {MOST_ROLES} roles of the project.",
        )
    paths = [role.node.path for role in roles]
    if twice := [path for path in paths if paths.count(path) > 1]:
        raise ConstructError(scope, construct_id, f"the role {twice[0]} is named twice", "Name each role once.")
    own = Stack.of(scope).account
    accounts = {role.node.path: role.principal_account for role in roles}
    for path, account in accounts.items():
        if account not in (None, own) and not Token.is_unresolved(account) and not Token.is_unresolved(own):
            raise ConstructError(
                scope,
                construct_id,
                f"the role {path} is of account {account}, and AWS Budgets acts in its own, {own}",
                "Give that account a budget and a stop of its own.",
            )
    full = [
        role.node.path
        for role in roles
        if isinstance(role, GovernedRole) and role.policy_count >= MOST_POLICIES_OF_A_ROLE
    ]
    if full:
        raise ConstructError(
            scope,
            construct_id,
            f"the role {full[0]} has {MOST_POLICIES_OF_A_ROLE} policies, so the stop could not be attached",
            "Give it fewer rights, or divide it into two roles.",
        )
