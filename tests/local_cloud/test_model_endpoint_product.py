"""The model endpoint product in the local cloud: provisioned, updated to another model, terminated."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from mlgov_constructs.identity import JobType
from mlgov_constructs.protection import DataClass
from tests.catalog.conftest import NAMES, ground
from tests.catalog.test_model_endpoint_product import endpoint_product
from tests.local_cloud.catalog_templates import ACCOUNT, role, trust
from tests.local_cloud.conftest import Cloud, Stack
from tests.local_cloud.products import offer
from tests.templates import Template

CHOICE = {"Project": "churn", "ModelVersion": "1", "Name": "live", "Stage": "production"}


@pytest.fixture(scope="module")
def ground_floor(cloud: Cloud) -> Stack:
    vpc = {"Ref": "Vpc"}
    return cloud.stack(
        Vpc={"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.11.0.0/16"}},
        Subnet={"Type": "AWS::EC2::Subnet", "Properties": {"VpcId": vpc, "CidrBlock": "10.11.0.0/24"}},
        Subnet2={"Type": "AWS::EC2::Subnet", "Properties": {"VpcId": vpc, "CidrBlock": "10.11.1.0/24"}},
        Group={"Type": "AWS::EC2::SecurityGroup", "Properties": {"VpcId": vpc, "GroupDescription": "workloads"}},
        Role=role("product-hosting", trust("sagemaker")),
        Key={"Type": "AWS::KMS::Key", "Properties": {"KeyPolicy": {"Version": "2012-10-17", "Statement": []}}},
        Topic={"Type": "AWS::SNS::Topic", "Properties": {}},
    )


@pytest.fixture(scope="module")
def workspace(ground_floor: Stack) -> dict[str, str]:
    first, second = NAMES.subnet_ids()
    return {
        first: ground_floor.id("Subnet"),
        second: ground_floor.id("Subnet2"),
        NAMES.security_group_id: ground_floor.id("Group"),
        NAMES.key_arn: f"arn:aws:kms:us-east-1:{ACCOUNT}:key/{ground_floor.id('Key')}",
        NAMES.alarm_topic_arn: ground_floor.id("Topic"),
        NAMES.bucket_name(DataClass.CURATED): "curated",
        NAMES.job_role_arn("churn", JobType.HOSTING): f"arn:aws:iam::{ACCOUNT}:role/product-hosting",
        NAMES.model_package_group_name("churn"): "churn-models",
    }


@pytest.fixture(scope="module", autouse=True)
def registry(cloud: Cloud) -> Iterator[None]:
    """Two approved versions of the project's model, and one that waits."""
    sagemaker = cloud.client("sagemaker")
    sagemaker.create_model_package_group(ModelPackageGroupName="churn-models")
    versions = [
        sagemaker.create_model_package(ModelPackageGroupName="churn-models", ModelApprovalStatus=status)
        for status in ("Approved", "Approved", "PendingManualApproval")
    ]
    yield
    for version in versions:
        sagemaker.delete_model_package(ModelPackageName=version["ModelPackageArn"])
    sagemaker.delete_model_package_group(ModelPackageGroupName="churn-models")


@pytest.fixture(scope="module")
def template(synthesize: Callable[..., dict[str, Template]]) -> Template:
    templates = synthesize(lambda app: endpoint_product(ground(app, "Stack")))
    (found,) = (template for name, template in templates.items() if name.endswith(".product"))
    return found


