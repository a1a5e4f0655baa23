"""What schemas cannot see: references that lead nowhere, in a set of OSCAL documents."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

METHODS = frozenset({"EXAMINE", "INTERVIEW", "TEST", "UNKNOWN"})
# Where a reference must lead; one of another name may lead to anything that has an identifier.
PLACES = {
    "observation-uuid": "observations",
    "risk-uuid": "risks",
    "component-uuid": "components",
    "activity-uuid": "activities",
}
SUBJECTS = {"component": "components", "inventory-item": "inventory-items", "resource": "resources"}

Node = dict[str, Any]


def reference_problems(documents: Mapping[str, Node]) -> list[str]:
    """Return what is wrong with the references of documents that belong together; empty when nothing is.

    Trestle's validators and NIST's schema accept an observation that does not exist, an unknown
    method, and a control that no catalogue has. This looks for those: each identifier is there once in its
    document, each reference leads to a thing of its kind, each link within a document to its back
    matter, each relative link to one of the documents, each method is one of NIST's, and each
    control and objective is in the catalogue.

    Args:
        documents: The parsed documents by the names of their files.

    Example:
        >>> reference_problems({"x.json": {"related-observations": [{"observation-uuid": "1"}]}})
        ['x.json: observation-uuid 1 leads to nothing among observations']
    """
    found = {file: list(_nodes(document, "")) for file, document in documents.items()}
    places = {(place, node["uuid"]) for nodes in found.values() for place, node in nodes if "uuid" in node}
    known = {uuid for _, uuid in places}
    ids = {node["id"] for nodes in found.values() for _, node in nodes if "id" in node}
    problems: list[str] = []
    for file, nodes in found.items():
        own = Counter(node["uuid"] for _, node in nodes if "uuid" in node)
        problems += [f"{file}: uuid {uuid} is there {count} times" for uuid, count in own.items() if count > 1]
        resources = {node["uuid"] for place, node in nodes if place == "resources"}
        for _, node in nodes:
            for problem in (
                *_identifiers(node, places, known),
                *_links(node, resources, documents),
                *_methods(node),
                *_controls(node, ids),
            ):
                problems.append(f"{file}: {problem}")
    return problems


def _nodes(value: Any, place: str) -> Iterator[tuple[str, Node]]:
    """Each object of a document, with the name of the list or the property that holds it."""
    if isinstance(value, dict):
        yield place, value
        for name, each in value.items():
            yield from _nodes(each, name)
    elif isinstance(value, list):
        for each in value:
            yield from _nodes(each, place)


def _identifiers(node: Node, places: set[tuple[str, str]], known: set[str]) -> Iterator[str]:
    for name, value in node.items():
        if not name.endswith("-uuid"):
            continue
        place = SUBJECTS.get(str(node.get("type"))) if name == "subject-uuid" else PLACES.get(name)
        if place is None and value not in known:
            yield f"{name} {value} leads to nothing"
        elif place is not None and (place, value) not in places:
            yield f"{name} {value} leads to nothing among {place}"


def _links(node: Node, resources: set[str], documents: Mapping[str, Node]) -> Iterator[str]:
    for name in ("href", "source"):
        link = node.get(name)
        if not isinstance(link, str):
            continue
        if link.startswith("#"):
            if link[1:] not in resources:
                yield f"{name} {link} leads to no resource of the back matter"
        elif not urlsplit(link).scheme and link not in documents:
            yield f"{name} {link} is none of the documents"


def _methods(node: Node) -> Iterator[str]:
    named = list(node.get("methods", ()))
    if node.get("name") == "method" and "ns" not in node:
        named.append(node.get("value"))
    yield from (f"method {method!r} is none of NIST's" for method in named if method not in METHODS)


def _controls(node: Node, ids: set[str]) -> Iterator[str]:
    for selected in (*node.get("include-controls", ()), *node.get("exclude-controls", ())):
        if selected["control-id"] not in ids:
            yield f"control {selected['control-id']} is in no catalogue"
    if "target-id" in node and node["target-id"] not in ids:
        yield f"target {node['target-id']} is in no catalogue"
    # A catalogue that is published elsewhere is not ours to look into.
    if "implemented-requirements" in node and not urlsplit(node["source"]).scheme:
        for requirement in node["implemented-requirements"]:
            if requirement["control-id"] not in ids:
                yield f"control {requirement['control-id']} is in no catalogue"
