"""Reads the file of an environment or an organization, and reports everything that is wrong with it at once."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from stacks.environment.environment import Environment
from stacks.environment.organization import Organization
from stacks.environment.settings import Settings, suggestion
from stacks.environment.yaml_document import Location, Problem, YamlDocument

SettingsT = TypeVar("SettingsT", bound=Settings)

# What Pydantic says in the words of Python, as somebody who writes YAML knows it.
OF_ANOTHER_KIND = {
    "bool_type": "must be true or false",
    "dict_type": "must be keys with values",
    "float_type": "must be a number",
    "int_from_float": "must be a whole number",
    "int_type": "must be a whole number",
    "mapping_type": "must be keys with values",
    "model_type": "must be keys with values; leave out a section that has none",
    "string_type": "must be text; write a number or a date in quotes",
    "tuple_type": "must be a list",
}
PLAIN_WORDS = (
    (r"^Value error, ", ""),
    (r"^Input should be", "must be"),
    (r"^(Tuple|String|Mapping|Data) should have", "must have"),
    (r" after validation,", ","),
)


class EnvironmentFileError(ValueError):
    """The file of an environment or an organization cannot be used: every problem, each with its line.

    Args:
        path: The file.
        problems: What is wrong with it.

    Example:
        >>> print(EnvironmentFileError("x.yaml", [Problem(3, ("cost", "notify", 0), "found 'a'; must be an e-mail")]))
        x.yaml:3: cost.notify[0]: found 'a'; must be an e-mail
    """

    def __init__(self, path: str | Path, problems: list[Problem]) -> None:
        self.path = path
        self.problems = tuple(sorted(problems, key=lambda problem: problem.line))
        super().__init__("\n".join(f"{path}:{problem.line}: {_sentence(problem)}" for problem in self.problems))


def load_environment(path: str | Path) -> Environment:
    """Load an environment from its YAML file.

    Args:
        path: The file.

    Returns:
        The environment, complete and checked.

    Raises:
        EnvironmentFileError: The file is missing, is no YAML or says something that is not
            allowed. The message is complete and meant for people; print it and end.

    Example:
        >>> load_environment("environments/sandbox.yaml").network.availability_zones
        2
    """
    return _load(path, Environment, "environments/sandbox.yaml")


def load_organization(path: str | Path) -> Organization:
    """Load what an organization holds its accounts to from its YAML file.

    Args:
        path: The file.

    Returns:
        The settings, complete and checked.

    Raises:
        EnvironmentFileError: As :func:`load_environment` does.

    Example:
        >>> load_organization("environments/organization.yaml").organization_id
        'o-exampleorg1'
    """
    return _load(path, Organization, "environments/organization.yaml")


def _load(path: str | Path, model: type[SettingsT], example: str) -> SettingsT:
    try:
        text = Path(path).read_text(encoding="utf-8")
    except OSError as error:
        raise EnvironmentFileError(path, [Problem(1, (), f"cannot be read: {error.strerror}")]) from error
    except UnicodeDecodeError as error:
        raise EnvironmentFileError(path, [Problem(1, (), "cannot be read: it is not UTF-8 text")]) from error
    document = YamlDocument(text)
    if document.value is None and not document.problems:
        document.problems.append(Problem(1, (), f"is empty; start from {example}"))
    if document.value is None:
        raise EnvironmentFileError(path, document.problems)
    try:
        settings = model.model_validate(document.value)
    except ValidationError as error:
        errors = error.errors()
        problems = [_problem(details, document, model) for details in errors if not _follows(details, errors)]
        raise EnvironmentFileError(path, [*document.problems, *problems]) from None
    if document.problems:
        raise EnvironmentFileError(path, document.problems)
    return settings


def _follows(details: ErrorDetails, errors: Sequence[ErrorDetails]) -> bool:
    """Whether a list is too short only without its items that are wrong, which Pydantic does not count."""
    location = details["loc"]
    return details["type"] == "too_short" and any(
        location == each["loc"][: len(location)] and len(each["loc"]) > len(location) for each in errors
    )


def _sentence(problem: Problem) -> str:
    place = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in problem.location)
    return f"{place.removeprefix('.')}: {problem.message}" if place else problem.message


def _problem(details: ErrorDetails, document: YamlDocument, model: type[Settings]) -> Problem:
    # Pydantic marks a wrong key of a mapping with a location of its own below the value.
    location: Location = tuple(part for part in details["loc"] if part != "[key]")
    return Problem(document.line(location), location, _message(details, location, model))


def _message(details: ErrorDetails, location: Location, model: type[Settings]) -> str:
    fields = _fields_around(location, model)
    if details["type"] == "missing":
        description = fields[str(location[-1])].description or ""
        return f"is missing; {description[:1].lower()}{description[1:]}"
    if details["type"] == "extra_forbidden":
        return f"is no known key{suggestion(str(location[-1]), fields)} Known here: {', '.join(fields)}"
    message = OF_ANOTHER_KIND.get(details["type"], details["msg"])
    for technical, plain in PLAIN_WORDS:
        message = re.sub(technical, plain, message)
    found = _found(details["input"])
    return f"{found}; {message}" if found else message


def _found(value: object) -> str:
    """The value in the words of the file; nothing for a section, which would only repeat the file."""
    if value is None:
        return "found nothing"
    if isinstance(value, bool):
        return f"found {str(value).lower()}"
    if isinstance(value, (Mapping, BaseModel)):
        return ""
    return f"found {list(value) if isinstance(value, tuple) else value!r}"


def _fields_around(location: Location, model: type[BaseModel]) -> dict[str, FieldInfo]:
    """The fields of the section in which a location lies, from the model of the file down."""
    for part in location[:-1]:
        if str(part) in model.model_fields:
            model = next(_models(model.model_fields[str(part)].annotation), model)
    return model.model_fields


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in get_args(annotation):
        yield from _models(argument)
