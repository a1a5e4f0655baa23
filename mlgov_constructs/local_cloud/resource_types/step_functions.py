"""AWS Step Functions."""

from typing import Any

from mlgov_constructs.local_cloud.resource_types.resource_type import (
    Call,
    Properties,
    ResourceType,
    dropped_tags,
    tag_map,
)

# Property and the API's parameter.
_SETTINGS = {
    "DefinitionString": "definition",
    "EncryptionConfiguration": "encryptionConfiguration",
    "LoggingConfiguration": "loggingConfiguration",
    "RoleArn": "roleArn",
    "TracingConfiguration": "tracingConfiguration",
}


class StateMachine(ResourceType):
    """A state machine; its executions run here, and wait for a hundredth of their time."""

    type_name = "AWS::StepFunctions::StateMachine"
    properties = (*_SETTINGS, "StateMachineName", "StateMachineType", "Tags")
    create_only = ("StateMachineName", "StateMachineType")
    name_property = "StateMachineName"
    tags = "list"

    def create(self, call: Call) -> str:
        """Creates the state machine; its physical id is its ARN."""
        answer = call.invoke(
            "stepfunctions",
            "CreateStateMachine",
            name=call.name("StateMachineName", max_length=80),
            type=call.properties.get("StateMachineType"),
            tags=_tags(call) or None,
            **_settings(call),
        )
        return str(answer["stateMachineArn"])

    def configure(self, call: Call, physical_id: str, old: Properties) -> None:
        """Changes definition, role, key, log and tracing; running executions keep what they began with."""
        if not old:
            return
        if any(call.properties.get(name) != old.get(name) for name in _SETTINGS):
            call.invoke("stepfunctions", "UpdateStateMachine", stateMachineArn=physical_id, **_settings(call))
        if removed := dropped_tags(old, call):
            call.invoke("stepfunctions", "UntagResource", resourceArn=physical_id, tagKeys=removed)
        if call.tags and tag_map(call.tags) != tag_map(old.get("Tags")):
            call.invoke("stepfunctions", "TagResource", resourceArn=physical_id, tags=_tags(call))

    def attributes(self, call: Call, physical_id: str) -> dict[str, Any]:
        """Returns ARN, name and revision."""
        found = call.invoke("stepfunctions", "DescribeStateMachine", stateMachineArn=physical_id)
        return {
            "Arn": physical_id,
            "Name": found["name"],
            "StateMachineRevisionId": found.get("revisionId", "INITIAL"),
        }

    def delete(self, call: Call, physical_id: str) -> None:
        """Deletes the state machine."""
        call.invoke("stepfunctions", "DeleteStateMachine", stateMachineArn=physical_id)


def _settings(call: Call) -> dict[str, Any]:
    return {parameter: call.properties[name] for name, parameter in _SETTINGS.items() if name in call.properties}


def _tags(call: Call) -> list[dict[str, str]]:
    return [{"key": tag["Key"], "value": tag["Value"]} for tag in call.tags]
