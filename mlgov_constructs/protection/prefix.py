"""What may be the prefix of something in a bucket."""

from __future__ import annotations


def check_prefix(what: str, prefix: str | None, example: str) -> None:
    """Raise when a prefix is empty, so that it would be the whole bucket, or an address.

    Args:
        what: What lies there, for the message.
        prefix: The prefix; one that is left out has a default of its own.
        example: A prefix that can be used.

    Raises:
        ValueError: It cannot be used.

    Example:
        >>> check_prefix("A batch", "churn/batch", "churn/batch/input")
    """
    if prefix is None:
        return
    if not prefix.strip("/"):
        msg = f"{what} without a prefix would be the whole bucket. Give one, as in {example}."
        raise ValueError(msg)
    if "://" in prefix:
        msg = f"{what} has the prefix {prefix!r}, which is an address. Give the bucket, and the prefix in it."
        raise ValueError(msg)
