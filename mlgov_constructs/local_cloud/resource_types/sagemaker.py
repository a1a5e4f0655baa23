"""Amazon SageMaker AI."""

from typing import Any

from mlgov_constructs.local_cloud.resource_types.resource_type import (
    Call,
    Properties,
    ResourceType,
    dropped_tags,
)

# Property, and the flag of UpdateNotebookInstance that removes it.
_REMOVABLE = {
    "AcceleratorTypes": "DisassociateAcceleratorTypes",
    "AdditionalCodeRepositories": "DisassociateAdditionalCodeRepositories",
    "DefaultCodeRepository": "DisassociateDefaultCodeRepository",
    "LifecycleConfigName": "DisassociateLifecycleConfig",
}


class NotebookInstance(ResourceType):
    """A notebook instance."""

    type_name = "AWS::SageMaker::NotebookInstance"
    create_only = (
        "DirectInternetAccess",
        "KmsKeyId",
        "NotebookInstanceName",
        "PlatformIdentifier",
        "SecurityGroupIds",
        "SubnetId",
    )
    properties = (
        *create_only,
        "AcceleratorTypes",
        "AdditionalCodeRepositories",
        "DefaultCodeRepository",
        "InstanceMetadataServiceConfiguration",
        "InstanceType",
        "LifecycleConfigName",
        "RoleArn",
        "RootAccess",
        "Tags",
        "VolumeSizeInGB",
    )
    name_property = "NotebookInstanceName"
    tags = "list"

    def create(self, call: Call) -> str:
        """Creates the notebook instance."""
        name = call.name("NotebookInstanceName", max_length=63)
        rest = call.without("NotebookInstanceName", "Tags")
        answer = call.invoke(
            "sagemaker", "CreateNotebookInstance", NotebookInstanceName=name, Tags=call.tags or None, **rest
        )
        return str(answer["NotebookInstanceArn"])

    def configure(self, call: Call, physical_id: str, old: Properties) -> None:
        """Stops the instance, changes it and starts it, as CloudFormation does."""
        if not old:
            return
        key = {"NotebookInstanceName": self._name(physical_id)}
        changes = {
            name: value
            for name, value in call.without("Tags").items()
            if name not in self.create_only and value != old.get(name)
        }
        changes |= {flag: True for name, flag in _REMOVABLE.items() if name in old and name not in call.properties}
        if changes:
            was_running = _stop(call, key)
            call.invoke("sagemaker", "UpdateNotebookInstance", **key, **changes)
            if was_running:
                call.invoke("sagemaker", "StartNotebookInstance", **key)
        _retag(call, physical_id, old)

    def attributes(self, call: Call, physical_id: str) -> dict[str, Any]:
        """Returns name and ARN."""
        return {"NotebookInstanceArn": physical_id, "NotebookInstanceName": self._name(physical_id)}

    def delete(self, call: Call, physical_id: str) -> None:
        """Stops the instance and deletes it."""
        key = {"NotebookInstanceName": self._name(physical_id)}
        _stop(call, key)
        call.invoke("sagemaker", "DeleteNotebookInstance", **key)

    @staticmethod
    def _name(arn: str) -> str:
        return arn.rsplit("/", 1)[-1]


