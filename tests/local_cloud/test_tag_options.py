"""A changed tag option where IAM is evaluated: the launch role may set it, and never the project."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from mlgov_constructs.catalog import LaunchRole
from tests.local_cloud import catalog_templates as templates
from tests.local_cloud.conftest import Cloud, Stack

KIND = "AWS::ServiceCatalog::"
EXECUTION = "role/tags-execution"
# An account takes a pair of key and value once, and other tests share this one.
OLD, NEW = "7", "8"
NOTEBOOKS = f"arn:aws:sagemaker:us-east-1:{templates.ACCOUNT}:notebook-instance/*"


def product_template(project: str) -> str:
    template = json.loads(templates.product_template())
    template["Resources"]["Notebook"]["Properties"]["Tags"] = [{"Key": "mlgov:project", "Value": project}]
    return json.dumps(template).replace("role/notebook-execution", EXECUTION)


@pytest.fixture(scope="module")
def catalog(enforced_cloud: Cloud) -> Iterator[Stack]:
    versions = [
        templates.version(name, templates.upload(enforced_cloud, f"tags-{name}.json", product_template(project)))
        for name, project in (("v1", "churn"), ("v2", "fraud"))
    ]
    new = {"StringEquals": {"sagemaker:TaggingAction": "CreateNotebookInstance"}}
    found = templates.catalog(
        *versions,
        launch_statements=(
            templates.allow("cloudformation:*"),
            templates.allow("sagemaker:*NotebookInstance", "sagemaker:ListTags"),
            {**templates.allow("sagemaker:AddTags"), "Condition": new},
            templates.allow("iam:PassRole", resource=f"arn:aws:iam::{templates.ACCOUNT}:{EXECUTION}"),
            *LaunchRole.tag_changes("Notebooks", NOTEBOOKS, ["churn", "fraud"]),
        ),
    )
    for name in ("Rules", "Notification", "Topic", "Share", "Stranger"):
        del found[name]
    found["Scientist"]["Properties"]["RoleName"] = "tags-scientist"
    found["LaunchRole"]["Properties"]["RoleName"] = "tags-launch"
    found["NotebookRole"]["Properties"]["RoleName"] = "tags-execution"
    found["Principal"]["Properties"]["PrincipalARN"] = "arn:aws:iam:::role/tags-scientist"
    found["CostCentre"]["Properties"]["Value"] = OLD
    found["Other"] = {"Type": f"{KIND}TagOption", "Properties": {"Key": "cost-centre", "Value": NEW, "Active": True}}
    found["OtherOnPortfolio"] = {
        "Type": f"{KIND}TagOptionAssociation",
        "Properties": {"TagOptionId": {"Ref": "Other"}, "ResourceId": {"Ref": "Portfolio"}},
    }
    stack = enforced_cloud.stack(**found)
    assert stack.describe()["StackStatus"] == "CREATE_COMPLETE", stack.failures()
    yield stack
    assert stack.delete() == "DELETE_COMPLETE", stack.failures()


def run(cloud: Cloud, catalog: Stack, operation: str, version: str, cost_centre: str) -> dict[str, Any]:
    catalogue = cloud.client("servicecatalog", cloud.as_role("tags-scientist"))
    answer = getattr(catalogue, operation)(
        ProductId=catalog.id("Product"),
        ProvisioningArtifactName=version,
        ProvisionedProductName="tagged",
        ProvisioningParameters=[{"Key": "Project", "Value": "alpha"}],
        Tags=[{"Key": "cost-centre", "Value": cost_centre}],
    )
    return templates.ended(cloud, answer)


def test_a_tag_option_changes_and_the_project_stays(enforced_cloud: Cloud, catalog: Stack) -> None:
    record = run(enforced_cloud, catalog, "provision_product", "v1", OLD)
    assert record["RecordDetail"]["Status"] == "SUCCEEDED", record["RecordDetail"]["RecordErrors"]
    outputs = {item["OutputKey"]: item["OutputValue"] for item in record["RecordOutputs"]}
    sagemaker = enforced_cloud.client("sagemaker")
    arn = sagemaker.describe_notebook_instance(NotebookInstanceName=outputs["Name"])["NotebookInstanceArn"]

    def tags() -> dict[str, str]:
        return {tag["Key"]: tag["Value"] for tag in sagemaker.list_tags(ResourceArn=arn)["Tags"]}

    assert (tags()["cost-centre"], tags()["mlgov:project"]) == (OLD, "churn")
    record = run(enforced_cloud, catalog, "update_provisioned_product", "v1", NEW)
    assert record["RecordDetail"]["Status"] == "SUCCEEDED", record["RecordDetail"]["RecordErrors"]
    assert (tags()["cost-centre"], tags()["mlgov:project"]) == (NEW, "churn")

    record = run(enforced_cloud, catalog, "update_provisioned_product", "v2", NEW)
    assert record["RecordDetail"]["Status"] == "FAILED"
    assert "sagemaker:AddTags" in str(record["RecordDetail"]["RecordErrors"])
    assert tags()["mlgov:project"] == "churn"
    catalogue = enforced_cloud.client("servicecatalog", enforced_cloud.as_role("tags-scientist"))
    ended = templates.ended(enforced_cloud, catalogue.terminate_provisioned_product(ProvisionedProductName="tagged"))
    assert ended["RecordDetail"]["Status"] == "SUCCEEDED", ended["RecordDetail"]["RecordErrors"]
