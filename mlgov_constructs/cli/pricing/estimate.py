"""The standing cost of templates: what they cost a month before anybody uses them."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from mlgov_constructs.cli.pricing.charges import RULES, Charge, charges, same_budget
from mlgov_constructs.cli.pricing.price_table import Price, PriceTable
from mlgov_constructs.cli.pricing.stack_names import StackNames
from mlgov_constructs.cli.pricing.template_values import TemplateValues
from mlgov_constructs.cli.targets import read_template
from mlgov_constructs.controls import TemplateError

BUDGET_ACTION = "AWS::Budgets::BudgetsAction"
# What custom resources make is not in the template; their types are whatever their authors chose.
CUSTOM = ("Custom::", "AWS::CloudFormation::")


@dataclass(frozen=True, slots=True)
class LineItem:
    """What one resource costs a month for one reason.

    Attributes:
        construct: The construct below the stack, or the logical id.
        resource_type: The type of the resource.
        price_id: What is charged.
        quantity: How many units a month; ``None`` when the template does not tell.
        price: The price; ``None`` when the table has none.
        reason: Why nothing can be said, when quantity or price are missing.
    """

    construct: str
    resource_type: str
    price_id: str
    quantity: float | None
    price: Price | None
    reason: str = ""

    @property
    def monthly(self) -> float | None:
        """US dollars a month; ``None`` when they are unknown, which is not 0."""
        return None if self.quantity is None or self.price is None else self.quantity * self.price.usd


@dataclass(frozen=True, slots=True)
class StackCost:
    """What one stack costs a month.

    Attributes:
        template: The file.
        stack: The stack's path in the app, or the name of the file.
        region: The region whose prices were taken.
        items: What is charged, or may be.
        by_use: The types of resources that are charged by use alone.
    """

    template: Path
    stack: str
    region: str
    items: tuple[LineItem, ...]
    by_use: tuple[str, ...]

    @property
    def total(self) -> float:
        """US dollars a month, of what is known."""
        return sum(item.monthly or 0 for item in self.items)

    @property
    def unknown(self) -> tuple[LineItem, ...]:
        """What has no price or no quantity."""
        return tuple(item for item in self.items if item.monthly is None)


@dataclass(frozen=True, slots=True)
class Estimate:
    """What several stacks cost a month.

    Attributes:
        table: The prices.
        stacks: The stacks, in the order of their templates.
        errors: Templates that could not be read, one sentence each.
    """

    table: PriceTable
    stacks: tuple[StackCost, ...]
    errors: tuple[str, ...] = ()

    @property
    def total(self) -> float:
        """US dollars a month, of what is known."""
        return sum(stack.total for stack in self.stacks)

    @property
    def unknown(self) -> tuple[LineItem, ...]:
        """What has no price or no quantity."""
        return tuple(item for stack in self.stacks for item in stack.unknown)


def estimate(templates: Iterable[Path], table: PriceTable, *, region: str | None, default_region: str) -> Estimate:
    """Price templates.

    Args:
        templates: Files in JSON.
        table: The prices.
        region: Take the prices of this region for every template.
        default_region: The region of templates that may be deployed anywhere.

    Returns:
        The cost of each template, and what could not be read.
    """
    stacks: list[StackCost] = []
    errors: list[str] = []
    for template in templates:
        try:
            text = read_template(template)
            content = json.loads(text)
        except TemplateError as error:
            errors.append(str(error))
        except json.JSONDecodeError:
            errors.append(f"{template}: is YAML, and costs are read from JSON, as 'cdk synth' writes it")
        else:
            names = StackNames.of(template)
            where = region or names.region or default_region
            stacks.append(_cost(template, content, names, where, table))
    return Estimate(table, tuple(stacks), tuple(errors))


def _cost(template: Path, content: Mapping[str, Any], names: StackNames, region: str, table: PriceTable) -> StackCost:
    found = content["Resources"]
    priced = [
        LineItem(
            names.construct(logical_id, resource),
            resource["Type"],
            charge.price_id,
            charge.quantity,
            price,
            charge.reason or ("" if price else f"the table has no price of it in {region}"),
        )
        for logical_id, resource in found.items()
        for charge in _charges(logical_id, resource, found, TemplateValues(content), table)
        for price in [table.price(charge.price_id, region)]
    ]
    by_use = sorted({each["Type"] for each in found.values()} & _types()["usage"])
    return StackCost(template, names.stack, region, tuple(priced), tuple(by_use))


def _charges(
    logical_id: str,
    resource: Mapping[str, Any],
    found: Mapping[str, Any],
    values: TemplateValues,
    table: PriceTable,
) -> Iterator[Charge]:
    kind = resource["Type"]
    if kind in RULES:
        if kind != BUDGET_ACTION or _is_first_of_its_budget(logical_id, found):
            yield from charges(resource, values, table)
    elif not kind.startswith(CUSTOM) and not any(kind in types for types in _types().values()):
        yield Charge(kind, None, "nobody has told whether this type costs")


def _is_first_of_its_budget(logical_id: str, found: Mapping[str, Any]) -> bool:
    budget = same_budget(found[logical_id])
    actions = [name for name, each in found.items() if each["Type"] == BUDGET_ACTION and same_budget(each) == budget]
    return actions[0] == logical_id


@cache
def _types() -> dict[str, frozenset[str]]:
    """The types without a standing price: those that are free, and those charged by use."""
    text = resources.files(__package__).joinpath("resource_types.toml").read_text(encoding="utf-8")
    return {name: frozenset(types) for name, types in tomllib.loads(text).items()}