class NotebookInstanceLifecycleConfig(ResourceType):
    """Scripts that run when a notebook instance is created and when it starts."""

    type_name = "AWS::SageMaker::NotebookInstanceLifecycleConfig"
    properties = ("NotebookInstanceLifecycleConfigName", "OnCreate", "OnStart", "Tags")
    create_only = ("NotebookInstanceLifecycleConfigName",)
    name_property = "NotebookInstanceLifecycleConfigName"
    tags = "list"

    def create(self, call: Call) -> str:
        """Creates the configuration."""
        name = call.name("NotebookInstanceLifecycleConfigName", max_length=63)
        answer = call.invoke(
            "sagemaker",
            "CreateNotebookInstanceLifecycleConfig",
            NotebookInstanceLifecycleConfigName=name,
            Tags=call.tags or None,
            **call.pick("OnCreate", "OnStart"),
        )
        return str(answer["NotebookInstanceLifecycleConfigArn"])

    def configure(self, call: Call, physical_id: str, old: Properties) -> None:
        """Replaces the scripts."""
        if not old:
            return
        if any(call.properties.get(name) != old.get(name) for name in ("OnCreate", "OnStart")):
            call.invoke(
                "sagemaker",
                "UpdateNotebookInstanceLifecycleConfig",
                NotebookInstanceLifecycleConfigName=physical_id.rsplit("/", 1)[-1],
                OnCreate=call.properties.get("OnCreate", []),
                OnStart=call.properties.get("OnStart", []),
            )
        _retag(call, physical_id, old)

    def attributes(self, call: Call, physical_id: str) -> dict[str, Any]:
        """Returns name and ARN."""
        name = physical_id.rsplit("/", 1)[-1]
        return {"NotebookInstanceLifecycleConfigArn": physical_id, "NotebookInstanceLifecycleConfigName": name}

    def delete(self, call: Call, physical_id: str) -> None:
        """Deletes the configuration."""
        name = physical_id.rsplit("/", 1)[-1]
        call.invoke("sagemaker", "DeleteNotebookInstanceLifecycleConfig", NotebookInstanceLifecycleConfigName=name)


class CodeRepository(ResourceType):
    """A git repository that notebook instances may open."""

    type_name = "AWS::SageMaker::CodeRepository"
    properties = ("CodeRepositoryName", "GitConfig", "Tags")
    create_only = ("CodeRepositoryName", "GitConfig/Branch", "GitConfig/RepositoryUrl")
    name_property = "CodeRepositoryName"
    tags = "list"

    def create(self, call: Call) -> str:
        """Creates the repository."""
        name = call.name("CodeRepositoryName", max_length=63)
        config = call.properties["GitConfig"]
        answer = call.invoke(
            "sagemaker", "CreateCodeRepository", CodeRepositoryName=name, GitConfig=config, Tags=call.tags or None
        )
        return str(answer["CodeRepositoryArn"])

    def configure(self, call: Call, physical_id: str, old: Properties) -> None:
        """Changes the secret."""
        if not old:
            return
        if call.properties["GitConfig"] != old["GitConfig"]:
            config = {"SecretArn": call.properties["GitConfig"]["SecretArn"]}
            name = physical_id.rsplit("/", 1)[-1]
            call.invoke("sagemaker", "UpdateCodeRepository", CodeRepositoryName=name, GitConfig=config)
        _retag(call, physical_id, old)

    def attributes(self, call: Call, physical_id: str) -> dict[str, Any]:
        """Returns name and ARN."""
        return {"CodeRepositoryArn": physical_id, "CodeRepositoryName": physical_id.rsplit("/", 1)[-1]}

    def delete(self, call: Call, physical_id: str) -> None:
        """Deletes the repository."""
        name = physical_id.rsplit("/", 1)[-1]
        call.invoke("sagemaker", "DeleteCodeRepository", CodeRepositoryName=name)


def _stop(call: Call, key: dict[str, str]) -> bool:
    """Stops a notebook instance and tells whether it ran."""
    status = call.invoke("sagemaker", "DescribeNotebookInstance", **key)["NotebookInstanceStatus"]
    if status == "InService":
        call.invoke("sagemaker", "StopNotebookInstance", **key)
    return bool(status == "InService")


def _retag(call: Call, arn: str, old: Properties) -> None:
    if removed := dropped_tags(old, call):
        call.invoke("sagemaker", "DeleteTags", ResourceArn=arn, TagKeys=removed)
    if call.tags:
        call.invoke("sagemaker", "AddTags", ResourceArn=arn, Tags=call.tags)
