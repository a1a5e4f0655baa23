"""Cost Explorer: anomaly monitors and subscriptions of ours, cost categories of moto. It knows no costs."""

import datetime
import uuid
from typing import Any

from moto.ce.models import ce_backends

from mlgov_constructs.local_cloud import enforcement, moto_bridge
from mlgov_constructs.local_cloud.errors import ServiceError
from mlgov_constructs.local_cloud.services.json_service import JsonService, Operation, Request

_SERVICE = "ce"
_ARNS = ("MonitorArn", "SubscriptionArn", "CostCategoryArn")
# Of how a subscriber is told, by how often.
_CHANNELS = {"IMMEDIATE": "SNS", "DAILY": "EMAIL", "WEEKLY": "EMAIL"}
_Record = dict[str, Any]

_monitors: dict[str, _Record] = {}
_subscriptions: dict[str, _Record] = {}
"""Both by ARN, which names the account."""


def reset() -> None:
    """Forgets everything."""
    _monitors.clear()
    _subscriptions.clear()


def _new_arn(request: Request, kind: str) -> str:
    return f"arn:{enforcement.partition()}:ce::{request.caller.account}:{kind}/{uuid.uuid4()}"


def _create_monitor(request: Request) -> dict[str, Any]:
    monitor = dict(request["AnomalyMonitor"])
    managed = monitor["MonitorType"] == "DIMENSIONAL"
    if managed != ("MonitorDimension" in monitor) or (not managed and "MonitorSpecification" not in monitor):
        raise ServiceError("ValidationException", "A managed monitor has a dimension, a custom one a specification")
    of_services = monitor.get("MonitorDimension") == "SERVICE"
    if of_services and any(each.get("MonitorDimension") == "SERVICE" for each in _owned(request, _monitors)):
        raise ServiceError("LimitExceededException", "Limit exceeded on dimensional spend monitor creation")
    arn, today = _new_arn(request, "anomalymonitor"), datetime.datetime.now(datetime.UTC).date().isoformat()
    _monitors[arn] = {**monitor, "MonitorArn": arn, "CreationDate": today, "LastUpdatedDate": today}
    return {"MonitorArn": arn}


def _update_monitor(request: Request) -> dict[str, Any]:
    monitor = _find(request, _monitors, "Monitor")
    monitor["MonitorName"] = request.get("MonitorName", monitor["MonitorName"])
    return {"MonitorArn": monitor["MonitorArn"]}


def _delete_monitor(request: Request) -> dict[str, Any]:
    arn = _find(request, _monitors, "Monitor")["MonitorArn"]
    del _monitors[arn]
    for subscription in _subscriptions.values():
        subscription["MonitorArnList"] = [each for each in subscription["MonitorArnList"] if each != arn]
    return {}


def _monitors_of(request: Request) -> dict[str, Any]:
    wanted = request.get("MonitorArnList")
    return {
        "AnomalyMonitors": [each for each in _owned(request, _monitors) if not wanted or each["MonitorArn"] in wanted]
    }


def _check_subscription(subscription: _Record) -> None:
    wanted = _CHANNELS[subscription["Frequency"]]
    if any(each["Type"] != wanted for each in subscription["Subscribers"]):
        raise ServiceError("ValidationException", f"{subscription['Frequency']} notices go to {wanted} alone")
    if ("Threshold" in subscription) == ("ThresholdExpression" in subscription):
        raise ServiceError("ValidationException", "Give a Threshold or a ThresholdExpression")
    for arn in subscription["MonitorArnList"]:
        if arn not in _monitors:
            raise ServiceError("UnknownMonitorException", f"The monitor {arn} does not exist")


def _create_subscription(request: Request) -> dict[str, Any]:
    subscription = dict(request["AnomalySubscription"])
    _check_subscription(subscription)
    arn = _new_arn(request, "anomalysubscription")
    _subscriptions[arn] = {**subscription, "SubscriptionArn": arn, "AccountId": request.caller.account}
    return {"SubscriptionArn": arn}


def _update_subscription(request: Request) -> dict[str, Any]:
    subscription = _find(request, _subscriptions, "Subscription")
    changed = {**subscription, **request.parameters}
    _check_subscription(changed)
    subscription.update(changed)
    return {"SubscriptionArn": subscription["SubscriptionArn"]}


def _delete_subscription(request: Request) -> dict[str, Any]:
    del _subscriptions[_find(request, _subscriptions, "Subscription")["SubscriptionArn"]]
    return {}


def _subscriptions_of(request: Request) -> dict[str, Any]:
    wanted, monitor = request.get("SubscriptionArnList"), request.get("MonitorArn")
    return {
        "AnomalySubscriptions": [
            each
            for each in _owned(request, _subscriptions)
            if (not wanted or each["SubscriptionArn"] in wanted) and (not monitor or monitor in each["MonitorArnList"])
        ]
    }


def _owned(request: Request, records: dict[str, _Record]) -> list[_Record]:
    return [record for arn, record in records.items() if arn.split(":")[4] == request.caller.account]


def _find(request: Request, records: dict[str, _Record], noun: str) -> _Record:
    arn = request[f"{noun}Arn"]
    if arn not in records or records[arn] not in _owned(request, records):
        raise ServiceError(f"Unknown{noun}Exception", f"{arn} does not exist")
    return records[arn]


def _list_categories(request: Request) -> dict[str, Any]:
    found = ce_backends[request.caller.account][enforcement.partition()].cost_categories
    return {
        "CostCategoryReferences": [{"CostCategoryArn": each.arn, "Name": each.name} for each in found.values()],
    }


def _authorize(request: Request) -> None:
    resource = next((str(request.parameters[name]) for name in _ARNS if name in request.parameters), "*")
    enforcement.authorize(request.caller, f"{_SERVICE}:{request.operation}", resource)


_OPERATIONS: dict[str, Operation] = {
    "CreateAnomalyMonitor": _create_monitor,
    "CreateAnomalySubscription": _create_subscription,
    "DeleteAnomalyMonitor": _delete_monitor,
    "DeleteAnomalySubscription": _delete_subscription,
    "GetAnomalyMonitors": _monitors_of,
    "GetAnomalySubscriptions": _subscriptions_of,
    "ListCostCategoryDefinitions": _list_categories,
    "UpdateAnomalyMonitor": _update_monitor,
    "UpdateAnomalySubscription": _update_subscription,
}
SERVICE = JsonService(_SERVICE, _OPERATIONS, _authorize, moto_bridge.handle)
