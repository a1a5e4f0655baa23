"""The actions of AWS Budgets, which the emulator lacks: what they are, and what they do once approved.

Nothing is ever spent here, so no threshold is passed: ``ExecuteBudgetAction`` acts as if it had been.
"""

import uuid
from collections.abc import Mapping
from typing import Any

from ministack.services import budgets

from mlgov_constructs.local_cloud import enforcement, moto_bridge
from mlgov_constructs.local_cloud.errors import ServiceError
from mlgov_constructs.local_cloud.services.json_service import JsonService, Operation, Request
from mlgov_constructs.local_cloud.services.service_catalog import own

_SERVICE = "budgets"
_IDENTITY = ("AccountId", "BudgetName", "ActionId")
# What is done to a role, and the state that follows.
_EXECUTIONS = {
    "APPROVE_BUDGET_ACTION": ("AttachRolePolicy", "EXECUTION_SUCCESS"),
    "RETRY_BUDGET_ACTION": ("AttachRolePolicy", "EXECUTION_SUCCESS"),
    "REVERSE_BUDGET_ACTION": ("DetachRolePolicy", "REVERSE_SUCCESS"),
    "RESET_BUDGET_ACTION": ("", "STANDBY"),
}
_Record = dict[str, Any]

_actions: dict[tuple[str, str], _Record] = {}
"""By account and id."""


def reset() -> None:
    """Forgets everything."""
    _actions.clear()


def _check(request: Request, action: Mapping[str, Any]) -> None:
    """Refuses an action of no budget, or one whose role AWS Budgets cannot assume."""
    if action["BudgetName"] not in budgets._budgets:
        raise ServiceError(
            "NotFoundException", f"Unable to get budget: {action['BudgetName']} - the budget doesn't exist."
        )
    if action["ActionType"] != "APPLY_IAM_POLICY":
        raise ServiceError("UnsupportedOperation", f"The local cloud does not model {action['ActionType']}.", 501)
    definition = action["Definition"].get("IamActionDefinition", {})
    if not any(definition.get(whom) for whom in ("Roles", "Groups", "Users")):
        raise ServiceError("InvalidParameterException", "Definition names no role, group or user")
    enforcement.check_pass_role(request.caller, action["ExecutionRoleArn"], _SERVICE)
    enforcement.session_of(action["ExecutionRoleArn"], assumed_by=_SERVICE)


def _create(request: Request) -> dict[str, Any]:
    given = {name: value for name, value in request.parameters.items() if name not in ("AccountId", "ResourceTags")}
    _check(request, given)
    action_id = str(uuid.uuid4())
    _actions[request.caller.account, action_id] = {**given, "ActionId": action_id, "Status": "STANDBY"}
    return {"AccountId": request.caller.account, "BudgetName": given["BudgetName"], "ActionId": action_id}


def _find(request: Request) -> _Record:
    found = _actions.get((request.caller.account, request["ActionId"]))
    if found is None or found["BudgetName"] != request["BudgetName"]:
        raise ServiceError("NotFoundException", f"Unable to find action {request['ActionId']}")
    return found


def _identity(request: Request) -> dict[str, Any]:
    return {name: request[name] for name in _IDENTITY if name != "ActionId"}


def _update(request: Request) -> dict[str, Any]:
    old = _find(request)
    new = {**old, **{name: value for name, value in request.parameters.items() if name not in _IDENTITY}}
    _check(request, new)
    _actions[request.caller.account, request["ActionId"]] = new
    return {**_identity(request), "OldAction": old, "NewAction": new}


def _describe(request: Request) -> dict[str, Any]:
    return {**_identity(request), "Action": _find(request)}


def _of_budget(request: Request) -> dict[str, Any]:
    return {
        "Actions": [
            action
            for (account, _), action in _actions.items()
            if account == request.caller.account and action["BudgetName"] == request["BudgetName"]
        ]
    }


def _delete(request: Request) -> dict[str, Any]:
    action = _find(request)
    if action["Status"] == "EXECUTION_SUCCESS":
        raise ServiceError("ResourceLockedException", "The action was executed: reverse or reset it first.")
    del _actions[request.caller.account, request["ActionId"]]
    return {**_identity(request), "Action": action}


def _execute(request: Request) -> dict[str, Any]:
    """Attaches the policy to the roles, or detaches it, as the role of the action."""
    action = _find(request)
    operation, status = _EXECUTIONS[request["ExecutionType"]]
    definition = action["Definition"]["IamActionDefinition"]
    if operation:
        clients = own.clients_as(action["ExecutionRoleArn"], assumed_by=_SERVICE)
        for role in definition.get("Roles", ()):
            clients.invoke("iam", operation, {"RoleName": role, "PolicyArn": definition["PolicyArn"]})
    action["Status"] = status
    return {**{name: request[name] for name in _IDENTITY}, "ExecutionType": request["ExecutionType"]}


def _authorize(request: Request) -> None:
    """Does nothing: the emulator evaluates IAM before it hands a request of this service on."""


async def _from_emulator(
    method: str, path: str, headers: Mapping[str, str], body: bytes, query: Mapping[str, Any]
) -> moto_bridge.Answer:
    answer: moto_bridge.Answer = await budgets.handle_request(method, path, headers, body, query)
    return answer


_OPERATIONS: dict[str, Operation] = {
    "CreateBudgetAction": _create,
    "DeleteBudgetAction": _delete,
    "DescribeBudgetAction": _describe,
    "DescribeBudgetActionsForBudget": _of_budget,
    "ExecuteBudgetAction": _execute,
    "UpdateBudgetAction": _update,
}
SERVICE = JsonService(_SERVICE, _OPERATIONS, _authorize, _from_emulator)