def test_an_endpoint_is_provisioned_updated_and_terminated(
    cloud: Cloud, workspace: dict[str, str], template: Template
) -> None:
    second = copy.deepcopy(template)
    second["Parameters"]["RequestsPerInstance"]["Default"] = 90
    sagemaker, scaler = cloud.client("sagemaker"), cloud.client("application-autoscaling")
    with offer(cloud, template, second, workspace=workspace) as product:
        outputs = product.provision("mine", **CHOICE, CapturedPercent="20")
        assert outputs["EndpointName"] == "churn-live"
        assert outputs["CapturedData"] == "churn/data-capture/churn-live"
        assert "--endpoint-name churn-live" in outputs["InvokeCommand"]
        endpoint = sagemaker.describe_endpoint(EndpointName="churn-live")
        assert endpoint["EndpointStatus"] == "InService"
        assert endpoint["DataCaptureConfig"]["CurrentSamplingPercentage"] == 20
        assert endpoint["ProductionVariants"][0]["DesiredInstanceCount"] == 2
        routing = endpoint["LastDeploymentConfig"]["BlueGreenUpdatePolicy"]["TrafficRoutingConfiguration"]
        assert routing["Type"] == "CANARY"
        config = sagemaker.describe_endpoint_config(EndpointConfigName=endpoint["EndpointConfigName"])
        assert config["KmsKeyId"] == workspace[NAMES.key_arn]
        model = _model(sagemaker, config)
        assert model["EnableNetworkIsolation"] is True
        assert model["VpcConfig"]["Subnets"] == [workspace[name] for name in NAMES.subnet_ids()]
        assert model["PrimaryContainer"]["ModelPackageName"].endswith(":model-package/churn-models/1")

        product.update("mine", "v2", **{**CHOICE, "ModelVersion": "2"}, MostInstances="6")
        changed = sagemaker.describe_endpoint(EndpointName="churn-live")
        assert changed["EndpointArn"] == endpoint["EndpointArn"]
        assert changed["EndpointConfigName"] != endpoint["EndpointConfigName"]
        config = sagemaker.describe_endpoint_config(EndpointConfigName=changed["EndpointConfigName"])
        package = _model(sagemaker, config)["PrimaryContainer"]["ModelPackageName"]
        assert package.endswith(":model-package/churn-models/2")
        (target,) = scaler.describe_scalable_targets(ServiceNamespace="sagemaker")["ScalableTargets"]
        assert (target["MinCapacity"], target["MaxCapacity"]) == (2, 6)
        product.terminate("mine")
    with pytest.raises(sagemaker.exceptions.ClientError, match="Could not find endpoint"):
        sagemaker.describe_endpoint(EndpointName="churn-live")
    assert sagemaker.list_models(NameContains="Model")["Models"] == []
    assert scaler.describe_scalable_targets(ServiceNamespace="sagemaker")["ScalableTargets"] == []


def test_a_test_endpoint_of_one_instance_is_provisioned_and_updated_at_once(
    cloud: Cloud, workspace: dict[str, str], template: Template
) -> None:
    alone = {**CHOICE, "Stage": "test", "Instances": "1"}
    with offer(cloud, template, template, workspace=workspace) as product:
        product.provision("trial", **alone)
        product.update("trial", "v2", **{**alone, "ModelVersion": "2"})
        endpoint = cloud.client("sagemaker").describe_endpoint(EndpointName="churn-live")
        routing = endpoint["LastDeploymentConfig"]["BlueGreenUpdatePolicy"]["TrafficRoutingConfiguration"]
        assert routing == {"Type": "ALL_AT_ONCE", "WaitIntervalInSeconds": 0}
        product.terminate("trial")


@pytest.mark.parametrize(
    ("choice", "message"),
    [
        ({"Instances": "1"}, "In production an endpoint has 2 instances or more"),
        ({"Instances": "3", "MostInstances": "2"}, "At most 2 instances are fewer than there are to begin with"),
    ],
)
def test_the_rules_of_the_template_hold(
    cloud: Cloud, workspace: dict[str, str], template: Template, choice: dict[str, str], message: str
) -> None:
    with offer(cloud, template, workspace=workspace) as product:
        with pytest.raises(AssertionError, match=message):
            product.provision("wrong", **CHOICE, **choice)
        product.terminate("wrong")


def test_a_version_that_is_not_approved_is_refused(cloud: Cloud, workspace: dict[str, str], template: Template) -> None:
    with offer(cloud, template, workspace=workspace) as product:
        with pytest.raises(AssertionError, match="is not approved: its status is PendingManualApproval"):
            product.provision("waiting", **{**CHOICE, "ModelVersion": "3"})
        product.terminate("waiting")


def _model(sagemaker: Any, config: dict[str, Any]) -> dict[str, Any]:
    name = config["ProductionVariants"][0]["ModelName"]
    found: dict[str, Any] = sagemaker.describe_model(ModelName=name)
    return found
