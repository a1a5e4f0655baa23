"""What the machines of SageMaker can do and cannot: one table for jobs, endpoints and guardrails."""

from __future__ import annotations

import fnmatch
import functools
import tomllib
from dataclasses import dataclass
from importlib import resources
from typing import Any


@dataclass(frozen=True, slots=True)
class InstanceKind:
    """What the machines of one kind can do.

    Attributes:
        pattern: The pattern of their types, with ``ml.`` and ``*``.
        local_storage: Whether their disk is one of the host, for which SageMaker takes no key.
        accelerator: ``gpu``, ``neuron``, or ``None`` for machines with CPUs only.
        efa: The sizes with an Elastic Fabric Adapter.
        data_parallel: The sizes that SageMaker's data parallel library runs on.
        spot: Whether EC2 has machines to spare, to be taken back.
        jobs: Whether SageMaker offers them for jobs, and not for serving alone.
        guarded: Whether the guardrails of roles know that they take no key.

    Example:
        >>> instance_kind("ml.p4d.24xlarge").accelerator
        'gpu'
    """

    pattern: str
    local_storage: bool = False
    accelerator: str | None = None
    efa: tuple[str, ...] = ()
    data_parallel: tuple[str, ...] = ()
    spot: bool = True
    jobs: bool = True
    guarded: bool = True


@functools.cache
def instance_kinds() -> tuple[InstanceKind, ...]:
    """Return the kinds that differ from a machine with CPUs and a volume; of those that fit, the first counts."""
    text = resources.files(__package__).joinpath("instance_types.toml").read_text(encoding="utf-8")
    return tuple(_kind(pattern, told) for pattern, told in tomllib.loads(text).items())


def instance_kind(instance_type: str) -> InstanceKind:
    """Return what the machines of a type can do; one that is not known has CPUs and a volume.

    Args:
        instance_type: The type, with ``ml.``.

    Example:
        >>> instance_kind("ml.m5.xlarge").efa
        ()
    """
    fitting = (kind for kind in instance_kinds() if fnmatch.fnmatchcase(instance_type, kind.pattern))
    return next(fitting, InstanceKind(instance_type))


def has_local_storage(instance_type: str) -> bool:
    """Tell whether machines of a type have disks of their host, for which SageMaker takes no key.

    Args:
        instance_type: The type, with ``ml.``.

    Example:
        >>> has_local_storage("ml.g5.xlarge"), has_local_storage("ml.m5.large")
        (True, False)
    """
    return instance_kind(instance_type).local_storage


def has_efa(instance_type: str) -> bool:
    """Tell whether machines of a type have an Elastic Fabric Adapter.

    Args:
        instance_type: The type, with ``ml.``.

    Example:
        >>> has_efa("ml.g5.8xlarge"), has_efa("ml.g5.xlarge")
        (True, False)
    """
    return size_of(instance_type) in instance_kind(instance_type).efa


def runs_data_parallel(instance_type: str) -> bool:
    """Tell whether SageMaker's data parallel library runs on machines of a type.

    Args:
        instance_type: The type, with ``ml.``.

    Example:
        >>> runs_data_parallel("ml.p4d.24xlarge"), runs_data_parallel("ml.p5.48xlarge")
        (True, False)
    """
    return size_of(instance_type) in instance_kind(instance_type).data_parallel


def size_of(instance_type: str) -> str:
    """Return the size in a type.

    Args:
        instance_type: The type.

    Example:
        >>> size_of("ml.p6-b200.48xlarge")
        '48xlarge'
    """
    return instance_type.rsplit(".", 1)[-1]


def _kind(pattern: str, told: dict[str, Any]) -> InstanceKind:
    efa, data_parallel = (tuple(told.pop(name, ())) for name in ("efa", "data_parallel"))
    return InstanceKind(pattern, efa=efa, data_parallel=data_parallel, **told)
