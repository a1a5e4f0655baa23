"""Cost Explorer."""

import json
from typing import Any

from mlgov_constructs.local_cloud.resource_types.resource_type import Call, Properties, ResourceType, dropped_tags


class AnomalyMonitor(ResourceType):
    """What is watched for anomalies."""

    type_name = "AWS::CE::AnomalyMonitor"
    properties = ("MonitorDimension", "MonitorName", "MonitorSpecification", "MonitorType", "ResourceTags")
    create_only = ("MonitorDimension", "MonitorSpecification", "MonitorType", "ResourceTags")

    def create(self, call: Call) -> str:
        """Creates the monitor; its physical id is its ARN."""
        monitor = {**call.without("MonitorSpecification", "ResourceTags"), **_parsed(call, "MonitorSpecification")}
        tags = call.properties.get("ResourceTags")
        return str(call.invoke("ce", "CreateAnomalyMonitor", AnomalyMonitor=monitor, ResourceTags=tags)["MonitorArn"])

    def configure(self, call: Call, physical_id: str, old: Properties) -> None:
        """Renames the monitor."""
        if old:
            name = call.properties["MonitorName"]
            call.invoke("ce", "UpdateAnomalyMonitor", MonitorArn=physical_id, MonitorName=name)

    def attributes(self, call: Call, physical_id: str) -> dict[str, Any]:
        """Returns ARN and dates."""
        (monitor,) = call.invoke("ce", "GetAnomalyMonitors", MonitorArnList=[physical_id])["AnomalyMonitors"]
        return {name: monitor[name] for name in ("MonitorArn", "CreationDate", "LastUpdatedDate")}

    def delete(self, call: Call, physical_id: str) -> None:
        """Deletes the monitor."""
        call.invoke("ce", "DeleteAnomalyMonitor", MonitorArn=physical_id)


class AnomalySubscription(ResourceType):
    """Who is told of anomalies."""

    type_name = "AWS::CE::AnomalySubscription"
    properties = (
        "Frequency",
        "MonitorArnList",
        "ResourceTags",
        "Subscribers",
        "SubscriptionName",
        "Threshold",
        "ThresholdExpression",
    )
    create_only = ("ResourceTags",)

    def create(self, call: Call) -> str:
        """Creates the subscription; its physical id is its ARN."""
        tags = call.properties.get("ResourceTags")
        answer = call.invoke(
            "ce", "CreateAnomalySubscription", AnomalySubscription=_subscription(call), ResourceTags=tags
        )
        return str(answer["SubscriptionArn"])

    def configure(self, call: Call, physical_id: str, old: Properties) -> None:
        """Sets who is told of what, and how often."""
        if old:
            call.invoke("ce", "UpdateAnomalySubscription", SubscriptionArn=physical_id, **_subscription(call))

    def attributes(self, call: Call, physical_id: str) -> dict[str, Any]:
        """Returns ARN and account."""
        return {"SubscriptionArn": physical_id, "AccountId": call.clients.account}

    def delete(self, call: Call, physical_id: str) -> None:
        """Deletes the subscription."""
        call.invoke("ce", "DeleteAnomalySubscription", SubscriptionArn=physical_id)


class CostCategory(ResourceType):
    """A category of the bill."""

    type_name = "AWS::CE::CostCategory"
    properties = ("DefaultValue", "Name", "RuleVersion", "Rules", "SplitChargeRules", "Tags")
    create_only = ("Name",)
    name_property = "Name"
    tags = "list"

    def create(self, call: Call) -> str:
        """Creates the category; its physical id is its ARN."""
        answer = call.invoke(
            "ce",
            "CreateCostCategoryDefinition",
            Name=call.properties["Name"],
            # moto reads the tags without asking whether there are any.
            ResourceTags=call.tags,
            **_definition(call),
        )
        return str(answer["CostCategoryArn"])

    def configure(self, call: Call, physical_id: str, old: Properties) -> None:
        """Sets rules and tags."""
        if not old:
            return
        call.invoke("ce", "UpdateCostCategoryDefinition", CostCategoryArn=physical_id, **_definition(call))
        if removed := dropped_tags(old, call):
            call.invoke("ce", "UntagResource", ResourceArn=physical_id, ResourceTagKeys=removed)
        if call.tags:
            call.invoke("ce", "TagResource", ResourceArn=physical_id, ResourceTags=call.tags)

    def attributes(self, call: Call, physical_id: str) -> dict[str, Any]:
        """Returns ARN and start."""
        answer = call.invoke("ce", "DescribeCostCategoryDefinition", CostCategoryArn=physical_id)
        return {"Arn": physical_id, "EffectiveStart": answer["CostCategory"]["EffectiveStart"]}

    def delete(self, call: Call, physical_id: str) -> None:
        """Deletes the category."""
        call.invoke("ce", "DeleteCostCategoryDefinition", CostCategoryArn=physical_id)


def _subscription(call: Call) -> dict[str, Any]:
    return {**call.without("ResourceTags", "ThresholdExpression"), **_parsed(call, "ThresholdExpression")}


def _definition(call: Call) -> dict[str, Any]:
    return {**call.pick("DefaultValue", "RuleVersion"), **_parsed(call, "Rules"), **_parsed(call, "SplitChargeRules")}


def _parsed(call: Call, name: str) -> dict[str, Any]:
    """Returns a property that a template writes as JSON text, when it is set."""
    return {name: json.loads(call.properties[name])} if name in call.properties else {}
