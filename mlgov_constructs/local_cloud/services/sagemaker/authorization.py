"""Whether IAM lets a caller do what a SageMaker request asks."""

from collections.abc import Sequence

from mlgov_constructs.local_cloud import enforcement
from mlgov_constructs.local_cloud.services.json_service import Request
from mlgov_constructs.local_cloud.services.sagemaker import store
from mlgov_constructs.local_cloud.services.sagemaker.conditions import condition_keys
from mlgov_constructs.local_cloud.services.sagemaker.kind import Kind

_ROLES = ("RoleArn", "ExecutionRoleArn", "ExecutionRole")


def authorize(kinds: Sequence[Kind], request: Request) -> None:
    """Evaluates IAM for the operation and for each role that it hands to SageMaker.

    Args:
        kinds: The kinds that the local cloud keeps itself.
        request: The request.

    Raises:
        ServiceError: IAM does not allow it.
    """
    context = condition_keys(request.operation, request.parameters)
    resource = _resource(kinds, request)
    for key, value in store.tags.get(resource, {}).items():
        context[f"aws:ResourceTag/{key}"] = context[f"sagemaker:ResourceTag/{key}"] = value
    enforcement.authorize(request.caller, f"sagemaker:{request.operation}", resource, context)
    if request.operation.startswith(("Create", "Update")):
        for name in _ROLES:
            if role := request.get(name):
                enforcement.check_pass_role(request.caller, role, "sagemaker")
        if request.get("Tags") and request.operation.startswith("Create"):
            tagging = {**context, "sagemaker:TaggingAction": request.operation}
            enforcement.authorize(request.caller, "sagemaker:AddTags", resource, tagging)


def _resource(kinds: Sequence[Kind], request: Request) -> str:
    if arn := request.get("ResourceArn"):
        return str(arn)
    for kind in kinds:
        if request.get(kind.name) and kind.noun in request.operation:
            return store.arn_of(kind, request)
    named = [name for name in request.parameters if name.endswith("Name")]
    noun = request.operation.removeprefix("Create").removeprefix("Describe").removeprefix("Delete")
    if f"{noun}Name" in named:
        path = "".join(f"-{letter.lower()}" if letter.isupper() else letter for letter in noun).lstrip("-")
        return store.build_arn(request, f"{path}/{request[f'{noun}Name'].lower()}")
    return "*"
