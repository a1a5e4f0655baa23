"""All pages of the controls."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from mlgov_constructs.cli.catalogue.control_page import control_page
from mlgov_constructs.cli.catalogue.implementation import Implementation, implementations
from mlgov_constructs.cli.catalogue.matrix_page import matrix_page
from mlgov_constructs.controls import CATALOGUE

MATRIX = "README.md"
PAGES = "MLG-*.md"


def render_pages() -> dict[str, str]:
    """Return the text of every page, by the name of its file.

    The constructs are imported for it, which takes some seconds.
    """
    implementing = _by_control(implementations())
    pages = {
        f"{control.id}.md": control_page(control, implementing.get(control.id, ())) for control in CATALOGUE.values()
    }
    return {MATRIX: matrix_page(list(CATALOGUE.values()), implementing), **pages}


def write_pages(folder: Path) -> int:
    """Write the pages into a folder, and remove those of controls that are no more.

    Args:
        folder: The folder; it is made when it is missing.

    Returns:
        How many pages were written.
    """
    pages = render_pages()
    folder.mkdir(parents=True, exist_ok=True)
    for stale in folder.glob(PAGES):
        if stale.name not in pages:
            stale.unlink()
    for name, text in pages.items():
        (folder / name).write_text(text, encoding="utf-8")
    return len(pages)


def _by_control(found: Sequence[Implementation]) -> Mapping[str, Sequence[Implementation]]:
    by_control: dict[str, list[Implementation]] = {}
    for each in found:
        for control in sorted(each.controls):
            by_control.setdefault(control, []).append(each)
    return by_control
