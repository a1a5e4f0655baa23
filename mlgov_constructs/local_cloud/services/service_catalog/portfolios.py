"""Operations on portfolios: what administrators do with them, their principals and their shares."""

from typing import Any

from mlgov_constructs.local_cloud.errors import ServiceError
from mlgov_constructs.local_cloud.services.json_service import Operation, Request
from mlgov_constructs.local_cloud.services.service_catalog.store import (
    Portfolio,
    make_arn,
    new_id,
    store_of,
    tag_list,
    tag_map,
)

_DETAILS = ("Description", "DisplayName", "ProviderName")


def create_portfolio(request: Request) -> dict[str, Any]:
    """Creates a portfolio."""
    identifier = new_id("port")
    arn = make_arn(request, f"portfolio/{identifier}")
    details = {name: request[name] for name in _DETAILS if name in request.parameters}
    portfolio = Portfolio(identifier, arn, details, tag_map(request.get("Tags")))
    store_of(request).portfolios[identifier] = portfolio
    return {"PortfolioDetail": portfolio_detail(portfolio), "Tags": tag_list(portfolio.tags)}


def describe_portfolio(request: Request) -> dict[str, Any]:
    """Describes a portfolio with its tags and tag options."""
    store = store_of(request)
    portfolio = store.visible_portfolio(request["Id"])
    options = [
        {"Id": item.id, "Key": item.key, "Value": item.value, "Active": item.active, "Owner": item.owner}
        for item in store.tag_options.values()
        if portfolio.id in item.resource_ids
    ]
    detail = portfolio_detail(portfolio)
    return {"PortfolioDetail": detail, "Tags": tag_list(portfolio.tags), "TagOptions": options, "Budgets": []}


def list_portfolios(request: Request) -> dict[str, Any]:
    """Lists the account's portfolios."""
    return {"PortfolioDetails": [portfolio_detail(item) for item in store_of(request).portfolios.values()]}


def list_portfolios_for_product(request: Request) -> dict[str, Any]:
    """Lists the portfolios that hold a product."""
    store = store_of(request)
    store.visible_product(request["ProductId"])
    holding = [item for item in store.visible_portfolios().values() if request["ProductId"] in item.product_ids]
    return {"PortfolioDetails": [portfolio_detail(item) for item in holding]}


def update_portfolio(request: Request) -> dict[str, Any]:
    """Changes names, description and tags."""
    portfolio = store_of(request).portfolio(request["Id"])
    portfolio.details.update({name: request[name] for name in _DETAILS if name in request.parameters})
    for key in request.get("RemoveTags") or []:
        portfolio.tags.pop(key, None)
    portfolio.tags.update(tag_map(request.get("AddTags")))
    return {"PortfolioDetail": portfolio_detail(portfolio), "Tags": tag_list(portfolio.tags)}


def delete_portfolio(request: Request) -> dict[str, Any]:
    """Deletes a portfolio that holds nothing any more."""
    store = store_of(request)
    portfolio = store.portfolio(request["Id"])
    constrained = any(item.portfolio_id == portfolio.id for item in store.constraints.values())
    optioned = any(portfolio.id in item.resource_ids for item in store.tag_options.values())
    if portfolio.product_ids or portfolio.principals or portfolio.shares or constrained or optioned:
        message = f"Portfolio {portfolio.id} has products, principals, constraints, shares or tag options."
        raise ServiceError("ResourceInUseException", message)
    del store.portfolios[portfolio.id]
    return {}


def associate_product(request: Request) -> dict[str, Any]:
    """Puts an own product, or one of an imported portfolio, into a portfolio."""
    store = store_of(request)
    portfolio = store.portfolio(request["PortfolioId"])
    if source := request.get("SourcePortfolioId"):
        product = store.visible_product(request["ProductId"])
        if product.id not in store.visible_portfolio(source).product_ids:
            raise ServiceError("ResourceNotFoundException", f"Product {product.id} is not in portfolio {source}.")
        portfolio.sources[product.id] = source
    else:
        product = store.product(request["ProductId"])
    if product.id not in portfolio.product_ids:
        portfolio.product_ids.append(product.id)
    return {}


def disassociate_product(request: Request) -> dict[str, Any]:
    """Takes a product out of a portfolio."""
    store = store_of(request)
    portfolio = store.portfolio(request["PortfolioId"])
    if store.constraints_of(portfolio.id, request["ProductId"]):
        raise ServiceError(
            "ResourceInUseException", f"Product {request['ProductId']} has constraints in {portfolio.id}."
        )
    if request["ProductId"] not in portfolio.product_ids:
        raise ServiceError("ResourceNotFoundException", f"{request['ProductId']} is not in {portfolio.id}.")
    portfolio.product_ids.remove(request["ProductId"])
    portfolio.sources.pop(request["ProductId"], None)
    return {}


def associate_principal(request: Request) -> dict[str, Any]:
    """Lets a principal, or those whose name matches a pattern, use a portfolio."""
    principal, kind = request["PrincipalARN"], request["PrincipalType"]
    account = principal.split(":")[4] if principal.count(":") >= 5 else None
    if account is None or (kind == "IAM_PATTERN") != (account == ""):
        wanted = "an ARN without an account id" if kind == "IAM_PATTERN" else "an ARN with an account id"
        raise ServiceError("InvalidParametersException", f"A principal of type {kind} is {wanted}, not {principal}.")
    store_of(request).visible_portfolio(request["PortfolioId"]).principals[principal] = kind
    return {}


