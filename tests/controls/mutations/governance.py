"""Faults of trails and alarms."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from tests.controls.mutations.faults import (
    Mutation,
    Resource,
    Resources,
    claims,
    removed,
    statement_added,
    with_value,
    without,
)

TRAIL, ALARM, FILTER = "AWS::CloudTrail::Trail", "AWS::CloudWatch::Alarm", "AWS::Logs::MetricFilter"
DATA_SELECTOR = "Properties/AdvancedEventSelectors/1/FieldSelectors"
WATCHED = {
    'userIdentity.type = "Root"': "root-use",
    "StopLogging": "trail-change",
    "ScheduleKeyDeletion": "key-deletion",
    "PutRolePolicy": "iam-policy-change",
}


def watches(event: str) -> Callable[[Resource], bool]:
    """The metric filters that look for an event."""
    return lambda resource: event in resource["Properties"]["FilterPattern"]


def measures(metric: str) -> Callable[[Resource], bool]:
    """The alarms on a metric."""
    return lambda resource: bool(resource["Properties"]["MetricName"] == metric)


def records_everywhere(resource: Resource) -> bool:
    """The trails that do not deviate from recording every region."""
    return claims("MLG-GOV-02")(resource)


def alarm_removed(resources: Resources, ids: list[str]) -> Iterable[str]:
    """Remove the alarms; the metric filters that nobody hears now are accused."""
    metrics = {resources.pop(logical_id)["Properties"]["MetricName"] for logical_id in ids}
    return [
        name
        for name, resource in resources.items()
        if resource["Type"] == FILTER and resource["Properties"]["MetricTransformations"][0]["MetricName"] in metrics
    ]


GOVERNANCE = (
    Mutation("MLG-GOV-01", "is stopped", TRAIL, with_value("Properties/IsLogging", False)),
    Mutation("MLG-GOV-01", "does not say whether it records", TRAIL, without("Properties/IsLogging")),
    *(
        Mutation("MLG-GOV-02", f"{name} is {fault}", TRAIL, change, records_everywhere)
        for name in ("IsMultiRegionTrail", "IncludeGlobalServiceEvents")
        for fault, change in (
            ("off", with_value(f"Properties/{name}", False)),
            ("left out", without(f"Properties/{name}")),
        )
    ),
    Mutation("MLG-GOV-03", "writes no digests", TRAIL, with_value("Properties/EnableLogFileValidation", False)),
    Mutation("MLG-GOV-03", "says nothing of digests", TRAIL, without("Properties/EnableLogFileValidation")),
    Mutation("MLG-GOV-04", "has no key", TRAIL, without("Properties/KMSKeyId")),
    Mutation("MLG-GOV-05", "has no selectors", TRAIL, without("Properties/AdvancedEventSelectors")),
    Mutation("MLG-GOV-05", "records management only", TRAIL, without("Properties/AdvancedEventSelectors/1")),
    Mutation("MLG-GOV-05", "records tables", TRAIL, with_value(f"{DATA_SELECTOR}/1/Equals", ["AWS::DynamoDB::Table"])),
    Mutation(
        "MLG-GOV-05",
        "records writes only",
        TRAIL,
        statement_added(DATA_SELECTOR, {"Field": "readOnly", "Equals": ["false"]}),
    ),
    Mutation(
        "MLG-GOV-05",
        "records one operation only",
        TRAIL,
        statement_added(DATA_SELECTOR, {"Field": "eventName", "Equals": ["PutObject"]}),
    ),
    Mutation("MLG-GOV-06", "has no action", ALARM, without("Properties/AlarmActions")),
    Mutation("MLG-GOV-06", "has an empty list of actions", ALARM, with_value("Properties/AlarmActions", [])),
    Mutation("MLG-GOV-06", "actions are off", ALARM, with_value("Properties/ActionsEnabled", False)),
    Mutation("MLG-GOV-07", "writes to no log group", TRAIL, without("Properties/CloudWatchLogsLogGroupArn")),
    Mutation("MLG-GOV-07", "has no role to write with", TRAIL, without("Properties/CloudWatchLogsRoleArn")),
    *(Mutation("MLG-GOV-07", f"for {event} is removed", FILTER, removed, watches(event)) for event in WATCHED),
    *(
        Mutation("MLG-GOV-07", f"on {metric} is removed", ALARM, alarm_removed, measures(metric))
        for metric in WATCHED.values()
    ),
)
