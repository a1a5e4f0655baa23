"""Service Catalog: administration, what end users see, provisioning, updating and terminating."""

from __future__ import annotations

from typing import Any

import pytest

from tests.local_cloud import catalog_templates as templates
from tests.local_cloud.conftest import Cloud, Stack


def provision(cloud: Cloud, stack: Stack, name: str, **changes: Any) -> dict[str, Any]:
    parameters = {"Project": "alpha", **changes.pop("parameters", {})}
    request = {
        "ProductId": stack.id("Product"),
        "ProvisioningArtifactName": "v2",
        "ProvisionedProductName": name,
        "ProvisioningParameters": [{"Key": key, "Value": value} for key, value in parameters.items()],
        **changes,
    }
    scientist = cloud.as_role("scientist")
    answer = cloud.client("servicecatalog", scientist).provision_product(**request)
    return templates.ended(cloud, answer)


@pytest.fixture(scope="module")
def catalog(cloud: Cloud) -> Stack:
    first = templates.version("v1", templates.upload(cloud, "one.json", templates.product_template("1")))
    second = templates.version("v2", templates.upload(cloud, "two.json", templates.product_template("2")))
    return cloud.stack(**templates.catalog(first, second, launch_statements=(templates.allow("sagemaker:*"),)))


def test_the_stack_is_complete(catalog: Stack) -> None:
    assert catalog.describe()["StackStatus"] == "CREATE_COMPLETE", catalog.failures()


def test_portfolio(cloud: Cloud, catalog: Stack) -> None:
    catalogue, portfolio_id = cloud.client("servicecatalog"), catalog.id("Portfolio")
    portfolio = catalogue.describe_portfolio(Id=portfolio_id)
    assert portfolio["PortfolioDetail"]["DisplayName"] == "ML"
    assert {"Key": "a", "Value": "b"} in portfolio["Tags"]
    assert [(item["Key"], item["Value"]) for item in portfolio["TagOptions"]] == [("cost-centre", "42")]
    principals = catalogue.list_principals_for_portfolio(PortfolioId=portfolio_id)["Principals"]
    assert principals == [{"PrincipalARN": "arn:aws:iam:::role/scient*", "PrincipalType": "IAM_PATTERN"}]
    shares = catalogue.describe_portfolio_shares(PortfolioId=portfolio_id, Type="ACCOUNT")["PortfolioShareDetails"]
    assert [item["PrincipalId"] for item in shares] == ["210987654321"]
    kinds = catalogue.list_constraints_for_portfolio(PortfolioId=portfolio_id)["ConstraintDetails"]
    assert {item["Type"] for item in kinds} == {"LAUNCH", "TEMPLATE", "NOTIFICATION", "RESOURCE_UPDATE"}


def test_a_share_with_an_organisation_is_followed_by_its_token(cloud: Cloud, catalog: Stack) -> None:
    catalogue, portfolio_id = cloud.client("servicecatalog"), catalog.id("Portfolio")
    share = {"PortfolioId": portfolio_id, "OrganizationNode": {"Type": "ORGANIZATION", "Value": "o-a1b2c3d4e5"}}
    for operation in (catalogue.create_portfolio_share, catalogue.delete_portfolio_share):
        token = operation(**share)["PortfolioShareToken"]
        status = catalogue.describe_portfolio_share_status(PortfolioShareToken=token)
        assert (status["Status"], status["OrganizationNodeValue"]) == ("COMPLETED", "o-a1b2c3d4e5")
    shares = catalogue.describe_portfolio_shares(PortfolioId=portfolio_id, Type="ORGANIZATION")
    assert shares["PortfolioShareDetails"] == []


def test_product_has_both_versions(cloud: Cloud, catalog: Stack) -> None:
    catalogue, product_id = cloud.client("servicecatalog"), catalog.id("Product")
    found = catalogue.describe_product_as_admin(Id=product_id)
    assert [item["Name"] for item in found["ProvisioningArtifactSummaries"]] == ["v1", "v2"]
    listed = catalogue.list_provisioning_artifacts(ProductId=product_id)["ProvisioningArtifactDetails"]
    assert all(item["Active"] for item in listed)
    held = catalogue.search_products_as_admin(PortfolioId=catalog.id("Portfolio"))["ProductViewDetails"]
    assert [item["ProductViewSummary"]["ProductId"] for item in held] == [product_id]


def test_the_launch_constraint_names_the_role(cloud: Cloud, catalog: Stack) -> None:
    found = cloud.client("servicecatalog").describe_constraint(Id=catalog.id("Launch"))
    assert "role/launch" in found["ConstraintParameters"]


