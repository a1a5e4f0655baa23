from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import aws_cdk as cdk
import pytest

from mlgov_constructs.catalog.provider import handler as function
from mlgov_constructs.errors import ConstructError
from tests.access import ACCOUNT, REGION, decision
from tests.catalog.conftest import ground
from tests.templates import Template, of_type

LIMIT_OF_INLINE_CODE = 4096


class NotFoundError(Exception):
    """What the service says of a share that is gone."""


class Catalog:
    """Service Catalog, as far as the function knows it."""

    def __init__(self, *states: str, gone: bool = False) -> None:
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.exceptions = SimpleNamespace(ResourceNotFoundException=NotFoundError)
        self._states, self._gone = iter(states), gone

    def create_portfolio_share(self, **arguments: Any) -> dict[str, str]:
        self.calls.append(("create", arguments))
        return {"PortfolioShareToken": "token"}

    def delete_portfolio_share(self, **arguments: Any) -> dict[str, str]:
        if self._gone:
            raise NotFoundError
        self.calls.append(("delete", arguments))
        return {"PortfolioShareToken": "token"}

    def describe_portfolio_share_status(self, *, PortfolioShareToken: str) -> dict[str, Any]:  # noqa: N803
        assert PortfolioShareToken == "token"
        errors = {"ShareErrors": [{"Message": "not the management account"}]}
        return {
            "Status": next(self._states),
            "PortfolioId": "port-1",
            "OrganizationNodeValue": "o-exampleorg1",
            "ShareDetails": errors,
        }


@pytest.fixture(autouse=True)
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(function, "PAUSE", 0)


def event(request: str, node: str = "o-exampleorg1") -> dict[str, Any]:
    return {
        "RequestType": request,
        "ResourceProperties": {"PortfolioId": "port-1", "OrganizationNode": node},
        "PhysicalResourceId": "before",
    }


def test_the_code_fits_into_the_template() -> None:
    assert function.__file__ is not None
    assert len(Path(function.__file__).read_text(encoding="utf-8")) < LIMIT_OF_INLINE_CODE


@pytest.mark.parametrize(
    ("node", "kind"), [("o-exampleorg1", "ORGANIZATION"), ("ou-ab12-11111111", "ORGANIZATIONAL_UNIT")]
)
def test_it_shares_with_tag_options_and_waits(node: str, kind: str) -> None:
    catalog = Catalog("NOT_STARTED", "IN_PROGRESS", "COMPLETED")
    assert function.on_event(event("Create", node), catalog) == f"port-1-{node}"
    whom = {"Type": kind, "Value": node}
    assert catalog.calls == [("create", {"PortfolioId": "port-1", "OrganizationNode": whom, "ShareTagOptions": True})]


def test_it_unshares_and_minds_no_share_that_is_gone() -> None:
    catalog = Catalog("COMPLETED")
    function.on_event(event("Delete"), catalog)
    assert [name for name, _ in catalog.calls] == ["delete"]
    assert function.on_event(event("Delete"), Catalog(gone=True)) == "before"


@pytest.mark.parametrize("state", ["ERROR", "COMPLETED_WITH_ERRORS"])
def test_a_failure_says_why(state: str) -> None:
    with pytest.raises(ValueError, match=r"sharing port-1 with o-exampleorg1 failed: .*not the management account"):
        function.on_event(event("Create"), Catalog(state))


def test_it_does_not_wait_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(function, "ATTEMPTS", 3)
    with pytest.raises(TimeoutError, match="is not finished"):
        function.on_event(event("Create"), Catalog("IN_PROGRESS", "IN_PROGRESS", "IN_PROGRESS"))


def test_cloud_formation_gets_an_answer_whatever_happens(monkeypatch: pytest.MonkeyPatch) -> None:
    answers: list[dict[str, Any]] = []

    def put(request: Any, timeout: int) -> Any:
        answers.append(json.loads(request.data))
        return SimpleNamespace(close=lambda: None)

    whole = {**event("Create"), "StackId": "s", "RequestId": "r", "LogicalResourceId": "l", "ResponseURL": "https://x"}
    monkeypatch.setattr(function.urllib.request, "urlopen", put)
    for states in (("COMPLETED",), ("ERROR",)):
        monkeypatch.setattr(function.boto3, "client", lambda _name, states=states: Catalog(*states))
        function.handler(whole, None)
    assert [answer["Status"] for answer in answers] == ["SUCCESS", "FAILED"]
    assert answers[0]["PhysicalResourceId"] == "port-1-o-exampleorg1"
    assert "not the management account" in answers[1]["Reason"]


def test_every_node_is_shared_with(catalog: Template) -> None:
    shares = [share["Properties"] for share in of_type(catalog, "Custom::PortfolioShare").values()]
    assert sorted(share["OrganizationNode"] for share in shares) == ["o-exampleorg1", "ou-ab12-11111111"]
    assert all(int(share["ServiceTimeout"]) > 0 for share in shares)


def test_the_function_shares_this_portfolio_and_nothing_else(catalog: Template) -> None:
    (portfolio,) = of_type(catalog, "AWS::ServiceCatalog::Portfolio")
    (role,) = (role for role in of_type(catalog, "AWS::IAM::Role") if role.startswith("PortfolioOrganizationShare"))
    share, arn = "servicecatalog:CreatePortfolioShare", f"arn:aws:catalog:{REGION}:{ACCOUNT}:portfolio"
    assert decision(catalog, role, share, f"{arn}/{portfolio}") == "Allow"
    assert decision(catalog, role, share, f"{arn}/other") == "ImplicitDeny"
    assert decision(catalog, role, "servicecatalog:DescribePortfolioShareStatus") == "Allow"
    assert decision(catalog, role, "organizations:DescribeOrganization") == "Allow"


def test_the_log_is_encrypted_and_kept_a_year(catalog: Template) -> None:
    logs = of_type(catalog, "AWS::Logs::LogGroup")
    (log,) = (group["Properties"] for name, group in logs.items() if name.startswith("PortfolioOrganizationShare"))
    assert log["RetentionInDays"] == 365
    key = log["KmsKeyId"]["Fn::GetAtt"][0]
    assert key.startswith("ShareKey")
    statements = catalog["Resources"][key]["Properties"]["KeyPolicy"]["Statement"]
    assert "CloudWatchLogs" in {each["Sid"] for each in statements}


@pytest.mark.parametrize(
    ("nodes", "message"),
    [
        (["r-ab12"], "organization node 'r-ab12' is neither an organization nor an organizational unit"),
        (["o-exampleorg1", "o-exampleorg1"], "organization node 'o-exampleorg1' is named twice"),
    ],
)
def test_a_bad_node_is_refused(nodes: list[str], message: str) -> None:
    base = ground(cdk.App(), "Stack")
    with pytest.raises(ConstructError, match=message):
        base.portfolio().share_with_organization(
            nodes, encryption_key=base.environment.encryption_key, permissions_boundary=base.boundary
        )
