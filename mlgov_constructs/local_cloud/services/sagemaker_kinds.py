"""The kinds of SageMaker resources that the local cloud keeps itself."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Kind:
    """A kind of resource with the operations Create, Describe, List, Update and Delete.

    Args:
        noun: As in the operations' names.
        arn_path: As in the ARN.
        renamed: Parameters that Describe calls by another name.
        defaults: What Describe gives for parameters that were not given.
        status: The member that holds the status; empty when there is none.
        removals: Flags of Update that remove a member, and which one.
        plural: As in the List operation's name.
    """

    noun: str
    arn_path: str
    plural: str
    renamed: Mapping[str, str] = field(default_factory=dict)
    defaults: Mapping[str, Any] = field(default_factory=dict)
    status: str = ""
    removals: Mapping[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The parameter that names a resource."""
        return f"{self.noun}Name"

    @property
    def arn(self) -> str:
        """The member that holds the ARN."""
        return f"{self.noun}Arn"


NOTEBOOK_INSTANCE = Kind(
    noun="NotebookInstance",
    arn_path="notebook-instance",
    plural="NotebookInstances",
    renamed={
        "LifecycleConfigName": "NotebookInstanceLifecycleConfigName",
        "SecurityGroupIds": "SecurityGroups",
    },
    defaults={
        "DirectInternetAccess": "Enabled",
        "InstanceMetadataServiceConfiguration": {"MinimumInstanceMetadataServiceVersion": "1"},
        "PlatformIdentifier": "notebook-al2-v2",
        "RootAccess": "Enabled",
        "VolumeSizeInGB": 5,
    },
    status="NotebookInstanceStatus",
    removals={
        "DisassociateAcceleratorTypes": "AcceleratorTypes",
        "DisassociateAdditionalCodeRepositories": "AdditionalCodeRepositories",
        "DisassociateDefaultCodeRepository": "DefaultCodeRepository",
        "DisassociateLifecycleConfig": "NotebookInstanceLifecycleConfigName",
    },
)
LIFECYCLE_CONFIG = Kind(
    noun="NotebookInstanceLifecycleConfig",
    arn_path="notebook-instance-lifecycle-config",
    plural="NotebookInstanceLifecycleConfigs",
)
CODE_REPOSITORY = Kind(noun="CodeRepository", arn_path="code-repository", plural="CodeRepositories")

KINDS = (NOTEBOOK_INSTANCE, LIFECYCLE_CONFIG, CODE_REPOSITORY)
