"""Gives the emulator's CloudFormation engine our table of types in place of its own."""

import copy
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ministack.core import iam_evaluator
from ministack.core.responses import get_account_id, get_region
from ministack.services import cloudformation as engine
from ministack.services.cloudformation import changesets, custom_resource, provisioners, stacks

from mlgov_constructs.local_cloud import conditions, enforcement
from mlgov_constructs.local_cloud.clients import Clients, Credentials
from mlgov_constructs.local_cloud.errors import UnmodelledPropertyError
from mlgov_constructs.local_cloud.resource_types import RESOURCE_TYPES, Call, ResourceType

_LOG = logging.getLogger(__name__)

# The emulator's own handlers that are kept, with the properties that they were seen to act on. A custom
# resource and a nested stack take any property: their provider checks them.
_ANY: tuple[str, ...] = ()
BUILT_IN: dict[str, tuple[str, ...]] = {
    "AWS::CDK::Metadata": ("Analytics",),
    "AWS::CloudFormation::CustomResource": _ANY,
    "AWS::CloudFormation::Stack": _ANY,
    "AWS::CloudFormation::WaitCondition": _ANY,
    "AWS::CloudFormation::WaitConditionHandle": _ANY,
}
# What CloudFormation makes only when there is the other one, though neither names the other.
_WAITS_FOR = {"AWS::Config::DeliveryChannel": "AWS::Config::ConfigurationRecorder"}


@dataclass(frozen=True)
class Settings:
    """What the engine needs to know of its surroundings.

    Args:
        endpoint: The local cloud's own address.
        certificate: Path of the certificate to trust, when the endpoint uses TLS.
        enforced: Whether IAM is evaluated; resources are then made as the stack's role.
        organization: The id of the organisation that the account lies in, if any.
        custom_resource_timeout: Seconds that a custom resource may take at most.
    """

    endpoint: str
    certificate: str | None
    enforced: bool
    organization: str | None
    custom_resource_timeout: int


def install(settings: Settings) -> None:
    """Replaces the engine's table of types, and bounds the time a custom resource may take."""
    handlers = provisioners._RESOURCE_HANDLERS
    kept = {name: _checked(name, handlers[name]) for name in BUILT_IN}
    handlers.clear()
    handlers.update(kept)
    actors = _StackActors(settings)
    for name, row in RESOURCE_TYPES.items():
        handlers[name] = _handler(row, actors)
        provisioners._REPLACING_PROPERTIES[name] = tuple(p for p in row.create_only if "/" not in p)
        if row.name_property:
            provisioners._CUSTOM_NAME_REPLACEMENT[name] = {"name": row.name_property}
        if row.tags:
            provisioners._STACK_TAG_PROPERTY[name] = ("Tags", row.tags)
        else:
            provisioners._STACK_TAG_PROPERTY.pop(name, None)
    actors.record_from(engine._ACTION_HANDLERS)
    runs_on_thread = stacks._runs_on_worker_thread
    # Our types call back over HTTP: on the event loop they would wait for themselves.
    stacks._runs_on_worker_thread = lambda name: name in RESOURCE_TYPES or runs_on_thread(name)
    sort = stacks._topological_sort
    stacks._topological_sort = lambda resources, given: sort(_with_silent_order(resources), given)
    conditions.install()
    _bound_custom_resources(settings.custom_resource_timeout)


def _with_silent_order(resources: dict[str, Any]) -> dict[str, Any]:
    """Returns the resources of a template, with what CloudFormation waits for though no property says so."""
    by_type: dict[str, list[str]] = {}
    for name, resource in resources.items():
        by_type.setdefault(str(resource.get("Type")), []).append(name)
    ordered = dict(resources)
    for waiting, awaited in _WAITS_FOR.items():
        for name in by_type.get(waiting, []):
            named = resources[name].get("DependsOn", [])
            depends_on = [named] if isinstance(named, str) else list(named)
            ordered[name] = {**resources[name], "DependsOn": [*depends_on, *by_type.get(awaited, [])]}
    return ordered


@dataclass(frozen=True)
class _Actor:
    """Who makes a stack's resources: a role that CloudFormation assumes, or the caller's own."""

    role_arn: str
    assumed_by: str | None


class _StackActors:
    """Finds who makes a stack's resources where IAM is enforced; elsewhere the account does.

    As on AWS it is the role that a stack operation names, and without one the caller.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._owners: dict[tuple[str, str], str] = {}
        self._actors: dict[tuple[str, str, str], _Actor] = {}
        self._service_roles: dict[tuple[str, str, str], str] = {}

    def record_from(self, actions: dict[str, Callable[[dict[str, Any]], Any]]) -> None:
        """Listens to the stack operations for the role that they name: the engine forgets it."""
        for name in ("CreateStack", "UpdateStack", "DeleteStack", "CreateChangeSet", "ExecuteChangeSet"):
            actions[name] = self._recording(actions[name])

    def clients(self, stack_name: str) -> Clients:
        """Returns clients for the stack's region that call as its actor."""
        actor = self._actors.get(_key(stack_name)) if self._settings.enforced else None
        if actor:
            credentials = enforcement.session_of(actor.role_arn, assumed_by=actor.assumed_by)
        else:
            credentials = Credentials(get_account_id())
        return Clients(self._settings.endpoint, get_region(), credentials, self._settings.certificate)

    def remember(self, type_name: str, physical_id: str, stack_name: str) -> None:
        """Notes which stack a resource belongs to: the engine does not say so when it deletes one."""
        self._owners[type_name, physical_id] = stack_name

    def owner(self, type_name: str, physical_id: str) -> str:
        """Returns the stack that made a resource."""
        return self._owners.get((type_name, physical_id), "")

    def _recording(self, action: Callable[[dict[str, Any]], Any]) -> Callable[[dict[str, Any]], Any]:
        def recording(params: dict[str, Any]) -> Any:
            name = _stack_name(first(params, "StackName"))
            if not name:  # a change set named by its ARN
                _, change_set = changesets._find_change_set(first(params, "ChangeSetName"), "")
                name = change_set["StackName"] if change_set else ""
            self._note_actor(name, first(params, "RoleARN"))
            return action(params)

        return recording

    def _note_actor(self, stack_name: str, role_arn: str) -> None:
        key = _key(stack_name)
        if (engine._stacks.get(stack_name) or {}).get("StackStatus", "DELETE_COMPLETE") == "DELETE_COMPLETE":
            self._service_roles.pop(key, None)
        if role_arn:
            self._service_roles[key] = role_arn  # CloudFormation keeps it for later operations
        if service_role := self._service_roles.get(key):
            self._actors[key] = _Actor(service_role, "cloudformation")
        elif caller_role := enforcement.role_of(iam_evaluator.caller_arn()):
            self._actors[key] = _Actor(caller_role, None)
        else:
            self._actors.pop(key, None)


