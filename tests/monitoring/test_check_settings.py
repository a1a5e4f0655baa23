from __future__ import annotations

import json
import re
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_s3 as s3

from mlgov_constructs.monitoring import Baseline, BiasAnalysis, DriftCheck, Facet, Predictor, ShapAnalysis
from mlgov_constructs.monitoring.checks.bias_analysis import AFTER, BEFORE
from mlgov_constructs.steps import PipelineParameter
from tests.monitoring.checks import AGE, OF_FEATURES, bias, config, quality, report

BIAS: dict[str, Any] = {"label": "left", "positive_values": [0], "facets": [AGE]}


def test_an_analysis_of_bias_is_what_clarify_reads() -> None:
    analysis = BiasAnalysis(
        **BIAS,
        before_training=["CI", "CDDL"],
        after_training=["DPPL"],
        headers=["age", "left", "answer", "town", "id"],
        predicted_label="answer",
        probability_threshold=0.4,
        subgroup="town",
        identifier="id",
    )
    assert analysis.to_json() == {
        "version": "1.0",
        "dataset_type": "text/csv",
        "label": "left",
        "label_values_or_threshold": [0],
        "facet": [{"name_or_index": "age", "value_or_threshold": [40]}],
        "headers": ["age", "left", "answer", "town", "id"],
        "predicted_label": "answer",
        "probability_threshold": 0.4,
        "group_variable": "town",
        "joinsource_name_or_index": "id",
        "methods": {
            "report": {"name": "report", "title": "Analysis Report"},
            "pre_training_bias": {"methods": ["CI", "CDDL"]},
            "post_training_bias": {"methods": ["DPPL"]},
        },
    }


def test_a_model_is_asked_as_the_predictor_says() -> None:
    predictor = Predictor(instance_type="ml.c5.xlarge", probability=1, label_headers=["stays", "leaves"])
    found = BiasAnalysis(**BIAS, after_training=["DI"], predictor=predictor).to_json()["predictor"]
    assert found == {
        "instance_type": "ml.c5.xlarge",
        "initial_instance_count": 1,
        "content_type": "text/csv",
        "accept_type": "text/csv",
        "probability": 1,
        "label_headers": ["stays", "leaves"],
    }
    assert "model_name" not in found


def test_an_analysis_of_features_is_what_clarify_reads() -> None:
    analysis = ShapAnalysis(
        predictor=Predictor(),
        label="left",
        baseline=[[0, 0], [1, 1]],
        samples=50,
        aggregation="median",
        seed=7,
        excluded_columns=["id"],
        local_values=True,
    )
    document = analysis.to_json()
    assert document["methods"]["shap"] == {
        "agg_method": "median",
        "seed": 7,
        "save_local_shap_values": True,
        "baseline": [[0, 0], [1, 1]],
        "num_samples": 50,
    }
    assert document["excluded_columns"] == ["id"]


