"""How the processes of a training job share the work."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from mlgov_constructs.argument_types import checked_arguments
from mlgov_constructs.instance_types import has_efa, instance_kind, runs_data_parallel
from mlgov_constructs.steps.pipeline_step import Problem

# What libfabric needs to know, of https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/efa-start-nccl.html
EFA_ENVIRONMENT = {"FI_PROVIDER": "efa"}


@checked_arguments
@dataclass(frozen=True, kw_only=True)
class Distribution:
    """How the processes of a training job share the work; SageMaker's toolkit in the image starts them.

    Made by :meth:`torchrun`, :meth:`mpi`, :meth:`parameter_server`, :meth:`mirrored`,
    :meth:`data_parallel` and :meth:`model_parallel`.

    Attributes:
        strategy: The name of the strategy.
        parameters: The hyperparameters that ask the toolkit for it.
        names_machine: Whether the toolkit must be told the type of the machines.
        efa: Whether traffic goes over Elastic Fabric Adapters.
        instance_group: The group of machines that it applies to, in a job of several groups.

    Source: https://docs.aws.amazon.com/sagemaker/latest/dg/distributed-training.html

    Example:
        >>> Distribution.torchrun().hyperparameters("ml.g5.12xlarge")["sagemaker_torch_distributed_enabled"]
        'true'
    """

    strategy: str
    parameters: Mapping[str, str] = field(default_factory=dict)
    names_machine: bool = False
    efa: bool = False
    instance_group: str | None = None

    @classmethod
    def torchrun(cls, *, efa: bool = False) -> Distribution:
        """PyTorch's own launcher, on CPUs, GPUs and Trainium.

        Args:
            efa: Whether traffic goes over Elastic Fabric Adapters.
        """
        enabled = {"sagemaker_torch_distributed_enabled": "true"}
        return cls(strategy="torchrun", parameters=enabled, names_machine=True, efa=efa)

    @classmethod
    def mpi(cls, *, processes_per_host: int | None = None, options: str = "", efa: bool = False) -> Distribution:
        """MPI, for Horovod among others.

        Args:
            processes_per_host: How many processes a machine runs; one a GPU when omitted.
            options: More options of ``mpirun``.
            efa: Whether traffic goes over Elastic Fabric Adapters.
        """
        enabled = {"sagemaker_mpi_enabled": "true"}
        if processes_per_host is not None:
            enabled["sagemaker_mpi_num_of_processes_per_host"] = str(processes_per_host)
        if options:
            enabled["sagemaker_mpi_custom_mpi_options"] = options
        return cls(strategy="MPI", parameters=enabled, efa=efa)

    @classmethod
    def parameter_server(cls) -> Distribution:
        """TensorFlow's parameter servers."""
        return cls(strategy="parameter server", parameters={"sagemaker_parameter_server_enabled": "true"})

    @classmethod
    def mirrored(cls) -> Distribution:
        """TensorFlow's ``MultiWorkerMirroredStrategy``."""
        enabled = {"sagemaker_multi_worker_mirrored_strategy_enabled": "true"}
        return cls(strategy="multi-worker mirrored", parameters=enabled, names_machine=True)

    @classmethod
    def data_parallel(cls) -> Distribution:
        """SageMaker's data parallel library, which runs on a few types of machines only."""
        enabled = {"sagemaker_distributed_dataparallel_enabled": "true"}
        return cls(strategy="data parallel", parameters=enabled, names_machine=True)

    @classmethod
    def model_parallel(cls, parameters: Mapping[str, str | float], *, efa: bool = False) -> Distribution:
        """SageMaker's model parallel library, version 2, started by ``torchrun``.

        Args:
            parameters: Of the library, for example ``{"hybrid_shard_degree": 8}``.
            efa: Whether traffic goes over Elastic Fabric Adapters.
        """
        enabled = {
            "mp_parameters": json.dumps(dict(parameters), sort_keys=True),
            "sagemaker_torch_distributed_enabled": "true",
        }
        return cls(strategy="model parallel", parameters=enabled, names_machine=True, efa=efa)

    def on(self, instance_group: str) -> Distribution:
        """Return the same for one group of machines of a job of several groups.

        Args:
            instance_group: The name of the group.
        """
        return replace(self, instance_group=instance_group)

    def hyperparameters(self, instance_type: Any) -> dict[str, Any]:
        """Return the hyperparameters that ask the toolkit for it.

        Args:
            instance_type: The type of the machines, or a parameter.
        """
        group = (
            {}
            if self.instance_group is None
            else {"sagemaker_distribution_instance_groups": json.dumps([self.instance_group])}
        )
        machine = {"sagemaker_instance_type": instance_type} if self.names_machine else {}
        return {**self.parameters, **machine, **group}

    def environment(self) -> dict[str, str]:
        """Return the environment variables that it needs."""
        return dict(EFA_ENVIRONMENT) if self.efa else {}

    def problems(self, where: str, instance_type: str) -> Iterator[Problem]:
        """Yield what machines of a type cannot do of it.

        Args:
            where: The step, for messages.
            instance_type: The type of the machines.
        """
        if self.efa and not has_efa(instance_type):
            yield Problem(
                f"{where} uses Elastic Fabric Adapters, which {instance_type} has not",
                f"Use {_efa_fix(instance_type)}, or leave efa out.",
            )
        if self.strategy == "data parallel" and not runs_data_parallel(instance_type):
            yield Problem(
                f"{where} uses SageMaker's data parallel library, which does not run on {instance_type}",
                "Use ml.p4d.24xlarge or ml.p4de.24xlarge, or Distribution.torchrun().",
            )
        if self.strategy == "model parallel" and instance_kind(instance_type).accelerator != "gpu":
            yield Problem(
                f"{where} uses SageMaker's model parallel library, and {instance_type} has no GPU of NVIDIA",
                "Use a type with GPUs, for example ml.p4d.24xlarge.",
            )


def _efa_fix(instance_type: str) -> str:
    family, sizes = instance_type.rsplit(".", 1)[0], instance_kind(instance_type).efa
    if not sizes:
        return "a type that has them, for example ml.g5.48xlarge"
    return " or ".join(f"{family}.{size}" for size in sizes)
