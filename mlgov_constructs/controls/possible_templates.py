"""The templates that a template may become: parameters at their defaults, conditions both ways."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mlgov_constructs.controls.template_conditions import TemplateConditions
from mlgov_constructs.controls.template_parameters import Document, TemplateParameters
from mlgov_constructs.controls.template_values import TemplateValues

CDK_METADATA = "AWS::CDK::Metadata"
# What must be true of which conditions, that a branch of the template comes to be.
Branch = frozenset[tuple[str, bool]]


def possible_templates(template: Document) -> list[Document]:
    """Return templates without conditions and defaults, which together hold everything that may be deployed.

    A rule reads a template as it stands: it cannot see that ``{"Ref": "AWS::NoValue"}`` is nothing, that an
    ``Fn::If`` has a branch without the key, or that a parameter is ``false`` unless somebody says otherwise. So a
    template is judged as what it may become. A parameter has its default, or what a condition compares it with;
    one without a default stays a ``Ref``. Each branch of each ``Fn::If``, and each resource with a condition, is in
    one of the templates, unless no values of the parameters lead there.

    Args:
        template: The template, as CloudFormation takes it.

    Returns:
        The templates, the one by default first; only the template itself when nothing in it is to be decided.

    Example:
        >>> key = {"Type": "AWS::KMS::Key", "Properties": {"EnableKeyRotation": {"Ref": "Rotate"}}}
        >>> parameters = {"Rotate": {"Type": "String", "Default": "false"}}
        >>> (found,) = possible_templates({"Parameters": parameters, "Resources": {"Key": key}})
        >>> found["Resources"]["Key"]["Properties"]
        {'EnableKeyRotation': 'false'}
    """
    parameters = TemplateParameters(template)
    conditions = TemplateConditions(template, parameters)
    branches = {branch for resource in template["Resources"].values() for branch in _branches_of(resource)}
    found: list[Document] = []
    for assignment in conditions.assignments():
        truths = conditions.truths(assignment)
        reached = {branch for branch in branches if all(truths.get(name) is wanted for name, wanted in branch)}
        if found and not reached:
            continue
        branches -= reached
        found.append(_become(template, TemplateValues(template, parameters, assignment, truths), truths))
        if not branches:
            break
    return [template] if found == [template] else found


def _branches_of(resource: Document) -> Iterator[Branch]:
    if resource.get("Type") == CDK_METADATA:
        return
    name = resource.get("Condition")
    here: Branch = frozenset([(name, True)] if isinstance(name, str) else [])
    if here:
        yield from (here, frozenset([(str(name), False)]))
    yield from _branches(resource, here)


def _branches(value: Any, here: Branch) -> Iterator[Branch]:
    if isinstance(value, list):
        for item in value:
            yield from _branches(item, here)
    elif isinstance(value, dict):
        chosen = value.get("Fn::If")
        if isinstance(chosen, list) and len(chosen) == 3:
            name, *values = chosen
            for truth, item in zip((True, False), values, strict=True):
                branch = here | {(str(name), truth)}
                yield branch
                yield from _branches(item, branch)
        else:
            for item in value.values():
                yield from _branches(item, here)


def _become(template: Document, values: TemplateValues, truths: Mapping[str, bool]) -> Document:
    resources = {
        name: values.resource(resource)
        for name, resource in template["Resources"].items()
        if truths.get(str(resource.get("Condition")), True)
    }
    return {**template, "Resources": resources}
