"""The project that a platform administrator provisioned: its roles, its budget, where its models and data are."""

import re
from collections.abc import Mapping
from typing import Any

from mlgov_constructs.local_cloud.demo.readback.budget import describe_budget
from mlgov_constructs.local_cloud.demo.readback.deployed import Deployed
from mlgov_constructs.local_cloud.demo.readback.rows import key_row, role_name
from mlgov_constructs.local_cloud.demo.readback.section import Row, Section, unmet

_STACK = "CloudformationStackARN"


def read_project(deployed: Deployed, outputs: Mapping[str, str]) -> Section:
    """Reads back everything of a project.

    Args:
        deployed: The environment that it must lie in.
        outputs: What the product told when it was provisioned.
    """
    project, own = outputs["DataPrefix"].rstrip("/"), Deployed(deployed.clients, [outputs[_STACK]])
    rows = (
        Row((project, f"{len(own.ids('AWS::IAM::Role'))} roles")),
        *(_role(deployed, name) for name in own.ids("AWS::IAM::Role")),
        *(_budget(deployed, name, project) for name in own.ids("AWS::Budgets::Budget")),
        *(_group(deployed, name, project) for name in own.names("AWS::SageMaker::ModelPackageGroup")),
        *(_database(deployed, name, project) for name in own.ids("AWS::Glue::Database")),
        *(_bucket(deployed, name) for name in own.ids("AWS::S3::Bucket")),
    )
    demands = {
        "it must have roles": bool(own.ids("AWS::IAM::Role")),
        "it must have a registry": bool(own.ids("AWS::SageMaker::ModelPackageGroup")),
    }
    return Section("Provisioned project", ("What", "Read back"), rows, demands)


def _role(deployed: Deployed, name: str) -> Row:
    role = deployed.client("iam").get_role(RoleName=name)["Role"]
    boundary = role.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn", "")
    bounded = boundary in deployed.ids("AWS::IAM::ManagedPolicy")
    text = f"{name}, under {role_name(boundary) or 'no boundary'}"
    return Row(("Role", text), unmet({"must be under the boundary of the environment": bounded}))


def _budget(deployed: Deployed, name: str, project: str) -> Row:
    budget = describe_budget(deployed, name)
    text = f"{budget.limit}, told at {budget.actual or 'nothing'}, forecast {budget.forecast or 'nothing'}"
    demands = {
        "must count the project": any(each.endswith(f"${project}") for each in budget.filters),
        "must warn of actual cost": bool(budget.actual),
        "must warn of forecast cost": bool(budget.forecast),
        "must tell someone": bool(budget.told),
    }
    return Row(("Budget", text), unmet(demands))


def _group(deployed: Deployed, name: str, project: str) -> Row:
    group = deployed.client("sagemaker").describe_model_package_group(ModelPackageGroupName=name)
    named = re.match(re.escape(project) + r"\b", name) is not None
    text = f"{name}, {group['ModelPackageGroupStatus']}"
    return Row(("Registry", text), unmet({"must be named after the project": named}))


def _database(deployed: Deployed, name: str, project: str) -> Row:
    database: dict[str, Any] = deployed.client("glue").get_database(Name=name)["Database"]
    bucket, _, prefix = database.get("LocationUri", "").removeprefix("s3://").partition("/")
    demands = {
        "must lie in a bucket of the environment": bucket in deployed.ids("AWS::S3::Bucket"),
        "must lie under the project": prefix.startswith(f"{project}/"),
    }
    return Row(("Feature database", f"{name}, at {database.get('LocationUri', 'no place')}"), unmet(demands))


def _bucket(deployed: Deployed, name: str) -> Row:
    s3 = deployed.client("s3")
    rule = s3.get_bucket_encryption(Bucket=name)["ServerSideEncryptionConfiguration"]["Rules"][0]
    return key_row(deployed, "Own bucket", rule["ApplyServerSideEncryptionByDefault"].get("KMSMasterKeyID"), name)
