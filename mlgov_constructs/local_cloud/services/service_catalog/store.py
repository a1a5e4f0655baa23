"""What Service Catalog knows: portfolios, products, constraints, tag options, provisioned products, records."""

import datetime
import secrets
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any, TypeVar

from mlgov_constructs.local_cloud import enforcement
from mlgov_constructs.local_cloud.errors import ServiceError
from mlgov_constructs.local_cloud.services.json_service import Request

_T = TypeVar("_T")

_ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"


def now() -> datetime.datetime:
    """Returns the time."""
    return datetime.datetime.now(datetime.UTC)


def new_id(prefix: str) -> str:
    """Returns an id as Service Catalog makes them, for example ``prod-3vx5k2mqmrtnq``."""
    return f"{prefix}-" + "".join(secrets.choice(_ALPHABET) for _ in range(13))


@dataclass
class Artifact:
    """A version of a product."""

    id: str
    name: str
    description: str
    info: dict[str, str]
    template: str
    active: bool = True
    guidance: str = "DEFAULT"
    created: datetime.datetime = field(default_factory=now)


@dataclass
class Product:
    """A product."""

    id: str
    arn: str
    details: dict[str, Any]
    """Name, owner, description, distributor and support, with the API's names."""
    tags: dict[str, str]
    artifacts: dict[str, Artifact] = field(default_factory=dict)
    created: datetime.datetime = field(default_factory=now)


@dataclass
class Portfolio:
    """A portfolio with what was associated with it."""

    id: str
    arn: str
    details: dict[str, Any]
    tags: dict[str, str]
    product_ids: list[str] = field(default_factory=list)
    principals: dict[str, str] = field(default_factory=dict)
    """Type by ARN or pattern."""
    shares: dict[str, dict[str, Any]] = field(default_factory=dict)
    """By account, organisation or unit."""
    created: datetime.datetime = field(default_factory=now)


@dataclass
class Constraint:
    """A constraint on a product in a portfolio."""

    id: str
    type: str
    description: str
    portfolio_id: str
    product_id: str
    parameters: str
    owner: str


@dataclass
class TagOption:
    """A tag option, with what it was associated with."""

    id: str
    key: str
    value: str
    owner: str
    active: bool = True
    resource_ids: list[str] = field(default_factory=list)


@dataclass
class Record:
    """One operation on a provisioned product."""

    id: str
    type: str
    provisioned_product_id: str
    name: str
    product_id: str
    artifact_id: str
    path_id: str
    tags: dict[str, str]
    launch_role: str
    user_arn: str
    status: str = "IN_PROGRESS"
    errors: list[dict[str, str]] = field(default_factory=list)
    created: datetime.datetime = field(default_factory=now)
    updated: datetime.datetime = field(default_factory=now)


@dataclass
class ProvisionedProduct:
    """A provisioned product and its stack."""

    id: str
    arn: str
    name: str
    product_id: str
    product_name: str
    artifact_id: str
    path_id: str
    user_arn: str
    launch_role: str
    tags: dict[str, str]
    stack_name: str
    stack_id: str = ""
    status: str = "UNDER_CHANGE"
    status_message: str = ""
    record_ids: list[str] = field(default_factory=list)
    successful_record_id: str = ""
    created: datetime.datetime = field(default_factory=now)


@dataclass
class Store:
    """The state of one account in one region."""

    portfolios: dict[str, Portfolio] = field(default_factory=dict)
    products: dict[str, Product] = field(default_factory=dict)
    constraints: dict[str, Constraint] = field(default_factory=dict)
    tag_options: dict[str, TagOption] = field(default_factory=dict)
    provisioned: dict[str, ProvisionedProduct] = field(default_factory=dict)
    records: dict[str, Record] = field(default_factory=dict)
    share_tokens: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Portfolio and node of the organisation, by the token of a change of their share."""

    def portfolio(self, portfolio_id: str) -> Portfolio:
        """Returns a portfolio, or raises."""
        return _found(self.portfolios, portfolio_id, "Portfolio")

    def product(self, product_id: str) -> Product:
        """Returns a product, or raises."""
        return _found(self.products, product_id, "Product")

    def product_named(self, request: Request) -> Product:
        """Returns the product that a request names by id or by name, or raises."""
        identifier = request.get("ProductId") or request.get("Id")
        if identifier:
            return self.product(identifier)
        name = request.get("ProductName") or request.get("Name")
        for product in self.products.values():
            if product.details["Name"] == name:
                return product
        raise ServiceError("ResourceNotFoundException", f"Product with name {name} not found.")

    def constraint(self, constraint_id: str) -> Constraint:
        """Returns a constraint, or raises."""
        return _found(self.constraints, constraint_id, "Constraint")

    def tag_option(self, tag_option_id: str) -> TagOption:
        """Returns a tag option, or raises."""
        return _found(self.tag_options, tag_option_id, "TagOption")

    def constraints_of(self, portfolio_id: str, product_id: str) -> list[Constraint]:
        """Returns the constraints on a product in a portfolio."""
        key = (portfolio_id, product_id)
        return [item for item in self.constraints.values() if (item.portfolio_id, item.product_id) == key]

    def tag_options_of(self, *resource_ids: str) -> dict[str, list[str]]:
        """Returns the active values by key of the tag options on any of the resources."""
        options: dict[str, list[str]] = defaultdict(list)
        for option in self.tag_options.values():
            if option.active and any(item in option.resource_ids for item in resource_ids):
                options[option.key].append(option.value)
        return dict(options)


_stores: dict[tuple[str, str], Store] = defaultdict(Store)


def store_of(request: Request) -> Store:
    """Returns the state that a request works on."""
    return _stores[request.scope]


def reset() -> None:
    """Forgets everything."""
    _stores.clear()


def make_arn(request: Request, resource: str) -> str:
    """Returns an ARN in the catalogue, for example of ``product/prod-...``."""
    caller = request.caller
    return f"arn:{enforcement.partition()}:catalog:{caller.region}:{caller.account}:{resource}"


def tag_map(tags: list[dict[str, str]] | None) -> dict[str, str]:
    """Returns a list of tags as a map."""
    return {tag["Key"]: tag["Value"] for tag in tags or []}


def tag_list(tags: dict[str, str]) -> list[dict[str, str]]:
    """Returns a map of tags as a list."""
    return [{"Key": key, "Value": value} for key, value in sorted(tags.items())]


def _found(items: dict[str, _T], identifier: str, noun: str) -> _T:
    if identifier not in items:
        raise ServiceError("ResourceNotFoundException", f"{noun} {identifier} not found.")
    return items[identifier]
