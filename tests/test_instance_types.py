"""The table of machines agrees with EC2's own description of them, and with SageMaker's lists of types."""

from __future__ import annotations

import functools
import gzip
import json
from pathlib import Path
from typing import Any

import botocore.session
import moto.ec2
import pytest

from mlgov_constructs.identity.sagemaker_guardrails import LOCAL_STORAGE_INSTANCE_TYPES
from mlgov_constructs.instance_types import (
    has_efa,
    has_local_storage,
    instance_kind,
    instance_kinds,
    runs_data_parallel,
    size_of,
)

# EC2's description of types that SageMaker alone names, or that are gone.
UNDESCRIBED = ("ml.p2.", "ml.p3.", "ml.p6e-gb200.", "ml.dl1.", "ml.m4.", "ml.c4.")


@functools.cache
def described() -> dict[str, Any]:
    """What DescribeInstanceTypes answers."""
    file = Path(moto.ec2.__file__).parent / "resources" / "instance_types.json.gz"
    found: dict[str, Any] = json.loads(gzip.decompress(file.read_bytes()))
    return found


@functools.cache
def types(shape: str) -> frozenset[str]:
    """The instance types that SageMaker's API takes."""
    return frozenset(botocore.session.get_session().get_service_model("sagemaker").shape_for(shape).enum)


TRAINING, SERVING = types("TrainingInstanceType"), types("ProductionVariantInstanceType")
DESCRIBED = sorted(
    kind for kind in TRAINING | SERVING if not kind.startswith(UNDESCRIBED) and kind.removeprefix("ml.") in described()
)


def test_nearly_every_type_is_described() -> None:
    missing = {kind for kind in TRAINING if not kind.startswith(UNDESCRIBED)} - set(DESCRIBED)
    assert missing == set()
    assert len(DESCRIBED) > 200


@pytest.mark.parametrize("instance_type", DESCRIBED)
def test_disks_and_adapters_are_those_of_ec2(instance_type: str) -> None:
    machine = described()[instance_type.removeprefix("ml.")]
    assert has_local_storage(instance_type) is machine["InstanceStorageSupported"]
    if instance_type in TRAINING:
        assert has_efa(instance_type) is machine["NetworkInfo"]["EfaSupported"]
    assert instance_kind(instance_type).spot is ("spot" in machine["SupportedUsageClasses"])


@pytest.mark.parametrize("instance_type", DESCRIBED)
def test_accelerators_are_those_of_ec2(instance_type: str) -> None:
    machine = described()[instance_type.removeprefix("ml.")]
    expected = "gpu" if "GpuInfo" in machine else None
    if "NeuronInfo" in machine:
        expected = "neuron"
    assert instance_kind(instance_type).accelerator == expected


def test_what_only_serves_is_what_the_api_takes_for_no_job() -> None:
    refused = {kind for kind in TRAINING if not instance_kind(kind).jobs}
    assert refused == set()
    only_serving = {kind for kind in SERVING if kind not in TRAINING and not _is_in_a_family_of(kind, TRAINING)}
    assert {kind for kind in only_serving if instance_kind(kind).jobs} == set()


def _is_in_a_family_of(instance_type: str, known: frozenset[str]) -> bool:
    return any(other.rsplit(".", 1)[0] == instance_type.rsplit(".", 1)[0] for other in known)


@pytest.mark.parametrize(
    ("instance_type", "runs"),
    [
        ("ml.p3.16xlarge", True),
        ("ml.p3.2xlarge", False),
        ("ml.p3dn.24xlarge", True),
        ("ml.p4d.24xlarge", True),
        ("ml.p4de.24xlarge", True),
        ("ml.p5.48xlarge", False),
        ("ml.m5.xlarge", False),
    ],
)
def test_the_data_parallel_library_runs_where_aws_says(instance_type: str, runs: bool) -> None:
    assert runs_data_parallel(instance_type) is runs


def test_the_sizes_in_the_table_exist() -> None:
    sizes = {size_of(kind) for kind in TRAINING | SERVING}
    for kind in instance_kinds():
        assert set(kind.efa) | set(kind.data_parallel) <= sizes, kind.pattern


def test_reserved_machines_have_no_spot() -> None:
    assert [kind.pattern for kind in instance_kinds() if not kind.spot] == ["ml.p6e-*"]


def test_the_guardrails_know_what_takes_no_key() -> None:
    # The order is that of published templates, which do not change.
    assert (
        tuple(kind.pattern for kind in instance_kinds() if kind.local_storage and kind.guarded)
        == LOCAL_STORAGE_INSTANCE_TYPES
    )
    unknown = {kind for kind in TRAINING if has_local_storage(kind) and not instance_kind(kind).guarded}
    assert {kind.split(".")[1] for kind in unknown} == {"g7", "g7e", "p6-b200", "p6-b300", "p6e-gb200"}
