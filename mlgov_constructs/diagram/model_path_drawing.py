"""Draws the way of models: a column for each station, arrows between them, and the way back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mlgov_constructs.diagram.canvas import WIDTH, Box, Canvas
from mlgov_constructs.diagram.model_path import STATIONS, ModelPath, Station
from mlgov_constructs.diagram.part import Part

MARGIN, GUTTER = 20.0, 34.0
INNER = WIDTH - 2 * MARGIN
CARD, STEP = 50.0, 62.0
MOST_WIDTH = 190.0
# How far beside the cards the way back runs, and how far below them.
ASIDE, BELOW = 10.0, 14.0


def draw_model_path(canvas: Canvas, y: float, path: ModelPath) -> float:
    """Draw the way of models, and return the y below it; nothing is drawn when there is none.

    Args:
        canvas: What to draw on.
        y: Where it begins.
        path: The way.
    """
    ranks = sorted({station.rank for station in path.stations})
    if not ranks:
        return y
    canvas.text(MARGIN, y + 4, "The way of a model", "head", width=INNER)
    y += 16
    width = min((INNER - GUTTER * (len(ranks) - 1)) / len(ranks), MOST_WIDTH)
    boxes: dict[Part, Box] = {}
    for column, rank in enumerate(ranks):
        x = MARGIN + column * (width + GUTTER)
        canvas.text(x, y + 16, STATIONS[rank], "small faint", width=width)
        for row, station in enumerate(each for each in path.stations if each.rank == rank):
            boxes[station.part] = Box(x, y + 26 + row * STEP, width, CARD)
            _card(canvas, boxes[station.part], station)
    bottom = max(box.bottom for box in boxes.values())
    order = {station.part: station.rank for station in path.stations}
    forth = [(start, end) for start, end in path.steps if order[start] < order[end]]
    back = [(start, end) for start, end in path.steps if order[start] >= order[end]]
    _forth(canvas, boxes, forth, order)
    for number, (start, end) in enumerate(back, 1):
        _back(canvas, boxes[start], boxes[end], bottom + BELOW * number)
    return bottom + BELOW * len(back) + 22


def _card(canvas: Canvas, box: Box, station: Station) -> None:
    canvas.box(box, "later" if station.part.launched else "card")
    name = station.part.name.removesuffix("/JobDefinition")
    canvas.text(box.x + 8, box.y + 21, name, "body", width=box.width - 16)
    canvas.text(box.x + 8, box.y + 39, station.note, "small faint", width=box.width - 16)


def _forth(
    canvas: Canvas, boxes: Mapping[Part, Box], steps: Sequence[tuple[Part, Part]], order: Mapping[Part, int]
) -> None:
    """Arrows to the right; each start turns in a lane of its own, so that two ways are not taken for one."""
    for rank in sorted({order[start] for start, _ in steps}):
        starts = list(dict.fromkeys(start for start, _ in steps if order[start] == rank))
        for lane, start in enumerate(starts, 1):
            box = boxes[start]
            right, middle = box.x + box.width, box.y + CARD / 2
            turn = right + (GUTTER - ASIDE) * lane / (len(starts) + 1)
            for end in (end for each, end in steps if each == start):
                target = boxes[end]
                into = target.y + CARD / 2
                canvas.arrow([(right, middle), (turn, middle), (turn, into), (target.x, into)])


def _back(canvas: Canvas, start: Box, end: Box, y: float) -> None:
    right, left = start.x + start.width, end.x
    middle, into = start.y + CARD / 2 + 8, end.y + CARD / 2 + 8
    beside, before = right + ASIDE, left - ASIDE
    canvas.arrow([(right, middle), (beside, middle), (beside, y), (before, y), (before, into), (left, into)])
