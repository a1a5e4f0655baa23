"""Reading the pictures."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

from mlgov_constructs.diagram.canvas import NAMESPACE, SIZES, text_width

TAG = f"{{{NAMESPACE}}}"
# x, y, width, height
Rectangle = tuple[float, float, float, float]


class Words(NamedTuple):
    """A line of text and the space that it takes."""

    text: str
    left: float
    right: float
    y: float
    size: int


def parse(picture: str) -> ET.Element:
    """Parse a picture; it must be XML."""
    return ET.fromstring(picture)


def texts(picture: str) -> list[str]:
    """What is written in a picture: whole, where it is cut."""
    return [element.findtext(f"{TAG}title") or element.text or "" for element in parse(picture).iter(f"{TAG}text")]


def words(picture: str) -> Iterator[Words]:
    """Each line of text with its place."""
    for element in parse(picture).iter(f"{TAG}text"):
        size = element.attrib["class"].split()[0]
        shown = element.text or ""
        width, x = text_width(shown, size), float(element.attrib["x"])
        left = {"start": x, "middle": x - width / 2, "end": x - width}[element.attrib.get("text-anchor", "start")]
        yield Words(shown, left, left + width, float(element.attrib["y"]), SIZES[size])


def overlaps(picture: str) -> list[tuple[str, str]]:
    """Pairs of lines that run into each other."""
    lines = sorted((each for each in words(picture) if each.text), key=lambda each: (each.y, each.left))
    found = []
    for number, line in enumerate(lines):
        for other in lines[number + 1 :]:
            if other.y - line.y >= max(line.size, other.size) * 0.9:
                break
            if line.left < other.right and other.left < line.right:
                found.append((line.text, other.text))
    return found


def boxes(picture: str, look: str) -> list[Rectangle]:
    """The rectangles of one look."""
    found = [each.attrib for each in parse(picture).iter(f"{TAG}rect") if each.attrib["class"] == look]
    return [(float(each["x"]), float(each["y"]), float(each["width"]), float(each["height"])) for each in found]


def size(picture: str) -> tuple[float, float]:
    """Width and height."""
    _, _, width, height = map(float, parse(picture).attrib["viewBox"].split())
    return width, height


def description(picture: str) -> str:
    """What the picture says to those who do not see it."""
    return parse(picture).findtext(f"{TAG}desc") or ""


def apart(rectangles: list[Rectangle]) -> bool:
    """Whether no two of the rectangles of a row touch, and all rows are apart."""
    ordered = sorted(rectangles, key=lambda each: (each[1], each[0]))
    return all(
        second[1] >= first[1] + first[3] or (second[1] == first[1] and second[0] >= first[0] + first[2])
        for first, second in pairwise(ordered)
    )


def addresses(picture: str) -> set[str]:
    """Every address on the web in a picture."""
    return set(re.findall(r"https?://[^\"'\s<)]+", picture))
