"""Checks as steps of a pipeline: what the definition says, and what the roles may do."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable
from typing import Any

import aws_cdk as cdk
import pytest

from mlgov_constructs.controls import CATALOGUE, RuleEngine, Status
from mlgov_constructs.errors import ConstructError
from mlgov_constructs.identity import JobType
from mlgov_constructs.local_cloud.services.sagemaker.pipeline_definition import definition_problems
from mlgov_constructs.mlops.pipeline_definition import PipelineDefinition
from mlgov_constructs.monitoring import DatasetFormat, DriftCheck, MonitoringImage, ProblemType
from mlgov_constructs.steps import JobImage, JobSettings, PipelineStep, StepOutput
from tests.access import decision, resolved
from tests.mlops.pipelines import PIPELINE, Ground, definition, ground, step
from tests.monitoring.checks import (
    CLARIFY,
    OF_ANSWERS,
    OF_DATA,
    OF_FEATURES,
    OF_MODEL,
    asking_steps,
    bias,
    config,
    explain,
    isolated_steps,
    model_bias,
    quality,
    report,
)
from tests.templates import Template, of_type

CHECKS = ["Quality", "Answers", "Bias", "Report", "Config"]
ASKING = ["ModelBias", "Explain"]


def _build(app: cdk.App) -> None:
    for name, steps in (("isolated", isolated_steps()), ("asking", asking_steps())):
        base = ground(app, name)
        base.pipeline(
            "Checks",
            pipeline_name="checks",
            steps=steps,
            role=base.role("PipelineRole", JobType.PIPELINE),
            processing_role=base.role("ProcessingRole", JobType.PROCESSING),
            training_role=base.role("TrainingRole", JobType.TRAINING),
        )


@pytest.fixture(scope="session")
def templates(synthesize: Callable[..., dict[str, Template]]) -> dict[str, Template]:
    return synthesize(_build)


def found(templates: dict[str, Template], name: str) -> dict[str, Any]:
    template = templates["asking" if name in (*ASKING, "ModelConfig", "ShapConfig") else "isolated"]
    return step(definition(template, "Checks"), name)


def claims(template: Template) -> dict[str, Any]:
    (pipeline,) = of_type(template, PIPELINE).values()
    metadata: dict[str, Any] = pipeline["Metadata"]["mlgov"]
    return metadata


@pytest.mark.parametrize("name", CHECKS)
def test_a_check_is_isolated(templates: dict[str, Template], name: str) -> None:
    assert found(templates, name)["Arguments"]["NetworkConfig"]["EnableNetworkIsolation"] is True


@pytest.mark.parametrize("name", ASKING)
def test_a_check_that_asks_a_model_has_the_network_of_the_vpc(templates: dict[str, Template], name: str) -> None:
    network = found(templates, name)["Arguments"]["NetworkConfig"]
    assert network["EnableNetworkIsolation"] is False
    assert network["VpcConfig"]["Subnets"]


@pytest.mark.parametrize("name", [*CHECKS, *ASKING])
def test_every_check_is_hardened(templates: dict[str, Template], name: str) -> None:
    request = found(templates, name)["Arguments"]
    assert request["NetworkConfig"]["EnableInterContainerTrafficEncryption"] is True
    assert len(request["NetworkConfig"]["VpcConfig"]["Subnets"]) == 2
    assert request["ProcessingResources"]["ClusterConfig"]["VolumeKmsKeyId"].startswith("<Key")
    assert request["ProcessingOutputConfig"]["KmsKeyId"].startswith("<Key")
    assert request["StoppingCondition"] == {"MaxRuntimeInSeconds": 3600}
    assert request["RoleArn"].startswith("<ProcessingRole")
    assert request["Tags"] == [{"Key": "mlgov:project", "Value": "churn"}]


@pytest.mark.parametrize(
    ("name", "kind", "check"),
    [
        ("Quality", "QualityCheck", "DATA_QUALITY"),
        ("Answers", "QualityCheck", "MODEL_QUALITY"),
        ("Bias", "ClarifyCheck", "DATA_BIAS"),
        ("ModelBias", "ClarifyCheck", "MODEL_BIAS"),
        ("Explain", "ClarifyCheck", "MODEL_EXPLAINABILITY"),
    ],
)
def test_a_check_is_of_its_kind(templates: dict[str, Template], name: str, kind: str, check: str) -> None:
    rendered = found(templates, name)
    assert (rendered["Type"], rendered["CheckType"]) == (kind, check)
    assert "CheckType" not in rendered["Arguments"]
    assert "RetryPolicies" not in rendered


@pytest.mark.parametrize("name", ASKING)
def test_a_check_names_the_model_that_it_asks(templates: dict[str, Template], name: str) -> None:
    assert found(templates, name)["ModelName"] == {"Get": "Parameters.ModelName"}
    (declared,) = definition(templates["asking"], "Checks")["Parameters"]
    assert declared == {"Name": "ModelName", "Type": "String", "DefaultValue": "churn-model"}


def test_a_first_run_makes_a_baseline_and_compares_nothing(templates: dict[str, Template]) -> None:
    rendered = found(templates, "Quality")
    assert (rendered["SkipCheck"], rendered["RegisterNewBaseline"]) == (True, True)
    assert "ModelPackageGroupName" not in rendered


def test_a_check_compares_with_the_last_approved_version(templates: dict[str, Template]) -> None:
    rendered = found(templates, "Bias")
    assert (rendered["SkipCheck"], rendered["RegisterNewBaseline"]) == (False, False)
    assert (rendered["ModelPackageGroupName"], rendered["FailOnViolation"]) == ("churn", False)


def test_a_check_compares_with_files(templates: dict[str, Template]) -> None:
    rendered = found(templates, "Answers")
    assert rendered["SuppliedBaselineConstraints"] == {"Get": "Parameters.Constraints"}
    assert rendered["SuppliedBaselineStatistics"] == "s3://data/statistics.json"
    assert rendered["FailOnViolation"] is True
    assert rendered["CacheConfig"] == {"Enabled": True, "ExpireAfter": "PT720H"}


def test_quality_is_measured_as_the_analyzer_is_told(templates: dict[str, Template]) -> None:
    request = found(templates, "Quality")["Arguments"]
    (read,) = request["ProcessingInputs"]
    assert (read["InputName"], read["S3Input"]["S3Uri"]) == ("baseline_dataset_input", "s3://data/churn/train")
    assert request["Environment"] == {
        "dataset_format": '{"csv": {"header": true}}',
        "dataset_source": "/opt/ml/processing/input/baseline_dataset_input",
        "output_path": "/opt/ml/processing/output",
        "publish_cloudwatch_metrics": "Disabled",
    }


def test_answers_are_measured_as_the_analyzer_is_told(templates: dict[str, Template]) -> None:
    environment = found(templates, "Answers")["Arguments"]["Environment"]
    assert environment["dataset_format"] == '{"json": {"lines": true}}'
    assert environment["analysis_type"] == "MODEL_QUALITY"
    assert environment["problem_type"] == "BinaryClassification"
    assert environment["ground_truth_attribute"] == "left"
    assert environment["probability_attribute"] == "score"
    assert environment["probability_threshold_attribute"] == "0.5"
    assert "inference_attribute" not in environment


def written(rendered: dict[str, Any]) -> Any:
    (output,) = rendered["Arguments"]["ProcessingOutputConfig"]["Outputs"]
    return output["S3Output"]["S3Uri"]["Std:Join"]["Values"]


def test_a_run_writes_to_a_folder_of_its_own(templates: dict[str, Template]) -> None:
    root, run, name = written(found(templates, "Quality"))
    assert root.endswith("/churn/pipelines/checks")
    assert (run, name) == ({"Get": "Execution.PipelineExecutionId"}, "Quality")


def test_with_a_cache_a_check_writes_to_one_place(templates: dict[str, Template]) -> None:
    assert written(found(templates, "Answers"))[1:] == ["Answers"]


@pytest.mark.parametrize(
    ("name", "source"), [("Bias", "Config"), ("ModelBias", "ModelConfig"), ("Explain", "ShapConfig")]
)
def test_clarify_reads_its_configuration_of_another_step(
    templates: dict[str, Template], name: str, source: str
) -> None:
    read, dataset = found(templates, name)["Arguments"]["ProcessingInputs"]
    assert (read["InputName"], dataset["InputName"]) == ("analysis_config", "dataset")
    uri = {"Get": f"Steps.{source}.ProcessingOutputConfig.Outputs['config'].S3Output.S3Uri"}
    assert read["S3Input"]["S3Uri"] == {"Std:Join": {"On": "/", "Values": [uri, "analysis_config.json"]}}
    assert read["S3Input"]["LocalPath"] == "/opt/ml/processing/input/config"


def test_a_configuration_travels_in_the_definition(templates: dict[str, Template], tmp_path: Any) -> None:
    request = found(templates, "Config")["Arguments"]
    assert request["ProcessingResources"]["ClusterConfig"]["InstanceType"] == "ml.t3.medium"
    script = base64.b64decode("".join(request["AppSpecification"]["ContainerArguments"])).decode()
    place = "/opt/ml/processing/output/config/analysis_config.json"
    assert place in script
    exec(script.replace(place, str(tmp_path / "file")))
    assert json.loads((tmp_path / "file").read_text()) == OF_DATA.to_json()


def test_a_report_is_read_by_conditions(templates: dict[str, Template]) -> None:
    rendered = found(templates, "Report")
    assert rendered["Type"] == "Processing"
    assert rendered["PropertyFiles"] == [
        {"PropertyFileName": "analysis", "OutputName": "analysis_result", "FilePath": "analysis.json"}
    ]


def test_a_registration_reads_what_a_check_computed() -> None:
    check = quality()
    assert check.calculated_constraints.render() == {"Get": "Steps.Quality.CalculatedBaselineConstraints"}
    assert check.calculated_statistics.render() == {"Get": "Steps.Quality.CalculatedBaselineStatistics"}
    assert check.used_constraints.render() == {"Get": "Steps.Quality.BaselineUsedForDriftCheckConstraints"}
    assert check.used_statistics.render() == {"Get": "Steps.Quality.BaselineUsedForDriftCheckStatistics"}
    values: list[StepOutput] = [check.calculated_constraints, check.used_statistics]
    assert {value.output for value in values} <= set(check.outputs)
    assert bias().outputs == ("CalculatedBaselineConstraints", "BaselineUsedForDriftCheckConstraints")
    assert report().report.output in report().outputs


def test_a_relaxation_is_recorded_with_its_reason(templates: dict[str, Template]) -> None:
    assert "MLG-MLO-05" in claims(templates["isolated"])["controls"]
    relaxed = claims(templates["asking"])
    assert "MLG-MLO-05" not in relaxed["controls"]
    (deviation,) = relaxed["deviations"]
    assert deviation["control"] == "MLG-MLO-05"
    assert "RISK-9" in deviation["reason"]


@pytest.mark.parametrize(("name", "statuses"), [("isolated", set()), ("asking", {Status.DEVIATION})])
def test_the_rule_judges_the_definition(templates: dict[str, Template], name: str, statuses: set[Status]) -> None:
    findings = RuleEngine([CATALOGUE["MLG-MLO-05"]]).check_text(json.dumps(templates[name]))
    assert {finding.status for finding in findings} == statuses


SETTINGS = JobSettings(
    project="churn",
    subnet_ids=["subnet-1"],
    security_group_ids=["sg-1"],
    key_arn="arn:aws:kms:eu-west-1:111122223333:key/1",
    training_role_arn="arn:aws:iam::111122223333:role/training",
    processing_role_arn="arn:aws:iam::111122223333:role/processing",
    output_uri="s3://data/churn/pipelines/checks",
)


@pytest.mark.parametrize("steps", [isolated_steps(), asking_steps()])
def test_the_local_cloud_takes_the_definition(steps: list[PipelineStep]) -> None:
    assert definition_problems(json.dumps(PipelineDefinition(steps, SETTINGS).render())) == []


PIPELINES_JOB = "arn:aws:sagemaker:eu-west-1:111122223333:processing-job/pipelines-abc-explain-def"


def request(template: Template) -> dict[str, Any]:
    """What a hardened job says, in the terms of conditions."""
    (start,) = (
        statement
        for policy in of_type(template, "AWS::IAM::ManagedPolicy").values()
        for statement in policy["Properties"]["PolicyDocument"]["Statement"]
        if statement.get("Sid") == "RunJobs"
    )
    condition = resolved(start["Condition"])
    said = {**condition["ForAllValues:StringEquals"], **condition["ArnEquals"], **condition["ArnEqualsIfExists"]}
    return {
        **{key.replace(":", "__"): value for key, value in said.items()},
        "aws__RequestTag/mlgov__project": "churn",
        "sagemaker__InterContainerTrafficEncryption": "true",
        "sagemaker__InstanceTypes": ["ml.m5.xlarge"],
    }


def decide(template: Template, role: str, action: str, resource: str, **context: Any) -> str:
    (name,) = (each for each in of_type(template, "AWS::IAM::Role") if each.startswith(role))
    return decision(template, name, f"sagemaker:{action}", resource, **context)


@pytest.mark.parametrize(("name", "expected"), [("isolated", "ImplicitDeny"), ("asking", "Allow")])
def test_only_a_pipeline_that_asks_models_starts_jobs_with_a_network(
    templates: dict[str, Template], name: str, expected: str
) -> None:
    template = templates[name]
    open_job = {**request(template), "sagemaker__NetworkIsolation": "false"}
    assert decide(template, "PipelineRole", "CreateProcessingJob", PIPELINES_JOB, **open_job) == expected
    assert decide(template, "PipelineRole", "CreateTrainingJob", PIPELINES_JOB, **open_job) == "ImplicitDeny"


@pytest.mark.parametrize(
    "missing", ["sagemaker__VpcSubnets", "sagemaker__OutputKmsKeyArn", "sagemaker__VolumeKmsKeyArn"]
)
def test_all_else_still_holds(templates: dict[str, Template], missing: str) -> None:
    template = templates["asking"]
    context = {key: value for key, value in request(template).items() if key != missing}
    assert decide(template, "PipelineRole", "CreateProcessingJob", PIPELINES_JOB, **context) != "Allow"


@pytest.mark.parametrize(("project", "expected"), [("churn", "Allow"), ("other", "ImplicitDeny")])
def test_a_job_asks_copies_of_the_projects_models(templates: dict[str, Template], project: str, expected: str) -> None:
    arn = "arn:aws:sagemaker:eu-west-1:111122223333"
    tag = {"aws__ResourceTag/mlgov__project": project}
    template = templates["asking"]
    assert decide(template, "ProcessingRole", "DescribeModel", f"{arn}:model/m", **tag) == expected
    assert decide(template, "ProcessingRole", "InvokeEndpoint", f"{arn}:endpoint/churn", **tag) == "ImplicitDeny"
    shadow = f"{arn}:endpoint/sagemaker-clarify-x"
    assert decide(template, "ProcessingRole", "InvokeEndpoint", shadow) == "Allow"
    assert decide(templates["isolated"], "ProcessingRole", "InvokeEndpoint", shadow) == "ImplicitDeny"


def test_a_pipeline_sees_the_version_that_it_compares_with(templates: dict[str, Template]) -> None:
    arn = "arn:aws:sagemaker:eu-west-1:111122223333:model-package"
    template = templates["isolated"]
    assert decide(template, "PipelineRole", "DescribeModelPackage", f"{arn}/churn/3") == "Allow"
    assert decide(template, "PipelineRole", "DescribeModelPackage", f"{arn}/other/3") == "ImplicitDeny"
    assert decide(templates["asking"], "PipelineRole", "DescribeModelPackage", f"{arn}/churn/3") == "ImplicitDeny"


@pytest.mark.parametrize(("name", "expected"), [("isolated", False), ("asking", True)])
def test_the_vpc_has_the_endpoints_that_clarify_calls(
    templates: dict[str, Template], name: str, expected: bool
) -> None:
    services = json.dumps([each["Properties"] for each in of_type(templates[name], "AWS::EC2::VPCEndpoint").values()])
    assert ("sagemaker.runtime" in services) is expected


@pytest.fixture
def base() -> Ground:
    return ground(cdk.App(), "Stack")


BY_TAG = JobImage("111122223333.dkr.ecr.eu-west-1.example/clarify:1.0")


@pytest.mark.parametrize(
    ("steps", "message"),
    [
        ([quality(image=BY_TAG)], "step 'Quality' runs the image"),
        ([quality(dataset_format=DatasetFormat.parquet())], "step 'Quality' reads parquet, which no baseline"),
        ([quality(inference="0")], "step 'Quality' says where answers stand, and checks data"),
        (
            [quality(problem_type=ProblemType.REGRESSION, inference="0")],
            "step 'Quality' does not know what was right",
        ),
        (
            [quality(problem_type=ProblemType.REGRESSION, ground_truth="0")],
            "step 'Quality' does not know the answers of the model",
        ),
        ([quality(retries=[])], None),
        ([config(), bias(drift=DriftCheck(constraints="s3://c", statistics="s3://s"))], "compares with statistics"),
        ([bias()], "step 'Bias' reads of step 'Config', which the pipeline has not"),
        ([config(), bias(config=config(analysis=OF_FEATURES))], "which is none of bias"),
        ([config(), bias(config=config(analysis=OF_MODEL))], "step 'Bias' has no model, and its analysis metrics"),
        ([config(), bias(instance_count=2)], "step 'Bias' has 2 instances, and its rows cannot be told apart"),
        ([config(), bias(network_isolation=asking_steps()[1].relaxations["MLG-MLO-05"])], "needs no network"),
        ([model_bias(network_isolation=None)], "step 'ModelBias' asks a model over the network, which an isolated"),
        ([model_bias(config=config(analysis=OF_ANSWERS))], "step 'ModelBias' asks a model, and its analysis"),
        ([explain(model=None, network_isolation=None)], "step 'Explain' has no model to explain"),
        ([explain(config=config(analysis=OF_DATA))], "which is none of SHAP values"),
        ([report(config=config(analysis=OF_MODEL))], "step 'Report' reads an analysis of 'Config' that asks a model"),
        ([report(image=BY_TAG)], "step 'Report' runs the image"),
        ([report(instance_count=3)], "step 'Report' has 3 instances"),
        ([config(instance_type="m5.xlarge")], "step 'Config' has the instance type 'm5.xlarge'"),
    ],
)
def test_a_check_that_cannot_run_is_refused(base: Ground, steps: list[PipelineStep], message: str | None) -> None:
    if message is None:
        base.pipeline("Pipeline", steps=steps)
        return
    with pytest.raises(ConstructError, match=re.escape(message)):
        base.pipeline("Pipeline", steps=steps)


@pytest.mark.parametrize("image", MonitoringImage)
def test_an_image_of_aws_is_pulled_by_the_role_of_the_job(image: MonitoringImage) -> None:
    stack = cdk.Stack(cdk.App(), "Stack", env=cdk.Environment(region="eu-central-1"))
    found = image.job_image(stack)
    assert found.is_fixed
    account = image.registries["eu-central-1"]
    assert found.uri.startswith(f"{account}.dkr.ecr.eu-central-1.")
    assert f":{account}:repository/{image.value}" in str(found.repository_arn)


def test_an_image_that_aws_does_not_publish_is_refused() -> None:
    stack = cdk.Stack(cdk.App(), "Stack", env=cdk.Environment(region="us-gov-west-1"))
    with pytest.raises(ConstructError, match="AWS publishes no account of sagemaker-model-monitor-analyzer"):
        MonitoringImage.ANALYZER.job_image(stack)


def test_clarify_is_named_by_its_version() -> None:
    assert CLARIFY.is_fixed


REGIONS = {"aws": "us-east-1", "aws-us-gov": "us-gov-west-1", "aws-cn": "cn-north-1"}
LITERAL = re.compile(r"arn:aws(-cn|-us-gov)?:(?!aws:)")


@pytest.fixture(scope="session")
def partitions(synthesize: Callable[..., dict[str, Template]]) -> dict[str, Template]:
    def build(app: cdk.App) -> None:
        for partition, region in REGIONS.items():
            base = ground(app, partition, cdk.Environment(region=region))
            image = MonitoringImage.CLARIFY.job_image(base.stack)
            step_of_data = bias(image=image, drift=DriftCheck(model_package_group_name="churn"))
            base.pipeline("Checks", pipeline_name="checks", steps=[*asking_steps(), config(), step_of_data])

    return synthesize(build)


@pytest.mark.parametrize("partition", REGIONS)
def test_no_arn_names_a_partition(partitions: dict[str, Template], partition: str) -> None:
    assert LITERAL.findall(json.dumps(partitions[partition])) == []


@pytest.mark.parametrize(
    ("partition", "account"), [("aws", "205585389593"), ("aws-us-gov", "598674086554"), ("aws-cn", "122526803553")]
)
def test_clarify_is_that_of_the_region(partitions: dict[str, Template], partition: str, account: str) -> None:
    image = step(definition(partitions[partition], "Checks"), "Bias")["Arguments"]["AppSpecification"]["ImageUri"]
    assert image == f"{account}.dkr.ecr.{REGIONS[partition]}.<AWS::URLSuffix>/sagemaker-clarify-processing:1.0"
