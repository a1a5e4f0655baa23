"""Whether IAM lets a caller do what a SageMaker request asks."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from mlgov_constructs.local_cloud import enforcement
from mlgov_constructs.local_cloud.services import source_identity
from mlgov_constructs.local_cloud.services.json_service import Request
from mlgov_constructs.local_cloud.services.sagemaker import progress, store
from mlgov_constructs.local_cloud.services.sagemaker.conditions import condition_keys
from mlgov_constructs.local_cloud.services.sagemaker.kind import Kind
from mlgov_constructs.local_cloud.services.sagemaker.studio.people import USER_PROFILE

_ROLES = ("RoleArn", "ExecutionRoleArn", "ExecutionRole")


def authorize(kinds: Sequence[Kind], request: Request) -> None:
    """Evaluates IAM for the operation and for each role that it hands to SageMaker.

    Args:
        kinds: The kinds that the local cloud keeps itself.
        request: The request.

    Raises:
        ServiceError: IAM does not allow it.
    """
    progress.settle()
    context = condition_keys(request.operation, request.parameters) | _studio_keys(request)
    kind = _kind(kinds, request)
    resource = _resource(kind, request)
    for key, value in store.tags.get(resource, {}).items():
        context[f"aws:ResourceTag/{key}"] = context[f"sagemaker:ResourceTag/{key}"] = value
    if kind:
        context |= kind.context(request)
    enforcement.authorize(request.caller, f"sagemaker:{request.operation}", resource, context)
    if request.operation.startswith(("Create", "Update")):
        for role in _roles(request.parameters):
            enforcement.check_pass_role(request.caller, role, "sagemaker")
        if request.get("Tags") and request.operation.startswith("Create"):
            tagging = {**context, "sagemaker:TaggingAction": request.operation}
            enforcement.authorize(request.caller, "sagemaker:AddTags", resource, tagging)


def _studio_keys(request: Request) -> dict[str, Any]:
    """Returns who calls from within Studio: a session of the profile's role, whose source identity is the profile."""
    person, domain_id = source_identity.of(request.caller.access_key), request.get("DomainId")
    if not person or not domain_id:
        return {}
    profile = store.records.get(
        store.key_of(USER_PROFILE, request, {"DomainId": domain_id, "UserProfileName": person}), {}
    )
    if profile.get("UserSettings", {}).get("ExecutionRole") != request.caller.role_arn:
        return {}
    return {"sagemaker:DomainId": domain_id, "sagemaker:UserProfileName": person}


def _kind(kinds: Sequence[Kind], request: Request) -> Kind | None:
    """Returns the kind of what an operation acts on: the longest noun in its name, if the request names one."""
    for kind in sorted(kinds, key=lambda each: len(each.noun), reverse=True):
        acts_on = kind.noun in request.operation or request.operation in kind.also_authorized
        if acts_on and (kind.identity(request.parameters) or request.operation == f"Create{kind.noun}"):
            return kind
    return None


def _resource(kind: Kind | None, request: Request) -> str:
    if arn := request.get("ResourceArn"):
        return str(arn)
    if kind:
        return store.arn_of(kind, request) if kind.identity(request.parameters) else _every(kind, request)
    named = [name for name in request.parameters if name.endswith("Name")]
    noun = request.operation.removeprefix("Create").removeprefix("Describe").removeprefix("Delete")
    if f"{noun}Name" in named:
        path = "".join(f"-{letter.lower()}" if letter.isupper() else letter for letter in noun).lstrip("-")
        return store.build_arn(request, f"{path}/{request[f'{noun}Name'].lower()}")
    return "*"


def _every(kind: Kind, request: Request) -> str:
    """Returns the ARN of one whose identity the service is yet to make up."""
    return store.build_arn(request, f"{kind.arn_path}/*")


def _roles(parameters: Mapping[str, Any]) -> Iterator[str]:
    """Yields the roles that a request hands over, those of Studio's settings included."""
    for name, value in parameters.items():
        if name in _ROLES and isinstance(value, str):
            yield value
        elif name.endswith("Settings") and isinstance(value, Mapping):
            yield from _roles(value)
