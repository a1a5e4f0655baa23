"""What Service Catalog knows: portfolios, products, constraints, tag options, provisioned products, records."""

import datetime
import secrets
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
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
    sources: dict[str, str] = field(default_factory=dict)
    """The imported portfolio by the product that came from it."""
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
class Import:
    """A portfolio of another account, as an account sees that it is shared with."""

    owner: "Store"
    portfolio_id: str
    account: str
    """The account that sees it."""
    principals: dict[str, str] = field(default_factory=dict)
    """Type by ARN or pattern; they are of the account that sees it."""

    @property
    def share(self) -> dict[str, Any] | None:
        """The share by which the account sees it, if it lasts."""
        shares = self.owner.portfolios[self.portfolio_id].shares if self.portfolio_id in self.owner.portfolios else {}
        reaching = (share for share in shares.values() if reaches(share, self.account))
        return next((share for share in reaching if share["Accepted"]), None)

    @property
    def portfolio(self) -> Portfolio:
        """The portfolio, in step with its owner's."""
        return replace(self.owner.portfolios[self.portfolio_id], principals=self.principals, shares={})

    def tag_options_of(self, product_id: str) -> dict[str, list[str]]:
        """Returns the tag options that are shared with it."""
        shared = self.share is not None and self.share["ShareTagOptions"]
        return self.owner.tag_options_of(self.portfolio_id, product_id) if shared else {}


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
    imported: dict[str, Import] = field(default_factory=dict)
    """By portfolio, whether or not its share lasts."""

    @property
    def imports(self) -> dict[str, Import]:
        """The imported portfolios whose share lasts."""
        return {identifier: item for identifier, item in self.imported.items() if item.share is not None}

    def visible_portfolios(self) -> dict[str, Portfolio]:
        """Returns own and imported portfolios."""
        return {**self.portfolios, **{identifier: item.portfolio for identifier, item in self.imports.items()}}

    def visible_portfolio(self, portfolio_id: str) -> Portfolio:
        """Returns an own or imported portfolio, or raises."""
        return _found(self.visible_portfolios(), portfolio_id, "Portfolio")

    def visible_products(self) -> dict[str, Product]:
        """Returns own products and those of imported portfolios."""
        shared = {
            product_id: item.owner.products[product_id]
            for item in self.imports.values()
            for product_id in item.portfolio.product_ids
            if product_id in item.owner.products
        }
        return {**shared, **self.products}

    def visible_product(self, product_id: str) -> Product:
        """Returns an own product or one of an imported portfolio, or raises."""
        return _found(self.visible_products(), product_id, "Product")

    def portfolio(self, portfolio_id: str) -> Portfolio:
        """Returns an own portfolio, or raises."""
        return _found(self.portfolios, portfolio_id, "Portfolio")

    def product(self, product_id: str) -> Product:
        """Returns an own product, or raises."""
        return _found(self.products, product_id, "Product")

    def product_named(self, request: Request) -> Product:
        """Returns the visible product that a request names by id or by name, or raises."""
        identifier = request.get("ProductId") or request.get("Id")
        if identifier:
            return self.visible_product(identifier)
        name = request.get("ProductName") or request.get("Name")
        for product in self.visible_products().values():
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

    def constraints_on(self, portfolio: Portfolio, product_id: str) -> list[Constraint]:
        """Returns the constraints on a product in a visible portfolio: those of its owner first."""
        source = self._source(portfolio, product_id)
        inherited = source.owner.constraints_of(source.portfolio_id, product_id) if source else []
        return [*inherited, *self.constraints_of(portfolio.id, product_id)]

    def tag_options_on(self, portfolio: Portfolio, product_id: str) -> dict[str, list[str]]:
        """Returns the tag options on a product in a visible portfolio; own ones take the place of shared ones."""
        source = self._source(portfolio, product_id)
        shared = source.tag_options_of(product_id) if source else {}
        return {**shared, **self.tag_options_of(portfolio.id, product_id)}

    def _source(self, portfolio: Portfolio, product_id: str) -> Import | None:
        return self.imports.get(portfolio.sources.get(product_id, portfolio.id))

    def tag_options_of(self, *resource_ids: str) -> dict[str, list[str]]:
        """Returns the active values by key of the tag options on any of the resources."""
        options: dict[str, list[str]] = defaultdict(list)
        for option in self.tag_options.values():
            if option.active and any(item in option.resource_ids for item in resource_ids):
                options[option.key].append(option.value)
        return dict(options)


_stores: dict[tuple[str, str], Store] = defaultdict(Store)


def store_of(request: Request) -> Store:
    """Returns the state that a request works on, with what the organisation shares with the account."""
    store = _stores[request.scope]
    for owner in _others(request):
        for portfolio in owner.portfolios.values():
            if any(
                share["Type"] != "ACCOUNT" and reaches(share, request.caller.account)
                for share in portfolio.shares.values()
            ):
                store.imported.setdefault(portfolio.id, Import(owner, portfolio.id, request.caller.account))
    return store


def owner_of(request: Request, portfolio_id: str) -> Store | None:
    """Returns the state of the other account whose portfolio it is, if there is one."""
    return next((store for store in _others(request) if portfolio_id in store.portfolios), None)


def reaches(share: dict[str, Any], account: str) -> bool:
    """Tells whether an account sees a share; every account of the local cloud lies in every unit."""
    if share["Type"] in ("ACCOUNT", "ORGANIZATION_MEMBER_ACCOUNT"):
        return bool(share["PrincipalId"] == account)
    return True


def _others(request: Request) -> Iterator[Store]:
    """Yields the states of the other accounts in the region of a request."""
    account, region = request.scope
    yield from (store for (other, place), store in list(_stores.items()) if other != account and place == region)


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
