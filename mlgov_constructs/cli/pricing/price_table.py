"""The dated table of prices: data that can be replaced."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

SCHEMA = 1
INSTANCE = "instance."
ASSUMPTIONS = ("month_hours", "notebook_hours", "bucket_gib", "home_gib")


class PriceTableError(Exception):
    """A table that cannot be used, with its file and the place in it."""


@dataclass(frozen=True, slots=True)
class Price:
    """What one unit of something costs in some regions.

    Attributes:
        id: What it is, for example ``interface-endpoint`` or ``instance.ml.m5.large``.
        what: The same for people.
        unit: What is counted: ``hour``, ``day``, ``month`` or ``GB-month``.
        usd: US dollars.
        regions: Where it is charged so.
        source: The page that states it.
        checked: The day on which it was read, ``YYYY-MM-DD``.
    """

    id: str
    what: str
    unit: str
    usd: float
    regions: frozenset[str]
    source: str
    checked: str


@dataclass(frozen=True, slots=True)
class Assumption:
    """A quantity that no template tells.

    Attributes:
        value: The quantity.
        what: What it counts.
    """

    value: float
    what: str


@dataclass(frozen=True, slots=True)
class PriceTable:
    """The prices that a file states.

    Attributes:
        date: The day of the table, ``YYYY-MM-DD``.
        prices: Every price; an id may stand in it once for each region.
        assumptions: The quantities that no template tells, by name.

    Example:
        >>> PriceTable.default().price("kms-key", "us-east-1").usd
        1.0
    """

    date: str
    prices: tuple[Price, ...]
    assumptions: Mapping[str, Assumption]

    @classmethod
    def default(cls) -> PriceTable:
        """Return the table of this version of the library."""
        text = resources.files(__package__).joinpath("prices.toml").read_text(encoding="utf-8")
        return _table("prices.toml", tomllib.loads(text))

    @classmethod
    def read(cls, path: Path) -> PriceTable:
        """Read a table.

        Args:
            path: A file in the form of the library's own.

        Raises:
            PriceTableError: The file cannot be read, is no TOML, or lacks something.
        """
        try:
            content = tomllib.loads(path.read_text(encoding="utf-8"))
        except OSError as error:
            msg = f"{path}: cannot be read: {error.strerror}"
            raise PriceTableError(msg) from error
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            msg = f"{path}: is no TOML: {error}"
            raise PriceTableError(msg) from error
        return _table(str(path), content)

    def price(self, price_id: str, region: str) -> Price | None:
        """Return a price in a region; ``None`` when the table does not know it.

        Args:
            price_id: What it is the price of.
            region: The region.
        """
        return next((each for each in self.prices if each.id == price_id and region in each.regions), None)

    def quantity(self, name: str) -> float:
        """Return the value of an assumption.

        Args:
            name: Its name.
        """
        return self.assumptions[name].value


def _table(name: str, content: Mapping[str, Any]) -> PriceTable:
    if content.get("schema") != SCHEMA:
        msg = f"{name}: schema is {content.get('schema')!r}, and this version reads {SCHEMA}"
        raise PriceTableError(msg)
    if content.get("currency") != "USD":
        msg = f"{name}: currency is {content.get('currency')!r}, and the reports are in 'USD'"
        raise PriceTableError(msg)
    try:
        groups = {group: frozenset(regions) for group, regions in content["groups"].items()}
        assumptions = {
            key: Assumption(_number(content["assumptions"][key]["value"]), str(content["assumptions"][key]["what"]))
            for key in ASSUMPTIONS
        }
        instances = content.get("instances", {})
        of_instances = [
            {**instances, "id": f"{INSTANCE}{kind}", "what": kind, "usd": usd}
            for kind, usd in instances.get("usd", {}).items()
        ]
        prices = tuple(_price(entry, groups) for entry in (*content.get("price", ()), *of_instances))
        date = content["date"].isoformat()
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        msg = f"{name}: lacks or misuses {error}; see prices.toml of the library for the form"
        raise PriceTableError(msg) from error
    keys = [(price.id, region) for price in prices for region in price.regions]
    if twice := [key for key in keys if keys.count(key) > 1]:
        msg = f"{name}: states {twice[0][0]} twice for {twice[0][1]}"
        raise PriceTableError(msg)
    return PriceTable(date, prices, assumptions)


def _price(entry: Mapping[str, Any], groups: Mapping[str, frozenset[str]]) -> Price:
    return Price(
        id=str(entry["id"]),
        what=str(entry["what"]),
        unit=str(entry["unit"]),
        usd=_number(entry["usd"]),
        regions=groups[entry["group"]],
        source=str(entry["source"]),
        checked=entry["checked"].isoformat(),
    )


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value) or value < 0:
        msg = f"{value!r}, which is no quantity"
        raise ValueError(msg)
    return float(value)
