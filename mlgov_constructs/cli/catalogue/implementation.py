"""Which constructs implement which controls, read off the constructs themselves."""

from __future__ import annotations

import ast
import inspect
import pkgutil
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from types import ModuleType

from constructs import Construct

import mlgov_constructs

# What stands beside the constructs, or below them.
WITHOUT_CONSTRUCTS = frozenset({"cli", "controls", "diagram", "evidence", "local_cloud"})
CONTROL_ID = re.compile(r"MLG-[A-Z]{3}-\d{2}")
# It takes the second key beside it.
REMOVAL = "removal_policy"
CLAIMS = frozenset({"claim", "_claim"})


@dataclass(frozen=True, slots=True)
class Implementation:
    """What a construct does for the controls.

    Attributes:
        name: The package and the class, as in ``serving.Model``.
        controls: The ids that it, or a part of it, claims.
        relaxations: The argument that relaxes a control, by the id.
    """

    name: str
    controls: frozenset[str]
    relaxations: dict[str, str]


@dataclass(slots=True)
class _Module:
    controls: set[str] = field(default_factory=set)
    relaxations: dict[str, str] = field(default_factory=dict)
    imports: set[str] = field(default_factory=set)
    constructs: dict[str, type] = field(default_factory=dict)


def implementations() -> tuple[Implementation, ...]:
    """Return every public construct that claims a control, by its name.

    A construct claims what its ``CONTROLS`` and the calls of ``claim`` in its module name. What is
    claimed by a module without a public construct counts for those whose modules import it, and
    what a base class claims for those that are derived from it.

    Example:
        >>> next(each for each in implementations() if each.name == "workspace.NotebookInstance").relaxations
        {'MLG-WSP-01': 'direct_internet_access', 'MLG-WSP-03': 'root_access'}
    """
    modules = {module.__name__: _read(module) for module in _modules()}
    found = []
    for module in modules.values():
        for name, construct in module.constructs.items():
            parts = _parts((base.__module__ for base in construct.__mro__ if base.__module__ in modules), modules)
            controls = frozenset().union(*(part.controls for part in parts))
            accepted = _accepted(construct)
            relaxations = {
                control: argument
                for part in parts
                for control, argument in part.relaxations.items()
                if argument in accepted
            }
            if controls:
                found.append(Implementation(name, controls, relaxations))
    return tuple(sorted(found, key=lambda each: each.name))


def _modules() -> Iterator[ModuleType]:
    for info in pkgutil.walk_packages(mlgov_constructs.__path__, f"{mlgov_constructs.__name__}."):
        if info.name.split(".")[1] in WITHOUT_CONSTRUCTS:
            continue
        try:
            yield import_module(info.name)
        except ModuleNotFoundError as error:
            # The source of a function may need what only AWS Lambda has.
            if (error.name or "").startswith(mlgov_constructs.__name__):
                raise


def _read(module: ModuleType) -> _Module:
    found = _Module()
    tree = ast.parse(inspect.getsource(module))
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            found.imports.add(node.module)
            found.imports.update(f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Call) and _name(node.func) in CLAIMS:
            _read_claim(node, module, found)
    for name, value in vars(module).items():
        if inspect.isclass(value) and value.__module__ == module.__name__:
            for key, ids in vars(value).items():
                found.controls.update(_controls(key, ids))
            if issubclass(value, Construct) and (public := _public_name(name, module.__name__)):
                found.constructs[public] = value
    return found


def _read_claim(call: ast.Call, module: ModuleType, found: _Module) -> None:
    for node in (inner for argument in call.args[1:] for inner in ast.walk(argument)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and CONTROL_ID.fullmatch(node.value):
            found.controls.add(node.value)
        elif isinstance(node, ast.Name):
            found.controls.update(_controls(node.id, vars(module).get(node.id)))
        elif isinstance(node, ast.Dict):
            for key, value in zip(node.keys, node.values, strict=True):
                if isinstance(key, ast.Constant) and (argument := _argument(value)):
                    found.relaxations[str(key.value)] = argument


def _argument(value: ast.expr) -> str | None:
    """The argument that a deviation comes from."""
    if isinstance(value, ast.Name):
        return value.id
    is_removal = isinstance(value, ast.Call) and _name(value.func) == "removal_relaxation"
    return REMOVAL if is_removal else None


def _parts(names: Iterable[str], modules: dict[str, _Module]) -> list[_Module]:
    """Modules, and those that they import, however far, and that have no public construct of their own."""
    found: dict[str, _Module] = {}
    waiting = list(names)
    while waiting:
        name = waiting.pop(0)
        if name not in found:
            found[name] = modules[name]
            imported = sorted(modules[name].imports & modules.keys())
            waiting.extend(each for each in imported if not modules[each].constructs)
    return list(found.values())


@cache
def _exported(package: str) -> frozenset[str]:
    return frozenset(getattr(import_module(package), "__all__", ()))


def _public_name(name: str, module: str) -> str | None:
    """The class under the highest package that exports it."""
    parts = module.split(".")
    for length in range(2, len(parts)):
        package = ".".join(parts[:length])
        if name in _exported(package):
            return ".".join([*parts[1:length], name])
    return None


def _accepted(construct: type) -> frozenset[str]:
    # The metaclass of jsii hides the signature of the class.
    return frozenset(inspect.signature(inspect.getattr_static(construct, "__init__")).parameters)


def _controls(name: str, value: object) -> tuple[str, ...]:
    return value if name.endswith("CONTROLS") and isinstance(value, tuple) else ()


def _name(function: ast.expr) -> str:
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
