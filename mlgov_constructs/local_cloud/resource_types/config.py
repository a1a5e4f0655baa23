"""AWS Config."""

from typing import Any

from mlgov_constructs.local_cloud.resource_types.resource_type import (
    Call,
    Properties,
    ResourceType,
    dropped_tags,
    tag_map,
)


class ConfigurationRecorder(ResourceType):
    """A recorder, which starts when there is a channel."""

    type_name = "AWS::Config::ConfigurationRecorder"
    create_only = ("Name",)
    properties = (*create_only, "RecordingGroup", "RecordingMode", "RoleARN")
    name_property = "Name"

    def create(self, call: Call) -> str:
        """Names the recorder; it is made when it is configured."""
        return call.name("Name", max_length=256)

    def configure(self, call: Call, physical_id: str, old: Properties) -> None:
        """Sets role, group and frequency, and starts it."""
        settings = {"name": physical_id, **call.without("Name")}
        call.invoke("config", "PutConfigurationRecorder", ConfigurationRecorder=settings)
        _start(call)

    def delete(self, call: Call, physical_id: str) -> None:
        """Deletes the recorder."""
        call.invoke("config", "DeleteConfigurationRecorder", ConfigurationRecorderName=physical_id)


class DeliveryChannel(ResourceType):
    """A delivery channel, with which the recorder starts."""

    type_name = "AWS::Config::DeliveryChannel"
    create_only = ("Name",)
    properties = (
        *create_only,
        "ConfigSnapshotDeliveryProperties",
        "S3BucketName",
        "S3KeyPrefix",
        "S3KmsKeyArn",
        "SnsTopicARN",
    )
    name_property = "Name"

    def create(self, call: Call) -> str:
        """Names the channel; it is made when it is configured."""
        return call.name("Name", max_length=256)

    def configure(self, call: Call, physical_id: str, old: Properties) -> None:
        """Sets where it delivers to, and starts the recorder."""
        call.invoke("config", "PutDeliveryChannel", DeliveryChannel={"name": physical_id, **call.without("Name")})
        _start(call)

    def delete(self, call: Call, physical_id: str) -> None:
        """Stops the recorder, as CloudFormation does, and deletes the channel."""
        for recorder in _recorders(call):
            call.invoke("config", "StopConfigurationRecorder", ConfigurationRecorderName=recorder)
        call.invoke("config", "DeleteDeliveryChannel", DeliveryChannelName=physical_id)


class ConfigRule(ResourceType):
    """A rule."""

    type_name = "AWS::Config::ConfigRule"
    create_only = ("ConfigRuleName",)
    properties = (
        *create_only,
        "Description",
        "EvaluationModes",
        "InputParameters",
        "MaximumExecutionFrequency",
        "Scope",
        "Source",
    )
    name_property = "ConfigRuleName"

    def create(self, call: Call) -> str:
        """Names the rule; it is made when it is configured."""
        return call.name("ConfigRuleName", max_length=128)

    def configure(self, call: Call, physical_id: str, old: Properties) -> None:
        """Sets source, scope and parameters."""
        call.invoke("config", "PutConfigRule", ConfigRule={**call.properties, "ConfigRuleName": physical_id})

    def attributes(self, call: Call, physical_id: str) -> dict[str, Any]:
        """Returns ARN and id."""
        (rule,) = call.invoke("config", "DescribeConfigRules", ConfigRuleNames=[physical_id])["ConfigRules"]
        return {"Arn": rule["ConfigRuleArn"], "ConfigRuleId": rule["ConfigRuleId"]}

    def delete(self, call: Call, physical_id: str) -> None:
        """Deletes the rule."""
        call.invoke("config", "DeleteConfigRule", ConfigRuleName=physical_id)


