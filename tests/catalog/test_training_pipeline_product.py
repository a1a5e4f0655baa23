from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest

from mlgov_constructs.catalog.training_pipeline.training_pipeline_template import SCHEDULES
from mlgov_constructs.controls import RuleEngine
from mlgov_constructs.errors import ConstructError
from mlgov_constructs.identity import JobType
from mlgov_constructs.preparation.table import prepare_table
from tests.access import ACCOUNT, REGION, decision
from tests.catalog.conftest import ground
from tests.catalog.training_pipelines import definition, pipeline_role, start_role, training_pipeline
from tests.mlops.pipelines import step
from tests.templates import Template, of_type

SSM = "{{resolve:ssm:/mlgov/test/workspace"
FORM = {"Project": "churn", "Name": "weekly", "TrainingData": "labelled/v1"}
PIPELINE = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:pipeline/churn-weekly"


@pytest.fixture(scope="session")
def templates(synthesize: Callable[..., dict[str, Template]]) -> dict[str, Template]:
    def build(app: cdk.App) -> None:
        # As an app does: the tags of the environment must not reach what is published.
        cdk.Tags.of(app).add("mlgov:project", "environment")
        base = ground(app, "training")
        base.portfolio().add_product(training_pipeline(base))

    return synthesize(build)


@pytest.fixture(scope="session")
def training(templates: dict[str, Template]) -> Template:
    (template,) = (template for name, template in templates.items() if name.endswith(".product"))
    return template


def arguments(training: Template, name: str, *, spot: bool = True, **form: str) -> dict[str, Any]:
    found: dict[str, Any] = step(definition(training, {**FORM, **form}, spot=spot), name)["Arguments"]
    return found


# The form.


def test_the_form_is_in_the_words_of_a_data_scientist(training: Template) -> None:
    parameters = training["Parameters"]
    assert list(parameters) == [
        "Project",
        "Name",
        "TrainingData",
        "TargetColumn",
        "Goal",
        "Algorithm",
        "Threshold",
        "Size",
        "Hours",
        "SpareMachines",
        "Schedule",
    ]
    assert [name for name, each in parameters.items() if "Default" not in each] == ["Project", "Name", "TrainingData"]
    assert parameters["Schedule"]["AllowedValues"] == list(SCHEDULES)
    data = re.compile(parameters["TrainingData"]["AllowedPattern"])
    assert data.fullmatch("labelled/2026-11")
    assert not any(data.fullmatch(value) for value in ("/labelled", "labelled/", "s3://bucket/x", "", '"}]'))
    name = re.compile(parameters["Name"]["AllowedPattern"])
    assert name.fullmatch("weekly-2")
    assert not any(name.fullmatch(value) for value in ("Weekly", "a--b", "-a", "a_b"))


def test_no_field_can_break_out_of_the_definition(training: Template) -> None:
    for name in ("Name", "TrainingData", "TargetColumn"):
        pattern = re.compile(training["Parameters"][name]["AllowedPattern"])
        assert not any(pattern.fullmatch(f"a{character}b") for character in '"\\{}\n'), name


# The pipeline.


def test_the_jobs_are_those_of_the_workspace(training: Template) -> None:
    train = arguments(training, "Train")
    assert train["EnableNetworkIsolation"] is train["EnableInterContainerTrafficEncryption"] is True
    assert train["VpcConfig"] == {
        "SecurityGroupIds": [f"{SSM}/security-group-id}}}}"],
        "Subnets": [f"{SSM}/subnet-id}}}}", f"{SSM}/subnet-id-2}}}}"],
    }
    assert train["OutputDataConfig"] == {
        "KmsKeyId": f"{SSM}/key-arn}}}}",
        "S3OutputPath": f"s3://{SSM}/buckets/artifacts}}}}/churn/pipelines/churn-weekly/models",
    }
    assert train["ResourceConfig"]["VolumeKmsKeyId"] == f"{SSM}/key-arn}}}}"
    assert train["RoleArn"] == f"{SSM}/projects/churn/training-role-arn}}}}"
    assert train["Tags"] == [{"Key": "mlgov:project", "Value": "churn"}]
    prepare = arguments(training, "PrepareTable")
    assert prepare["NetworkConfig"]["EnableNetworkIsolation"] is True
    assert prepare["RoleArn"] == f"{SSM}/projects/churn/processing-role-arn}}}}"


