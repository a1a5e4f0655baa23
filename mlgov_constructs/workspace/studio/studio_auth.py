"""How people come into a Studio domain."""

from __future__ import annotations

from enum import StrEnum


class StudioAuth(StrEnum):
    """The authentication of a Studio domain; it can never be changed.

    Example:
        >>> StudioAuth.IDENTITY_CENTER.value
        'SSO'
    """

    IAM = "IAM"
    """A role of IAM opens Studio by a presigned URL."""

    IDENTITY_CENTER = "SSO"
    """People sign in at IAM Identity Center, which must be in the domain's region."""
