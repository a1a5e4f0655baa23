"""Faults for real templates: for each control what is broken, on which resources, and who must be accused.

Every fault of a resource is done to all resources of its type at once: the rule must accuse each
of them, and nobody else.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

Json = Any
Resource = dict[str, Json]
Resources = dict[str, Resource]
# Breaks the template at the resources with these ids, and says which must be accused.
Change = Callable[[Resources, list[str]], Iterable[str]]

TEMPLATE = ""
DOCUMENT = "Properties/PolicyDocument/Statement"
KEY_POLICY = "Properties/KeyPolicy/Statement"
TRUST = "Properties/AssumeRolePolicyDocument/Statement"


def anything(_: Resource) -> bool:
    """Every resource of the type."""
    return True


@dataclass(frozen=True)
class Mutation:
    """One fault.

    Attributes:
        control: The control whose rule must find it.
        fault: What is done, in a few words.
        of: The type of the resources it is done to, or beside which something is added.
        change: Breaks the template; it gets the ids of those resources and returns the ids that
            must be accused, ``TEMPLATE`` for the template as a whole.
        where: Which resources of the type.
    """

    control: str
    fault: str
    of: str
    change: Change
    where: Callable[[Resource], bool] = anything

    def __str__(self) -> str:
        """The name of its test."""
        return f"{self.control} {self.of.split('::', 1)[1]}: {self.fault}"


def each(change: Callable[[Resource], None]) -> Change:
    """Change each resource; each is accused."""

    def apply(resources: Resources, ids: list[str]) -> Iterable[str]:
        for logical_id in ids:
            change(resources[logical_id])
        return ids

    return apply


def removed(resources: Resources, ids: list[str]) -> Iterable[str]:
    """Remove the resources; the template is accused."""
    for logical_id in ids:
        del resources[logical_id]
    return [TEMPLATE]


def one_removed(resources: Resources, ids: list[str]) -> Iterable[str]:
    """Remove one of the resources; the template is accused."""
    return removed(resources, ids[:1])


def added(resource: Resource, *, accused: str | None = None) -> Change:
    """Add a resource; it is accused, or who is named."""

    def apply(resources: Resources, _: list[str]) -> Iterable[str]:
        resources["Added"] = copy.deepcopy(resource)
        return ["Added" if accused is None else accused]

    return apply


def doubled(resources: Resources, ids: list[str]) -> Iterable[str]:
    """Add a copy of a resource, without what protects the first; the template is accused."""
    resources["Added"] = copy.deepcopy(resources[ids[0]])
    return [TEMPLATE]


def places(value: Json, path: str) -> Iterator[tuple[Json, Json]]:
    """The containers and keys at a path; ``*`` is every item of a list."""
    head, _, rest = path.partition("/")
    keys = range(len(value)) if head == "*" else [int(head) if isinstance(value, list) else head]
    for key in keys:
        if rest:
            yield from places(value[key], rest)
        else:
            yield value, key


def without(path: str) -> Change:
    """Remove a property."""

    def change(resource: Resource) -> None:
        for container, key in list(places(resource, path)):
            del container[key]

    return each(change)


def with_value(path: str, value: Json) -> Change:
    """Set a property."""

    def change(resource: Resource) -> None:
        for container, key in places(resource, path):
            container[key] = copy.deepcopy(value)

    return each(change)


def statements_changed(path: str, chosen: Callable[[Resource], bool], change: Callable[[Resource], None]) -> Change:
    """Change the chosen statements of a policy."""

    def apply(resource: Resource) -> None:
        for container, key in places(resource, path):
            for statement in container[key]:
                if chosen(statement):
                    change(statement)

    return each(apply)


def statements_removed(path: str, chosen: Callable[[Resource], bool]) -> Change:
    """Remove the chosen statements of a policy."""

    def apply(resource: Resource) -> None:
        for container, key in places(resource, path):
            container[key] = [statement for statement in container[key] if not chosen(statement)]

    return each(apply)


def statement_added(path: str, statement: Resource) -> Change:
    """Append a statement to a policy."""

    def apply(resource: Resource) -> None:
        for container, key in places(resource, path):
            container[key] = [*container[key], copy.deepcopy(statement)]

    return each(apply)


def only_statement(path: str, statement: Resource) -> Change:
    """Make a statement the only one of a policy, without a list around it, as IAM allows."""
    return with_value(path, statement)


def inline(statement: Resource) -> Change:
    """Give a role an inline policy."""
    return with_value("Properties/Policies", [{"PolicyName": "added", "PolicyDocument": {"Statement": [statement]}}])


def sets(**changes: Json) -> Callable[[Resource], None]:
    """Set keys of a statement."""
    return lambda statement: statement.update(copy.deepcopy(changes))


def drops(*path: str) -> Callable[[Resource], None]:
    """Remove a key of a statement, however deep; what is empty then goes too."""

    def change(statement: Resource) -> None:
        *above, last = path
        container = statement
        for key in above:
            container = container.get(key, {})
        container.pop(last, None)
        if above and not container:
            drops(*above)(statement)

    return change


def sid(*names: str) -> Callable[[Resource], bool]:
    """The statements with these ids."""
    return lambda statement: statement.get("Sid") in names


def allows(statement: Resource) -> bool:
    """The statements that allow."""
    return bool(statement["Effect"] == "Allow")


def has_statement(path: str, chosen: Callable[[Resource], bool]) -> Callable[[Resource], bool]:
    """The resources whose policy holds such a statement."""

    def test(resource: Resource) -> bool:
        return any(chosen(statement) for container, key in places(resource, path) for statement in container[key])

    return test


def actions(statement: Resource) -> list[str]:
    """The actions of a statement."""
    named = statement.get("Action", [])
    return [named] if isinstance(named, str) else named


def allow(action: Json, **more: Json) -> Resource:
    """A statement that allows an action on everything."""
    return {"Effect": "Allow", "Action": action, "Resource": "*", **more}


def admits_a_service(policy: Resource) -> bool:
    """The policies of buckets that a service writes to."""
    statements = policy["Properties"]["PolicyDocument"]["Statement"]
    return any(each["Effect"] == "Allow" and "Service" in each["Principal"] for each in statements)


def claims(control: str) -> Callable[[Resource], bool]:
    """The resources that claim a control."""
    return lambda resource: control in resource.get("Metadata", {}).get("mlgov", {}).get("controls", ())
