"""The pictures in the documentation are those of the reference environments."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.diagram.pictures import FOLDER, NAMES, pictures
from tests.diagram.svg import overlaps, size, words
from tests.environments import Assembly


@pytest.mark.parametrize("name", NAMES)
def test_the_pictures_of_the_documentation_are_up_to_date(name: str, assembly: Assembly) -> None:
    for path, picture in pictures(name, assembly(name, "aws")):
        assert path.read_text(encoding="utf-8") == picture, f"{path.name} is stale: run 'make pictures'"


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.svg")), ids=lambda path: path.stem)
def test_no_text_runs_into_another_or_out_of_the_picture(path: Path) -> None:
    picture = path.read_text(encoding="utf-8")
    width, height = size(picture)
    assert not overlaps(picture)
    assert all(line.left >= 0 and line.right <= width and line.y < height for line in words(picture))


def test_every_environment_has_its_pictures() -> None:
    assert {path.name for path in FOLDER.glob("*.svg")} == {
        f"{view}-{name}.svg" for view in ("data", "network") for name in NAMES
    }
