"""AWS Budgets: moto's, with the actions and the budget that IAM authorizes a request on.

IAM knows two actions for all that is done with budgets, their notifications and subscribers: to see and to modify.
Budget actions have actions of their own.
Source: service authorization reference, "Actions, resources, and condition keys for AWS Budget Service".
"""

from typing import Any

from ministack.core import iam_actions

from mlgov_constructs.local_cloud import enforcement

_SERVICE = "budgets"
_SEE, _MODIFY = "budgets:ViewBudget", "budgets:ModifyBudget"
_TAGS = ("ListTagsForResource", "TagResource", "UntagResource")


def install() -> None:
    """Names the action and the budget of a request as IAM does; to be called once."""
    action_of, resource_of = iam_actions.extract_iam_action, iam_actions.extract_resource_arn

    def extract_iam_action(service: str, *rest: Any) -> str | None:
        action: str | None = action_of(service, *rest)
        operation = (action or "").rpartition(":")[2]
        if service != _SERVICE or not operation or operation in _TAGS or "BudgetAction" in operation:
            return action
        return _SEE if operation.startswith("Describe") else _MODIFY

    def extract_resource_arn(service: str, method: str, path: str, *rest: Any) -> str:
        found = str(resource_of(service, method, path, *rest))
        if service != _SERVICE:
            return found
        _, body, query, _, account = rest
        name = next(
            (
                given if isinstance(given, str) else given["BudgetName"]
                for field in ("BudgetName", "Budget", "NewBudget")
                if (given := iam_actions._param(body, query, field))
            ),
            "*",
        )
        arn = f"arn:{enforcement.partition()}:budgets::{account}:budget/{name}"
        action = iam_actions._param(body, query, "ActionId")
        return f"{arn}/action/{action}" if action else arn

    iam_actions.extract_iam_action = extract_iam_action
    iam_actions.extract_resource_arn = extract_resource_arn