def test_only_an_associated_principal_sees_the_product(cloud: Cloud, catalog: Stack) -> None:
    scientist = cloud.client("servicecatalog", cloud.as_role("scientist"))
    names = [item["Name"] for item in scientist.search_products()["ProductViewSummaries"]]
    assert names == ["Notebook"]
    assert [
        item["Name"] for item in scientist.list_launch_paths(ProductId=catalog.id("Product"))["LaunchPathSummaries"]
    ] == ["ML"]
    stranger = cloud.client("servicecatalog", cloud.as_role("stranger"))
    assert stranger.search_products()["ProductViewSummaries"] == []
    with pytest.raises(stranger.exceptions.ResourceNotFoundException):
        stranger.describe_product(Id=catalog.id("Product"))


def test_provisioning_parameters(cloud: Cloud, catalog: Stack) -> None:
    scientist = cloud.client("servicecatalog", cloud.as_role("scientist"))
    found = scientist.describe_provisioning_parameters(ProductId=catalog.id("Product"), ProvisioningArtifactName="v2")
    by_key = {item["ParameterKey"]: item for item in found["ProvisioningArtifactParameters"]}
    assert by_key["InstanceType"]["DefaultValue"] == "ml.t3.medium"
    assert by_key["InstanceType"]["ParameterConstraints"]["AllowedValues"] == ["ml.t3.medium", "ml.t3.large"]
    assert by_key["Project"]["ParameterConstraints"]["AllowedPattern"] == "[a-z]{3,12}"
    assert found["TagOptions"] == [{"Key": "cost-centre", "Values": ["42"]}]


def test_provision_update_terminate(cloud: Cloud, catalog: Stack) -> None:
    record = provision(cloud, catalog, "mine", parameters={"InstanceType": "ml.t3.large"})
    assert record["RecordDetail"]["Status"] == "SUCCEEDED", record
    assert record["RecordDetail"]["LaunchRoleArn"].endswith("role/launch")
    outputs = {item["OutputKey"]: item["OutputValue"] for item in record["RecordOutputs"]}
    sagemaker = cloud.client("sagemaker")
    notebook = sagemaker.describe_notebook_instance(NotebookInstanceName=outputs["Name"])
    assert (notebook["InstanceType"], notebook["RootAccess"]) == ("ml.t3.large", "Disabled")
    listed = sagemaker.list_notebook_instances(NameContains=outputs["Name"])["NotebookInstances"]
    assert [item["NotebookInstanceName"] for item in listed] == [outputs["Name"]]
    tags = sagemaker.list_tags(ResourceArn=notebook["NotebookInstanceArn"])["Tags"]
    assert {"Key": "cost-centre", "Value": "42"} in tags
    assert {"Key": "version", "Value": "2"} in tags

    scientist = cloud.client("servicecatalog", cloud.as_role("scientist"))
    assert scientist.get_provisioned_product_outputs(ProvisionedProductName="mine", OutputKeys=["Name"])["Outputs"]
    answer = scientist.update_provisioned_product(
        ProvisionedProductName="mine",
        ProvisioningParameters=[
            {"Key": "InstanceType", "Value": "ml.t3.medium"},
            {"Key": "Project", "UsePreviousValue": True},
        ],
    )
    assert templates.ended(cloud, answer)["RecordDetail"]["Status"] == "SUCCEEDED"
    notebook = sagemaker.describe_notebook_instance(NotebookInstanceName=outputs["Name"])
    assert (notebook["InstanceType"], notebook["NotebookInstanceStatus"]) == ("ml.t3.medium", "InService")

    found = scientist.search_provisioned_products(AccessLevelFilter={"Key": "Account", "Value": "self"})
    assert [item["Status"] for item in found["ProvisionedProducts"] if item["Name"] == "mine"] == ["AVAILABLE"]
    answer = scientist.terminate_provisioned_product(ProvisionedProductName="mine")
    assert templates.ended(cloud, answer)["RecordDetail"]["Status"] == "SUCCEEDED"
    with pytest.raises(scientist.exceptions.ResourceNotFoundException):
        scientist.describe_provisioned_product(Name="mine")
    with pytest.raises(sagemaker.exceptions.ClientError, match="RecordNotFound"):
        sagemaker.describe_notebook_instance(NotebookInstanceName=outputs["Name"])
    history = scientist.list_record_history(
        SearchFilter={"Key": "provisionedproduct", "Value": answer["RecordDetail"]["ProvisionedProductId"]}
    )["RecordDetails"]
    assert [item["RecordType"] for item in history] == [
        "TERMINATE_PROVISIONED_PRODUCT",
        "UPDATE_PROVISIONED_PRODUCT",
        "PROVISION_PRODUCT",
    ]


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"InstanceType": "ml.p5.48xlarge"}, "AllowedValues"),
        ({"Project": "Not A Project"}, "must match pattern"),
        ({"Root": "Enabled"}, "Root access stays disabled"),
    ],
)
def test_parameters_that_template_or_constraint_forbid_fail_the_record(
    cloud: Cloud, catalog: Stack, parameters: dict[str, str], message: str
) -> None:
    record = provision(cloud, catalog, f"bad-{next(iter(parameters)).lower()}", parameters=parameters)
    assert record["RecordDetail"]["Status"] == "FAILED"
    assert message in str(record["RecordDetail"]["RecordErrors"])