def test_the_choices_of_the_form_reach_the_jobs(training: Template) -> None:
    found = definition(training, FORM)
    values = {each["Name"]: each.get("DefaultValue") for each in found["Parameters"]}
    assert values["TrainingData"] == f"s3://{SSM}/buckets/curated}}}}/churn/labelled/v1"
    assert (values["DataVersion"], values["Threshold"]) == ("labelled/v1", 0.8)
    train = arguments(training, "Train", Size="large", Hours="4")
    assert train["ResourceConfig"]["InstanceType"] == "ml.m5.12xlarge"
    assert train["StoppingCondition"] == {"MaxRuntimeInSeconds": 14400, "MaxWaitTimeInSeconds": 28800}
    environment = arguments(training, "PrepareTable", TargetColumn="left")["Environment"]
    assert environment == {"TARGET": "left", "GOAL": "yes-or-no"}


def test_without_spare_machines_nothing_waits(training: Template) -> None:
    train = arguments(training, "Train", spot=False)
    assert train["EnableManagedSpotTraining"] is False
    assert train["StoppingCondition"] == {"MaxRuntimeInSeconds": 7200}
    assert "CheckpointConfig" not in train
    condition = training["Conditions"]["UsesSpot"]
    assert condition == {"Fn::Equals": [{"Ref": "SpareMachines"}, "yes"]}


@pytest.mark.parametrize(
    ("goal", "objective", "metric", "operator"),
    [
        ("yes-or-no", "binary:logistic", "auc", "GreaterThanOrEqualTo"),
        ("number", "reg:squarederror", "rmse", "LessThanOrEqualTo"),
    ],
)
def test_the_goal_decides_what_is_good_enough(
    training: Template, goal: str, objective: str, metric: str, operator: str
) -> None:
    hyperparameters = arguments(training, "Train", Goal=goal)["HyperParameters"]
    assert (hyperparameters["objective"], hyperparameters["eval_metric"]) == (objective, metric)
    (condition,) = arguments(training, "GoodEnough", Goal=goal)["Conditions"]
    assert condition == {
        "Type": operator,
        "LeftValue": {"Get": f"Steps.Train.FinalMetricDataList['validation:{metric}'].Value"},
        "RightValue": {"Get": "Parameters.Threshold"},
    }


def test_what_is_good_enough_waits_for_approval_in_the_group_of_the_project(training: Template) -> None:
    register = arguments(training, "Register")
    assert register["ModelApprovalStatus"] == "PendingManualApproval"
    assert register["ModelPackageGroupName"] == f"{SSM}/projects/churn/model-package-group-name}}}}"
    metadata = register["CustomerMetadataProperties"]
    assert metadata["mlgov:code-commit"] == "training-pipeline v1"
    assert metadata["mlgov:data-version"] == {"Get": "Parameters.DataVersion"}
    assert (metadata["mlgov:target"], metadata["mlgov:algorithm"]) == ("target", "xgboost")


def test_it_starts_by_itself_only_when_asked_to(training: Template) -> None:
    (rule,) = of_type(training, "AWS::Events::Rule").values()
    assert rule["Condition"] == "RunsByItself"
    assert training["Conditions"]["RunsByItself"] == {"Fn::Not": [{"Fn::Equals": [{"Ref": "Schedule"}, "never"]}]}
    schedules = {name: each["Expression"] for name, each in training["Mappings"]["Schedules"].items()}
    assert set(schedules) == set(training["Parameters"]["Schedule"]["AllowedValues"])
    (target,) = rule["Properties"]["Targets"]
    assert target["RoleArn"] == {"Fn::Sub": f"{SSM}/projects/${{Project}}/pipeline-start-role-arn}}}}"}
    assert rule["DependsOn"] == ["Pipeline"]


