"""What would change between what is published and the code."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby
from pathlib import Path

from mlgov_constructs.catalog.portfolio_manifest import portfolios_of, read_manifest
from mlgov_constructs.catalog.product_history import ProductHistory
from mlgov_constructs.catalog.publication import current_products
from mlgov_constructs.catalog.template_document import (
    METADATA_KEY,
    Difference,
    Document,
    differences,
    normalized,
    version_number,
)

# It says which version it is, and so differs in each.
VERSION_PATH = ("Metadata", METADATA_KEY, "version")


class ProductState(StrEnum):
    """How the code of a product stands to what was published of it.

    Example:
        >>> ProductState.CHANGED.is_refused
        True
    """

    NEW = "new product"
    NEW_VERSION = "new version"
    UNCHANGED = "unchanged"
    CHANGED = "changed without a new version"
    OUT_OF_ORDER = "version out of order"
    REMOVED = "removed"

    @property
    def is_refused(self) -> bool:
        """Whether ``mlgov portfolio publish`` would refuse it."""
        return self in (ProductState.CHANGED, ProductState.OUT_OF_ORDER)


@dataclass(frozen=True, slots=True)
class Change:
    """What changes of one parameter, resource, output or other part of a template.

    Attributes:
        section: The section of the template, for example ``Parameters``.
        name: The name in that section; empty for a section that is one value.
        differences: Each place that differs.
    """

    section: str
    name: str
    differences: tuple[Difference, ...]

    @property
    def kind(self) -> str:
        """Whether the part as a whole is ``added`` or ``removed``, or ``changed``."""
        whole = self.differences[0]
        return whole.kind if len(whole.path) <= 2 else "changed"


@dataclass(frozen=True, slots=True)
class ProductDiff:
    """What would change of one product.

    Attributes:
        product: The product.
        state: How its code stands to what was published.
        published: The last published version, or ``None``.
        current: The version of the code, or ``None``.
        changes: What differs from the last published version.
    """

    product: str
    state: ProductState
    published: str | None
    current: str | None
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True, slots=True)
class PortfolioDiff:
    """What would change between what is published and the code.

    Attributes:
        products: Every product that is published or in the code.
        portfolio: What differs of the portfolios: the path begins with the portfolio's name.
        has_manifest: Whether the portfolios were published before.
    """

    products: tuple[ProductDiff, ...]
    portfolio: tuple[Difference, ...]
    has_manifest: bool

    @property
    def is_refused(self) -> bool:
        """Whether ``mlgov portfolio publish`` would refuse a product."""
        return any(product.state.is_refused for product in self.products)


def diff_portfolio(assembly: str | Path, history: str | Path) -> PortfolioDiff:
    """Compare a synthesized app with what is published.

    Args:
        assembly: The output of ``cdk synth``, for example ``cdk.out``.
        history: The folder that holds one folder a product.

    Returns:
        What would change.

    Raises:
        ProductHistoryError: The assembly has no product, or a published file is damaged.

    Example:
        ``diff_portfolio("cdk.out", "catalog").products[0].state`` is ``ProductState.NEW`` when
        nothing is published yet.
    """
    folder = Path(history)
    current = current_products(Path(assembly))
    published = {file.parent.name for file in folder.glob("*/v1.json")}
    manifest = read_manifest(folder)
    return PortfolioDiff(
        tuple(
            _product(name, ProductHistory.from_directory(folder / name), current.get(name))
            for name in sorted({*current, *published})
        ),
        tuple(differences(manifest, portfolios_of(Path(assembly)))),
        bool(manifest),
    )


def _product(name: str, past: ProductHistory, code: tuple[str, Document] | None) -> ProductDiff:
    last = f"v{past.latest}" if past.latest else None
    if code is None:
        return ProductDiff(name, ProductState.REMOVED, last, None)
    version, template = code
    if last is None:
        state = ProductState.NEW if version_number(version) == 1 else ProductState.OUT_OF_ORDER
        return ProductDiff(name, state, None, version)
    # A version that is published is compared with itself, a new one with the one before.
    compared = past.versions.get(version, past.versions[last])
    changes = _changes(compared.template, normalized(template))
    if version == last:
        state = ProductState.CHANGED if changes else ProductState.UNCHANGED
    else:
        follows = version_number(version) == past.latest + 1
        state = ProductState.NEW_VERSION if follows else ProductState.OUT_OF_ORDER
    return ProductDiff(name, state, compared.name, version, changes)


def _changes(published: Document, current: Document) -> tuple[Change, ...]:
    found = [each for each in differences(published, current) if each.path != VERSION_PATH]
    return tuple(Change(section, name, tuple(group)) for (section, name), group in groupby(_by_part(found), key=_part))


def _by_part(found: Sequence[Difference]) -> list[Difference]:
    """Split a section that is added or removed as a whole into its parts."""
    parts: list[Difference] = []
    for each in found:
        whole = each.published if each.kind == "removed" else each.current
        if len(each.path) == 1 and each.kind != "changed" and isinstance(whole, dict):
            nothing: Document = {}
            before, after = (whole, nothing) if each.kind == "removed" else (nothing, whole)
            parts.extend(differences(before, after, each.path))
        else:
            parts.append(each)
    return parts


def _part(difference: Difference) -> tuple[str, str]:
    path = difference.path
    return path[0], path[1] if len(path) > 1 else ""
