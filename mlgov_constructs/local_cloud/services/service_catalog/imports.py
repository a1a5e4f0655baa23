"""Operations of an account that a portfolio is shared with."""

from typing import Any

from mlgov_constructs.local_cloud.errors import ServiceError
from mlgov_constructs.local_cloud.services.json_service import Operation, Request
from mlgov_constructs.local_cloud.services.service_catalog.portfolios import portfolio_detail
from mlgov_constructs.local_cloud.services.service_catalog.store import Import, owner_of, store_of


def accept_share(request: Request) -> dict[str, Any]:
    """Accepts a portfolio that another account shares with this one."""
    portfolio_id, account = request["PortfolioId"], request.caller.account
    store = store_of(request)
    if portfolio_id in store.portfolios:
        message = f"Portfolio {portfolio_id} belongs to {account}; an account accepts those of others."
        raise ServiceError("InvalidParametersException", message)
    owner = owner_of(request, portfolio_id)
    share = owner.portfolios[portfolio_id].shares.get(account) if owner else None
    if owner is None or share is None:
        raise ServiceError("ResourceNotFoundException", f"Portfolio {portfolio_id} is not shared with {account}.")
    share["Accepted"] = True
    store.imported[portfolio_id] = Import(owner, portfolio_id, account)
    return {}


def reject_share(request: Request) -> dict[str, Any]:
    """Gives up a portfolio that was accepted."""
    store, portfolio_id = store_of(request), request["PortfolioId"]
    if portfolio_id not in store.imports:
        raise ServiceError("ResourceNotFoundException", f"Portfolio {portfolio_id} was not accepted.")
    share = store.imports[portfolio_id].share
    if share is not None and share["Type"] == "ACCOUNT":
        share["Accepted"] = False
    del store.imported[portfolio_id]
    return {}


def list_accepted(request: Request) -> dict[str, Any]:
    """Lists the portfolios of others: those that were accepted, or those that the organisation shares."""
    wanted = request.get("PortfolioShareType", "IMPORTED")
    found = [
        item.portfolio
        for item in store_of(request).imports.values()
        if ((item.share or {}).get("Type") == "ACCOUNT") == (wanted == "IMPORTED")
    ]
    return {"PortfolioDetails": [portfolio_detail(portfolio) for portfolio in found]}


OPERATIONS: dict[str, Operation] = {
    "AcceptPortfolioShare": accept_share,
    "ListAcceptedPortfolioShares": list_accepted,
    "RejectPortfolioShare": reject_share,
}
