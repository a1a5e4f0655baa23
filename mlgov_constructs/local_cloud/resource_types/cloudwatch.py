"""Amazon CloudWatch."""

from typing import Any

from mlgov_constructs.local_cloud.resource_types.resource_type import Call, Properties, ResourceType, dropped_tags


class Alarm(ResourceType):
    """A metric alarm."""

    type_name = "AWS::CloudWatch::Alarm"
    properties = (
        "ActionsEnabled",
        "AlarmActions",
        "AlarmDescription",
        "AlarmName",
        "ComparisonOperator",
        "DatapointsToAlarm",
        "Dimensions",
        "EvaluateLowSampleCountPercentile",
        "EvaluationPeriods",
        "ExtendedStatistic",
        "InsufficientDataActions",
        "MetricName",
        "Namespace",
        "OKActions",
        "Period",
        "Statistic",
        "Tags",
        "Threshold",
        "TreatMissingData",
        "Unit",
    )
    create_only = ("AlarmName",)
    name_property = "AlarmName"
    tags = "list"

    def create(self, call: Call) -> str:
        """Creates the alarm."""
        name = call.name("AlarmName", max_length=255)
        call.invoke("cloudwatch", "PutMetricAlarm", AlarmName=name, Tags=call.tags or None, **self._rest(call))
        return name

    def configure(self, call: Call, physical_id: str, old: Properties) -> None:
        """Puts the changed alarm and its tags."""
        if not old:
            return
        call.invoke("cloudwatch", "PutMetricAlarm", AlarmName=physical_id, **self._rest(call))
        arn = self.attributes(call, physical_id)["Arn"]
        if removed := dropped_tags(old, call):
            call.invoke("cloudwatch", "UntagResource", ResourceARN=arn, TagKeys=removed)
        if call.tags:
            call.invoke("cloudwatch", "TagResource", ResourceARN=arn, Tags=call.tags)

    def attributes(self, call: Call, physical_id: str) -> dict[str, Any]:
        """Returns the ARN."""
        alarms = call.invoke("cloudwatch", "DescribeAlarms", AlarmNames=[physical_id])["MetricAlarms"]
        return {"Arn": alarms[0]["AlarmArn"]}

    def delete(self, call: Call, physical_id: str) -> None:
        """Deletes the alarm."""
        call.invoke("cloudwatch", "DeleteAlarms", AlarmNames=[physical_id])

    @staticmethod
    def _rest(call: Call) -> dict[str, Any]:
        return call.without("AlarmName", "Tags")


class Dashboard(ResourceType):
    """A dashboard."""

    type_name = "AWS::CloudWatch::Dashboard"
    properties = ("DashboardBody", "DashboardName", "Tags")
    create_only = ("DashboardName",)
    name_property = "DashboardName"
    tags = "list"

    def create(self, call: Call) -> str:
        """Creates the dashboard; its physical id is its name."""
        name = call.name("DashboardName", max_length=255)
        self._put(call, name)
        return name

    def configure(self, call: Call, physical_id: str, old: Properties) -> None:
        """Puts the changed dashboard."""
        if old:
            self._put(call, physical_id)

    def delete(self, call: Call, physical_id: str) -> None:
        """Deletes the dashboard."""
        call.invoke("cloudwatch", "DeleteDashboards", DashboardNames=[physical_id])

    @staticmethod
    def _put(call: Call, name: str) -> None:
        body = call.properties["DashboardBody"]
        call.invoke("cloudwatch", "PutDashboard", DashboardName=name, DashboardBody=body, Tags=call.tags or None)
