"""What every section of an environment has in common."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, GetCoreSchemaHandler, GetJsonSchemaHandler, ValidationError
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, InitErrorDetails, PydanticCustomError, core_schema

Validated = TypeVar("Validated")


class Settings(BaseModel):
    """One section of an environment file.

    Values are taken as they are written (``"2"`` is no number), an unknown key is an error,
    and a section cannot be changed once it is loaded. The docstring below a field is its
    description in the JSON schema.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, use_attribute_docstrings=True)


@dataclass(frozen=True, slots=True)
class Matching:
    """A string of one shape, with words for people and the pattern for the JSON schema.

    Attributes:
        pattern: The regular expression that the whole string must match.
        allowed: What is allowed, to follow "must be".

    Example:
        >>> from typing import Annotated
        >>> from pydantic import TypeAdapter
        >>> Account = Annotated[str, Matching("[0-9]{12}", "an AWS account number of 12 digits")]
        >>> TypeAdapter(Account).validate_python("123456789012")
        '123456789012'
    """

    pattern: str
    allowed: str

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(self._check, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {**handler(schema), "pattern": f"^(?:{self.pattern})$"}

    def _check(self, value: str) -> str:
        if not re.fullmatch(self.pattern, value):
            msg = f"must be {self.allowed}"
            raise ValueError(msg)
        return value


@dataclass(frozen=True, slots=True)
class Refusal:
    """A value that may be right by itself and is wrong beside others.

    Attributes:
        value: The value found.
        message: What is allowed.
        location: Where it is, from the validated value down.
    """

    value: object
    message: str
    location: tuple[str | int, ...] = ()


def validate_and_refuse(handler: Callable[[Any], Validated], value: object, refusals: list[Refusal]) -> Validated:
    """Validate a value, and report its own problems together with the refusals.

    Pydantic skips a check that follows an error, and a user would meet the problems one
    after the other.

    Args:
        handler: What validates the value by itself.
        value: The value as it was read.
        refusals: What is wrong with it beside others.

    Returns:
        The validated value.

    Raises:
        ValidationError: There is a problem or a refusal.
    """
    details = [_detail("refused", refusal.message, refusal.location, refusal.value) for refusal in refusals]
    try:
        validated = handler(value)
    except ValidationError as error:
        own = [_detail(e["type"], e["msg"], e["loc"], e["input"]) for e in error.errors()]
        raise ValidationError.from_exception_data("settings", [*own, *details]) from None
    if details:
        raise ValidationError.from_exception_data("settings", details)
    return validated


def validate_named_once(names: object, handler: Callable[[Any], Validated]) -> Validated:
    """Validate a list, and refuse what it names twice; for a ``WrapValidator``.

    Args:
        names: The list as it was read.
        handler: What validates the list by itself.

    Returns:
        The validated list.

    Raises:
        ValidationError: There is a problem, or a name stands there twice.
    """
    listed = names if isinstance(names, tuple) else ()
    refusals = [
        Refusal(name, "is named twice", (position,))
        for position, name in enumerate(listed)
        if name in listed[:position]
    ]
    return validate_and_refuse(handler, names, refusals)


def suggestion(word: str, known: Iterable[str]) -> str:
    """Say which known word was probably meant.

    Args:
        word: The word found.
        known: The words that exist.

    Returns:
        ``"; did you mean 'x'?"``, or nothing when no word is close.

    Example:
        >>> suggestion("ciddr", ["cidr", "ipam"])
        "; did you mean 'cidr'?"
    """
    close = get_close_matches(word, known, n=1)
    return f"; did you mean {close[0]!r}?" if close else ""


def _detail(kind: str, message: str, location: tuple[str | int, ...], value: object) -> InitErrorDetails:
    # The message goes in as a value: a brace in it must not be read as a placeholder.
    error = PydanticCustomError(kind, "{message}", {"message": message})
    return InitErrorDetails(type=error, loc=location, input=value)
