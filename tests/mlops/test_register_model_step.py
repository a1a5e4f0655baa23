"""What a registration says of a version, and what it refuses to say."""

from __future__ import annotations

import json
import re
from typing import Any

import aws_cdk as cdk
import pytest

from mlgov_constructs.errors import ConstructError
from mlgov_constructs.local_cloud.shapes import problems
from mlgov_constructs.mlops import DriftCheckBaselines, ModelMetrics, PipelineDefinition, RegisterModelStep
from mlgov_constructs.steps import ExistingModel, JobImage, Joined, PipelineStep, ProcessingStep
from tests.local_cloud.test_mlops_types import SETTINGS
from tests.mlops.pipelines import IMAGE, PREPARE, TRAIN, ground, step

OTHER = JobImage(f"111122223333.dkr.ecr.eu-west-1.example/other@sha256:{'b' * 64}")
TAGGED = JobImage("111122223333.dkr.ecr.eu-west-1.example/serve:latest")
CARD = {"intended_uses": {"purpose_of_model": "Who is about to leave"}}


def registration(**arguments: Any) -> RegisterModelStep:
    return RegisterModelStep("Register", **{"training": TRAIN, "model_package_group_name": "churn", **arguments})


def request(*steps: PipelineStep, **arguments: Any) -> dict[str, Any]:
    definition = PipelineDefinition([*(steps or (TRAIN,)), registration(**arguments)], SETTINGS)
    assert list(definition.problems()) == []
    found: dict[str, Any] = step(definition.render(), "Register")["Arguments"]
    return found


def test_by_default_it_says_where_the_model_comes_from_and_no_more() -> None:
    assert set(request()) == {
        "CustomerMetadataProperties",
        "InferenceSpecification",
        "ModelApprovalStatus",
        "ModelPackageGroupName",
    }


def uris(structure: dict[str, Any]) -> dict[str, Any]:
    """The address of each file, and that it is JSON."""
    found = {f"{part}.{name}": file for part, files in structure.items() for name, file in files.items()}
    assert {file["ContentType"] for file in found.values()} == {"application/json"}
    return {name: file["S3Uri"] for name, file in found.items()}


def test_every_report_is_named() -> None:
    report = Joined((PREPARE.output("train"), "quality.json"), on="/")
    metrics = ModelMetrics(
        quality=report,
        quality_constraints="s3://a/1",
        data_statistics="s3://a/2",
        data_constraints="s3://a/3",
        bias="s3://a/4",
        pre_training_bias="s3://a/5",
        post_training_bias="s3://a/6",
        explainability="s3://a/7",
    )
    assert uris(request(PREPARE, TRAIN, model_metrics=metrics)["ModelMetrics"]) == {
        "ModelQuality.Statistics": report.render(),
        "ModelQuality.Constraints": "s3://a/1",
        "ModelDataQuality.Statistics": "s3://a/2",
        "ModelDataQuality.Constraints": "s3://a/3",
        "Bias.Report": "s3://a/4",
        "Bias.PreTrainingReport": "s3://a/5",
        "Bias.PostTrainingReport": "s3://a/6",
        "Explainability.Report": "s3://a/7",
    }


def test_every_baseline_is_named() -> None:
    baselines = DriftCheckBaselines(
        quality_statistics="s3://a/1",
        quality_constraints="s3://a/2",
        data_statistics="s3://a/3",
        data_constraints="s3://a/4",
        pre_training_bias="s3://a/5",
        post_training_bias="s3://a/6",
        bias_config="s3://a/7",
        explainability="s3://a/8",
        explainability_config="s3://a/9",
    )
    assert uris(request(baselines=baselines)["DriftCheckBaselines"]) == {
        "ModelQuality.Statistics": "s3://a/1",
        "ModelQuality.Constraints": "s3://a/2",
        "ModelDataQuality.Statistics": "s3://a/3",
        "ModelDataQuality.Constraints": "s3://a/4",
        "Bias.PreTrainingConstraints": "s3://a/5",
        "Bias.PostTrainingConstraints": "s3://a/6",
        "Bias.ConfigFile": "s3://a/7",
        "Explainability.Constraints": "s3://a/8",
        "Explainability.ConfigFile": "s3://a/9",
    }
    assert set(request(baselines=DriftCheckBaselines(data_constraints="s3://a/1"))["DriftCheckBaselines"]) == {
        "ModelDataQuality"
    }


def test_card_and_stage_begin_as_a_draft_that_waits() -> None:
    found = request(card=CARD, stage="Development")
    assert found["ModelCard"] == {"ModelCardContent": json.dumps(CARD), "ModelCardStatus": "Draft"}
    assert found["ModelLifeCycle"] == {"Stage": "Development", "StageStatus": "PendingApproval"}


