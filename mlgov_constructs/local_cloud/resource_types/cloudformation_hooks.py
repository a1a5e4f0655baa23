"""AWS CloudFormation: hooks."""

import json
from typing import Any

from mlgov_constructs.local_cloud.resource_types.resource_type import Call, Properties, ResourceType

_PUBLIC = "type/hook/aws-hooks/AWS-Hooks-GuardHook"
_TARGETS = ("STACK", "RESOURCE", "CHANGE_SET", "CLOUD_CONTROL")


class GuardHook(ResourceType):
    """A Guard hook: AWS's type, activated under an alias and configured."""

    type_name = "AWS::CloudFormation::GuardHook"
    create_only = ("Alias",)
    properties = (
        *create_only,
        "ExecutionRole",
        "FailureMode",
        "HookStatus",
        "LogBucket",
        "Options",
        "RuleLocation",
        "StackFilters",
        "TargetFilters",
        "TargetOperations",
    )
    name_property = "Alias"

    def create(self, call: Call) -> str:
        """Activates the hook."""
        return str(self._activate(call)["Arn"])

    def configure(self, call: Call, physical_id: str, old: Properties) -> None:
        """Sets role, rules, targets and what happens to what fails."""
        if old and old["ExecutionRole"] != call.properties["ExecutionRole"]:
            self._activate(call)
        if unknown := set(call.properties["TargetOperations"]) - set(_TARGETS):
            raise ValueError(f"A hook has no target {sorted(unknown)[0]}")
        location = call.properties["RuleLocation"]
        own: dict[str, Any] = {"ruleLocation": {"uri": location["Uri"], "versionId": location.get("VersionId", "")}}
        if bucket := call.properties.get("LogBucket"):
            own["logBucket"] = bucket
        configuration = {
            "HookInvocationStatus": call.properties["HookStatus"],
            "FailureMode": call.properties["FailureMode"],
            "TargetOperations": call.properties["TargetOperations"],
            **call.pick("StackFilters", "TargetFilters"),
            "Properties": own,
        }
        call.invoke(
            "cloudformation",
            "SetTypeConfiguration",
            Type="HOOK",
            TypeName=call.properties["Alias"],
            Configuration=json.dumps({"CloudFormationConfiguration": {"HookConfiguration": configuration}}),
        )

    def attributes(self, call: Call, physical_id: str) -> dict[str, Any]:
        """Returns the ARN."""
        return {"HookArn": physical_id}

    def delete(self, call: Call, physical_id: str) -> None:
        """Deactivates the hook."""
        alias = physical_id.rsplit("/", 1)[-1].replace("-", "::")
        call.invoke("cloudformation", "DeactivateType", Type="HOOK", TypeName=alias)

    def _activate(self, call: Call) -> dict[str, Any]:
        return call.invoke(
            "cloudformation",
            "ActivateType",
            Type="HOOK",
            PublicTypeArn=f"arn:{call.clients.partition}:cloudformation:{call.clients.region}::{_PUBLIC}",
            TypeNameAlias=call.properties["Alias"],
            ExecutionRoleArn=call.properties["ExecutionRole"],
        )
