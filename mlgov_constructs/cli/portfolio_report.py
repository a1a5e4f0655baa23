"""What would change of a portfolio, for people and for programs; docs/cli.md describes both."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from mlgov_constructs.catalog.portfolio_diff import Change, PortfolioDiff, ProductDiff
from mlgov_constructs.catalog.template_document import MISSING, Difference

#: Raised when a field changes its meaning or goes away; a new field does not raise it.
SCHEMA_VERSION = 1
SIGNS = {"added": "+", "removed": "-", "changed": "~"}
LONGEST_VALUE = 60


def text_lines(found: PortfolioDiff) -> Iterator[str]:
    """Yield the lines that people read.

    Args:
        found: What would change.

    Example:
        >>> list(text_lines(PortfolioDiff((), (), has_manifest=True)))
        ['portfolios: unchanged']
    """
    for product in found.products:
        versions = " -> ".join(dict.fromkeys(each for each in (product.published, product.current) if each))
        yield f"{product.product} {versions}: {product.state}"
        for change in product.changes:
            yield from _change_lines(change)
    if not found.has_manifest:
        yield "portfolios: not written down yet; mlgov portfolio publish does it"
        return
    yield f"portfolios: {'changed' if found.portfolio else 'unchanged'}"
    for difference in found.portfolio:
        yield f"  {SIGNS[difference.kind]} {' > '.join(difference.path)}{_values(difference)}"


def json_document(found: PortfolioDiff) -> dict[str, Any]:
    """Return the document that programs read.

    Args:
        found: What would change.

    Example:
        >>> json_document(PortfolioDiff((), (), has_manifest=False))["portfolios"]["recorded"]
        False
    """
    return {
        "schemaVersion": SCHEMA_VERSION,
        "refused": found.is_refused,
        "products": [_product(product) for product in found.products],
        "portfolios": {"recorded": found.has_manifest, "changes": [_difference(each) for each in found.portfolio]},
    }


def _change_lines(change: Change) -> Iterator[str]:
    title = f"{change.section} {change.name}".rstrip()
    if change.kind != "changed":
        yield f"  {SIGNS[change.kind]} {title}"
        return
    for difference in change.differences:
        inner = ".".join(difference.path[2:])
        yield f"  ~ {title}{'.' if inner else ''}{inner}{_values(difference)}"


def _values(difference: Difference) -> str:
    if difference.kind == "added":
        return f": {_short(difference.current)}"
    if difference.kind == "removed":
        return f": was {_short(difference.published)}"
    return f": {_short(difference.published)} -> {_short(difference.current)}"


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= LONGEST_VALUE else f"{text[: LONGEST_VALUE - 3]}..."


def _product(product: ProductDiff) -> dict[str, Any]:
    return {
        "product": product.product,
        "state": product.state.name.lower().replace("_", "-"),
        "published": product.published,
        "current": product.current,
        "changes": [
            {
                "section": change.section,
                "name": change.name,
                "kind": change.kind,
                "differences": [_difference(each) for each in change.differences],
            }
            for change in product.changes
        ],
    }


def _difference(difference: Difference) -> dict[str, Any]:
    values = {"published": difference.published, "current": difference.current}
    known = {name: value for name, value in values.items() if value is not MISSING}
    return {"path": list(difference.path), "kind": difference.kind, **known}
