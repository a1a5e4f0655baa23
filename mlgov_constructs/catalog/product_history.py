"""The published versions of a product, as files beside the app."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from mlgov_constructs.catalog.template_document import Document, version_number

CHECKSUMS = "SHA256SUMS"


class ProductHistoryError(ValueError):
    """A folder of published versions is damaged: which file, what is wrong, what to do."""


@dataclass(frozen=True, slots=True)
class PublishedVersion:
    """One published version.

    Attributes:
        name: The version, for example ``v1``.
        path: Its template file.
        template: The template.
    """

    name: str
    path: Path
    template: Document


@dataclass(frozen=True, slots=True)
class ProductHistory:
    """Every version of a product that was published, in order.

    A folder holds one product: ``<folder>/v1.json``, ``<folder>/v2.json``, ... and the file
    ``SHA256SUMS``, which ``mlgov portfolio publish`` writes. Synthesis only reads them, so a
    build with a read-only checkout gives the same result. (``ProductStackHistory`` of the CDK
    writes its snapshots during synthesis, overwrites them while a version is not locked, and
    knows an older version only if the code names it.)

    Attributes:
        folder: The folder of the product.
        versions: The published versions by name, oldest first.

    Example:
        >>> ProductHistory.from_directory("catalog/no-such-product").versions
        {}
    """

    folder: Path
    versions: Mapping[str, PublishedVersion] = field(default_factory=dict)

    @classmethod
    def from_directory(cls, folder: str | Path) -> ProductHistory:
        """Read the published versions of a product.

        Args:
            folder: The folder; a folder that does not exist is a product without versions.

        Returns:
            The history.

        Raises:
            ProductHistoryError: A file is no template, was edited, or a version is missing.
        """
        path = Path(folder)
        files = sorted(path.glob("*.json"), key=lambda file: (version_number(file.stem) or 0, file.name))
        for position, file in enumerate(files, start=1):
            number = version_number(file.stem)
            if number is None:
                msg = f"{file}: is named after no version. Name published templates v1.json, v2.json, ..."
                raise ProductHistoryError(msg)
            if number != position:
                msg = f"{path}: v{position}.json is missing, though {file.name} exists. Restore it: versions stay."
                raise ProductHistoryError(msg)
        checksums = _checksums(path)
        versions = {file.stem: _read(file, checksums) for file in files}
        if lost := sorted(checksums.keys() - {file.name for file in files}):
            msg = f"{path}: {lost[0]} was published and is missing. Restore it: versions stay."
            raise ProductHistoryError(msg)
        return cls(path, versions)

    @property
    def latest(self) -> int:
        """The number of the newest published version, 0 when there is none."""
        return len(self.versions)


def checksum(content: bytes) -> str:
    """Return the checksum of a published file, as ``sha256sum`` writes it."""
    return hashlib.sha256(content).hexdigest()


def _checksums(folder: Path) -> dict[str, str]:
    file = folder / CHECKSUMS
    if not file.is_file():
        return {}
    lines = file.read_text(encoding="utf-8").split("\n")
    return {name: digest for digest, _, name in (line.partition("  ") for line in lines if line.strip())}


def _read(file: Path, checksums: Mapping[str, str]) -> PublishedVersion:
    content = file.read_bytes()
    if checksums.get(file.name) != checksum(content):
        msg = (
            f"{file}: is not what {CHECKSUMS} says was published. Restore the file, "
            "and publish a change as a new version with mlgov portfolio publish."
        )
        raise ProductHistoryError(msg)
    try:
        template = json.loads(content)
    except ValueError as error:
        msg = f"{file}: is no JSON template: {error}. Restore the file."
        raise ProductHistoryError(msg) from error
    return PublishedVersion(file.stem, file, template)
