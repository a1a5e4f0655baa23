"""Draws the flow of data: the way of models, stores, who reads and writes them, keys, and what leaves the account."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from mlgov_constructs.diagram.canvas import WIDTH, Box, Canvas
from mlgov_constructs.diagram.data_map import DataMap, Mover, data_map
from mlgov_constructs.diagram.data_uses import READS, WRITES
from mlgov_constructs.diagram.data_words import data_words
from mlgov_constructs.diagram.estate import Estate
from mlgov_constructs.diagram.model_path_drawing import draw_model_path
from mlgov_constructs.diagram.part import DiagramError, Part
from mlgov_constructs.diagram.sharing import Share
from mlgov_constructs.diagram.stores import Key, Store

MARGIN, GAP = 20.0, 12.0
INNER = WIDTH - 2 * MARGIN
LINE = 18.0
COLUMNS, MOST_STORES = 3, 7
NAMES, HEADS, ROW = 290.0, 46.0, 25.0
RADIUS, HALF = 9.5, 11.0
BOTH = {READS, WRITES}


def data_flow_picture(templates: Sequence[Path]) -> str:
    """Draw the flow of data that templates describe.

    Args:
        templates: Files in JSON, as ``cdk synth`` writes them; a store of data must be in one of them.

    Returns:
        An SVG document: the same for the same templates.

    Raises:
        DiagramError: A file is no template in JSON, or no template has a bucket, a table or a registry of models.

    Example:
        >>> data_flow_picture([])  # doctest: +ELLIPSIS
        Traceback (most recent call last):
        mlgov_constructs.diagram.part.DiagramError: The templates have no bucket, ...
    """
    estate = Estate(templates)
    data = data_map(estate)
    if not data.stores:
        msg = (
            "The templates have no bucket, no table and no registry of models, so there is no flow of data to draw. "
            "Name the folder of the app that has them, or draw '--view network'."
        )
        raise DiagramError(msg)
    title = f"Flow of data in {estate.name}" if estate.name else "Flow of data"
    canvas = Canvas("mlgov-data", title)
    canvas.text(MARGIN, 38, title, "title", width=INNER)
    y = draw_model_path(canvas, 62, data.path)
    canvas.text(WIDTH - MARGIN, 66, "dashed: once launched from the catalogue", "small faint", width=300, anchor="end")
    y = _stores(canvas, y, data.stores)
    y = _grid(canvas, y, data)
    y = _keys(canvas, y, data.keys)
    y = _shares(canvas, y, data.shares)
    return canvas.finish(y + 4, data_words(data))


def _stores(canvas: Canvas, y: float, stores: Sequence[Store]) -> float:
    canvas.text(MARGIN, y + 16, "Where data rests", "head", width=INNER)
    cards = [
        (
            "later" if store.part.launched else "store",
            (
                store.part.name,
                " · ".join((f"{store.data_class} {store.kind}".strip(), *store.protection)),
                store.key,
            ),
        )
        for store in stores
    ]
    return _cards(canvas, y + 26, cards)


def _keys(canvas: Canvas, y: float, keys: Sequence[Key]) -> float:
    if not keys:
        return y
    canvas.text(MARGIN, y + 16, "Keys", "head", width=INNER)
    cards = [
        (
            "card" if key.rotates else "alarmed",
            (
                key.name,
                "rotates every year" if key.rotates else "does not rotate",
                f"encrypts {len(key.encrypts)}: {', '.join(key.encrypts)}" if key.encrypts else "encrypts nothing here",
            ),
        )
        for key in keys
    ]
    return _cards(canvas, y + 26, cards)


def _cards(canvas: Canvas, y: float, cards: Sequence[tuple[str, tuple[str, str, str]]]) -> float:
    width, height = (INNER - GAP * (COLUMNS - 1)) / COLUMNS, 3 * LINE + 14
    for number, (look, (name, *more)) in enumerate(cards):
        row, column = divmod(number, COLUMNS)
        box = Box(MARGIN + column * (width + GAP), y + row * (height + GAP), width, height)
        canvas.box(box, look)
        canvas.text(box.x + 10, box.y + 21, name, "head", width=width - 20)
        for line, text in enumerate(more, 1):
            canvas.text(box.x + 10, box.y + 21 + line * LINE, text, "small faint", width=width - 20)
    return y + -(-len(cards) // COLUMNS) * (height + GAP) + 6


def _grid(canvas: Canvas, y: float, data: DataMap) -> float:
    """Who reads and writes: a rail for each store, a row for each mover, a disc where they meet."""
    used = {store for mover in data.movers for store, _ in mover.uses}
    stores = [store for store in data.stores if store.part in used]
    if not stores:
        return y
    canvas.text(MARGIN, y + 16, "Who reads and writes", "head", width=300)
    _legend(canvas, y + 11)
    y += 26
    for first in range(0, len(stores), MOST_STORES):
        y = _rails(canvas, y, stores[first : first + MOST_STORES], data.movers)
    for title, names in (
        ("People without data:", data.without_data),
        ("Not drawn, a grant on every bucket under a condition:", data.unbounded),
    ):
        if names:
            canvas.text(MARGIN, y + 12, f"{title} {', '.join(names)}", "small faint", width=INNER)
            y += LINE
    return y + GAP


def _rails(canvas: Canvas, y: float, stores: Sequence[Store], movers: Sequence[Mover]) -> float:
    parts = [store.part for store in stores]
    rows = [mover for mover in movers if any(store in parts for store, _ in mover.uses)]
    groups = list(dict.fromkeys(mover.group for mover in rows))
    step = (INNER - NAMES) / max(len(stores), 4)
    xs = {part: MARGIN + NAMES + step * (number + 0.5) for number, part in enumerate(parts)}
    bottom = y + HEADS + ROW * (len(rows) + len(groups)) + 4
    for part in parts:
        above, _, name = part.name.rpartition("/")
        over = "catalogue" if part.launched else above.rpartition("/")[2]
        canvas.text(xs[part], y + 18, over, "small faint", width=step - 4, anchor="middle")
        canvas.text(xs[part], y + 35, name, "body", width=step - 4, anchor="middle")
        canvas.line([(xs[part], y + HEADS - 4), (xs[part], bottom)], "rail")
    y += HEADS
    for group in groups:
        canvas.text(MARGIN, y + 17, group, "small faint", width=NAMES)
        y += ROW
        for mover in (each for each in rows if each.group == group):
            _row(canvas, y + ROW / 2, mover, xs)
            y += ROW
    return bottom + GAP


def _row(canvas: Canvas, y: float, mover: Mover, xs: Mapping[Part, float]) -> None:
    met = {part: {way for store, way in mover.uses if store == part} for part in xs}
    last = max(xs[part] for part, ways in met.items() if ways)
    canvas.text(MARGIN + 8, y + 4, mover.name, "small", width=174)
    canvas.text(MARGIN + 188, y + 4, mover.what, "small faint", width=NAMES - 192)
    canvas.line([(MARGIN + NAMES, y), (last, y)], "rail")
    for part, ways in met.items():
        if ways:
            _disc(canvas, xs[part], y, ways)


def _disc(canvas: Canvas, x: float, y: float, ways: set[str]) -> None:
    if ways == BOTH:
        canvas.box(Box(x - 2 * HALF + 3, y - RADIUS, 4 * HALF - 6, 2 * RADIUS), "writes", radius=RADIUS)
        canvas.text(x, y + 4, "R W", "small inverse", width=40, anchor="middle")
        return
    (way,) = ways
    canvas.circle(x, y, RADIUS, "writes" if way == WRITES else "reads")
    canvas.text(x, y + 4, way, "small inverse" if way == WRITES else "small", width=20, anchor="middle")


def _legend(canvas: Canvas, y: float) -> None:
    for x, ways, word in ((470.0, {READS}, "reads"), (570.0, {WRITES}, "writes"), (680.0, BOTH, "reads and writes")):
        _disc(canvas, x, y, ways)
        canvas.text(x + (24 if ways == BOTH else 16), y + 4, word, "small", width=140)


def _shares(canvas: Canvas, y: float, shares: Sequence[Share]) -> float:
    canvas.text(MARGIN, y + 16, "What policies let out of the account", "head", width=INNER)
    y += 26
    if not shares:
        canvas.text(
            MARGIN, y + 14, "Nothing: no policy names another account or an organization.", "small", width=INNER
        )
        return y + 30
    for share in shares:
        canvas.text(MARGIN, y + 18, share.name, "small", width=NAMES)
        canvas.arrow([(MARGIN + NAMES, y + 14), (MARGIN + NAMES + 120, y + 14)])
        canvas.text(MARGIN + NAMES + 134, y + 18, share.receiver, "small", width=INNER - NAMES - 134)
        y += ROW
    return y + GAP
