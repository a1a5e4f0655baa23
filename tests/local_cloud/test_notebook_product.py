"""The notebook product in the local cloud: provisioned, updated to a new version, terminated."""

from __future__ import annotations

import copy
from collections.abc import Callable

import pytest

from mlgov_constructs.workspace import ParameterNames
from tests.catalog.conftest import ground
from tests.local_cloud.catalog_templates import ACCOUNT, role, trust
from tests.local_cloud.conftest import Cloud, Stack
from tests.local_cloud.products import offer
from tests.templates import Template

NAMES = ParameterNames("/mlgov/test/workspace")


@pytest.fixture(scope="module")
def network(cloud: Cloud) -> Stack:
    return cloud.stack(
        Vpc={"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.9.0.0/16"}},
        Subnet={"Type": "AWS::EC2::Subnet", "Properties": {"VpcId": {"Ref": "Vpc"}, "CidrBlock": "10.9.0.0/24"}},
        Group={
            "Type": "AWS::EC2::SecurityGroup",
            "Properties": {"VpcId": {"Ref": "Vpc"}, "GroupDescription": "workloads"},
        },
        Role=role("product-notebooks", trust("sagemaker")),
        Key={"Type": "AWS::KMS::Key", "Properties": {"KeyPolicy": {"Version": "2012-10-17", "Statement": []}}},
    )


def test_a_notebook_is_provisioned_updated_to_a_new_version_and_terminated(
    cloud: Cloud, network: Stack, synthesize: Callable[..., dict[str, Template]]
) -> None:
    templates = synthesize(lambda app: ground(app, "Stack").product())
    (first,) = (template for name, template in templates.items() if name.endswith(".product"))
    second = copy.deepcopy(first)
    second["Mappings"]["Sizes"]["small"]["InstanceType"] = "ml.t3.large"
    sagemaker = cloud.client("sagemaker")
    sagemaker.create_notebook_instance_lifecycle_config(NotebookInstanceLifecycleConfigName="idle")
    workspace = {
        NAMES.subnet_id: network.id("Subnet"),
        NAMES.security_group_id: network.id("Group"),
        NAMES.key_arn: f"arn:aws:kms:us-east-1:{ACCOUNT}:key/{network.id('Key')}",
        NAMES.lifecycle_config_name: "idle",
        NAMES.notebook_role_arn("churn"): f"arn:aws:iam::{ACCOUNT}:role/product-notebooks",
    }
    with offer(cloud, first, second, workspace=workspace) as product:
        name = product.provision("mine", Project="churn")["NotebookName"]
        assert product.resources("mine")["Notebook"].endswith(f"/{name.lower()}")
        notebook = sagemaker.describe_notebook_instance(NotebookInstanceName=name)
        assert (notebook["InstanceType"], notebook["SubnetId"]) == ("ml.t3.medium", network.id("Subnet"))
        product.update("mine", "v2", Project="churn")
        assert sagemaker.describe_notebook_instance(NotebookInstanceName=name)["InstanceType"] == "ml.t3.large"
        product.terminate("mine")
    with pytest.raises(sagemaker.exceptions.ClientError, match="RecordNotFound"):
        sagemaker.describe_notebook_instance(NotebookInstanceName=name)
