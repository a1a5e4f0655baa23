"""What the local cloud needs to know of a kind of SageMaker resource that it keeps itself."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from mlgov_constructs.local_cloud.services.json_service import Request

Record = dict[str, Any]


def _accept(request: Request) -> None:
    """Accepts every request."""


def _accept_change(request: Request, record: Record) -> None:
    """Accepts every change."""


def _nothing(request: Request) -> Record:
    """Adds no member."""
    return {}


@dataclass(frozen=True)
class Kind:
    """A kind of resource with the operations Create, Describe, List, Update and Delete.

    Args:
        noun: As in the operations' names.
        arn_path: As in the ARN.
        plural: As in the List operation's name.
        renamed: Parameters that Describe calls by another name.
        defaults: What Describe gives for parameters that were not given.
        status: The member that holds the status; empty when there is none.
        changeable_in: The statuses in which Update and Delete are accepted; all when empty.
        removals: Flags of Update that remove a member, and which one.
        has_resource_errors: Missing and existing resources are told by ``ResourceNotFound`` and
            ``ResourceInUse``; the older kinds have ``ValidationException`` for both.
        missing: What is said of a resource that does not exist; ``{name}`` stands for its name.
        check_create: Called before one is created; raises to refuse it.
        check_update: Called before one is changed; raises to refuse it.
        added: The members that the service adds when one is created.
    """

    noun: str
    arn_path: str
    plural: str
    renamed: Mapping[str, str] = field(default_factory=dict)
    defaults: Mapping[str, Any] = field(default_factory=dict)
    status: str = ""
    changeable_in: tuple[str, ...] = ()
    removals: Mapping[str, str] = field(default_factory=dict)
    has_resource_errors: bool = True
    missing: str = ""
    check_create: Callable[[Request], None] = _accept
    check_update: Callable[[Request, Record], None] = _accept_change
    added: Callable[[Request], Record] = _nothing

    @property
    def name(self) -> str:
        """The parameter that names a resource."""
        return f"{self.noun}Name"

    @property
    def arn(self) -> str:
        """The member that holds the ARN."""
        return f"{self.noun}Arn"
