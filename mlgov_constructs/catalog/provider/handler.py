"""Custom resource: a portfolio shared with an organization or an organizational unit.

Deployed as inline code, so it stays under 4,096 characters and uses boto3 alone.
"""

import json
import time
import urllib.request
from typing import Any

import boto3

Document = dict[str, Any]
DONE, FAILED = "COMPLETED", ("COMPLETED_WITH_ERRORS", "ERROR")
PAUSE, ATTEMPTS = 3, 30  # seconds, and how often


def on_event(event: Document, catalog: Any) -> str:
    """Share or unshare, and return the physical id."""
    properties = event["ResourceProperties"]
    portfolio, node = properties["PortfolioId"], properties["OrganizationNode"]
    whom = {"Type": "ORGANIZATION" if node.startswith("o-") else "ORGANIZATIONAL_UNIT", "Value": node}
    if event["RequestType"] == "Delete":
        try:
            answer = catalog.delete_portfolio_share(PortfolioId=portfolio, OrganizationNode=whom)
        except catalog.exceptions.ResourceNotFoundException:
            return str(event["PhysicalResourceId"])
    else:
        answer = catalog.create_portfolio_share(PortfolioId=portfolio, OrganizationNode=whom, ShareTagOptions=True)
    wait(answer["PortfolioShareToken"], catalog)
    return f"{portfolio}-{node}"


def wait(token: str, catalog: Any) -> None:
    """Wait until the share is there, or gone."""
    for _ in range(ATTEMPTS):
        share = catalog.describe_portfolio_share_status(PortfolioShareToken=token)
        if share["Status"] == DONE:
            return
        if share["Status"] in FAILED:
            details = json.dumps(share.get("ShareDetails", {}).get("ShareErrors", []), default=str)
            raise ValueError(f"sharing {share['PortfolioId']} with {share['OrganizationNodeValue']} failed: {details}")
        time.sleep(PAUSE)
    raise TimeoutError(f"the share {token} is not finished after {PAUSE * ATTEMPTS} seconds")


def handler(event: Document, _context: Any) -> None:
    """Answer CloudFormation, whatever happens."""
    answer = {key: event[key] for key in ("StackId", "RequestId", "LogicalResourceId")}
    answer["PhysicalResourceId"] = event.get("PhysicalResourceId", event["LogicalResourceId"])
    try:
        answer["PhysicalResourceId"] = on_event(event, boto3.client("servicecatalog"))
        answer["Status"] = "SUCCESS"
    except Exception as error:
        answer.update(Status="FAILED", Reason=str(error)[:1000])
    body = json.dumps(answer).encode()
    # The address is a presigned URL that CloudFormation itself names.
    request = urllib.request.Request(event["ResponseURL"], data=body, method="PUT", headers={"content-type": ""})  # noqa: S310
    urllib.request.urlopen(request, timeout=20).close()  # noqa: S310
