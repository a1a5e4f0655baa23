"""AWS Budgets."""

from typing import Any

from mlgov_constructs.local_cloud.resource_types.resource_type import Call, Properties, ResourceType, tag_map


class Budget(ResourceType):
    """A budget with its notifications."""

    type_name = "AWS::Budgets::Budget"
    properties = ("Budget", "NotificationsWithSubscribers", "ResourceTags")
    create_only = ("Budget/BudgetName", "NotificationsWithSubscribers")

    def create(self, call: Call) -> str:
        """Creates the budget; its physical id is its name."""
        name = str(call.properties["Budget"].get("BudgetName") or call.make_name(100, False))
        call.invoke(
            "budgets",
            "CreateBudget",
            AccountId=call.clients.account,
            Budget={**call.properties["Budget"], "BudgetName": name},
            **call.pick("NotificationsWithSubscribers", "ResourceTags"),
        )
        return name

    def configure(self, call: Call, physical_id: str, old: Properties) -> None:
        """Sets amount, filters and tags."""
        if not old:
            return
        account = call.clients.account
        budget = {**call.properties["Budget"], "BudgetName": physical_id}
        call.invoke("budgets", "UpdateBudget", AccountId=account, NewBudget=budget)
        arn = f"arn:{call.clients.partition}:budgets::{account}:budget/{physical_id}"
        before, after = tag_map(old.get("ResourceTags")), tag_map(call.properties.get("ResourceTags"))
        if removed := sorted(before.keys() - after.keys()):
            call.invoke("budgets", "UntagResource", ResourceARN=arn, ResourceTagKeys=removed)
        if after:
            tags = [{"Key": key, "Value": value} for key, value in after.items()]
            call.invoke("budgets", "TagResource", ResourceARN=arn, ResourceTags=tags)

    def attributes(self, call: Call, physical_id: str) -> dict[str, Any]:
        """Returns the id."""
        return {"Id": physical_id}

    def delete(self, call: Call, physical_id: str) -> None:
        """Deletes the budget."""
        call.invoke("budgets", "DeleteBudget", AccountId=call.clients.account, BudgetName=physical_id)


class BudgetsAction(ResourceType):
    """What a budget does once it is spent."""

    type_name = "AWS::Budgets::BudgetsAction"
    properties = (
        "ActionThreshold",
        "ActionType",
        "ApprovalModel",
        "BudgetName",
        "Definition",
        "ExecutionRoleArn",
        "NotificationType",
        "ResourceTags",
        "Subscribers",
    )
    create_only = ("ActionType", "BudgetName")

    def create(self, call: Call) -> str:
        """Creates the action; its physical id is its id and the name of its budget."""
        answer = call.invoke(
            "budgets",
            "CreateBudgetAction",
            AccountId=call.clients.account,
            ActionType=call.properties["ActionType"],
            BudgetName=call.properties["BudgetName"],
            ResourceTags=call.properties.get("ResourceTags"),
            **_action(call),
        )
        return f"{answer['ActionId']}|{answer['BudgetName']}"

    def configure(self, call: Call, physical_id: str, old: Properties) -> None:
        """Sets threshold, approval, definition, role and subscribers."""
        if old:
            call.invoke("budgets", "UpdateBudgetAction", **_named(call, physical_id), **_action(call))

    def attributes(self, call: Call, physical_id: str) -> dict[str, Any]:
        """Returns the id."""
        return {"ActionId": physical_id.split("|", maxsplit=1)[0]}

    def delete(self, call: Call, physical_id: str) -> None:
        """Deletes the action."""
        call.invoke("budgets", "DeleteBudgetAction", **_named(call, physical_id))


def _named(call: Call, physical_id: str) -> dict[str, str]:
    action, budget = physical_id.split("|", 1)
    return {"AccountId": call.clients.account, "BudgetName": budget, "ActionId": action}


def _action(call: Call) -> dict[str, Any]:
    """Returns what may change, in the words of the API."""
    threshold = call.properties["ActionThreshold"]
    return {
        **call.pick("Definition", "ExecutionRoleArn", "NotificationType"),
        "ApprovalModel": call.properties.get("ApprovalModel", "MANUAL"),
        "ActionThreshold": {"ActionThresholdType": threshold["Type"], "ActionThresholdValue": threshold["Value"]},
        "Subscribers": [
            {"SubscriptionType": each["Type"], "Address": each["Address"]} for each in call.properties["Subscribers"]
        ],
    }
