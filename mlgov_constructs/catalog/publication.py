"""Publishing a version of a product: an explicit act, never a side effect of synthesis."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from mlgov_constructs.catalog.portfolio_manifest import MANIFEST, portfolios_of
from mlgov_constructs.catalog.product_history import CHECKSUMS, ProductHistory, ProductHistoryError, checksum
from mlgov_constructs.catalog.template_document import (
    Document,
    canonical,
    first_difference,
    identity_of,
    normalized,
    version_number,
)

PRODUCT_TEMPLATES = "*.product.template.json"


@dataclass(frozen=True, slots=True)
class Publication:
    """What became of the current version of a product.

    Attributes:
        product: The product, which is the name of its folder.
        version: Its current version.
        path: The file of the version.
        is_new: Whether it was published now; ``False`` when it had been before.
    """

    product: str
    version: str
    path: Path
    is_new: bool


def publish(assembly: str | Path, history: str | Path) -> list[Publication]:
    """Publish the current version of every product in a synthesized app.

    Each product template of the assembly that is not yet published is written to
    ``<history>/<product>/<version>.json``. Everything is checked before anything is written.

    Args:
        assembly: The output of ``cdk synth``, for example ``cdk.out``.
        history: The folder that holds one folder a product.

    Returns:
        What was published and what had been before, in the order of the products.

    Raises:
        ProductHistoryError: The assembly has no product, a published version was changed, a
            version was left out, or two products share a name.

    Example:
        ``publish("cdk.out", "catalog")`` writes ``catalog/notebook/v1.json`` and
        ``catalog/notebook/SHA256SUMS`` when v1 is not published yet.
    """
    drafts = _drafts(Path(assembly), Path(history))
    for publication, text in drafts:
        if not publication.is_new:
            continue
        publication.path.parent.mkdir(parents=True, exist_ok=True)
        _replace(publication.path, text)
        _replace(publication.path.parent / CHECKSUMS, _sums(publication.path.parent))
    return [publication for publication, _ in drafts]


def publish_portfolios(assembly: str | Path, history: str | Path) -> tuple[Path, bool]:
    """Write down what the portfolios of a synthesized app are, for ``mlgov portfolio diff``.

    Args:
        assembly: The output of ``cdk synth``, for example ``cdk.out``.
        history: The folder that holds one folder a product.

    Returns:
        The file, and whether it was written; it is not when it says the same already.

    Raises:
        ProductHistoryError: Two portfolios have one name.
    """
    folder = Path(history)
    path = folder / MANIFEST
    text = json.dumps(portfolios_of(Path(assembly)), indent=2, sort_keys=True, ensure_ascii=False) + "\n"
    if path.is_file() and path.read_text(encoding="utf-8") == text:
        return path, False
    folder.mkdir(parents=True, exist_ok=True)
    _replace(path, text)
    return path, True


def current_products(assembly: Path) -> dict[str, tuple[str, Document]]:
    """Return version and template of every product in a synthesized app.

    Args:
        assembly: The output of ``cdk synth``.

    Raises:
        ProductHistoryError: The assembly has no product, or two products share a name.
    """
    found: dict[str, tuple[str, Document]] = {}
    for file in sorted(assembly.rglob(PRODUCT_TEMPLATES)):
        template = json.loads(file.read_text(encoding="utf-8"))
        identity = identity_of(template)
        if identity is None:
            continue
        product, version = identity
        if product in found and canonical(found[product][1]) != canonical(template):
            msg = f"{assembly}: two products are named {product!r}. Give each its own product id."
            raise ProductHistoryError(msg)
        found[product] = (version, template)
    if not found:
        msg = f"{assembly}: holds no product. Run cdk synth first, and name its output folder."
        raise ProductHistoryError(msg)
    return found


def _drafts(assembly: Path, history: Path) -> list[tuple[Publication, str]]:
    drafts = []
    for product, (version, template) in current_products(assembly).items():
        published = ProductHistory.from_directory(history / product)
        path = published.folder / f"{version}.json"
        _check(published, version, template, path)
        is_new = version not in published.versions
        drafts.append((Publication(product, version, path, is_new), canonical(template)))
    return drafts


def _check(published: ProductHistory, version: str, template: Document, path: Path) -> None:
    if version in published.versions:
        if difference := first_difference(published.versions[version].template, normalized(template)):
            msg = f"{path}: {version} is published and cannot change ({difference}). Give the product a new version."
            raise ProductHistoryError(msg)
    elif version_number(version) != published.latest + 1:
        msg = f"{path}: {version} does not follow v{published.latest}. Use v{published.latest + 1}."
        raise ProductHistoryError(msg)


def _sums(folder: Path) -> str:
    files: Iterable[Path] = sorted(folder.glob("*.json"), key=lambda file: version_number(file.stem) or 0)
    return "".join(f"{checksum(file.read_bytes())}  {file.name}\n" for file in files)


def _replace(path: Path, text: str) -> None:
    """Write a file whole or not at all."""
    draft = path.with_name(f".{path.name}.draft")
    draft.write_text(text, encoding="utf-8", newline="\n")
    draft.replace(path)