def first(params: dict[str, Any], name: str) -> str:
    """Returns a parameter of the query protocol."""
    value = params.get(name, "")
    return str(value[0] if isinstance(value, list) else value)


def _stack_name(name_or_id: str) -> str:
    return name_or_id.split("/")[1] if name_or_id.startswith("arn:") else name_or_id


def _key(stack_name: str) -> tuple[str, str, str]:
    return get_account_id(), get_region(), stack_name


def _handler(row: ResourceType, actors: _StackActors) -> dict[str, Any]:
    def call_for(logical_id: str, props: dict[str, Any], stack_name: str) -> Call:
        return Call(logical_id, stack_name, props, actors.clients(stack_name), _namer(stack_name, logical_id))

    def create(logical_id: str, props: dict[str, Any], stack_name: str) -> tuple[str, dict[str, Any]]:
        _check_properties(row.type_name, props, row.properties)
        call = call_for(logical_id, props, stack_name)
        physical_id = row.create(call)
        actors.remember(row.type_name, physical_id, stack_name)
        try:
            row.configure(call, physical_id, {})
            return physical_id, row.attributes(call, physical_id)
        except Exception:
            _discard(row, call, physical_id)
            raise

    def update(
        physical_id: str, old: dict[str, Any], new: dict[str, Any], stack_name: str, logical_id: str
    ) -> tuple[str, dict[str, Any]]:
        _check_properties(row.type_name, new, row.properties)
        if any(_at(old, path) != _at(new, path) for path in row.create_only):
            created: tuple[str, dict[str, Any]] = provisioners._seeded_create(create, logical_id, new, stack_name)
            return created
        call = call_for(logical_id, new, stack_name)
        row.configure(call, physical_id, old)
        return physical_id, row.attributes(call, physical_id)

    def delete(physical_id: str, props: dict[str, Any], logical_id: str) -> None:
        stack_name = actors.owner(row.type_name, physical_id)
        row.delete(call_for(logical_id, props, stack_name), physical_id)

    return {
        "create": create,
        "update": update,
        "update_with_logical_id": True,
        "delete": delete,
        "delete_with_logical_id": True,
    }


def _discard(row: ResourceType, call: Call, physical_id: str) -> None:
    """Removes a resource that was created but could not be configured."""
    try:
        row.delete(call, physical_id)
    except Exception:  # the first failure is the one to report
        _LOG.exception("%s %s could not be removed after its creation failed", row.type_name, physical_id)


def _namer(stack_name: str, logical_id: str) -> Callable[[int, bool], str]:
    def make_name(max_length: int, lowercase: bool) -> str:
        name = provisioners._physical_name(stack_name, logical_id, lowercase=lowercase, max_len=max_length)
        return str(name)

    return make_name


def _check_properties(type_name: str, props: dict[str, Any], known: tuple[str, ...]) -> None:
    if unknown := [name for name in props if name not in known]:
        raise UnmodelledPropertyError(type_name, unknown, list(known))


def _at(props: dict[str, Any], path: str) -> Any:
    value: Any = props
    for part in path.split("/"):
        value = value.get(part) if isinstance(value, dict) else None
    return value


def _checked(type_name: str, handler: dict[str, Any]) -> dict[str, Any]:
    """Wraps a handler of the emulator so that it refuses properties it was not seen to act on."""
    known = BUILT_IN[type_name]
    if not known:
        return handler
    wrapped = copy.copy(handler)
    create, update = handler["create"], handler.get("update")

    def checked_create(logical_id: str, props: dict[str, Any], stack_name: str) -> Any:
        _check_properties(type_name, props, known)
        return create(logical_id, props, stack_name)

    wrapped["create"] = checked_create
    if update:

        def checked_update(physical_id: str, old: dict[str, Any], new: dict[str, Any], *rest: Any) -> Any:
            _check_properties(type_name, new, known)
            return update(physical_id, old, new, *rest)

        wrapped["update"] = checked_update
    return wrapped


def _bound_custom_resources(seconds: int) -> None:
    invoke = custom_resource.invoke_custom_resource

    def bounded(request_type: str, logical_id: str, props: dict[str, Any], *rest: Any, **named: Any) -> Any:
        wanted = int(props.get("ServiceTimeout", seconds))
        return invoke(request_type, logical_id, {**props, "ServiceTimeout": min(wanted, seconds)}, *rest, **named)

    custom_resource.invoke_custom_resource = bounded
