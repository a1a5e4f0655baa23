"""Where data rests, who moves it, and what leaves the account: read from templates."""

from __future__ import annotations

from dataclasses import dataclass

from mlgov_constructs.diagram.data_uses import ACTORS, ENDPOINT_CONFIG, Use, data_uses
from mlgov_constructs.diagram.estate import Estate
from mlgov_constructs.diagram.model_path import ENDPOINT, ModelPath, model_path
from mlgov_constructs.diagram.part import Part
from mlgov_constructs.diagram.role_grants import ROLE, grants_of, who_assumes
from mlgov_constructs.diagram.sharing import Share, shares_of
from mlgov_constructs.diagram.stores import BUCKET, LOG_GROUP, REGISTRY, TABLE, Key, Store, keys_of, stores_of

SETTINGS, LAUNCHED = "Workloads and logs, by their settings", "Once launched from the catalogue"
GROUPS = {
    "jobs": "Roles of jobs, by their policies",
    "people": "Roles of people, by their policies",
    "services": "Roles of services, by their policies",
}


@dataclass(frozen=True, slots=True)
class Mover:
    """Something that moves data.

    Attributes:
        name: Its name.
        what: What it is, or the stack of a role.
        group: One of ``SETTINGS``, ``GROUPS`` and ``LAUNCHED``.
        uses: The stores, each with ``R`` or ``W``.
    """

    name: str
    what: str
    group: str
    uses: tuple[Use, ...]


@dataclass(frozen=True, slots=True)
class DataMap:
    """What there is of data.

    Attributes:
        path: The way of the models.
        stores: Where data rests.
        movers: Who reads and writes.
        without_data: People's roles whose policies reach no store.
        unbounded: Roles with a grant on every resource that only a condition narrows; it is not among their uses.
        keys: The keys.
        shares: What is let out of the account.
    """

    path: ModelPath
    stores: tuple[Store, ...]
    movers: tuple[Mover, ...]
    without_data: tuple[str, ...]
    unbounded: tuple[str, ...]
    keys: tuple[Key, ...]
    shares: tuple[Share, ...]


def data_map(estate: Estate) -> DataMap:
    """Read the flow of data of an estate.

    Args:
        estate: The templates.
    """
    actors = [(part, tuple(data_uses(estate, part))) for part in estate.of_type(*ACTORS)]
    logged = {store for _, uses in actors for store, _ in uses if store.type == LOG_GROUP}
    stores = stores_of(estate, logged)
    # What a log group gets is said by the trail and the flow log; a role that delivers it says nothing more.
    granted = [store.part for store in stores if store.part.type in (BUCKET, REGISTRY, TABLE)]
    grants = [(role, *grants_of(estate, role, granted)) for role in estate.of_type(ROLE)]
    movers = [
        *(_workload(estate, part, uses) for part, uses in actors if uses),
        *(_role(role, tuple(uses)) for role, uses, _ in grants if uses),
    ]
    order = [SETTINGS, *GROUPS.values(), LAUNCHED]
    return DataMap(
        path=model_path(estate),
        stores=tuple(stores),
        movers=tuple(sorted(movers, key=lambda each: order.index(each.group))),
        without_data=tuple(role.name for role, uses, _ in grants if not uses and who_assumes(role) == "people"),
        unbounded=tuple(role.name for role, _, unbounded in grants if unbounded),
        keys=tuple(keys_of(estate)),
        shares=tuple(shares_of(estate)),
    )


def _workload(estate: Estate, part: Part, uses: tuple[Use, ...]) -> Mover:
    # What an endpoint captures is set in its configuration; the picture shows the endpoint.
    endpoints = [
        each
        for each in estate.of_type(ENDPOINT if part.type == ENDPOINT_CONFIG else "")
        if part in estate.referred(each, each.properties.get("EndpointConfigName"))
    ]
    name = endpoints[0].name if endpoints else part.name
    return Mover(name, ACTORS[part.type], LAUNCHED if part.launched else SETTINGS, uses)


def _role(role: Part, uses: tuple[Use, ...]) -> Mover:
    if role.launched:
        return Mover(role.name, "role", LAUNCHED, uses)
    return Mover(role.name, role.stack.rpartition("/")[2], GROUPS[who_assumes(role)], uses)
