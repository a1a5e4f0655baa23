"""Refuses arguments of a wrong type before anything is made of them, and leaves nothing half-made.

A type checker finds them first. Without one, a text in place of a key would end in an error from within, and in
half a construct; and a text in place of a list of texts, which no type checker finds, in a list of its letters.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import is_dataclass
from enum import Enum
from types import NoneType, UnionType
from typing import Any, NamedTuple, TypeVar, Union, get_args, get_origin, get_type_hints

from aws_cdk import Duration, Size
from constructs import Construct

from mlgov_constructs.errors import ConstructError

Checked = TypeVar("Checked")
Quantity = Duration | Size
# Numbers that are tokens lie far below every other.
LEAST_NUMBER = -1e200
LONGEST_VALUE = 60
PACKAGE = f"{__package__}."
NOUNS = {str: "text", int: "whole number", float: "number", bool: "True or False"}


class _Problem(NamedTuple):
    problem: str
    fix: str


def checked_arguments(cls: type[Checked]) -> type[Checked]:
    """Let a class refuse arguments of other types than those in its signature.

    Numbers, durations and sizes that are tokens are refused as well: what is checked and reckoned
    with when the app is synthesized must be known then. A construct that fails later is taken out of
    the tree again.

    Args:
        cls: A construct, whose error is a ``ConstructError``, or a class of settings, whose error is a
            ``ValueError``.

    Example:
        >>> from dataclasses import dataclass
        >>> @checked_arguments
        ... @dataclass(frozen=True)
        ... class Share:
        ...     percentage: int
        >>> Share("half")
        Traceback (most recent call last):
        ...
        ValueError: Share: percentage is 'half'. Give a whole number.
    """
    return _checked(cls, quantities=(Duration, Size))


def checked_step(cls: type[Checked]) -> type[Checked]:
    """Do the same for a step of a pipeline, whose durations the form of a product may give.

    Args:
        cls: The step.
    """
    return _checked(cls, quantities=())


def _checked(cls: type[Checked], *, quantities: tuple[type[Quantity], ...]) -> type[Checked]:
    init: Callable[..., None] = cls.__init__
    names = list(inspect.signature(init).parameters)[1:]

    @functools.wraps(init)
    def checked(self: Any, *args: Any, **kwargs: Any) -> None:
        # The fields of a dataclass are read where each of them was declared.
        hints = _hints(cls if is_dataclass(cls) else init)
        given = {**dict(zip(names, args, strict=False)), **kwargs}
        for name, value in given.items():
            # One that is unknown or missing has a message of Python's own.
            problem = _problem(name, value, hints[name], quantities) if name in hints else None
            if problem is not None:
                raise _error(cls, given, problem)
        try:
            init(self, *args, **kwargs)
        except Exception:
            _remove(self, given)
            raise

    cls.__init__ = checked  # type: ignore[method-assign]
    return cls


def is_number_token(value: object) -> bool:
    """Tell whether a number is a token, without a call into the CDK.

    Args:
        value: Any value.

    Example:
        >>> is_number_token(3)
        False
    """
    return isinstance(value, int | float) and not isinstance(value, bool) and value < LEAST_NUMBER


@functools.cache
def _hints(declared: Callable[..., Any]) -> dict[str, Any]:
    return get_type_hints(declared)


def _error(cls: type, given: Mapping[str, Any], problem: _Problem) -> ValueError:
    scope, construct_id = given.get("scope"), given.get("construct_id")
    if isinstance(scope, Construct):
        return ConstructError(scope, construct_id if isinstance(construct_id, str) else None, *problem)
    return ValueError(f"{cls.__name__}: {problem.problem}. {problem.fix}")


def _remove(made: Any, given: Mapping[str, Any]) -> None:
    """Take what could not be finished out of the tree, so that whoever goes on deploys no half of it."""
    scope, construct_id = given.get("scope"), given.get("construct_id")
    if not (isinstance(made, Construct) and isinstance(scope, Construct) and isinstance(construct_id, str)):
        return
    # Where the id was taken, it is that of another construct.
    if scope.node.try_find_child(construct_id) is made:
        scope.node.try_remove_child(construct_id)


def _problem(name: str, value: Any, hint: Any, quantities: tuple[type[Quantity], ...]) -> _Problem | None:
    if hint is not Any and _is_known_later(value, quantities):
        return _Problem(
            f"{name} is a token, which only the deployment knows", "Give a value: it is checked at synthesis."
        )
    return None if _fits(value, hint) else _Problem(f"{name} is {_found(value)}", f"Give {_wanted(hint)}.")


def _is_known_later(value: Any, quantities: tuple[type[Quantity], ...]) -> bool:
    if isinstance(value, list | tuple):
        return any(map(is_number_token, value))
    return is_number_token(value) or (isinstance(value, quantities) and value.is_unresolved())


def _fits(value: Any, hint: Any) -> bool:
    origin, parts = get_origin(hint), get_args(hint)
    if origin in (Union, UnionType):
        return any(_fits(value, part) for part in parts)
    if not isinstance(origin, type):
        return origin is not None or _is_a(value, hint)
    if issubclass(origin, Mapping):
        return isinstance(value, Mapping) and all(
            _fits(key, parts[0]) and _fits(item, parts[1]) for key, item in value.items()
        )
    return _holds(value, origin, parts) if issubclass(origin, Iterable) else isinstance(value, origin)


def _holds(value: Any, kind: type, parts: tuple[Any, ...]) -> bool:
    """Whether a list, or what is like one, holds what it should; a text is none of its letters."""
    if isinstance(value, str | bytes | Mapping) or not isinstance(value, Iterable):
        return False
    if not isinstance(value, Collection):
        # It can be read once, and not here.
        return kind is Iterable
    if kind is tuple and Ellipsis not in parts:
        return len(value) == len(parts) and all(map(_fits, value, parts))
    return all(_fits(item, parts[0]) for item in value)


def _is_a(value: Any, kind: Any) -> bool:
    if kind is Any or not isinstance(kind, type):
        return True
    if kind in (int, float):
        numbers = (int, float) if kind is float else (int,)
        return isinstance(value, numbers) and not isinstance(value, bool)
    if getattr(kind, "_is_protocol", False):
        return _has_members(value, kind)
    return isinstance(value, kind)


def _has_members(value: Any, protocol: type) -> bool:
    """Whether a value has what an interface promises; asking the object itself would run its properties."""
    # What the CDK returns by its interfaces alone is one object of jsii for all of them.
    parts = (value, *getattr(value, "__dict__", {}).get("_delegates", ()))
    known = {name for part in parts for name in (*_names(part.__class__), *getattr(part, "__dict__", ()))}
    return known.issuperset(_names(protocol))


@functools.cache
def _names(kind: type) -> frozenset[str]:
    return frozenset(name for name in dir(kind) if not name.startswith("_"))


def _found(value: Any) -> str:
    if isinstance(value, Construct):
        return f"the {type(value).__name__} {value.node.path}"
    if value is None or isinstance(value, str | bytes | int | float | Enum | list | tuple | dict):
        text = repr(value)
        return text if len(text) <= LONGEST_VALUE else f"{text[:LONGEST_VALUE]}..."
    # What the CDK imports has its interfaces for types.
    parts = getattr(value, "__dict__", {}).get("_delegates", (value,))
    names = [type(part).__name__.strip("_").removesuffix("Proxy") for part in parts]
    return _with_article(" and ".join(name for name in names if name != "Resource"))


def _wanted(hint: Any) -> str:
    parts = get_args(hint) if get_origin(hint) in (Union, UnionType) else (hint,)
    wanted = " or ".join(_with_article(_noun(part)) for part in parts if part is not NoneType)
    return f"{wanted}, or leave it out" if NoneType in parts else wanted


def _noun(hint: Any) -> str:
    origin, parts = get_origin(hint), get_args(hint)
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return f"mapping from {_noun(parts[0])} to {_noun(parts[1])}"
    if isinstance(origin, type) and issubclass(origin, Iterable) and (origin is not tuple or Ellipsis in parts):
        return f"list of {_noun(parts[0])}"
    if origin in (Union, UnionType):
        return " or ".join(_noun(part) for part in parts)
    noun = NOUNS.get(hint) or str(getattr(hint, "__name__", hint))
    # An interface of this library says what has it; those of the CDK are known.
    told = inspect.getdoc(hint) if str(getattr(hint, "__module__", "")).startswith(PACKAGE) else None
    return f"{noun} ({told.splitlines()[0].rstrip('.')})" if told and getattr(hint, "_is_protocol", False) else noun


def _with_article(noun: str) -> str:
    if noun == NOUNS[bool]:
        return noun
    return f"{'an' if noun[0] in 'AEIOUaeiou' else 'a'} {noun}"