class ConformancePack(ResourceType):
    """A conformance pack, with the rules of its template."""

    type_name = "AWS::Config::ConformancePack"
    create_only = ("ConformancePackName",)
    properties = (
        *create_only,
        "ConformancePackInputParameters",
        "DeliveryS3Bucket",
        "DeliveryS3KeyPrefix",
        "Tags",
        "TemplateBody",
    )
    name_property = "ConformancePackName"
    tags = "list"

    def create(self, call: Call) -> str:
        """Creates the pack."""
        call.invoke("config", "PutConformancePack", Tags=call.tags or None, **call.without("Tags"))
        return str(call.properties["ConformancePackName"])

    def configure(self, call: Call, physical_id: str, old: Properties) -> None:
        """Changes template, parameters and tags."""
        if not old:
            return
        before = {name: value for name, value in old.items() if name != "Tags"}
        if call.without("Tags") != before:
            call.invoke("config", "PutConformancePack", **call.without("Tags"))
        names = [physical_id]
        (pack,) = call.invoke("config", "DescribeConformancePacks", ConformancePackNames=names)[
            "ConformancePackDetails"
        ]
        _retag(call, pack["ConformancePackArn"], old)

    def delete(self, call: Call, physical_id: str) -> None:
        """Deletes the pack with its rules."""
        call.invoke("config", "DeleteConformancePack", ConformancePackName=physical_id)


class ConfigurationAggregator(ResourceType):
    """An aggregator of accounts or of the organization."""

    type_name = "AWS::Config::ConfigurationAggregator"
    create_only = ("ConfigurationAggregatorName",)
    properties = (*create_only, "AccountAggregationSources", "OrganizationAggregationSource", "Tags")
    name_property = "ConfigurationAggregatorName"
    tags = "list"

    def create(self, call: Call) -> str:
        """Creates the aggregator."""
        name = call.name("ConfigurationAggregatorName", max_length=256)
        self._put(call, name, Tags=call.tags or None)
        return name

    def configure(self, call: Call, physical_id: str, old: Properties) -> None:
        """Changes sources and tags."""
        if old:
            self._put(call, physical_id)
            _retag(call, self._found(call, physical_id)["ConfigurationAggregatorArn"], old)

    def attributes(self, call: Call, physical_id: str) -> dict[str, Any]:
        """Returns the ARN."""
        return {"ConfigurationAggregatorArn": self._found(call, physical_id)["ConfigurationAggregatorArn"]}

    def delete(self, call: Call, physical_id: str) -> None:
        """Deletes the aggregator."""
        call.invoke("config", "DeleteConfigurationAggregator", ConfigurationAggregatorName=physical_id)

    def _put(self, call: Call, name: str, **more: Any) -> None:
        sources = call.pick("AccountAggregationSources", "OrganizationAggregationSource")
        call.invoke("config", "PutConfigurationAggregator", ConfigurationAggregatorName=name, **sources, **more)

    def _found(self, call: Call, name: str) -> dict[str, Any]:
        answer = call.invoke("config", "DescribeConfigurationAggregators", ConfigurationAggregatorNames=[name])
        (found,) = answer["ConfigurationAggregators"]
        return dict(found)


def _recorders(call: Call) -> list[str]:
    found = call.invoke("config", "DescribeConfigurationRecorders")["ConfigurationRecorders"]
    return [recorder["name"] for recorder in found]


def _start(call: Call) -> None:
    """Starts the recorder once there is a channel, as CloudFormation does."""
    if not call.invoke("config", "DescribeDeliveryChannels")["DeliveryChannels"]:
        return
    for recorder in _recorders(call):
        call.invoke("config", "StartConfigurationRecorder", ConfigurationRecorderName=recorder)


def _retag(call: Call, arn: str, old: Properties) -> None:
    if removed := dropped_tags(old, call):
        call.invoke("config", "UntagResource", ResourceArn=arn, TagKeys=removed)
    if call.tags and tag_map(call.tags) != tag_map(old.get("Tags")):
        call.invoke("config", "TagResource", ResourceArn=arn, Tags=call.tags)