def test_a_name_is_taken_once(cloud: Cloud, catalog: Stack) -> None:
    provision(cloud, catalog, "taken")
    with pytest.raises(cloud.client("servicecatalog").exceptions.DuplicateResourceException, match="taken"):
        provision(cloud, catalog, "taken")


def test_a_tag_outside_the_tag_options_is_refused(cloud: Cloud, catalog: Stack) -> None:
    with pytest.raises(cloud.client("servicecatalog").exceptions.InvalidParametersException, match="cost-centre"):
        provision(cloud, catalog, "tagged", Tags=[{"Key": "cost-centre", "Value": "13"}])


def test_a_retired_version_is_not_provisioned(cloud: Cloud, catalog: Stack) -> None:
    catalogue, product_id = cloud.client("servicecatalog"), catalog.id("Product")
    artifacts = catalogue.list_provisioning_artifacts(ProductId=product_id)["ProvisioningArtifactDetails"]
    key = {"ProductId": product_id, "ProvisioningArtifactId": artifacts[0]["Id"]}
    catalogue.update_provisioning_artifact(**key, Active=False)
    with pytest.raises(catalogue.exceptions.InvalidParametersException, match="not active"):
        provision(cloud, catalog, "retired", ProvisioningArtifactName="v1")
    catalogue.update_provisioning_artifact(**key, Active=True)


def test_a_published_version_stays_when_another_is_added(cloud: Cloud, catalog: Stack) -> None:
    catalogue, product_id = cloud.client("servicecatalog"), catalog.id("Product")
    before = catalogue.list_provisioning_artifacts(ProductId=product_id)["ProvisioningArtifactDetails"]
    third = templates.version("v3", templates.upload(cloud, "three.json", templates.product_template("3")))
    product = catalog.resources["Product"]
    versions = [*product["Properties"]["ProvisioningArtifactParameters"], third]
    changed = {**product, "Properties": {**product["Properties"], "ProvisioningArtifactParameters": versions}}
    assert catalog.update(Product=changed) == "UPDATE_COMPLETE", catalog.failures()
    after = catalogue.list_provisioning_artifacts(ProductId=product_id)["ProvisioningArtifactDetails"]
    assert [item["Id"] for item in after][:2] == [item["Id"] for item in before]
    assert [item["Name"] for item in after] == ["v1", "v2", "v3"]
    fewer = {**product, "Properties": {**product["Properties"], "ProvisioningArtifactParameters": versions[1:]}}
    assert catalog.update(Product=fewer) == "UPDATE_COMPLETE", catalog.failures()
    left = catalogue.list_provisioning_artifacts(ProductId=product_id)["ProvisioningArtifactDetails"]
    assert [item["Name"] for item in left] == ["v2", "v3"]


def test_what_is_in_use_is_not_deleted(cloud: Cloud, catalog: Stack) -> None:
    catalogue = cloud.client("servicecatalog")
    with pytest.raises(catalogue.exceptions.ResourceInUseException):
        catalogue.delete_portfolio(Id=catalog.id("Portfolio"))
    with pytest.raises(catalogue.exceptions.ResourceInUseException):
        catalogue.delete_product(Id=catalog.id("Product"))


def test_an_operation_that_is_not_modelled_says_so(cloud: Cloud) -> None:
    catalogue = cloud.client("servicecatalog")
    with pytest.raises(catalogue.exceptions.ClientError, match="does not model servicecatalog:ListServiceActions"):
        catalogue.list_service_actions()


def test_the_catalogue_is_destroyed(cloud: Cloud, catalog: Stack) -> None:
    assert catalog.delete() == "DELETE_COMPLETE", catalog.failures()
    assert cloud.client("servicecatalog").list_portfolios()["PortfolioDetails"] == []
