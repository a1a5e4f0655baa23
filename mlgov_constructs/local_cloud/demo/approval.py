"""How a model comes to be approved: an engineer registers it, and somebody else decides on it."""

from typing import Any

from mlgov_constructs.local_cloud.demo.attempt import Attempt
from mlgov_constructs.local_cloud.demo.person import Person
from mlgov_constructs.local_cloud.demo.readback import Deployed, Row, Section

_PENDING, _APPROVED = "PendingManualApproval", "Approved"
_IMAGE = "serving:1"


class Approval:
    """The first version of a model, from its registration to its approval.

    Args:
        deployed: The environment, whose first model package group it goes to.
        scientist: A data scientist.
        engineer: An ML engineer.
        approver: A model approver.
    """

    def __init__(self, deployed: Deployed, scientist: Person, engineer: Person, approver: Person) -> None:
        self._deployed = deployed
        self._people = {
            person.persona: person.clients.client("sagemaker") for person in (scientist, engineer, approver)
        }
        self._scientist, self._engineer, self._approver = (it.persona for it in (scientist, engineer, approver))
        self._arn = ""

    def go(self) -> Section:
        """Registers a version, lets everybody try to approve it, and tells who could."""
        attempts = (
            Attempt(f"{self._engineer} registers it approved", False, lambda: self._register(_APPROVED)),
            Attempt(f"{self._engineer} registers it", True, lambda: self._register(_PENDING)),
            Attempt(f"{self._engineer} approves it", False, lambda: self._approve(self._engineer)),
            Attempt(f"{self._scientist} approves it", False, lambda: self._approve(self._scientist)),
            Attempt(f"{self._approver} approves it", True, lambda: self._approve(self._approver)),
        )
        rows = tuple(attempt.make() for attempt in attempts)
        return Section("Approval of a model", ("Who tries what", "Answer", "Reason"), (*rows, self._status()), {})

    @property
    def version(self) -> str:
        """The number of the version, as who deploys it gives it."""
        return self._arn.rsplit("/", 1)[-1]

    def _register(self, status: str) -> None:
        group = self._deployed.names("AWS::SageMaker::ModelPackageGroup")[0]
        bucket = next((name for name in self._deployed.ids("AWS::S3::Bucket") if "artifacts" in name), "artifacts")
        container = {"Image": _IMAGE, "ModelDataUrl": f"s3://{bucket}/models/model.tar.gz"}
        content = {"SupportedContentTypes": ["text/csv"], "SupportedResponseMIMETypes": ["text/csv"]}
        answer: dict[str, Any] = self._people[self._engineer].create_model_package(
            ModelPackageGroupName=group,
            ModelApprovalStatus=status,
            InferenceSpecification={"Containers": [container], **content},
        )
        self._arn = answer["ModelPackageArn"]

    def _approve(self, persona: str) -> None:
        self._people[persona].update_model_package(ModelPackageArn=self._arn, ModelApprovalStatus=_APPROVED)

    def _status(self) -> Row:
        if not self._arn:
            return Row(("the version", "is not registered", ""), ("must be registered",))
        found = self._deployed.client("sagemaker").describe_model_package(ModelPackageName=self._arn)
        name = f"{found['ModelPackageGroupName']}, version {found['ModelPackageVersion']}"
        status = found["ModelApprovalStatus"]
        return Row((name, status.lower(), ""), () if status == _APPROVED else (f"must be {_APPROVED.lower()}",))