def test_the_api_takes_all_of_it() -> None:
    found = request(
        model_metrics=ModelMetrics(quality="s3://a/1"),
        baselines=DriftCheckBaselines(bias_config="s3://a/1"),
        card=CARD,
        stage="Proposal",
    )
    found["CustomerMetadataProperties"] = {}
    found["InferenceSpecification"]["Containers"] = [{"Image": IMAGE.uri, "ModelDataUrl": "s3://a/b"}]
    assert problems("sagemaker", "CreateModelPackage", found) == []


def test_another_image_serves_and_is_recorded() -> None:
    found = request(serving_image=OTHER)
    assert found["InferenceSpecification"]["Containers"][0]["Image"] == OTHER.uri
    assert found["CustomerMetadataProperties"]["mlgov:serving-image"] == OTHER.uri
    assert found["CustomerMetadataProperties"]["mlgov:image"] == {"Get": "Parameters.TrainImage"}


def test_images_of_other_steps_are_recorded_where_they_differ() -> None:
    check = ProcessingStep("Check", image=OTHER)
    metadata = request(PREPARE, TRAIN, check)["CustomerMetadataProperties"]
    assert {name: value for name, value in metadata.items() if "image" in name} == {
        "mlgov:image": {"Get": "Parameters.TrainImage"},
        "mlgov:image.Check": OTHER.uri,
    }


def test_a_model_that_is_brought_is_a_parameter_of_the_run() -> None:
    definition = PipelineDefinition([registration(training=ExistingModel(IMAGE))], SETTINGS)
    assert list(definition.problems()) == []
    rendered = definition.render()
    declared = {each["Name"]: each for each in rendered["Parameters"]}
    assert "DefaultValue" not in declared["ModelData"], "every run names its model"
    assert declared["ModelImage"]["DefaultValue"] == IMAGE.uri
    found = step(rendered, "Register")["Arguments"]
    assert found["InferenceSpecification"]["Containers"] == [
        {"Image": {"Get": "Parameters.ModelImage"}, "ModelDataUrl": {"Get": "Parameters.ModelData"}}
    ]
    assert found["CustomerMetadataProperties"]["mlgov:image"] == {"Get": "Parameters.ModelImage"}


def test_a_pipeline_that_brings_a_model_needs_no_training() -> None:
    base = ground(cdk.App(), "Stack")
    model = ExistingModel(IMAGE, "s3://data/churn/models/model.tar.gz")
    pipeline = base.pipeline("Brings", steps=[registration(training=model)], registry=base.registry)
    assert pipeline.definition.all_parameters["ModelData"].default == model.default


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"serving_image": TAGGED}, f"step 'Register' registers the image {TAGGED.uri!r} by its tag."),
        ({"serving_image": TAGGED.uri}, f"step 'Register' registers the image {TAGGED.uri!r} by its tag."),
        ({"training": ExistingModel(TAGGED)}, f"step 'Register' registers the image {TAGGED.uri!r} by its tag."),
        (
            {"training": ExistingModel(IMAGE, "model.tar.gz")},
            "step 'Register' registers the artifact 'model.tar.gz'. Write it as in s3://",
        ),
        (
            {"quality_report": PREPARE.output("train"), "model_metrics": ModelMetrics(quality="s3://a/1")},
            "step 'Register' has a quality_report and model_metrics.",
        ),
        (
            {"stage": "Production"},
            "step 'Register' registers in stage 'Production', which is for who decides. Use Proposal or Development",
        ),
        ({"card": {"text": "x" * 100_001}}, "step 'Register' has a model card of 100013 characters. Keep it within"),
        (
            {"metadata": {f"key-{number}": "value" for number in range(46)}},
            "step 'Register' is none that SageMaker takes: Arguments.CustomerMetadataProperties: it is {'key-0'",
        ),
        (
            {"model_metrics": ModelMetrics(quality="report.json")},
            "step 'Register' is none that SageMaker takes: Arguments.ModelMetrics.ModelQuality.Statistics.S3Uri:",
        ),
        (
            {"baselines": DriftCheckBaselines(data_constraints=PREPARE.output("test"))},
            "step 'Register' reads output 'test' of step 'Prepare', which writes none such.",
        ),
    ],
)
def test_bad_input_names_the_step_and_the_fix(arguments: dict[str, Any], message: str) -> None:
    base = ground(cdk.App(), "Stack")
    with pytest.raises(ConstructError, match=re.escape(f"[Stack/Bad] {message}")):
        base.pipeline("Bad", steps=[PREPARE, TRAIN, registration(**arguments)], registry=base.registry)
