"""What the local cloud needs to know of a kind of SageMaker resource that it keeps itself."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from mlgov_constructs.local_cloud.services.json_service import Request

Record = dict[str, Any]
Scope = tuple[str, str]
"""Account and region."""


def _accept(request: Request) -> None:
    """Accepts every request."""


def _accept_change(request: Request, record: Record) -> None:
    """Accepts every change."""


def _nothing(request: Request) -> Record:
    """Adds no member."""
    return {}


def _nothing_more(request: Request, record: Record) -> Record:
    """Adds no member."""
    return {}


def _leave_nothing(scope: Scope, record: Record) -> None:
    """Has nothing else to remove."""


@dataclass(frozen=True)
class Statuses:
    """The statuses that a resource passes.

    Args:
        pending: Until it is there.
        ready: When it is there and at rest.
        updating: While it changes; empty when a change takes no time.
        deleting: While it goes.
        deleted: When it has gone but is still told of; empty when nothing is left.
    """

    pending: str = "Pending"
    ready: str = "InService"
    updating: str = "Updating"
    deleting: str = "Deleting"
    deleted: str = ""


@dataclass(frozen=True)
class Kind:
    """A kind of resource with the operations Create, Describe, List, Update and Delete.

    Args:
        noun: As in the operations' names.
        arn_path: As in the ARN.
        arn_member: The member that holds the ARN; ``<noun>Arn`` when empty.
        plural: As in the List operation's name.
        identified_by: The parameters that together name a resource; ``A|B`` for the first that is given.
            ``<noun>Name`` when empty.
        renamed: Parameters that Describe calls by another name.
        defaults: What Describe gives for parameters that were not given.
        status: The member that holds the status; empty when there is none.
        statuses: The statuses that it passes, when its changes take time.
        changeable_in: The statuses in which Update and Delete are accepted; all when empty.
        merged: Structures of which Update changes the given members and leaves the others.
        removals: Flags of Update that remove a member, and which one.
        has_resource_errors: Missing and existing resources are told by ``ResourceNotFound`` and
            ``ResourceInUse``; the older kinds have ``ValidationException`` for both.
        missing: What is said of a resource that does not exist; ``{name}`` stands for its name.
        also_authorized: Operations beside the five that IAM authorizes on such a resource.
        check_create: Called before one is created; raises to refuse it.
        check_update: Called before one is changed; raises to refuse it.
        check_delete: Called before one is deleted; raises to refuse it.
        generated: The identifying members that the service makes up, in place of parameters.
        added: The members that the service adds when one is created.
        answered: The members that Create answers beside the ARN.
        on_gone: Called when one whose deletion took time is gone.
        context: The condition keys of IAM that only the service itself knows.
        names_people: Whether Describe tells who created and who last changed one.
    """

    noun: str
    arn_path: str
    plural: str
    identified_by: tuple[str, ...] = ()
    renamed: Mapping[str, str] = field(default_factory=dict)
    defaults: Mapping[str, Any] = field(default_factory=dict)
    status: str = ""
    statuses: Statuses | None = None
    changeable_in: tuple[str, ...] = ()
    merged: tuple[str, ...] = ()
    removals: Mapping[str, str] = field(default_factory=dict)
    has_resource_errors: bool = True
    missing: str = ""
    also_authorized: tuple[str, ...] = ()
    check_create: Callable[[Request], None] = _accept
    check_update: Callable[[Request, Record], None] = _accept_change
    check_delete: Callable[[Request, Record], None] = _accept_change
    arn_member: str = ""
    generated: Callable[[Request], Record] = _nothing
    added: Callable[[Request, Record], Record] = _nothing_more
    answered: tuple[str, ...] = ()
    on_gone: Callable[[Scope, Record], None] = _leave_nothing
    context: Callable[[Request], Mapping[str, str]] = _nothing
    names_people: bool = False

    @property
    def name(self) -> str:
        """The parameter that names a resource."""
        return f"{self.noun}Name"

    @property
    def identifiers(self) -> tuple[str, ...]:
        """The parameters that may be part of a resource's identity."""
        return tuple(name for names in self.identified_by or (self.name,) for name in names.split("|"))

    @property
    def arn(self) -> str:
        """The member that holds the ARN."""
        return self.arn_member or f"{self.noun}Arn"

    def identity(self, parameters: Mapping[str, Any]) -> str:
        """Returns what tells a resource from others of its kind; empty when the parameters do not say it all."""
        parts: list[str] = []
        for names in self.identified_by or (self.name,):
            given = [parameters[name] for name in names.split("|") if parameters.get(name)]
            if not given:
                return ""
            parts.append(str(given[0]).lower())  # an ARN has names in lower case, so they differ by more than case
        return "/".join(parts)
