"""An estimate of cost for people and for programs; docs/cli.md describes the fields."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator

import click

from mlgov_constructs.cli.pricing.estimate import Estimate, LineItem, StackCost

#: Raised when a field changes its meaning or goes away; a new field does not raise it.
SCHEMA_VERSION = 1
Row = tuple[str, str, float, float, float]


def text_report(estimate: Estimate) -> str:
    """Write an estimate as text: a table a stack, what is unknown, and what was assumed.

    Args:
        estimate: The estimate.
    """
    lines: list[str] = []
    for stack in estimate.stacks:
        if stack.items:
            lines += _stack_lines(stack)
    by_use = sorted({kind for stack in estimate.stacks for kind in stack.by_use})
    if by_use:
        lines += [click.style("Charged by use, not counted", bold=True), f"  {', '.join(map(_short, by_use))}", ""]
    lines += [click.style("Assumed", bold=True)]
    lines += [f"  {each.value:g} {each.what}" for each in estimate.table.assumptions.values()]
    lines += ["  No free tier, discount or tax.", ""]
    return "\n".join([*lines, _summary(estimate)])


def json_report(estimate: Estimate) -> str:
    """Write an estimate as JSON.

    Args:
        estimate: The estimate.
    """
    document = {
        "schemaVersion": SCHEMA_VERSION,
        "currency": "USD",
        "pricesDate": estimate.table.date,
        "monthly": round(estimate.total, 2),
        "unknown": len(estimate.unknown),
        "assumptions": {
            name: {"value": each.value, "what": each.what} for name, each in estimate.table.assumptions.items()
        },
        "stacks": [
            {
                "template": stack.template.as_posix(),
                "stack": stack.stack,
                "region": stack.region,
                "monthly": round(stack.total, 2),
                "items": [_item(item) for item in stack.items],
                "chargedByUse": list(stack.by_use),
            }
            for stack in estimate.stacks
        ],
        "errors": list(estimate.errors),
    }
    return json.dumps(document, indent=2)


def _item(item: LineItem) -> dict[str, object]:
    return {
        "construct": item.construct,
        "resourceType": item.resource_type,
        "price": item.price_id,
        "quantity": None if item.quantity is None else round(item.quantity, 4),
        "unit": item.price.unit if item.price else None,
        "unitPrice": item.price.usd if item.price else None,
        "source": item.price.source if item.price else None,
        "checked": item.price.checked if item.price else None,
        "monthly": None if item.monthly is None else round(item.monthly, 2),
        "reason": item.reason,
    }


def _stack_lines(stack: StackCost) -> Iterator[str]:
    yield click.style(f"{stack.stack} ({stack.region})", bold=True)
    for construct, what, quantity, usd, monthly in _rows(stack):
        count = f"{quantity:,.4g}" if quantity < 1 else f"{quantity:,.0f}"
        yield f"  {construct:<32.32} {what:<44.44} {count:>9} x {usd:<7g} {monthly:>10,.2f}"
    yield f"  {'':<32} {'':<44} {'':>9}   {'':<7} {stack.total:>10,.2f}"
    unknown = Counter((_top(item), item.price_id, item.reason) for item in stack.unknown)
    for (construct, price_id, reason), times in unknown.items():
        yield click.style(f"  unknown: {construct}: {times} x {price_id}: {reason}", fg="yellow")
    yield ""


def _rows(stack: StackCost) -> list[Row]:
    """What is known, added up by the construct directly below the stack and by price, the dearest first."""
    sums: dict[tuple[str, str, str, float], tuple[float, float]] = {}
    for item in stack.items:
        if item.price is None or item.quantity is None or item.monthly is None:
            continue
        key = (_top(item), item.price_id, item.price.what.split(";", maxsplit=1)[0], item.price.usd)
        quantity, monthly = sums.get(key, (0.0, 0.0))
        sums[key] = (quantity + item.quantity, monthly + item.monthly)
    rows = [(key[0], key[2], quantity, key[3], monthly) for key, (quantity, monthly) in sums.items()]
    return sorted(rows, key=lambda row: (-row[4], row[0], row[1]))


def _top(item: LineItem) -> str:
    """The construct directly below the stack."""
    return item.construct.split("/", maxsplit=1)[0]


def _short(resource_type: str) -> str:
    return resource_type.removeprefix("AWS::")


def _summary(estimate: Estimate) -> str:
    regions = ", ".join(sorted({stack.region for stack in estimate.stacks}))
    parts = [
        f"{_number(len(estimate.stacks), 'stack')}: "
        f"{'at least ' if estimate.unknown else ''}{estimate.total:,.2f} USD a month",
        f"prices of {regions or 'no region'} of {estimate.table.date}",
    ]
    if estimate.unknown:
        parts.append(f"{_number(len(estimate.unknown), 'item')} unknown and not in the sum")
    if estimate.errors:
        parts.append(f"{_number(len(estimate.errors), 'template')} not read")
    return "; ".join(parts)


def _number(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
