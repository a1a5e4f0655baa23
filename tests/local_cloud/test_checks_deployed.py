"""A pipeline of checks as the constructs make it, deployed, and read back from the APIs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest

from mlgov_constructs.identity import JobType
from tests.local_cloud.conftest import Cloud, Stack
from tests.mlops.pipelines import ground, step
from tests.monitoring.checks import asking_steps, isolated_steps


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder: Path = tmp_path_factory.mktemp("checks")
    app = cdk.App(outdir=str(folder), analytics_reporting=False)
    base = ground(app, "checks")
    base.pipeline(
        "Checks",
        pipeline_name="model-checks",
        steps=[*isolated_steps(), *asking_steps()],
        role=base.role("PipelineRole", JobType.PIPELINE),
        processing_role=base.role("ProcessingRole", JobType.PROCESSING),
        training_role=base.role("TrainingRole", JobType.TRAINING),
    )
    app.synth()
    document = json.loads((folder / "checks.template.json").read_text(encoding="utf-8"))
    # The bootstrap stack, which the rule of the CDK looks for, is not part of this test.
    return json.dumps({"Resources": document["Resources"]})


@pytest.fixture(scope="module")
def definition(cloud: Cloud, template: str) -> dict[str, Any]:
    s3 = cloud.client("s3")
    s3.create_bucket(Bucket="check-templates")
    s3.put_object(Bucket="check-templates", Key="checks.json", Body=template)
    cloud.client("cloudformation").create_stack(
        StackName="checks",
        TemplateURL=f"{cloud.local.endpoint}/check-templates/checks.json",
        Capabilities=["CAPABILITY_NAMED_IAM"],
    )
    stack = Stack(cloud, "checks", {})
    assert stack.wait() == "CREATE_COMPLETE", stack.failures()
    found = cloud.client("sagemaker").describe_pipeline(PipelineName="model-checks")
    document: dict[str, Any] = json.loads(found["PipelineDefinition"])
    return document


@pytest.mark.parametrize("name", ["Quality", "Answers", "Bias", "Report"])
def test_a_check_is_isolated(definition: dict[str, Any], name: str) -> None:
    network = step(definition, name)["Arguments"]["NetworkConfig"]
    assert network["EnableNetworkIsolation"] is True
    assert network["EnableInterContainerTrafficEncryption"] is True


@pytest.mark.parametrize("name", ["ModelBias", "Explain"])
def test_a_check_that_asks_a_model_stays_in_the_subnets(cloud: Cloud, definition: dict[str, Any], name: str) -> None:
    network = step(definition, name)["Arguments"]["NetworkConfig"]
    assert network["EnableNetworkIsolation"] is False
    found = cloud.client("ec2").describe_subnets(SubnetIds=network["VpcConfig"]["Subnets"])["Subnets"]
    assert len(found) == 2


def test_a_check_says_what_it_compares_with(definition: dict[str, Any]) -> None:
    assert step(definition, "Bias")["ModelPackageGroupName"] == "churn"
    assert step(definition, "Explain")["CheckType"] == "MODEL_EXPLAINABILITY"
