"""Says a flow of data in sentences, for those who do not see its picture."""

from __future__ import annotations

from collections.abc import Iterator

from mlgov_constructs.diagram.data_map import DataMap, Mover
from mlgov_constructs.diagram.data_uses import READS, WRITES

VERBS = {READS: "reads", WRITES: "writes"}


def data_words(data: DataMap) -> str:
    """Return what the picture of a flow of data shows, as sentences.

    Args:
        data: The flow.
    """
    return " ".join(_sentences(data))


def _sentences(data: DataMap) -> Iterator[str]:
    for start, end in data.path.steps:
        yield f"{start.name} leads to {end.name}."
    for store in data.stores:
        yield f"{store.part.name} is a {store.kind}, encrypted with the {store.key}."
    for mover in data.movers:
        yield f"{mover.name} ({mover.what}) {_verbs(mover)}."
    if data.without_data:
        yield f"People without data: {', '.join(data.without_data)}."
    for share in data.shares:
        yield f"{share.name} is let out to {share.receiver}."
    if not data.shares:
        yield "No policy lets anything out of the account."


def _verbs(mover: Mover) -> str:
    parts = [
        f"{verb} {', '.join(store.name for store, each in mover.uses if each == way)}"
        for way, verb in VERBS.items()
        if any(each == way for _, each in mover.uses)
    ]
    return " and ".join(parts)
