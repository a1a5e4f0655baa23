"""How a model comes to be approved: somebody registers it, and somebody else decides on it."""

import functools
from collections.abc import Mapping, Sequence

from mlgov_constructs.local_cloud.demo.attempt import Attempt
from mlgov_constructs.local_cloud.demo.notices import Notices
from mlgov_constructs.local_cloud.demo.person import Person
from mlgov_constructs.local_cloud.demo.readback import Deployed, Row, Section
from mlgov_constructs.local_cloud.demo.readback.section import unmet
from mlgov_constructs.local_cloud.demo.registration import Registration

_PENDING, _APPROVED = "PendingManualApproval", "Approved"
_TOLD = (_PENDING, _APPROVED)
"""The statuses that are told of, in this order."""


class Approval:
    """One version of a model, from its registration to its approval.

    Args:
        deployed: The environment.
        registration: The version, and who registers it.
        others: People who may not approve it.
        approver: A model approver.
        version: The number that it will have.
    """

    def __init__(
        self,
        deployed: Deployed,
        registration: Registration,
        others: Sequence[Person],
        approver: Person,
        *,
        version: int,
    ) -> None:
        self._deployed = deployed
        self._registration = registration
        self._approver = approver.persona
        people = {person.persona: person.clients.client("sagemaker") for person in (*others, approver)}
        self._clients = {registration.who: registration.sagemaker, **people}
        self._number = version
        self._arn = ""

    def go(self) -> Section:
        """Registers a version, lets everybody try to approve it, and tells who could and who was told."""
        who, version = self._registration.who, f"version {self._number}"
        may_not = [name for name in self._clients if name != self._approver]
        attempts = (
            Attempt(f"{who} registers {version} approved", False, lambda: self._register(_APPROVED)),
            Attempt(f"{who} registers {version}", True, lambda: self._register(_PENDING)),
            *(Attempt(f"{name} approves {version}", False, functools.partial(self._approve, name)) for name in may_not),
            Attempt(f"{self._approver} approves {version}", True, functools.partial(self._approve, self._approver)),
        )
        with Notices(self._deployed) as notices:
            rows = tuple(attempt.make() for attempt in attempts)
            told = _told(notices)
        title = f"Approval of {version} of the model"
        return Section(title, ("Who tries what", "Answer", "Reason"), (*rows, self._status(), told), {})

    @property
    def version(self) -> str:
        """The number of the version, as who deploys it gives it."""
        return self._arn.rsplit("/", 1)[-1]

    def _register(self, status: str) -> None:
        self._arn = self._registration.register(status)

    def _approve(self, who: str) -> None:
        self._clients[who].update_model_package(ModelPackageArn=self._arn, ModelApprovalStatus=_APPROVED)

    def _status(self) -> Row:
        if not self._arn:
            return Row(("the version", "is not registered", ""), ("must be registered",))
        found = self._deployed.client("sagemaker").describe_model_package(ModelPackageName=self._arn)
        name = f"{found['ModelPackageGroupName']}, version {found['ModelPackageVersion']}"
        status, origin = found["ModelApprovalStatus"], found.get("CustomerMetadataProperties", {})
        demands = {
            f"must be {_APPROVED.lower()}": status == _APPROVED,
            f"must be version {self._number}": found["ModelPackageVersion"] == self._number,
        }
        return Row((name, status.lower(), _origin(origin)), unmet(demands))


def _origin(metadata: Mapping[str, str]) -> str:
    """Returns what the version says of where it comes from."""
    run, data = metadata.get("mlgov:pipeline-execution", ""), metadata.get("mlgov:data-version", "")
    return f"of run {run.rsplit('/', 1)[-1]}, data {data}" if run else ""


def _told(notices: Notices) -> Row:
    statuses = notices.statuses(len(_TOLD))
    demands = {"must be told to somebody": bool(notices.topic), "must tell of both": statuses == [*_TOLD]}
    return Row((f"told to {notices.topic or 'nobody'}", ", ".join(statuses) or "nothing", ""), unmet(demands))
