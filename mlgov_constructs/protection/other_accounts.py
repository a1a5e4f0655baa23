"""Other accounts as the policies of this one name them: each by its number, and within the organisation."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from aws_cdk import Token
from constructs import Construct

from mlgov_constructs.aws_tokens import aws_tokens
from mlgov_constructs.errors import ConstructError

ACCOUNT = re.compile(r"\d{12}")


def account_principals(accounts: Sequence[str]) -> dict[str, list[str]]:
    """Return the principal of a statement for accounts, each of which decides which of its roles it means.

    Args:
        accounts: Their numbers.
    """
    return {"AWS": [aws_tokens().arn("iam", "root", region="", account=account) for account in accounts]}


def in_organization(organization_id: str | None) -> dict[str, Any]:
    """Return the condition of a statement that its principals belong to an organisation; none without one.

    Args:
        organization_id: The organisation.

    Example:
        >>> in_organization(None)
        {}
    """
    return {"Condition": {"StringEquals": {"aws:PrincipalOrgID": organization_id}}} if organization_id else {}


def check_accounts(scope: Construct, accounts: Sequence[str]) -> None:
    """Raise when there is no account, or one of them cannot be one.

    Args:
        scope: The construct that was given them.
        accounts: Their numbers.

    Raises:
        ConstructError: The first account that is none.
    """
    if not accounts:
        raise ConstructError(scope, None, "no account is named to read", "Name the accounts by their twelve digits.")
    for account in accounts:
        if not Token.is_unresolved(account) and not ACCOUNT.fullmatch(account):
            raise ConstructError(scope, None, f"account {account!r} is no account id", "Write its twelve digits.")
