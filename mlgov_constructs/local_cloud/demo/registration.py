"""How a version of a model is registered: by a person, or as the last step of a pipeline would."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mlgov_constructs.local_cloud.demo.person import Person
from mlgov_constructs.local_cloud.demo.readback import Deployed

_IMAGE = "serving:1"


@dataclass(frozen=True, slots=True)
class Registration:
    """A version that somebody registers.

    Args:
        who: Who registers it.
        sagemaker: The client that calls as who registers it.
        request: What the version is.
    """

    who: str
    sagemaker: Any
    request: Mapping[str, Any]

    def register(self, status: str) -> str:
        """Registers it and returns its ARN.

        Args:
            status: The approval that it claims to have.
        """
        answer = self.sagemaker.create_model_package(**{**self.request, "ModelApprovalStatus": status})
        return str(answer["ModelPackageArn"])


def by_hand(deployed: Deployed, person: Person) -> Registration:
    """Returns the registration of a model that a person brings.

    Args:
        deployed: The environment, whose first model package group it goes to.
        person: The person.
    """
    bucket = next((name for name in deployed.ids("AWS::S3::Bucket") if "artifacts" in name), "artifacts")
    container = {"Image": _IMAGE, "ModelDataUrl": f"s3://{bucket}/models/model.tar.gz"}
    content = {"SupportedContentTypes": ["text/csv"], "SupportedResponseMIMETypes": ["text/csv"]}
    request = {
        "ModelPackageGroupName": deployed.names("AWS::SageMaker::ModelPackageGroup")[0],
        "InferenceSpecification": {"Containers": [container], **content},
    }
    return Registration(person.persona, person.clients.client("sagemaker"), request)
