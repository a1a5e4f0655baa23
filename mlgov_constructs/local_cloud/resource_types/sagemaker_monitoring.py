"""Amazon SageMaker AI: what monitors models."""

from typing import Any, ClassVar

from mlgov_constructs.local_cloud.resource_types.resource_type import (
    Call,
    Properties,
    ResourceType,
    dropped_tags,
    is_true,
    tag_map,
)


class _JobDefinition(ResourceType):
    """A job definition, of which nothing can change."""

    monitoring_type: ClassVar[str]
    name_property = "JobDefinitionName"
    tags = "list"

    def create(self, call: Call) -> str:
        """Creates the job definition."""
        name = call.name("JobDefinitionName", max_length=63)
        key = f"{self.monitoring_type}JobInput"
        answer = call.invoke(
            "sagemaker",
            f"Create{self.monitoring_type}JobDefinition",
            JobDefinitionName=name,
            Tags=call.tags or None,
            **{key: _job_input(call.properties[key])},
            **call.without("JobDefinitionName", "Tags", key),
        )
        return str(answer["JobDefinitionArn"])

    def attributes(self, call: Call, physical_id: str) -> dict[str, Any]:
        """Returns the ARN."""
        return {"JobDefinitionArn": physical_id}

    def delete(self, call: Call, physical_id: str) -> None:
        """Deletes the job definition."""
        call.invoke(
            "sagemaker", f"Delete{self.monitoring_type}JobDefinition", JobDefinitionName=physical_id.rsplit("/", 1)[-1]
        )


def _properties(monitoring_type: str) -> tuple[str, ...]:
    return (
        *(f"{monitoring_type}{part}" for part in ("AppSpecification", "BaselineConfig", "JobInput", "JobOutputConfig")),
        "JobDefinitionName",
        "JobResources",
        "NetworkConfig",
        "RoleArn",
        "StoppingCondition",
        "Tags",
    )


def _job_input(properties: Properties) -> Properties:
    """Returns what is monitored; Parquet is a boolean in a template and an empty structure in the API."""
    batch = properties.get("BatchTransformInput")
    if not batch or not is_true(batch["DatasetFormat"].get("Parquet")):
        return properties
    return {**properties, "BatchTransformInput": {**batch, "DatasetFormat": {"Parquet": {}}}}


class DataQualityJobDefinition(_JobDefinition):
    """How the quality of data is monitored."""

    type_name = "AWS::SageMaker::DataQualityJobDefinition"
    monitoring_type = "DataQuality"
    properties = create_only = _properties("DataQuality")


class ModelQualityJobDefinition(_JobDefinition):
    """How the quality of a model is monitored."""

    type_name = "AWS::SageMaker::ModelQualityJobDefinition"
    monitoring_type = "ModelQuality"
    properties = create_only = _properties("ModelQuality")


class ModelBiasJobDefinition(_JobDefinition):
    """How the bias of a model is monitored."""

    type_name = "AWS::SageMaker::ModelBiasJobDefinition"
    monitoring_type = "ModelBias"
    properties = create_only = _properties("ModelBias")


class ModelExplainabilityJobDefinition(_JobDefinition):
    """How the attributions of a model are monitored."""

    type_name = "AWS::SageMaker::ModelExplainabilityJobDefinition"
    monitoring_type = "ModelExplainability"
    properties = create_only = _properties("ModelExplainability")


class MonitoringSchedule(ResourceType):
    """When a job definition runs."""

    type_name = "AWS::SageMaker::MonitoringSchedule"
    properties = ("MonitoringScheduleConfig", "MonitoringScheduleName", "Tags")
    create_only = ("MonitoringScheduleName",)
    name_property = "MonitoringScheduleName"
    tags = "list"

    def create(self, call: Call) -> str:
        """Creates the schedule."""
        answer = call.invoke("sagemaker", "CreateMonitoringSchedule", Tags=call.tags or None, **call.without("Tags"))
        return str(answer["MonitoringScheduleArn"])

    def configure(self, call: Call, physical_id: str, old: Properties) -> None:
        """Updates when and what it runs, and its tags."""
        if not old:
            return
        if call.properties["MonitoringScheduleConfig"] != old["MonitoringScheduleConfig"]:
            call.invoke("sagemaker", "UpdateMonitoringSchedule", **call.without("Tags"))
        if removed := dropped_tags(old, call):
            call.invoke("sagemaker", "DeleteTags", ResourceArn=physical_id, TagKeys=removed)
        if call.tags and tag_map(call.tags) != tag_map(old.get("Tags")):
            call.invoke("sagemaker", "AddTags", ResourceArn=physical_id, Tags=call.tags)

    def attributes(self, call: Call, physical_id: str) -> dict[str, Any]:
        """Returns the ARN."""
        return {"MonitoringScheduleArn": physical_id}

    def delete(self, call: Call, physical_id: str) -> None:
        """Deletes the schedule."""
        call.invoke("sagemaker", "DeleteMonitoringSchedule", MonitoringScheduleName=physical_id.rsplit("/", 1)[-1])
