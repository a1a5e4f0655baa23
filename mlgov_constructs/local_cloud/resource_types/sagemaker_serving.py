"""Amazon SageMaker AI: what serves models."""

from typing import Any

from mlgov_constructs.local_cloud.resource_types.resource_type import (
    Call,
    Properties,
    ResourceType,
    dropped_tags,
    tag_map,
)


class _Served(ResourceType):
    """What has a name, an ARN as its physical id, and tags."""

    noun: str

    def create(self, call: Call) -> str:
        """Creates it."""
        name = call.name(f"{self.noun}Name", max_length=63)
        answer = call.invoke(
            "sagemaker", f"Create{self.noun}", **{f"{self.noun}Name": name}, Tags=call.tags or None, **self._rest(call)
        )
        return str(answer[f"{self.noun}Arn"])

    def configure(self, call: Call, physical_id: str, old: Properties) -> None:
        """Sets the tags; everything else makes a new one."""
        if not old:
            return
        if removed := dropped_tags(old, call):
            call.invoke("sagemaker", "DeleteTags", ResourceArn=physical_id, TagKeys=removed)
        if call.tags and tag_map(call.tags) != tag_map(old.get("Tags")):
            call.invoke("sagemaker", "AddTags", ResourceArn=physical_id, Tags=call.tags)

    def attributes(self, call: Call, physical_id: str) -> dict[str, Any]:
        """Returns name and ARN; the ARN has the name in lower case."""
        key = f"{self.noun}Name"
        found = call.invoke("sagemaker", f"Describe{self.noun}", **{key: _name(physical_id)})
        return {key: found[key], f"{self.noun}Arn": physical_id}

    def delete(self, call: Call, physical_id: str) -> None:
        """Deletes it."""
        call.invoke("sagemaker", f"Delete{self.noun}", **{f"{self.noun}Name": _name(physical_id)})

    def _rest(self, call: Call) -> dict[str, Any]:
        return call.without(f"{self.noun}Name", "Tags")


class Model(_Served):
    """A model."""

    type_name = "AWS::SageMaker::Model"
    noun = "Model"
    create_only = (
        "Containers",
        "EnableNetworkIsolation",
        "ExecutionRoleArn",
        "InferenceExecutionConfig",
        "ModelName",
        "PrimaryContainer",
        "VpcConfig",
    )
    properties = (*create_only, "Tags")
    name_property = "ModelName"
    tags = "list"


class EndpointConfig(_Served):
    """An endpoint configuration."""

    type_name = "AWS::SageMaker::EndpointConfig"
    noun = "EndpointConfig"
    create_only = (
        "AsyncInferenceConfig",
        "DataCaptureConfig",
        "EnableNetworkIsolation",
        "EndpointConfigName",
        "ExecutionRoleArn",
        "ExplainerConfig",
        "KmsKeyId",
        "ProductionVariants",
        "ShadowProductionVariants",
        "VpcConfig",
    )
    properties = (*create_only, "Tags")
    name_property = "EndpointConfigName"
    tags = "list"


class Endpoint(_Served):
    """An endpoint."""

    type_name = "AWS::SageMaker::Endpoint"
    noun = "Endpoint"
    properties = (
        "DeploymentConfig",
        "EndpointConfigName",
        "EndpointName",
        "ExcludeRetainedVariantProperties",
        "RetainAllVariantProperties",
        "RetainDeploymentConfig",
        "Tags",
    )
    create_only = ("EndpointName",)
    name_property = "EndpointName"
    tags = "list"

    def configure(self, call: Call, physical_id: str, old: Properties) -> None:
        """Updates it to another configuration, with the deployment that the template names."""
        if not old:
            return
        update = call.without("EndpointName", "Tags")
        if update != {name: value for name, value in old.items() if name not in ("EndpointName", "Tags")}:
            call.invoke("sagemaker", "UpdateEndpoint", EndpointName=_name(physical_id), **update)
        super().configure(call, physical_id, old)

    def _rest(self, call: Call) -> dict[str, Any]:
        return call.pick("DeploymentConfig", "EndpointConfigName")


