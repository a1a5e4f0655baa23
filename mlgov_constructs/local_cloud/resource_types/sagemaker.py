"""Amazon SageMaker AI."""

from typing import Any

from mlgov_constructs.local_cloud.resource_types.resource_type import (
    Call,
    Properties,
    ResourceType,
    dropped_tags,
    tag_map,
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
        key = {"NotebookInstanceName": _name(physical_id)}
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
        return _identity(call, "NotebookInstance", physical_id)

    def delete(self, call: Call, physical_id: str) -> None:
        """Stops the instance and deletes it."""
        key = {"NotebookInstanceName": _name(physical_id)}
        _stop(call, key)
        call.invoke("sagemaker", "DeleteNotebookInstance", **key)


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
                NotebookInstanceLifecycleConfigName=_name(physical_id),
                OnCreate=call.properties.get("OnCreate", []),
                OnStart=call.properties.get("OnStart", []),
            )
        _retag(call, physical_id, old)

    def attributes(self, call: Call, physical_id: str) -> dict[str, Any]:
        """Returns name and ARN."""
        return _identity(call, "NotebookInstanceLifecycleConfig", physical_id)

    def delete(self, call: Call, physical_id: str) -> None:
        """Deletes the configuration."""
        name = _name(physical_id)
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
            name = _name(physical_id)
            call.invoke("sagemaker", "UpdateCodeRepository", CodeRepositoryName=name, GitConfig=config)
        _retag(call, physical_id, old)

    def attributes(self, call: Call, physical_id: str) -> dict[str, Any]:
        """Returns name and ARN."""
        return _identity(call, "CodeRepository", physical_id)

    def delete(self, call: Call, physical_id: str) -> None:
        """Deletes the repository."""
        name = _name(physical_id)
        call.invoke("sagemaker", "DeleteCodeRepository", CodeRepositoryName=name)


def _name(arn: str) -> str:
    return arn.rsplit("/", 1)[-1]


def _identity(call: Call, noun: str, arn: str) -> dict[str, str]:
    """Returns a resource's ARN, and its name as it was given: the ARN has it in lower case."""
    found = call.invoke("sagemaker", f"Describe{noun}", **{f"{noun}Name": _name(arn)})
    return {f"{noun}Arn": arn, f"{noun}Name": found[f"{noun}Name"]}


def _stop(call: Call, key: dict[str, str]) -> bool:
    """Stops a notebook instance and tells whether it ran."""
    status = call.invoke("sagemaker", "DescribeNotebookInstance", **key)["NotebookInstanceStatus"]
    if status == "InService":
        call.invoke("sagemaker", "StopNotebookInstance", **key)
    return bool(status == "InService")


def _retag(call: Call, arn: str, old: Properties) -> None:
    if removed := dropped_tags(old, call):
        call.invoke("sagemaker", "DeleteTags", ResourceArn=arn, TagKeys=removed)
    if call.tags and tag_map(call.tags) != tag_map(old.get("Tags")):
        call.invoke("sagemaker", "AddTags", ResourceArn=arn, Tags=call.tags)
