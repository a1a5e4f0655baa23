"""A workgroup, a saved query and a table with every property, as their services tell them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.local_cloud.conftest import Cloud, Stack

KEY = {"Fn::GetAtt": ["Key", "Arn"]}
CONFIGURATION: dict[str, Any] = {
    "EnforceWorkGroupConfiguration": True,
    "PublishCloudWatchMetricsEnabled": True,
    "RequesterPaysEnabled": False,
    "BytesScannedCutoffPerQuery": 1073741824,
    "EngineVersion": {"SelectedEngineVersion": "Athena engine version 3"},
    "ResultConfiguration": {
        "OutputLocation": "s3://inventory/results/",
        "ExpectedBucketOwner": {"Ref": "AWS::AccountId"},
        "EncryptionConfiguration": {"EncryptionOption": "SSE_KMS", "KmsKey": KEY},
    },
}
TABLE: dict[str, Any] = {
    "Name": "sweeps",
    "Description": "Sweeps",
    "TableType": "EXTERNAL_TABLE",
    "PartitionKeys": [{"Name": "day", "Type": "string"}],
    "Parameters": {"projection.enabled": "true"},
    "StorageDescriptor": {
        "Location": "s3://inventory/tables/sweeps",
        "Columns": [{"Name": "found", "Type": "int"}],
        "SerdeInfo": {"SerializationLibrary": "org.openx.data.jsonserde.JsonSerDe"},
    },
}


def work_group(**changes: Any) -> dict[str, Any]:
    properties = {
        "Name": "questions",
        "Description": "Questions",
        "State": "DISABLED",
        "RecursiveDeleteOption": True,
        "WorkGroupConfiguration": CONFIGURATION,
        "Tags": [{"Key": "mlgov:project", "Value": "churn"}],
    }
    return {"Type": "AWS::Athena::WorkGroup", "Properties": {**properties, **changes}}


def query(**changes: Any) -> dict[str, Any]:
    properties = {
        "Name": "all",
        "Description": "All",
        "Database": "inventory",
        "QueryString": "SELECT 1",
        "WorkGroup": {"Ref": "Group"},
    }
    return {"Type": "AWS::Athena::NamedQuery", "Properties": {**properties, **changes}}


def table(**changes: Any) -> dict[str, Any]:
    properties = {"CatalogId": {"Ref": "AWS::AccountId"}, "DatabaseName": {"Ref": "Database"}}
    return {"Type": "AWS::Glue::Table", "Properties": {**properties, "TableInput": {**TABLE, **changes}}}


@pytest.fixture(scope="module")
def inventory(cloud: Cloud) -> Stack:
    database = {
        "Type": "AWS::Glue::Database",
        "Properties": {"CatalogId": {"Ref": "AWS::AccountId"}, "DatabaseInput": {"Name": "inventory"}},
    }
    stack = cloud.stack(
        Key={"Type": "AWS::KMS::Key"}, Database=database, Table=table(), Group=work_group(), Query=query()
    )
    assert stack.describe()["StackStatus"] == "CREATE_COMPLETE", stack.failures()
    return stack


def described(cloud: Cloud) -> dict[str, Any]:
    found: dict[str, Any] = cloud.client("athena").get_work_group(WorkGroup="questions")["WorkGroup"]
    return found


def settings(cloud: Cloud, inventory: Stack) -> dict[str, Any]:
    """The settings with what CloudFormation resolved."""
    key = cloud.client("kms").describe_key(KeyId=inventory.id("Key"))["KeyMetadata"]["Arn"]
    encryption = {"EncryptionOption": "SSE_KMS", "KmsKey": key}
    results = {**CONFIGURATION["ResultConfiguration"], "ExpectedBucketOwner": cloud.local.account}
    return {**CONFIGURATION, "ResultConfiguration": {**results, "EncryptionConfiguration": encryption}}


def test_every_property_is_told(cloud: Cloud, inventory: Stack) -> None:
    athena = cloud.client("athena")
    found = described(cloud)
    assert (found["Name"], found["Description"], found["State"]) == ("questions", "Questions", "DISABLED")
    assert found["Configuration"] == settings(cloud, inventory)
    arn = f"arn:aws:athena:{cloud.local.region}:{cloud.local.account}:workgroup/questions"
    assert athena.list_tags_for_resource(ResourceARN=arn)["Tags"] == [{"Key": "mlgov:project", "Value": "churn"}]
    (query_id,) = athena.list_named_queries(WorkGroup="questions")["NamedQueryIds"]
    saved = athena.get_named_query(NamedQueryId=query_id)["NamedQuery"]
    assert query_id == inventory.id("Query")
    assert {name: saved[name] for name in ("Name", "Description", "Database", "QueryString", "WorkGroup")} == {
        **query()["Properties"],
        "WorkGroup": "questions",
    }
    made = cloud.client("glue").get_table(DatabaseName="inventory", Name="sweeps")["Table"]
    assert {name: made[name] for name in TABLE} == TABLE


def test_settings_columns_and_queries_change(cloud: Cloud, inventory: Stack) -> None:
    smaller = {**CONFIGURATION, "BytesScannedCutoffPerQuery": 10485760}
    columns = [{"Name": "found", "Type": "int"}, {"Name": "lost", "Type": "int"}]
    more = {**TABLE["StorageDescriptor"], "Columns": columns}
    changed = {
        "Group": work_group(WorkGroupConfiguration=smaller, State="ENABLED", Tags=[]),
        "Query": query(QueryString="SELECT 2"),
        "Table": table(StorageDescriptor=more),
    }
    assert inventory.update(**changed) == "UPDATE_COMPLETE", inventory.failures()
    found = described(cloud)
    assert found["State"] == "ENABLED"
    assert found["Configuration"] == {**settings(cloud, inventory), "BytesScannedCutoffPerQuery": 10485760}
    athena = cloud.client("athena")
    (query_id,) = athena.list_named_queries(WorkGroup="questions")["NamedQueryIds"]
    assert athena.get_named_query(NamedQueryId=query_id)["NamedQuery"]["QueryString"] == "SELECT 2"
    made = cloud.client("glue").get_table(DatabaseName="inventory", Name="sweeps")["Table"]
    assert made["StorageDescriptor"]["Columns"] == columns


@pytest.mark.parametrize(
    ("resources", "reason"),
    [
        ({"Table": table(Retention=3)}, "does not model TableInput.Retention"),
        ({"Other": query(Name="other", WorkGroup="nowhere")}, "nowhere"),
    ],
)
def test_what_is_not_modelled_or_not_there_fails(inventory: Stack, resources: dict[str, Any], reason: str) -> None:
    kept = inventory.resources
    assert inventory.update(**resources) != "UPDATE_COMPLETE"
    assert reason in inventory.failures()
    inventory.resources = kept


def test_a_workgroup_with_queries_of_others_goes_only_when_the_template_says_so(cloud: Cloud) -> None:
    stack = cloud.stack(Group=work_group(Name="busy", RecursiveDeleteOption=False, WorkGroupConfiguration={}))
    cloud.client("athena").create_named_query(
        Name="own", Database="inventory", QueryString="SELECT 1", WorkGroup="busy"
    )
    assert stack.delete() == "DELETE_FAILED"
    assert "not empty" in stack.failures()


def test_all_of_it_goes_with_the_stack(cloud: Cloud, inventory: Stack) -> None:
    assert inventory.delete() == "DELETE_COMPLETE", inventory.failures()
    athena = cloud.client("athena")
    assert "questions" not in [each["Name"] for each in athena.list_work_groups()["WorkGroups"]]
    assert athena.list_named_queries(WorkGroup="questions")["NamedQueryIds"] == []
    glue = cloud.client("glue")
    with pytest.raises(glue.exceptions.EntityNotFoundException):
        glue.get_table(DatabaseName="inventory", Name="sweeps")