def test_the_pipeline_carries_its_project_and_no_tag_of_the_app(training: Template) -> None:
    for resource in training["Resources"].values():
        assert resource["Properties"]["Tags"] == [{"Key": "mlgov:project", "Value": {"Ref": "Project"}}]


def test_every_rule_passes_on_the_product(training: Template) -> None:
    assert training["Resources"]["Pipeline"]["Metadata"]["mlgov"]["controls"] == [
        "MLG-MLO-05",
        "MLG-MLO-06",
        "MLG-MLO-07",
    ]
    assert RuleEngine().check_text(json.dumps(training)) == []


def test_cloudformation_resolves_all_references(training: Template) -> None:
    # A template may have 60 of them.
    assert json.dumps(training).count("{{resolve:") < 60


def test_the_outputs_say_what_comes_next(training: Template) -> None:
    assert set(training["Outputs"]) == {"PipelineName", "StartCommand", "JobsUrl"}


# The launch role.


@pytest.fixture
def launch_role(templates: dict[str, Template]) -> str:
    (role,) = (r for r in of_type(templates["training"], "AWS::IAM::Role") if r.startswith("TrainingLaunchRole"))
    return role


def decided(templates: dict[str, Template], launch_role: str, action: str, resource: str, **context: Any) -> str:
    return str(decision(templates["training"], launch_role, action, resource, **context))


@pytest.mark.parametrize(("project", "expected"), [("churn", "Allow"), ("other", "ImplicitDeny")])
def test_the_launch_role_creates_pipelines_of_its_projects(
    templates: dict[str, Template], launch_role: str, project: str, expected: str
) -> None:
    tag = {"aws__RequestTag/mlgov:project": project}
    assert decided(templates, launch_role, "sagemaker:CreatePipeline", PIPELINE, **tag) == expected
    owned = {"aws__ResourceTag/mlgov:project": project}
    for action in ("UpdatePipeline", "DeletePipeline"):
        assert decided(templates, launch_role, f"sagemaker:{action}", PIPELINE, **owned) == expected
    # CloudFormation looks until a pipeline is gone, and then it has no tags.
    assert decided(templates, launch_role, "sagemaker:DescribePipeline", PIPELINE) == "Allow"


def test_the_launch_role_starts_no_run_and_makes_no_role(templates: dict[str, Template], launch_role: str) -> None:
    owned = {"aws__ResourceTag/mlgov:project": "churn"}
    assert decided(templates, launch_role, "sagemaker:StartPipelineExecution", PIPELINE, **owned) != "Allow"
    role = f"arn:aws:iam::{ACCOUNT}:role/new"
    assert decided(templates, launch_role, "iam:CreateRole", role) != "Allow"


# Bad input.


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"sizes": {}}, "sizes is empty."),
        (
            {"sizes": {"gpu": "ml.g5.xlarge"}},
            "size 'gpu' is the instance type 'ml.g5.xlarge', which the product cannot",
        ),
        ({"sizes": {"a b": "ml.m5.xlarge"}}, "sizes holds the name 'a b'"),
        ({"pipeline_roles": []}, "pipeline_roles is empty. Give the pipeline role of each project"),
        ({"start_roles": []}, "start_roles are those of the projects []. Give one each for churn, fraud."),
        ({"xgboost_version": "latest"}, "XGBoost has no version 'latest'."),
    ],
)
def test_a_bad_argument_is_refused(arguments: dict[str, Any], message: str) -> None:
    base = ground(cdk.App(), "Stack")
    with pytest.raises(ConstructError, match=re.escape(message)):
        training_pipeline(base, **arguments)


