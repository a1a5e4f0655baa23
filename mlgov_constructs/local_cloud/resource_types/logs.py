"""Amazon CloudWatch Logs."""

from typing import Any

from mlgov_constructs.local_cloud.resource_types.resource_type import (
    Call,
    Properties,
    ResourceType,
    dropped_tags,
    tag_map,
)


class LogGroup(ResourceType):
    """A log group."""

    type_name = "AWS::Logs::LogGroup"
    properties = ("KmsKeyId", "LogGroupClass", "LogGroupName", "RetentionInDays", "Tags")
    create_only = ("LogGroupName",)
    name_property = "LogGroupName"
    tags = "list"

    def create(self, call: Call) -> str:
        """Creates the log group."""
        name = call.name("LogGroupName", max_length=512)
        call.invoke(
            "logs",
            "CreateLogGroup",
            logGroupName=name,
            tags=tag_map(call.properties.get("Tags")) or None,
            **call.pick("KmsKeyId", "LogGroupClass"),
        )
        return name

    def configure(self, call: Call, physical_id: str, old: Properties) -> None:
        """Sets retention, key and tags."""
        new = call.properties
        if days := new.get("RetentionInDays"):
            call.invoke("logs", "PutRetentionPolicy", logGroupName=physical_id, retentionInDays=days)
        elif old.get("RetentionInDays"):
            call.invoke("logs", "DeleteRetentionPolicy", logGroupName=physical_id)
        if not old:
            return
        if new.get("LogGroupClass") != old.get("LogGroupClass"):
            raise ValueError("LogGroupClass cannot be changed after the log group was created.")
        if new.get("KmsKeyId") != old.get("KmsKeyId"):
            _set_key(call, physical_id)
        arn = self.attributes(call, physical_id)["Arn"].removesuffix(":*")
        if removed := dropped_tags(old, call):
            call.invoke("logs", "UntagResource", resourceArn=arn, tagKeys=removed)
        if tags := tag_map(new.get("Tags")):
            call.invoke("logs", "TagResource", resourceArn=arn, tags=tags)

    def attributes(self, call: Call, physical_id: str) -> dict[str, Any]:
        """Returns the ARN, with the ``:*`` that CloudFormation gives it."""
        groups = call.invoke("logs", "DescribeLogGroups", logGroupNamePrefix=physical_id)["logGroups"]
        arn = next(group["arn"] for group in groups if group["logGroupName"] == physical_id)
        return {"Arn": arn.removesuffix(":*") + ":*"}

    def delete(self, call: Call, physical_id: str) -> None:
        """Deletes the log group."""
        call.invoke("logs", "DeleteLogGroup", logGroupName=physical_id)


class MetricFilter(ResourceType):
    """A metric filter on a log group."""

    type_name = "AWS::Logs::MetricFilter"
    properties = ("FilterName", "FilterPattern", "LogGroupName", "MetricTransformations")
    create_only = ("FilterName", "LogGroupName")

    def create(self, call: Call) -> str:
        """Creates the filter."""
        name = call.name("FilterName", max_length=512)
        self._put(call, name)
        return name

    def configure(self, call: Call, physical_id: str, old: Properties) -> None:
        """Puts the filter again."""
        if old:
            self._put(call, physical_id)

    def delete(self, call: Call, physical_id: str) -> None:
        """Deletes the filter."""
        call.invoke("logs", "DeleteMetricFilter", filterName=physical_id, **call.pick("LogGroupName"))

    @staticmethod
    def _put(call: Call, name: str) -> None:
        transformations = [
            {**item, "Dimensions": {pair["Key"]: pair["Value"] for pair in item["Dimensions"]}}
            if "Dimensions" in item
            else item
            for item in call.properties["MetricTransformations"]
        ]
        call.invoke(
            "logs",
            "PutMetricFilter",
            filterName=name,
            metricTransformations=transformations,
            **call.pick("FilterPattern", "LogGroupName"),
        )


def _set_key(call: Call, name: str) -> None:
    if key := call.properties.get("KmsKeyId"):
        call.invoke("logs", "AssociateKmsKey", logGroupName=name, kmsKeyId=key)
    else:
        call.invoke("logs", "DisassociateKmsKey", logGroupName=name)