def test_values_of_single_people_are_not_kept_unless_asked_for() -> None:
    shap = OF_FEATURES.to_json()["methods"]["shap"]
    assert shap == {"agg_method": "mean_abs", "seed": 0, "save_local_shap_values": False, "num_samples": 100}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"positive_values": []}, "A bias analysis has no positive_values"),
        ({"facets": []}, "A bias analysis has no facets, so it would compare no groups"),
        ({"before_training": ()}, "A bias analysis has no metrics"),
        ({"before_training": ["DPPL"]}, "before_training has 'DPPL', which Clarify does not know. Use some of CI, DPL"),
        ({"after_training": ["CI"]}, "after_training has 'CI', which Clarify does not know. Use some of DPPL, DI"),
        ({"before_training": ["CDDL"]}, "CDDL and CDDPL compare within subgroups. Give subgroup=..."),
        ({"predicted_label": "a", "predictor": Predictor()}, "The model's answers come from two places"),
        ({"headers": ["left"]}, "Column 'age' is none of the headers. Use one of left."),
        ({"dataset_type": "image/png"}, "A dataset of type 'image/png' is not read. Use text/csv or"),
    ],
)
def test_a_bias_analysis_that_measures_nothing_is_refused(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        BiasAnalysis(**{**BIAS, "before_training": ["CI"], **arguments})


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"samples": 0}, "0 samples explain nothing"),
        ({"aggregation": "sum"}, "Aggregation 'sum' is none of Clarify's. Use one of mean_abs, mean_sq, median."),
        ({"baseline": [[0], [0, 1]]}, "The rows of the baseline differ in length"),
        ({"headers": ["age"]}, "Column 'left' is none of the headers"),
        ({"dataset_type": "x"}, "A dataset of type 'x' is not read"),
    ],
)
def test_an_analysis_of_features_out_of_range_is_refused(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        ShapAnalysis(**{"predictor": Predictor(), "label": "left", **arguments})


def test_other_settings_out_of_range_are_refused() -> None:
    with pytest.raises(ValueError, match=r"Facet 'a\.b' is no name of a column"):
        Facet("a.b")
    with pytest.raises(ValueError, match="A predictor of 0 instances answers nothing"):
        Predictor(instance_count=0)


def test_every_metric_is_known_once() -> None:
    assert len(set(BEFORE + AFTER)) == len(BEFORE) + len(AFTER) == 21


def test_a_check_compares_with_something_or_says_that_it_does_not() -> None:
    with pytest.raises(ValueError, match="The check has no baseline, so it would compare with nothing"):
        DriftCheck()
    with pytest.raises(ValueError, match="The check has no baseline"):
        DriftCheck(skip=PipelineParameter("Skip", False))
    assert DriftCheck.baseline_only().to_json() == {
        "SkipCheck": True,
        "FailOnViolation": True,
        "RegisterNewBaseline": True,
    }


@pytest.fixture
def bucket() -> s3.IBucket:
    return s3.Bucket.from_bucket_name(cdk.Stack(cdk.App(), "Stack"), "Data", "data")


def test_a_baseline_is_that_of_a_run(bucket: s3.IBucket) -> None:
    of_quality = Baseline.of_check(bucket, quality(), prefix="churn/pipelines/train/", run="abc123")
    assert of_quality.keys == (
        "churn/pipelines/train/abc123/Quality/constraints.json",
        "churn/pipelines/train/abc123/Quality/statistics.json",
    )
    of_bias = Baseline.of_check(bucket, bias(), prefix="churn/pipelines/train", run="abc123")
    assert of_bias.keys == ("churn/pipelines/train/abc123/Bias/analysis.json",)


def test_a_baseline_of_a_step_with_a_cache_has_one_place(bucket: s3.IBucket) -> None:
    step = quality(cache=cdk.Duration.days(1))
    found = Baseline.of_check(bucket, step, prefix="churn/pipelines/train")
    assert found.constraints == "churn/pipelines/train/Quality/constraints.json"
    with pytest.raises(ValueError, match="Step 'Quality' has a cache, and writes to the same place in every run"):
        Baseline.of_check(bucket, step, prefix="churn", run="abc123")


def test_a_baseline_without_a_run_is_refused(bucket: s3.IBucket) -> None:
    with pytest.raises(ValueError, match=r"Step 'Quality' writes to a folder of each run. Give run=\.\.\."):
        Baseline.of_check(bucket, quality(), prefix="churn")


def test_a_configuration_says_where_a_monitor_finds_it() -> None:
    step = config(cache=cdk.Duration.days(30))
    assert step.key("churn/pipelines/train") == "churn/pipelines/train/Config/config/analysis_config.json"
    assert config().key("p", run="abc") == "p/abc/Config/config/analysis_config.json"


def test_a_condition_reads_the_one_metric_of_a_group() -> None:
    metric = report().metric("age")
    assert json.dumps(metric.render()).count("post_training_bias_metrics.facets.age[0].metrics[0].value") == 1
    assert metric.at_most(0.1).right == 0.1
    before = config(analysis=BiasAnalysis(**BIAS, before_training=["CI"]))
    assert report(config=before).metric("age").name.startswith("pre_training_bias_metrics.")


@pytest.mark.parametrize(
    ("analysis", "facet", "message"),
    [
        (BiasAnalysis(**BIAS, before_training=["CI"]), "town", "Step 'Report' measures no group by 'town'"),
        (
            BiasAnalysis(**{**BIAS, "facets": [Facet("age")]}, before_training=["CI"]),
            "age",
            "Step 'Report' measures no group by 'age'",
        ),
        (OF_FEATURES, "age", "Step 'Report' measures no group by 'age'"),
        (BiasAnalysis(**BIAS, before_training=["CI", "DPL"]), "age", "Step 'Report' measures 2 metrics"),
    ],
)
def test_a_condition_reads_nothing_else(analysis: BiasAnalysis | ShapAnalysis, facet: str, message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        report(config=config(analysis=analysis)).metric(facet)
