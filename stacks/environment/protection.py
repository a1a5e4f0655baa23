"""Keys and data protection of an environment."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, ValidationInfo, field_validator

from stacks.environment.settings import Settings
from stacks.environment.values import RoleReference


class ObjectLockSettings(Settings):
    """Objects that cannot be overwritten or deleted for a time."""

    mode: Literal["governance", "compliance"]
    """`governance` can be lifted by a permission of its own, `compliance` by nobody until the days are over."""

    days: Annotated[int, Field(ge=1, le=36500)]
    """Days that an object version is locked, 1 to 36500."""


class ProtectionSettings(Settings):
    """Who administers keys and data, and how hard it is to lose them."""

    key_administrators: tuple[RoleReference, ...] = ()
    """Roles that administer the keys without any use of them; the account's IAM policies alone when empty."""

    data_administrators: tuple[RoleReference, ...] = ()
    """Roles that the perimeter of the buckets lets through from outside, to repair or empty them."""

    key_deletion_days: Annotated[int, Field(ge=7, le=30)] = 30
    """Days from the order to delete a key to its deletion, 7 to 30."""

    object_lock: ObjectLockSettings | None = None
    """Lock of the objects in the log archive; none when absent. It costs what the kept versions cost."""

    allow_data_removal: Annotated[bool, Field(validate_default=True)] = False
    """One of two keys: data is removed with its stack only with the context `mlgov:allowDataRemoval=true` as well."""

    @field_validator("allow_data_removal")
    @classmethod
    def _removal_is_possible(cls, allowed: bool, info: ValidationInfo) -> bool:
        lock = info.data.get("object_lock")
        if allowed and lock is not None and lock.mode == "compliance":
            msg = "must be false with an object lock in compliance mode: nobody can remove such objects"
            raise ValueError(msg)
        return allowed
