"""The form of an e-mail address."""

from __future__ import annotations

import re

from constructs import Construct

from mlgov_constructs.errors import ConstructError

EMAIL = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+")


def check_email(scope: Construct, construct_id: str, argument: str, value: str | None) -> None:
    """Refuse what is no e-mail address.

    Args:
        scope: The construct in whose scope the address is used.
        construct_id: The id of the construct that was given the address.
        argument: The name of the argument.
        value: The address, or ``None``.

    Raises:
        ConstructError: The value has another form.
    """
    if value is not None and not EMAIL.fullmatch(value):
        raise ConstructError(
            scope, construct_id, f"{argument} {value!r} is no e-mail address", "Write it as in 'ml@example.com'."
        )
