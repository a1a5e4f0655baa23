"""The project product in the local cloud: provisioned with and without a bucket, updated, terminated."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable

import pytest

from mlgov_constructs.identity import JobType
from mlgov_constructs.protection import DataClass
from tests.catalog.conftest import NAMES, ground
from tests.catalog.test_project_product import JOBS, project_product
from tests.local_cloud.catalog_templates import ACCOUNT
from tests.local_cloud.conftest import Cloud, Stack
from tests.local_cloud.products import offer
from tests.templates import Template

DOCUMENT = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}


@pytest.fixture(scope="module")
def ground_floor(cloud: Cloud) -> Stack:
    subnets = {
        f"Subnet{position}": {
            "Type": "AWS::EC2::Subnet",
            "Properties": {"VpcId": {"Ref": "Vpc"}, "CidrBlock": f"10.11.{position}.0/24"},
        }
        for position in (1, 2)
    }
    return cloud.stack(
        Vpc={"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.11.0.0/16"}},
        **subnets,
        Group={
            "Type": "AWS::EC2::SecurityGroup",
            "Properties": {"VpcId": {"Ref": "Vpc"}, "GroupDescription": "workloads"},
        },
        Key={"Type": "AWS::KMS::Key", "Properties": {"KeyPolicy": {"Version": "2012-10-17", "Statement": []}}},
        Boundary={"Type": "AWS::IAM::ManagedPolicy", "Properties": {"PolicyDocument": DOCUMENT}},
        Logs={"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "project-access-logs"}},
    )


def test_a_project_is_provisioned_updated_and_terminated_and_its_data_stays(
    cloud: Cloud, ground_floor: Stack, synthesize: Callable[..., dict[str, Template]]
) -> None:
    templates = synthesize(lambda app: project_product(ground(app, "Stack")))
    (first,) = (template for name, template in templates.items() if name.endswith(".product"))
    second = copy.deepcopy(first)
    second["Metadata"]["mlgov"]["version"] = "v2"
    boundary, key = ground_floor.id("Boundary"), f"arn:aws:kms:us-east-1:{ACCOUNT}:key/{ground_floor.id('Key')}"
    shared = (DataClass.RAW, DataClass.CURATED, DataClass.ARTIFACTS)
    workspace = {
        NAMES.subnet_id: ground_floor.id("Subnet1"),
        NAMES.subnet_ids(2)[1]: ground_floor.id("Subnet2"),
        NAMES.security_group_id: ground_floor.id("Group"),
        NAMES.key_arn: key,
        NAMES.permissions_boundary_arn: boundary,
        NAMES.access_log_bucket_name: ground_floor.id("Logs"),
        **{NAMES.bucket_name(each): f"shared-{each.value}" for each in shared},
    }
    chosen = {"Project": "churn-2", "OwnerEmail": "ada@example.org", "CostCenter": "ml-0001", "OwnBucket": "yes"}
    ssm, iam = cloud.client("ssm"), cloud.client("iam")
    with offer(cloud, first, second, workspace=workspace) as product:
        outputs = product.provision("mine", **chosen, MonthlyBudget="500")
        assert outputs["FeatureDatabaseName"] == "features_churn_2"
        for job in JOBS:
            arn = ssm.get_parameter(Name=NAMES.job_role_arn("churn-2", JobType(job)))["Parameter"]["Value"]
            role = iam.get_role(RoleName=arn.rsplit("/", 1)[-1])["Role"]
            assert role["RoleName"] == f"mlgov-test-churn-2-{job}"
            assert role["PermissionsBoundary"]["PermissionsBoundaryArn"] == boundary
            assert iam.list_attached_role_policies(RoleName=role["RoleName"])["AttachedPolicies"]
        budgets = cloud.client("budgets")
        budget = budgets.describe_budget(AccountId=ACCOUNT, BudgetName="mlgov-test-churn-2")["Budget"]
        assert float(budget["BudgetLimit"]["Amount"]) == 500
        s3 = cloud.client("s3")
        bucket = outputs["BucketName"]
        rule = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"][0]
        assert rule["ApplyServerSideEncryptionByDefault"]["KMSMasterKeyID"] == key
        assert "DenyWrongKey" in s3.get_bucket_policy(Bucket=bucket)["Policy"]
        rights = product.resources("mine")["BucketRights4FD5CFBB"]
        document = iam.get_policy_version(PolicyArn=rights, VersionId="v1")["PolicyVersion"]["Document"]
        assert f"arn:aws:s3:::{bucket}/churn-2/*" in json.dumps(document)
        product.update("mine", "v2", **chosen, MonthlyBudget="900")
        budget = budgets.describe_budget(AccountId=ACCOUNT, BudgetName="mlgov-test-churn-2")["Budget"]
        assert float(budget["BudgetLimit"]["Amount"]) == 900
        product.terminate("mine")
    with pytest.raises(iam.exceptions.NoSuchEntityException):
        iam.get_role(RoleName="mlgov-test-churn-2-training")
    assert cloud.client("glue").get_database(Name="features_churn_2")
    assert cloud.client("sagemaker").describe_model_package_group(ModelPackageGroupName="churn-2-models")
    assert s3.get_bucket_versioning(Bucket=bucket)["Status"] == "Enabled"


def test_a_project_without_budget_and_bucket(
    cloud: Cloud, ground_floor: Stack, synthesize: Callable[..., dict[str, Template]]
) -> None:
    templates = synthesize(lambda app: project_product(ground(app, "Stack"), zones=1))
    (template,) = (template for name, template in templates.items() if name.endswith(".product"))
    workspace = {
        NAMES.subnet_id: ground_floor.id("Subnet1"),
        NAMES.security_group_id: ground_floor.id("Group"),
        NAMES.key_arn: f"arn:aws:kms:us-east-1:{ACCOUNT}:key/{ground_floor.id('Key')}",
        NAMES.permissions_boundary_arn: ground_floor.id("Boundary"),
        NAMES.access_log_bucket_name: ground_floor.id("Logs"),
        **{NAMES.bucket_name(each): f"shared-{each.value}" for each in DataClass},
    }
    with offer(cloud, template, workspace=workspace) as product:
        outputs = product.provision(
            "lean", Project="lean", OwnerEmail="ada@example.org", CostCenter="ml-0001", MonthlyBudget="0"
        )
        assert outputs["BucketName"] == "none"
        assert {"Bucket83908E77", "Budget"}.isdisjoint(product.resources("lean"))
        product.terminate("lean")