class InferenceComponent(_Served):
    """A model on the instances of an endpoint."""

    type_name = "AWS::SageMaker::InferenceComponent"
    noun = "InferenceComponent"
    properties = (
        "DeploymentConfig",
        "EndpointArn",
        "EndpointName",
        "InferenceComponentName",
        "RuntimeConfig",
        "Specification",
        "Specifications",
        "Tags",
        "VariantName",
    )
    create_only = ("InferenceComponentName",)
    name_property = "InferenceComponentName"
    tags = "list"

    def configure(self, call: Call, physical_id: str, old: Properties) -> None:
        """Updates model, resources and copies, as the deployment says that the template names."""
        if not old:
            return
        update = call.pick("DeploymentConfig", "RuntimeConfig", "Specification", "Specifications")
        if update != {name: old[name] for name in old if name in update}:
            call.invoke("sagemaker", "UpdateInferenceComponent", InferenceComponentName=_name(physical_id), **update)
        super().configure(call, physical_id, old)

    def attributes(self, call: Call, physical_id: str) -> dict[str, Any]:
        """Returns name, ARN and status."""
        found = call.invoke("sagemaker", "DescribeInferenceComponent", InferenceComponentName=_name(physical_id))
        return {
            name: found[name]
            for name in ("InferenceComponentArn", "InferenceComponentName", "InferenceComponentStatus")
        }

    def _rest(self, call: Call) -> dict[str, Any]:
        # The API takes the deployment with an update only.
        return call.without("DeploymentConfig", "EndpointArn", "InferenceComponentName", "Tags")


class InferenceExperiment(ResourceType):
    """A shadow test."""

    type_name = "AWS::SageMaker::InferenceExperiment"
    properties = (
        "DataStorageConfig",
        "Description",
        "DesiredState",
        "EndpointName",
        "KmsKey",
        "ModelVariants",
        "Name",
        "RoleArn",
        "Schedule",
        "ShadowModeConfig",
        "StatusReason",
        "Tags",
        "Type",
    )
    create_only = ("EndpointName", "KmsKey", "Name", "RoleArn", "Type")
    name_property = "Name"
    tags = "list"

    def create(self, call: Call) -> str:
        """Creates it; its physical id is its name."""
        rest = call.without("DesiredState", "StatusReason", "Tags")
        call.invoke("sagemaker", "CreateInferenceExperiment", **rest, Tags=call.tags or None)
        return str(call.properties["Name"])

    def configure(self, call: Call, physical_id: str, old: Properties) -> None:
        """Updates what may change while it runs, and the tags."""
        if not old:
            return
        update = call.pick("DataStorageConfig", "Description", "ModelVariants", "Schedule", "ShadowModeConfig")
        if update != {name: old[name] for name in old if name in update}:
            call.invoke("sagemaker", "UpdateInferenceExperiment", Name=physical_id, **update)
        arn = self.attributes(call, physical_id)["Arn"]
        if removed := dropped_tags(old, call):
            call.invoke("sagemaker", "DeleteTags", ResourceArn=arn, TagKeys=removed)
        if call.tags and tag_map(call.tags) != tag_map(old.get("Tags")):
            call.invoke("sagemaker", "AddTags", ResourceArn=arn, Tags=call.tags)

    def attributes(self, call: Call, physical_id: str) -> dict[str, Any]:
        """Returns ARN and status."""
        found = call.invoke("sagemaker", "DescribeInferenceExperiment", Name=physical_id)
        return {"Arn": found["Arn"], "Status": found["Status"]}

    def delete(self, call: Call, physical_id: str) -> None:
        """Stops it when it runs, and deletes it; the model that serves stays."""
        if self.attributes(call, physical_id)["Status"] == "Running":
            mode = call.properties["ShadowModeConfig"]
            actions = {each["ShadowModelVariantName"]: "Remove" for each in mode["ShadowModelVariants"]}
            actions[mode["SourceModelVariantName"]] = "Retain"
            call.invoke(
                "sagemaker",
                "StopInferenceExperiment",
                Name=physical_id,
                ModelVariantActions=actions,
                DesiredState="Cancelled",
            )
        call.invoke("sagemaker", "DeleteInferenceExperiment", Name=physical_id)


def _name(arn: str) -> str:
    return arn.rsplit("/", 1)[-1]
