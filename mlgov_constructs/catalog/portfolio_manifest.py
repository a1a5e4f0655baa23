"""What the portfolios of a synthesized app are: principals, shares, tag options, products and constraints."""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path
from typing import Any

from mlgov_constructs.catalog.product_history import ProductHistoryError
from mlgov_constructs.catalog.template_document import Document

MANIFEST = "portfolio.json"
STACK_TEMPLATES = "*.template.json"
PREFIX = "AWS::ServiceCatalog::"
ORGANIZATION_SHARE = "Custom::PortfolioShare"


def portfolios_of(assembly: Path) -> Document:
    """Return the portfolios of a synthesized app, by the name that users see.

    Args:
        assembly: The output of ``cdk synth``.

    Returns:
        Name to a document with provider, description, principals, shares, tag options and products.

    Raises:
        ProductHistoryError: Two portfolios have one name.
    """
    found: Document = {}
    for file in sorted(assembly.rglob(STACK_TEMPLATES)):
        resources = json.loads(file.read_text(encoding="utf-8")).get("Resources", {})
        for logical_id, resource in resources.items():
            if resource["Type"] != f"{PREFIX}Portfolio":
                continue
            name = resource["Properties"]["DisplayName"]
            if name in found:
                msg = f"{assembly}: two portfolios are named {name!r}. Give each its own display_name."
                raise ProductHistoryError(msg)
            found[name] = _portfolio(resources, logical_id)
    return found


def read_manifest(history: Path) -> Document:
    """Return the portfolios as they were published last; empty when they never were.

    Args:
        history: The folder that holds one folder a product.

    Raises:
        ProductHistoryError: The file is no JSON.
    """
    file = history / MANIFEST
    if not file.is_file():
        return {}
    try:
        manifest: Document = json.loads(file.read_text(encoding="utf-8"))
    except ValueError as error:
        msg = f"{file}: is no JSON document: {error}. Restore the file."
        raise ProductHistoryError(msg) from error
    return manifest


def _portfolio(resources: Document, portfolio_id: str) -> Document:
    own = defaultdict(list)
    for resource in resources.values():
        properties = resource.get("Properties", {})
        if {"Ref": portfolio_id} in (properties.get("PortfolioId"), properties.get("ResourceId")):
            own[resource["Type"].removeprefix(PREFIX)].append(properties)
    values = resources[portfolio_id]["Properties"]
    return {
        "provider": values["ProviderName"],
        "description": values.get("Description", ""),
        "principals": sorted(_text(each["PrincipalARN"]) for each in own["PortfolioPrincipalAssociation"]),
        "shares": _shares(own),
        "tagOptions": _tag_options(resources, own["TagOptionAssociation"]),
        "products": {
            _name(resources, each["ProductId"]): _constraints(own, each["ProductId"])
            for each in own["PortfolioProductAssociation"]
        },
    }


def _shares(own: defaultdict[str, list[Document]]) -> Document:
    accounts = {
        _text(each["AccountId"]): {"tagOptions": bool(each.get("ShareTagOptions"))} for each in own["PortfolioShare"]
    }
    # The function behind it always shares the tag options.
    nodes = {_text(each["OrganizationNode"]): {"tagOptions": True} for each in own[ORGANIZATION_SHARE]}
    return accounts | nodes


def _tag_options(resources: Document, associations: list[Document]) -> dict[str, list[str]]:
    options: dict[str, list[str]] = defaultdict(list)
    for association in associations:
        option = resources[association["TagOptionId"]["Ref"]]["Properties"]
        options[_text(option["Key"])].append(_text(option["Value"]))
    return {key: sorted(values) for key, values in options.items()}


def _constraints(own: defaultdict[str, list[Document]], product: Any) -> Document:
    def of(kind: str) -> list[Document]:
        return [each for each in own[kind] if each["ProductId"] == product]

    result: Document = {}
    for launch in of("LaunchRoleConstraint"):
        result["launchRole"] = _text(launch.get("LocalRoleName") or launch.get("RoleArn"))
    for sets in of("StackSetConstraint"):
        result["stackSets"] = {
            "accounts": sets["AccountList"],
            "regions": sets["RegionList"],
            "administrationRole": _text(sets["AdminRole"]),
            "executionRole": _text(sets["ExecutionRole"]),
            "instanceOperations": sets["StackInstanceControl"] == "ALLOWED",
        }
    rules: Document = {}
    for template in of("LaunchTemplateConstraint"):
        rules |= json.loads(template["Rules"]) if isinstance(template["Rules"], str) else template["Rules"]
    if rules:
        result["rules"] = rules
    for update in of("ResourceUpdateConstraint"):
        result["tagUpdates"] = update["TagUpdateOnProvisionedProduct"] == "ALLOWED"
    return result


def _name(resources: Document, product: Any) -> str:
    known = resources.get(product["Ref"]) if isinstance(product, dict) and "Ref" in product else None
    return _text(known["Properties"]["Name"] if known else product)


def _text(value: Any) -> str:
    """Return a value as one reads it; what is known at deployment only stands in braces."""
    match value:
        case str():
            return value
        case {"Ref": str(name)} | {"Fn::ImportValue": str(name)}:
            return f"${{{name}}}"
        case {"Fn::GetStackOutput": {"StackName": str(stack), "OutputName": str(name)}}:
            return f"${{{stack}.{name}}}"
        case {"Fn::GetAtt": [str(name), str(attribute)]}:
            return f"${{{name}.{attribute}}}"
        case {"Fn::Join": [str(separator), list(parts)]}:
            return separator.join(_text(part) for part in parts)
    return json.dumps(value, sort_keys=True)
