"""Faults of budgets."""

from __future__ import annotations

from collections.abc import Callable

from tests.controls.mutations.faults import (
    DOCUMENT,
    TRUST,
    Mutation,
    Resource,
    actions,
    allow,
    claims,
    drops,
    has_statement,
    inline,
    sets,
    statement_added,
    statements_changed,
    statements_removed,
    with_value,
    without,
)

BUDGET = "AWS::Budgets::Budget"
ACTION = "AWS::Budgets::BudgetsAction"
SUBSCRIPTION = "AWS::CE::AnomalySubscription"
POLICY, ROLE = "AWS::IAM::ManagedPolicy", "AWS::IAM::Role"
ATTACH = "iam:AttachRolePolicy"


def notifies(kind: str) -> Callable[[Resource], bool]:
    """The notifications of a kind."""
    return lambda entry: bool(entry["Notification"]["NotificationType"] == kind)


def attaches(statement: Resource) -> bool:
    """The statements that allow to attach policies."""
    return ATTACH in actions(statement) and statement["Effect"] == "Allow"


def trusts_budgets(statement: Resource) -> bool:
    """The statements that trust AWS Budgets."""
    return "budgets" in str(statement.get("Principal"))


COST = (
    *(
        Mutation("MLG-CST-01", f"{kind} {fault}", BUDGET, change)
        for kind in ("ACTUAL", "FORECASTED")
        for fault, change in (
            ("is not notified", statements_removed("Properties/NotificationsWithSubscribers", notifies(kind))),
            (
                "has no subscriber",
                statements_changed("Properties/NotificationsWithSubscribers", notifies(kind), sets(Subscribers=[])),
            ),
        )
    ),
    Mutation("MLG-CST-01", "notifies nobody", BUDGET, without("Properties/NotificationsWithSubscribers")),
    Mutation("MLG-CST-02", "counts every project", BUDGET, without("Properties/Budget/CostFilters")),
    Mutation(
        "MLG-CST-02",
        "counts a service",
        BUDGET,
        with_value("Properties/Budget/CostFilters", {"Service": ["Amazon S3"]}),
    ),
    Mutation("MLG-CST-03", "acts on a forecast", ACTION, with_value("Properties/NotificationType", "FORECASTED")),
    Mutation("MLG-CST-03", "tells nobody", ACTION, without("Properties/Subscribers")),
    Mutation("MLG-CST-03", "has no subscriber", ACTION, with_value("Properties/Subscribers", [])),
    Mutation("MLG-CST-03", "stops nobody", ACTION, without("Properties/Definition/IamActionDefinition/Roles")),
    *(
        Mutation(
            "MLG-CST-04",
            f"attaches without {', '.join(path)}",
            POLICY,
            statements_changed(DOCUMENT, attaches, drops(*path)),
            where=lambda resource: claims("MLG-CST-04")(resource) and has_statement(DOCUMENT, attaches)(resource),
        )
        for path in (("Condition",), ("Condition", "ArnEquals"))
    ),
    Mutation("MLG-CST-04", "attaches anything", POLICY, statement_added(DOCUMENT, allow("iam:Attach*"))),
    Mutation("MLG-CST-04", "attaches anything by itself", ROLE, inline(allow(ATTACH)), where=claims("MLG-CST-04")),
    Mutation(
        "MLG-CST-04",
        "acts for another account",
        ROLE,
        statements_changed(TRUST, trusts_budgets, drops("Condition")),
        where=has_statement(TRUST, trusts_budgets),
    ),
    Mutation("MLG-CST-05", "has no monitor", SUBSCRIPTION, with_value("Properties/MonitorArnList", [])),
    Mutation("MLG-CST-05", "tells nobody", SUBSCRIPTION, with_value("Properties/Subscribers", [])),
    Mutation("MLG-CST-05", "has no threshold", SUBSCRIPTION, without("Properties/ThresholdExpression")),
    *(
        Mutation("MLG-CST-06", fault, f"AWS::SageMaker::{kind}", change)
        for kind in ("Endpoint", "MlflowTrackingServer", "NotebookInstance", "Space", "UserProfile")
        for fault, change in (
            ("has no tag", without("Properties/Tags")),
            ("has tags of nobody", with_value("Properties/Tags", [{"Key": "owner", "Value": "ana"}])),
        )
    ),
)
