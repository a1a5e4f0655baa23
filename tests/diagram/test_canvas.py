"""Text is cut to the room that it has."""

from __future__ import annotations

import pytest

from mlgov_constructs.diagram.canvas import WIDTH, Canvas, clean, fitted, text_width
from tests.diagram.svg import parse, size


@pytest.mark.parametrize(
    ("text", "width", "shown"),
    [
        ("Model", 100, "Model"),
        ("Studio/Teardown/Function", 110, "…/Function"),
        ("Studio/Teardown/Function", 130, "…/Function"),
        ("Notebook, Pipeline, Endpoint", 110, "Notebook, Pipe…"),
        ("production-credit-risk", 90, "produc…t-risk"),
        ("abc", 1, "…"),
    ],
)
def test_what_is_too_long_is_cut_where_it_tells_least(text: str, width: float, shown: str) -> None:
    assert fitted(text, "small", width) == shown
    assert text_width(shown, "small") <= max(width, text_width("…", "small"))


def test_characters_that_xml_refuses_are_dropped() -> None:
    assert clean("a\x00b\x1bc\ud800d\ufffe") == "abcd"


def test_a_picture_has_a_view_box_and_takes_the_width_that_it_gets() -> None:
    picture = Canvas("name", "Title").finish(120.0, "Words.")
    assert size(picture) == (WIDTH, 120)
    assert parse(picture).attrib["width"] == "100%"
