"""Definitions that the schema takes, and those that it does not."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable
from typing import Any

import aws_cdk as cdk
import jsonschema
import pytest

from mlgov_constructs.errors import ConstructError
from mlgov_constructs.mlops.pipeline_schema import pipeline_schema, schema_problems
from mlgov_constructs.steps import JobSettings, PipelineStep
from tests.local_cloud.test_mlops_types import DEFINITION
from tests.mlops.pipelines import ground, step
from tests.mlops.request_schema import FILE, request_schema

JOB = DEFINITION["Steps"][0]["Arguments"]


def test_the_schema_is_one() -> None:
    schema = pipeline_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    used = set(re.findall(r'"#/\$defs/(\w+)"', json.dumps(schema)))
    assert used == set(schema["$defs"]), "every definition is there, and each is used"


def test_the_requests_are_those_of_the_api() -> None:
    # After an update of botocore: python -m tests.mlops.request_schema
    assert json.loads(FILE.read_text(encoding="utf-8")) == request_schema()


def test_what_our_steps_make_is_taken() -> None:
    assert list(schema_problems(DEFINITION)) == []


def test_what_is_known_when_deployed_may_be_anything() -> None:
    changed = copy.deepcopy(DEFINITION)
    arguments = step(changed, "Train")["Arguments"]
    arguments["RoleArn"] = "${Token[TOKEN.1]}"
    arguments["VpcConfig"]["Subnets"] = ["#{Token[TOKEN.2]}"]
    arguments["ResourceConfig"]["InstanceCount"] = -1.8881545897087e289
    arguments["EnableNetworkIsolation"] = "{{resolve:ssm:/isolated}}"
    changed["Parameters"].append({"Name": "Other", "Type": "String", "DefaultValue": "${Token[TOKEN.3]}"})
    assert list(schema_problems(changed)) == []


@pytest.mark.parametrize(
    "kind",
    [
        {"Type": "QualityCheck", "Arguments": JOB, "CheckType": "DATA_QUALITY", "SkipCheck": {"Get": "Parameters.A"}},
        {"Type": "ClarifyCheck", "Arguments": JOB, "CheckType": "MODEL_EXPLAINABILITY", "FailOnViolation": False},
        {"Type": "Lambda", "Arguments": {"any": 1}, "FunctionArn": "arn", "OutputParameters": []},
        {"Type": "Callback", "Arguments": {}, "SqsQueueUrl": "https://queue"},
        {
            "Type": "Condition",
            "Arguments": {
                "Conditions": [
                    {
                        "Type": "Not",
                        "Expression": {"Type": "Equals", "LeftValue": 1, "RightValue": {"Get": "Steps.A.B"}},
                    },
                    {"Type": "Or", "Conditions": [{"Type": "In", "QueryValue": "a", "Values": ["a"]}]},
                ]
            },
        },
    ],
    ids=lambda kind: kind["Type"],
)
def test_other_types_of_steps_are_taken(kind: dict[str, Any]) -> None:
    assert list(schema_problems({"Version": "2020-12-01", "Steps": [{"Name": "Other", **kind}]})) == []


def at(name: str, *path: str) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """Where a step is to be spoilt."""

    def find(definition: dict[str, Any]) -> dict[str, Any]:
        found = step(definition, name)
        for part in path:
            found = found[part]
        return found

    return find


WRONG: list[tuple[Callable[[dict[str, Any]], dict[str, Any]], dict[str, Any], str, str]] = [
    (lambda d: d, {"Version": "2021-01-01"}, "the pipeline is none that SageMaker takes: Version: ", "'2020-12-01'"),
    (lambda d: d, {"Extra": 1}, "the pipeline is none that SageMaker takes: it has 'Extra'", "Leave it out"),
    (lambda d: d["Parameters"][0], {"Type": "Number"}, "Parameters[0].Type: it is 'Number'", "one of Boolean, Float"),
    (
        at("Train", "Arguments"),
        {"Isolation": True},
        "step 'Train' is none that SageMaker takes: Arguments: it has 'Isolation'",
        "EnableNetworkIsolation",
    ),
    (
        at("Train", "Arguments", "ResourceConfig"),
        {"InstanceCount": "two"},
        "step 'Train' is none that SageMaker takes: Arguments.ResourceConfig.InstanceCount: it is 'two'",
        "Give a value of type integer.",
    ),
    (
        at("Train", "Arguments"),
        {"RoleArn": None},
        "step 'Train' is none that SageMaker takes: Arguments: it has no",
        "Add",
    ),
    (
        at("Train", "Arguments", "AlgorithmSpecification"),
        {"TrainingInputMode": "Slow"},
        "Arguments.AlgorithmSpecification.TrainingInputMode: it is 'Slow'",
        "Use one of Pipe, File, FastFile.",
    ),
    (
        at("Register", "Arguments"),
        {"ModelApprovalStatus": "Fine"},
        "step 'Register' is none that SageMaker takes: Arguments.ModelApprovalStatus: it is 'Fine'",
        "Use one of Approved, Rejected, PendingManualApproval.",
    ),
    (
        at("Prepare"),
        {"Type": "EMR"},
        "step 'Prepare' is none that SageMaker takes: Type: it is 'EMR'",
        "one of Callback",
    ),
    (at("Prepare"), {"Type": "QualityCheck", "PropertyFiles": None}, "it has 'RetryPolicies'", "Leave it out"),
    (at("Prepare"), {"CacheConfig": {"Enabled": True, "ExpireAfter": "1d"}}, "CacheConfig.ExpireAfter: it is", "^[Pp]"),
    (
        at("Prepare"),
        {"RetryPolicies": [{"ExceptionType": ["Any"]}]},
        "RetryPolicies[0].ExceptionType[0]: it is 'Any'",
        "SageMaker.CAPACITY_ERROR",
    ),
    (
        at("Prepare"),
        {"RetryPolicies": [{"ExceptionType": ["Step.THROTTLING"], "MaxAttempts": 30}]},
        "it is 30",
        "most 20",
    ),
    (
        at("Train", "Arguments", "AlgorithmSpecification"),
        {"TrainingImage": {"Fetch": "Parameters.Image"}},
        "Arguments.AlgorithmSpecification.TrainingImage: it has 'Fetch'",
        "Get, Std:Join, Std:JsonGet",
    ),
    (
        at("Train", "Arguments", "AlgorithmSpecification"),
        {"TrainingImage": {"Get": "Image"}},
        "TrainingImage.Get: it is 'Image'",
        "^(Execution|Parameters|Steps)",
    ),
    (
        at("Decide", "Arguments"),
        {"Conditions": [{"Type": "Bigger", "LeftValue": 1, "RightValue": 2}]},
        "step 'Decide' is none that SageMaker takes: Arguments.Conditions[0].Type: it is 'Bigger'",
        "GreaterThanOrEqualTo",
    ),
]


@pytest.mark.parametrize(("find", "change", "problem", "fix"), WRONG, ids=[problem for _, _, problem, _ in WRONG])
def test_what_sagemaker_would_refuse_is_found_with_the_step_and_the_fix(
    find: Callable[[dict[str, Any]], dict[str, Any]], change: dict[str, Any], problem: str, fix: str
) -> None:
    spoilt = copy.deepcopy(DEFINITION)
    subject = find(spoilt)
    subject.update(change)
    for name in [name for name, value in change.items() if value is None]:
        del subject[name]
    found = list(schema_problems(spoilt))
    assert any(problem in each.problem and fix in each.fix for each in found), found


class MisspeltStep(PipelineStep):
    TYPE = "Transform"

    def arguments(self, settings: JobSettings) -> dict[str, Any]:
        return {"ModelNames": "churn"}


def test_a_pipeline_with_such_a_step_is_not_synthesized() -> None:
    base = ground(cdk.App(), "Stack")
    with pytest.raises(ConstructError, match=r"\[Stack/Bad\] step 'Score' is none that SageMaker takes: Arguments: "):
        base.pipeline("Bad", steps=[MisspeltStep("Score")])
