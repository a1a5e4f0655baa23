"""A small canvas for accessible SVG: boxes, lines and text that fits."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from mlgov_constructs.diagram.picture_style import STYLE

WIDTH = 880
NAMESPACE = "http://www.w3.org/2000/svg"
# XML has no place for them, whatever a template says.
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
NARROW, WIDE = frozenset(" !'(),-./:;I[]fijlrt|·"), frozenset("%@MWmw—…")
NARROW_WIDTH, CAPITAL_WIDTH, WIDE_WIDTH, OTHER_WIDTH, FAR_WIDTH = 0.38, 0.72, 0.97, 0.61, 1.0
LATIN = 0x24F
HEAVY_WIDTH = 1.14
SIZES = {"title": 20, "head": 14, "body": 13, "small": 12}
HEAVY = frozenset({"title", "head"})
ELLIPSIS = "…"
LIST_MARKS = (", ", " · ")
ARROW = 7

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle: where its upper left corner is, how wide and how high it is."""

    x: float
    y: float
    width: float
    height: float

    @property
    def middle(self) -> float:
        """The x in the middle of it."""
        return self.x + self.width / 2

    @property
    def bottom(self) -> float:
        """The y below it."""
        return self.y + self.height


class Canvas:
    """A picture of fixed width that grows downwards.

    Args:
        name: What its ids begin with; two pictures on one page have different ones.
        title: What it shows.
    """

    def __init__(self, name: str, title: str) -> None:
        self._root = ET.Element("svg", {"xmlns": NAMESPACE, "class": "mlgov-picture", "role": "img"})
        self._root.set("aria-labelledby", f"{name}-title {name}-description")
        ET.SubElement(self._root, "title", {"id": f"{name}-title"}).text = clean(title)
        self._description = ET.SubElement(self._root, "desc", {"id": f"{name}-description"})
        ET.SubElement(self._root, "style").text = STYLE
        self._paper = ET.SubElement(self._root, "rect", {"class": "paper", "width": str(WIDTH)})

    def box(self, box: Box, look: str, *, radius: float = 6) -> None:
        """Draw a rectangle.

        Args:
            box: Where.
            look: Its class in the style sheet.
            radius: Of its corners.
        """
        self._add("rect", look, x=box.x, y=box.y, width=box.width, height=box.height, rx=radius)

    def text(self, x: float, y: float, text: str, look: str = "body", *, width: float, anchor: str = "start") -> None:
        """Write one line; what is too long is cut, and shown whole when pointed at.

        Args:
            x: Where it starts, ends or has its middle.
            y: Its base line.
            text: The line.
            look: Its classes in the style sheet; the first is its size.
            width: The most it may take.
            anchor: ``start``, ``middle`` or ``end``.
        """
        whole = clean(text)
        shown = fitted(whole, look.split(" ", maxsplit=1)[0], width)
        element = self._add("text", look, x=x, y=y)
        if anchor != "start":
            element.set("text-anchor", anchor)
        element.text = shown
        if shown != whole:
            ET.SubElement(element, "title").text = whole

    def line(self, points: Sequence[Point], look: str = "line") -> None:
        """Draw a line through points."""
        self._add("polyline", look, points=" ".join(f"{_number(x)},{_number(y)}" for x, y in points))

    def arrow(self, points: Sequence[Point], look: str = "line") -> None:
        """Draw a line through points with a head at its end; its last piece is straight across or down."""
        self.line(points, look)
        (x, y), (end_x, end_y) = points[-2:]
        across = (end_x > x) - (end_x < x)
        down = (end_y > y) - (end_y < y)
        base_x, base_y = end_x - ARROW * across, end_y - ARROW * down
        half = ARROW / 2 + 0.5
        corners = [
            (end_x, end_y),
            (base_x - half * down, base_y - half * across),
            (base_x + half * down, base_y + half * across),
        ]
        tip = "open-tip" if look == "open" else "tip"
        self._add("polygon", tip, points=" ".join(f"{_number(a)},{_number(b)}" for a, b in corners))

    def barred(self, x: float, y: float, radius: float = 9) -> None:
        """Draw the sign of a way that is not there: a circle with a stroke."""
        self._add("circle", "bar", cx=x, cy=y, r=radius)
        reach = radius * 0.7
        self._add("line", "bar", x1=x - reach, y1=y + reach, x2=x + reach, y2=y - reach)

    def circle(self, x: float, y: float, radius: float, look: str) -> None:
        """Draw a circle."""
        self._add("circle", look, cx=x, cy=y, r=radius)

    def finish(self, height: float, description: str) -> str:
        """Return the SVG.

        Args:
            height: How far down it goes.
            description: What it shows, in sentences, for those who do not see it.
        """
        self._description.text = clean(description)
        self._paper.set("height", _number(height))
        self._root.set("viewBox", f"0 0 {WIDTH} {_number(height)}")
        self._root.set("width", "100%")
        ET.indent(self._root, space=" ")
        return ET.tostring(self._root, encoding="unicode") + "\n"

    def _add(self, tag: str, look: str, **attributes: float | str) -> ET.Element:
        element = ET.SubElement(self._root, tag, {"class": look})
        for name, value in attributes.items():
            element.set(name, value if isinstance(value, str) else _number(value))
        return element


def clean(text: str) -> str:
    """Return a text without the characters that XML refuses."""
    return CONTROL.sub("", text)


def text_width(text: str, size: str) -> float:
    """Return about how wide a line is; rather too much than too little.

    Args:
        text: The line.
        size: ``title``, ``head``, ``body`` or ``small``.
    """
    return SIZES[size] * sum(map(_em, text)) * (HEAVY_WIDTH if size in HEAVY else 1)


def fitted(text: str, size: str, width: float) -> str:
    """Return a line that is no wider than it may be.

    A path loses its first parts, a list its last ones, anything else its middle: what is left tells most.

    Args:
        text: The line.
        size: As :func:`text_width` takes it.
        width: The most it may take.

    Example:
        >>> fitted("Studio/Teardown/Function", "small", 110)
        '…/Function'
    """
    return next((each for each in _shorter(text) if text_width(each, size) <= width), ELLIPSIS)


def _shorter(text: str) -> Iterator[str]:
    """A line, and what it may be cut to, the longest first."""
    yield text
    a_list = any(mark in text for mark in LIST_MARKS)
    if not a_list:
        parts = text.split("/")
        for first in range(1, len(parts)):
            yield "/".join([ELLIPSIS, *parts[first:]])
        text = parts[-1]
    for kept in range(len(text) - 1, 1, -1):
        head = kept if a_list else (kept + 1) // 2
        yield text[:head].rstrip() + ELLIPSIS + text[len(text) - (kept - head) :]


def _em(character: str) -> float:
    if character in NARROW:
        return NARROW_WIDTH
    if character in WIDE:
        return WIDE_WIDTH
    if ord(character) > LATIN:
        return FAR_WIDTH
    return CAPITAL_WIDTH if character.isupper() else OTHER_WIDTH


def _number(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
