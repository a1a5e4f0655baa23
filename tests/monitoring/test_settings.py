from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3

from mlgov_constructs.monitoring import (
    Baseline,
    BatchTransformInput,
    DatasetFormat,
    DriftThreshold,
    EndpointInput,
    GroundTruth,
    ICapturedData,
    MonitoringResources,
    MonitorSchedule,
)
from mlgov_constructs.serving import DataCapture, EndpointBase


@pytest.mark.parametrize(
    ("schedule", "expression", "seconds"),
    [
        (MonitorSchedule.hourly(), "cron(0 * ? * * *)", 3600),
        (MonitorSchedule.daily(), "cron(0 3 ? * * *)", 86400),
        (MonitorSchedule.daily(23), "cron(0 23 ? * * *)", 86400),
        (MonitorSchedule.every(6), "cron(0 0/6 ? * * *)", 21600),
        (MonitorSchedule.every(12, start=17), "cron(0 17/12 ? * * *)", 43200),
        (MonitorSchedule("cron(0 07 ? * * *)"), "cron(0 07 ? * * *)", 86400),
    ],
)
def test_a_schedule_is_one_that_sagemaker_reads(schedule: MonitorSchedule, expression: str, seconds: int) -> None:
    assert schedule.to_properties() == {"scheduleExpression": expression}
    assert schedule.seconds == seconds


def test_now_has_a_window() -> None:
    once = MonitorSchedule.once(cdk.Duration.hours(6))
    assert once.to_properties() == {
        "scheduleExpression": "NOW",
        "dataAnalysisStartTime": "-PT6H",
        "dataAnalysisEndTime": "-PT0H",
    }
    assert once.seconds == 86400


@pytest.mark.parametrize(
    "expression",
    [
        "cron(30 3 ? * * *)",
        "cron(0 24 ? * * *)",
        "cron(0 3 * * ? *)",
        "cron(0 0/25 ? * * *)",
        "rate(1 hour)",
        "now",
        "",
    ],
)
def test_other_schedules_are_refused(expression: str) -> None:
    with pytest.raises(ValueError, match=re.escape(f"Schedule {expression!r} is none that SageMaker monitors by")):
        MonitorSchedule(expression)


@pytest.mark.parametrize("make", [lambda: MonitorSchedule.daily(24), lambda: MonitorSchedule.every(0)])
def test_hours_out_of_range_are_refused(make: Callable[[], MonitorSchedule]) -> None:
    with pytest.raises(ValueError, match=r"Use MonitorSchedule\.hourly\(\)"):
        make()


def test_a_window_belongs_to_now_alone() -> None:
    with pytest.raises(ValueError, match="NOW needs one"):
        MonitorSchedule("NOW")
    with pytest.raises(ValueError, match="A window belongs to NOW"):
        MonitorSchedule("cron(0 3 ? * * *)", cdk.Duration.hours(1))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"instance_type": "ml.p5.48xlarge"}, "Instance type 'ml.p5.48xlarge' is not allowed. Use one of ml.m5.large"),
        ({"instance_count": 0}, "0 instances are out of range. Use 1 to 100."),
        ({"instance_count": 101}, "101 instances are out of range"),
        ({"volume_size": cdk.Size.tebibytes(17)}, "A volume of 17408 GiB is out of range. Use 1 to 16384 GiB."),
    ],
)
def test_a_cluster_out_of_range_is_refused(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        MonitoringResources(**arguments)


def test_more_instance_types_can_be_allowed() -> None:
    resources = MonitoringResources("ml.c7i.xlarge", allowed_instance_types=("ml.c7i.xlarge",))
    assert (resources.instance_type, resources.volume_gib) == ("ml.c7i.xlarge", 20)


def test_a_threshold_has_one_limit() -> None:
    with pytest.raises(ValueError, match="The threshold of 'f1' needs one limit"):
        DriftThreshold("f1")
    with pytest.raises(ValueError, match="The threshold of 'f1' needs one limit"):
        DriftThreshold("f1", minimum=0.1, maximum=0.2)


def test_a_threshold_is_a_number() -> None:
    with pytest.raises(ValueError, match="The limit inf of 'f1' is never reached"):
        DriftThreshold("f1", maximum=float("inf"))


def test_a_threshold_of_bias_names_the_group() -> None:
    threshold = DriftThreshold.of_bias(
        "DPPL", facet="age", facet_value="40", label="churned", label_value="1", maximum=0.1
    )
    assert threshold.metric_name == "bias_metric_DPPL"
    assert threshold.dimensions == {
        "BiasStage": "Post-Training",
        "Facet": "age",
        "FacetValue": "40",
        "Label": "churned",
        "LabelValue": "1",
    }


@pytest.mark.parametrize(
    ("form", "properties"),
    [
        (DatasetFormat.csv(), {"csv": {"header": False}}),
        (DatasetFormat.json(), {"json": {"line": True}}),
        (DatasetFormat.json(line=False), {"json": {"line": False}}),
        (DatasetFormat.parquet(), {"parquet": True}),
    ],
)
def test_a_form_is_said_as_cloudformation_takes_it(form: DatasetFormat, properties: dict[str, Any]) -> None:
    assert form.to_properties() == properties


@pytest.fixture
def bucket() -> s3.IBucket:
    return s3.Bucket.from_bucket_name(cdk.Stack(cdk.App(), "Stack"), "Data", "data")


@pytest.mark.parametrize("key", ["", "/baseline.json", "s3://data/baseline.json", "baseline/"])
def test_a_baseline_is_made_of_keys(bucket: s3.IBucket, key: str) -> None:
    with pytest.raises(ValueError, match=re.escape(f"Baseline constraints {key!r} is no key of a file")):
        Baseline(bucket, key)
    with pytest.raises(ValueError, match=re.escape(f"Baseline statistics {key!r} is no key of a file")):
        Baseline(bucket, "constraints.json", key)


def test_a_baseline_says_where_it_lies(bucket: s3.IBucket) -> None:
    both = Baseline(bucket, "a/constraints.json", "a/statistics.json")
    assert (both.constraints_uri, both.statistics_uri) == (
        "s3://data/a/constraints.json",
        "s3://data/a/statistics.json",
    )
    assert Baseline(bucket, "a/constraints.json").keys == ("a/constraints.json",)
    assert GroundTruth(bucket, "/labels/").uri == "s3://data/labels"


def test_an_endpoint_needs_a_name() -> None:
    with pytest.raises(ValueError, match="'churn_1' is no name of an endpoint"):
        EndpointInput("churn_1", None)


def test_serving_has_what_monitoring_asks_for() -> None:
    stack = cdk.Stack(cdk.App(), "Stack")
    encrypted = s3.Bucket(stack, "Data", encryption_key=kms.Key(stack, "Key"))
    assert isinstance(DataCapture(encrypted), ICapturedData)
    assert {"endpoint_name", "node"} <= set(dir(EndpointBase))


@pytest.mark.parametrize("prefix", ["", "/", "s3://data/labels"])
def test_a_prefix_is_one(prefix: str) -> None:
    bucket = s3.Bucket.from_bucket_name(cdk.Stack(cdk.App(), "Stack"), "Data", "data")
    with pytest.raises(ValueError, match=r"Ground truth (without a|has the) prefix"):
        GroundTruth(bucket, prefix)
    with pytest.raises(ValueError, match=r"What batch jobs captured (without a|has the) prefix"):
        BatchTransformInput(bucket, prefix, DatasetFormat.csv())
