"""Whose principals and whose resources an environment trusts."""

from __future__ import annotations

import re
from dataclasses import dataclass

from mlgov_constructs.aws_tokens import aws_tokens

ORGANIZATION_ID = re.compile(r"o-[a-z0-9]{10,32}")


@dataclass(frozen=True, slots=True)
class Perimeter:
    """The account, or the organisation when one is named.

    Attributes:
        organization_id: The id of the AWS organisation, ``o-...``; the account alone when ``None``.

    Raises:
        ValueError: The id is not one of an organisation.

    Example:
        >>> Perimeter("o-exampleorg1").principals
        {'aws:PrincipalOrgID': 'o-exampleorg1'}
    """

    organization_id: str | None = None

    def __post_init__(self) -> None:
        if self.organization_id is not None and not ORGANIZATION_ID.fullmatch(self.organization_id):
            msg = f"organization_id {self.organization_id!r} is none. It looks like o-a1b2c3d4e5 (o- and 10 to 32)."
            raise ValueError(msg)

    @property
    def principals(self) -> dict[str, str]:
        """The condition that a caller lies in the perimeter."""
        if self.organization_id:
            return {"aws:PrincipalOrgID": self.organization_id}
        return {"aws:PrincipalAccount": aws_tokens().account}

    @property
    def resources(self) -> dict[str, str]:
        """The condition that the resource called lies in the perimeter."""
        if self.organization_id:
            return {"aws:ResourceOrgID": self.organization_id}
        return {"aws:ResourceAccount": aws_tokens().account}
