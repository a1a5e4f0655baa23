"""The pictures in the documentation are those of the reference environments."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.diagram.pictures import FOLDER, NAMES, pictures
from tests.diagram.svg import overlaps, size, texts, words
from tests.environments import REGIONS, Assembly


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


@pytest.mark.parametrize("partition", sorted(set(REGIONS) - {"aws"}))
def test_other_partitions_are_drawn_as_well(partition: str, assembly: Assembly) -> None:
    drawn = {path.stem: picture for path, picture in pictures("sandbox", assembly("sandbox", partition))}
    shown = texts(drawn["network-sandbox"])
    assert f"AWS services of {REGIONS[partition]}" in shown
    assert {"s3", "kms"} <= {each.removesuffix("-fips") for each in shown}
    assert not [each for each in shown if REGIONS[partition] in each and not each.startswith("AWS services")]
    assert not any(map(overlaps, drawn.values()))