def test_roles_of_another_kind_or_of_one_project_twice_are_refused() -> None:
    base = ground(cdk.App(), "Stack")
    wrong = pipeline_role(base, "churn", JobType.TRAINING)
    with pytest.raises(ConstructError, match="pipeline_roles holds a role for training"):
        training_pipeline(base, pipeline_roles=[wrong], start_roles=[])
    role, start = pipeline_role(base, "churn"), start_role(base, "churn")
    with pytest.raises(ConstructError, match="project 'churn' has more than one pipeline role"):
        training_pipeline(base, pipeline_roles=[role, role], start_roles=[start])


# The script that runs in the job.


@pytest.fixture
def table(tmp_path: Path) -> Callable[..., Path]:
    def write(rows: int = 100, header: str = "age,target,days", name: str = "a.csv", last: str = "") -> Path:
        folder = tmp_path / "input" / "data" / "2026"
        folder.mkdir(parents=True, exist_ok=True)
        lines = [header, *(f"{row},{row % 2},{row}.5" for row in range(rows)), *([last] if last else [])]
        (folder / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
        return tmp_path

    return write


def parts(root: Path) -> dict[str, list[list[str]]]:
    return {
        name: list(csv.reader((root / "output" / name / "part.csv").open(encoding="utf-8")))
        for name in ("train", "validation")
    }


def test_the_target_comes_first_and_every_row_is_in_one_part(table: Callable[..., Path]) -> None:
    table(name="a.csv")
    root = table(name="b.csv")
    prepare_table.main(root, "target", "yes-or-no")
    found = parts(root)
    assert len(found["train"]) + len(found["validation"]) == 200
    assert 140 < len(found["train"]) < 180
    assert all(label == str(int(age) % 2) and days == f"{age}.5" for label, age, days in found["train"])
    report = json.loads((root / "output" / "checks" / "checks.json").read_text(encoding="utf-8"))
    assert report == {"rows": 200, "target": "target", "features": ["age", "days"]}


def test_the_same_table_is_split_alike(table: Callable[..., Path]) -> None:
    root = table()
    prepare_table.main(root, "target", "number")
    first = parts(root)
    prepare_table.main(root, "target", "number")
    assert parts(root) == first


@pytest.mark.parametrize(
    ("written", "target", "message"),
    [
        ({"rows": 5}, "target", "There are 5 rows; 20 are the least."),
        ({}, "left", "a.csv has no column 'left'. It has age, target, days."),
        ({"last": "1,2,3"}, "target", "a.csv, line 102: the target is '2'; it must be 0 or 1."),
        ({"last": "1,,3"}, "target", "a.csv, line 102: the target is ''; it must be 0 or 1."),
        ({"last": "x,1,3"}, "target", "a.csv, line 102: column 'age' holds 'x', which is no number."),
        ({"last": "1,1"}, "target", "a.csv, line 102: 2 values for 3 columns."),
    ],
)
def test_a_table_that_cannot_be_trained_on_is_refused_with_its_place(
    table: Callable[..., Path], written: dict[str, Any], target: str, message: str
) -> None:
    root = table(**written)
    with pytest.raises(prepare_table.TableError, match=re.escape(message)):
        prepare_table.main(root, target, "yes-or-no")


def test_tables_must_agree_and_exist(table: Callable[..., Path], tmp_path: Path) -> None:
    with pytest.raises(prepare_table.TableError, match=r"There is no \.csv file"):
        prepare_table.main(tmp_path, "target", "number")
    table(name="a.csv")
    root = table(name="b.csv", header="age,target,other")
    with pytest.raises(prepare_table.TableError, match=r"b\.csv has other columns"):
        prepare_table.main(root, "target", "number")


# Everywhere.


def test_the_product_is_the_same_in_every_region(synthesize: Callable[..., dict[str, Template]]) -> None:
    def build(app: cdk.App) -> None:
        for number, region in enumerate(("eu-west-1", "us-gov-west-1", "cn-north-1")):
            training_pipeline(ground(app, f"stack{number}", env=cdk.Environment(region=region)))

    products = [json.dumps(each) for name, each in synthesize(build).items() if name.endswith(".product")]
    assert (len(products), len(set(products))) == (3, 1)
    assert "arn:aws" not in products[0]