def disassociate_principal(request: Request) -> dict[str, Any]:
    """Takes a principal from a portfolio."""
    portfolio = store_of(request).visible_portfolio(request["PortfolioId"])
    if portfolio.principals.pop(request["PrincipalARN"], None) is None:
        raise ServiceError("ResourceNotFoundException", f"{request['PrincipalARN']} is not in {portfolio.id}.")
    return {}


def list_principals(request: Request) -> dict[str, Any]:
    """Lists who may use a portfolio."""
    principals = store_of(request).visible_portfolio(request["PortfolioId"]).principals
    return {"Principals": [{"PrincipalARN": arn, "PrincipalType": kind} for arn, kind in principals.items()]}


def create_share(request: Request) -> dict[str, Any]:
    """Shares a portfolio with an account, an organisational unit or an organisation."""
    portfolio = store_of(request).portfolio(request["PortfolioId"])
    kind, target = _share_target(request)
    if target == request.caller.account:
        raise ServiceError("InvalidParametersException", f"Portfolio {portfolio.id} belongs to {target}.")
    portfolio.shares[target] = {
        "PrincipalId": target,
        "Type": kind,
        "Accepted": kind != "ACCOUNT",
        "ShareTagOptions": request.get("ShareTagOptions", False),
        "SharePrincipals": request.get("SharePrincipals", False),
    }
    return _share_token(request)


def update_share(request: Request) -> dict[str, Any]:
    """Changes what is shared with the portfolio."""
    share = _share(request)
    share.update({k: request[k] for k in ("ShareTagOptions", "SharePrincipals") if k in request.parameters})
    return {"Status": "COMPLETED"}


def delete_share(request: Request) -> dict[str, Any]:
    """Ends a share."""
    share = _share(request)
    del store_of(request).portfolio(request["PortfolioId"]).shares[share["PrincipalId"]]
    return _share_token(request)


def describe_share_status(request: Request) -> dict[str, Any]:
    """Tells how far a change of a share with an organisation is: it is complete at once."""
    token = request["PortfolioShareToken"]
    if token not in store_of(request).share_tokens:
        raise ServiceError("ResourceNotFoundException", f"Portfolio share {token} not found.")
    portfolio_id, node = store_of(request).share_tokens[token]
    answer = {"PortfolioShareToken": token, "PortfolioId": portfolio_id, "OrganizationNodeValue": node}
    return {**answer, "Status": "COMPLETED", "ShareDetails": {"SuccessfulShares": [node], "ShareErrors": []}}


def describe_shares(request: Request) -> dict[str, Any]:
    """Lists a portfolio's shares of one type."""
    shares = store_of(request).portfolio(request["PortfolioId"]).shares.values()
    return {"PortfolioShareDetails": [share for share in shares if share["Type"] == request["Type"]]}


def list_access(request: Request) -> dict[str, Any]:
    """Lists the accounts that a portfolio is shared with."""
    shares = store_of(request).portfolio(request["PortfolioId"]).shares.values()
    return {"AccountIds": [share["PrincipalId"] for share in shares if share["Type"] == "ACCOUNT"]}


def portfolio_detail(portfolio: Portfolio) -> dict[str, Any]:
    """Returns a portfolio as the API shows it."""
    return {"Id": portfolio.id, "ARN": portfolio.arn, "CreatedTime": portfolio.created, **portfolio.details}


def _share_target(request: Request) -> tuple[str, str]:
    if account := request.get("AccountId"):
        return "ACCOUNT", str(account)
    if node := request.get("OrganizationNode"):
        kind = "ORGANIZATION_MEMBER_ACCOUNT" if node["Type"] == "ACCOUNT" else node["Type"]
        return str(kind), str(node["Value"])
    raise ServiceError("InvalidParametersException", "Name an AccountId or an OrganizationNode.")


def _share_token(request: Request) -> dict[str, Any]:
    """Returns the token by which one follows a change; a share with an account is changed at once."""
    if "OrganizationNode" not in request.parameters:
        return {}
    token = new_id("share")
    store_of(request).share_tokens[token] = (request["PortfolioId"], request["OrganizationNode"]["Value"])
    return {"PortfolioShareToken": token}


def _share(request: Request) -> dict[str, Any]:
    portfolio = store_of(request).portfolio(request["PortfolioId"])
    _, target = _share_target(request)
    if target not in portfolio.shares:
        raise ServiceError("ResourceNotFoundException", f"{portfolio.id} is not shared with {target}.")
    return portfolio.shares[target]


OPERATIONS: dict[str, Operation] = {
    "AssociatePrincipalWithPortfolio": associate_principal,
    "AssociateProductWithPortfolio": associate_product,
    "CreatePortfolio": create_portfolio,
    "CreatePortfolioShare": create_share,
    "DeletePortfolio": delete_portfolio,
    "DeletePortfolioShare": delete_share,
    "DescribePortfolio": describe_portfolio,
    "DescribePortfolioShareStatus": describe_share_status,
    "DescribePortfolioShares": describe_shares,
    "DisassociatePrincipalFromPortfolio": disassociate_principal,
    "DisassociateProductFromPortfolio": disassociate_product,
    "ListPortfolioAccess": list_access,
    "ListPortfolios": list_portfolios,
    "ListPortfoliosForProduct": list_portfolios_for_product,
    "ListPrincipalsForPortfolio": list_principals,
    "UpdatePortfolio": update_portfolio,
    "UpdatePortfolioShare": update_share,
}
