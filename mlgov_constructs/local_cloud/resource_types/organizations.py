"""AWS Organizations."""

import json
from typing import Any

from mlgov_constructs.local_cloud.resource_types.resource_type import Call, Properties, ResourceType, dropped_tags

# What AWS Organizations takes, in characters.
_LONGEST = {
    "AISERVICES_OPT_OUT_POLICY": 2_500,
    "DECLARATIVE_POLICY_EC2": 10_000,
    "RESOURCE_CONTROL_POLICY": 5_120,
    "SERVICE_CONTROL_POLICY": 5_120,
    "TAG_POLICY": 10_000,
}


class Policy(ResourceType):
    """A policy with the units and accounts that it is attached to."""

    type_name = "AWS::Organizations::Policy"
    properties = ("Content", "Description", "Name", "Tags", "TargetIds", "Type")
    create_only = ("Type",)
    tags = "list"

    def create(self, call: Call) -> str:
        """Creates the policy; its physical id is its id."""
        answer = call.invoke(
            "organizations",
            "CreatePolicy",
            Content=_content(call),
            # The API demands what CloudFormation lets a template leave out.
            Description=call.properties.get("Description", ""),
            Name=call.properties["Name"],
            Tags=call.tags or None,
            Type=call.properties["Type"],
        )
        return str(answer["Policy"]["PolicySummary"]["Id"])

    def configure(self, call: Call, physical_id: str, old: Properties) -> None:
        """Sets content, name, tags and targets."""
        if old:
            call.invoke(
                "organizations",
                "UpdatePolicy",
                PolicyId=physical_id,
                Content=_content(call),
                **call.pick("Description", "Name"),
            )
            if removed := dropped_tags(old, call):
                call.invoke("organizations", "UntagResource", ResourceId=physical_id, TagKeys=removed)
            if call.tags:
                call.invoke("organizations", "TagResource", ResourceId=physical_id, Tags=call.tags)
        before, after = set(old.get("TargetIds") or []), set(call.properties.get("TargetIds") or [])
        for target in sorted(after - before):
            call.invoke("organizations", "AttachPolicy", PolicyId=physical_id, TargetId=target)
        for target in sorted(before - after):
            call.invoke("organizations", "DetachPolicy", PolicyId=physical_id, TargetId=target)

    def attributes(self, call: Call, physical_id: str) -> dict[str, Any]:
        """Returns id, ARN and whether AWS manages it."""
        summary = call.invoke("organizations", "DescribePolicy", PolicyId=physical_id)["Policy"]["PolicySummary"]
        return {name: summary[name] for name in ("Id", "Arn", "AwsManaged")}

    def delete(self, call: Call, physical_id: str) -> None:
        """Detaches the policy from everything and deletes it."""
        targets = call.invoke("organizations", "ListTargetsForPolicy", PolicyId=physical_id)["Targets"]
        for target in targets:
            call.invoke("organizations", "DetachPolicy", PolicyId=physical_id, TargetId=target["TargetId"])
        call.invoke("organizations", "DeletePolicy", PolicyId=physical_id)


def _content(call: Call) -> str:
    """Returns the document as text, however the template carries it."""
    content, kind = call.properties["Content"], call.properties["Type"]
    text = content if isinstance(content, str) else json.dumps(content, separators=(",", ":"))
    if (size := len(text)) > _LONGEST.get(kind, size):
        raise ValueError(f"POLICY_CONTENT_LIMIT_EXCEEDED: the {kind} takes {size} characters of {_LONGEST[kind]}")
    return text
