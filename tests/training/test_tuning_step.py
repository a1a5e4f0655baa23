"""What a tuning asks for, and what it gives on."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from mlgov_constructs.controls import CATALOGUE, RuleEngine, Status
from mlgov_constructs.local_cloud.services.sagemaker.pipeline_definition import definition_problems
from mlgov_constructs.training import IntegerRange, TuningStep
from tests.mlops.pipelines import IMAGE, flat
from tests.templates import Template, of_type
from tests.training.conftest import DATA

Find = Callable[[str], dict[str, Any]]
PIPELINE = "AWS::SageMaker::Pipeline"


def search(request_of: Find, name: str) -> dict[str, Any]:
    found: dict[str, Any] = request_of(name)["HyperParameterTuningJobConfig"]
    return found


def body(training: Template) -> Any:
    """The definition of the pipeline with the tunings, as the template has it."""
    (found,) = (each for name, each in of_type(training, PIPELINE).items() if name.startswith("Tuning"))
    return found["Properties"]["PipelineDefinition"]["PipelineDefinitionBody"]


def text(training: Template) -> str:
    """The same as one text."""
    return flat(body(training))


def test_every_range_is_tried_on_its_scale(request_of: Find) -> None:
    ranges = search(request_of, "Tune")["ParameterRanges"]
    assert ranges == {
        "ContinuousParameterRanges": [
            {"MaxValue": "0.3", "MinValue": "0.01", "Name": "eta", "ScalingType": "Logarithmic"}
        ],
        "IntegerParameterRanges": [{"MaxValue": "8", "MinValue": "2", "Name": "depth", "ScalingType": "Auto"}],
        "CategoricalParameterRanges": [{"Name": "booster", "Values": ["gbtree", "dart"]}],
    }


def test_the_objective_and_the_limits(request_of: Find) -> None:
    found = search(request_of, "Tune")
    assert found["HyperParameterTuningJobObjective"] == {"MetricName": "auc", "Type": "Maximize"}
    assert found["ResourceLimits"] == {
        "MaxNumberOfTrainingJobs": 12,
        "MaxParallelTrainingJobs": 3,
        "MaxRuntimeInSeconds": 14400,
    }
    assert found["TuningJobCompletionCriteria"] == {"TargetObjectiveMetricValue": 0.95}
    assert found["RandomSeed"] == 7


@pytest.mark.parametrize(
    ("name", "strategy", "early"),
    [("Tune", "Bayesian", "Auto"), ("Grid", "Grid", "Auto"), ("Band", "Hyperband", "Off")],
)
def test_weak_jobs_end_early(request_of: Find, name: str, strategy: str, early: str) -> None:
    found = search(request_of, name)
    assert (found["Strategy"], found["TrainingJobEarlyStoppingType"]) == (strategy, early)


def test_a_grid_runs_every_combination(request_of: Find) -> None:
    found = search(request_of, "Grid")
    assert found["ResourceLimits"]["MaxNumberOfTrainingJobs"] == 6
    assert found["HyperParameterTuningJobObjective"]["Type"] == "Minimize"


def test_hyperband_says_how_many_epochs(request_of: Find) -> None:
    resources = search(request_of, "Band")["StrategyConfig"]["HyperbandStrategyConfig"]
    assert resources == {"MaxResource": 9, "MinResource": 1}


def test_twenty_jobs_by_default() -> None:
    step = TuningStep("Tune", image=IMAGE, inputs=DATA, objective="auc", ranges={"depth": IntegerRange(1, 9)})
    assert list(step.problems()) == []
    assert step.uses_spot is False


def test_what_stays_is_static(request_of: Find) -> None:
    definition = request_of("Tune")["TrainingJobDefinition"]
    assert definition["StaticHyperParameters"] == {"rounds": "100"}
    assert definition.keys() & {"HyperParameters", "Tags"} == set()


def test_jobs_share_no_checkpoints(request_of: Find) -> None:
    definition = request_of("Tune")["TrainingJobDefinition"]
    assert definition["EnableManagedSpotTraining"] is True
    assert definition["StoppingCondition"]["MaxWaitTimeInSeconds"] == 7200
    assert "CheckpointConfig" not in definition


def test_the_best_model_is_registered(request_of: Find) -> None:
    container = request_of("Register")["InferenceSpecification"]["Containers"][0]
    assert container["Image"] == {"Get": "Parameters.TuneImage"}
    assert container["ModelDataUrl"]["Std:Join"] == {
        "On": "/",
        "Values": [
            {"Get": "Steps.Tune.TrainingJobDefinition.OutputDataConfig.S3OutputPath"},
            {"Get": "Steps.Tune.BestTrainingJob.TrainingJobName"},
            "output/model.tar.gz",
        ],
    }


def test_a_condition_reads_the_objective(request_of: Find) -> None:
    (condition,) = request_of("Decide")["Conditions"]
    path = "Steps.Tune.BestTrainingJob.FinalHyperParameterTuningJobObjectiveMetric.Value"
    assert condition["LeftValue"] == {"Get": path}


def test_the_local_cloud_takes_the_definition(training: Template) -> None:
    # What CloudFormation would have filled in.
    roles = re.sub(
        r"<[^<>]*(role|training|processing|pipeline)[^<>]*\.Arn>", "arn:aws:iam::111122223333:role/x", text(training)
    )
    assert definition_problems(re.sub(r"<[^<>]*>", "x", roles)) == []


@pytest.mark.parametrize("switch", ["EnableNetworkIsolation", "EnableInterContainerTrafficEncryption"])
def test_a_tuning_that_is_not_isolated_is_found(training: Template, switch: str) -> None:
    changed = text(training).replace(f'"{switch}":true', f'"{switch}":false', 1)
    assert changed != text(training)
    template = {
        "Resources": {
            "Tuning": {"Type": PIPELINE, "Properties": {"PipelineDefinition": {"PipelineDefinitionBody": changed}}}
        }
    }
    engine = RuleEngine([CATALOGUE["MLG-MLO-05"]])

    assert [each.status for each in engine.check_text(json.dumps(template))] == [Status.FAILED]


def test_the_pipeline_may_start_follow_and_stop_tunings(training: Template) -> None:
    policies = of_type(training, "AWS::IAM::ManagedPolicy")
    statements = [
        statement
        for name, each in policies.items()
        if name.startswith("Tuningpipeline")
        for statement in each["Properties"]["PolicyDocument"]["Statement"]
    ]
    allowed = {
        action: statement
        for statement in statements
        if statement["Effect"] == "Allow"
        for action in ([statement["Action"]] if isinstance(statement["Action"], str) else statement["Action"])
    }
    for verb in ("Create", "Describe", "Stop"):
        assert f"sagemaker:{verb}HyperParameterTuningJob" in allowed
    condition = allowed["sagemaker:CreateHyperParameterTuningJob"]["Condition"]
    assert condition["Bool"]["sagemaker:NetworkIsolation"] == "true"
    groups = condition["ForAllValues:StringEquals"]["sagemaker:VpcSecurityGroupIds"]
    assert len(groups) == 2
