"""AWS Glue."""

from typing import Any

from mlgov_constructs.local_cloud.resource_types.resource_type import Call, Properties, ResourceType

# What the emulator keeps of a table; anything else it would forget.
_TABLE_INPUT = {"Description", "Name", "Owner", "Parameters", "PartitionKeys", "StorageDescriptor", "TableType"}


class Database(ResourceType):
    """A database of the Data Catalog."""

    type_name = "AWS::Glue::Database"
    properties = ("CatalogId", "DatabaseInput", "DatabaseName")
    create_only = ("DatabaseInput/Name", "DatabaseName")
    name_property = "DatabaseName"

    def create(self, call: Call) -> str:
        """Creates the database; its physical id is its name."""
        name = str(call.properties.get("DatabaseName") or call.properties["DatabaseInput"].get("Name") or "")
        name = name or call.make_name(255, True)
        call.invoke("glue", "CreateDatabase", **self._input(call, name))
        return name

    def configure(self, call: Call, physical_id: str, old: Properties) -> None:
        """Sets description, location and parameters."""
        if old and call.properties["DatabaseInput"] != old["DatabaseInput"]:
            call.invoke("glue", "UpdateDatabase", Name=physical_id, **self._input(call, physical_id))

    def attributes(self, call: Call, physical_id: str) -> dict[str, Any]:
        """Returns nothing: the type has no attribute."""
        return {}

    def delete(self, call: Call, physical_id: str) -> None:
        """Deletes the database with its tables."""
        call.invoke("glue", "DeleteDatabase", CatalogId=call.properties["CatalogId"], Name=physical_id)

    @staticmethod
    def _input(call: Call, name: str) -> dict[str, Any]:
        return {
            "CatalogId": call.properties["CatalogId"],
            "DatabaseInput": {**call.properties["DatabaseInput"], "Name": name},
        }


class Table(ResourceType):
    """A table of the Data Catalog."""

    type_name = "AWS::Glue::Table"
    properties = ("CatalogId", "DatabaseName", "TableInput")
    create_only = ("CatalogId", "DatabaseName", "TableInput/Name")

    def create(self, call: Call) -> str:
        """Creates the table; its physical id is its name."""
        name = str(call.properties["TableInput"].get("Name") or call.make_name(255, True))
        call.invoke("glue", "CreateTable", **self._input(call, name))
        return name

    def configure(self, call: Call, physical_id: str, old: Properties) -> None:
        """Sets columns, place and parameters."""
        if old and call.properties["TableInput"] != old["TableInput"]:
            call.invoke("glue", "UpdateTable", **self._input(call, physical_id))

    def attributes(self, call: Call, physical_id: str) -> dict[str, Any]:
        """Returns nothing: the type has no attribute."""
        return {}

    def delete(self, call: Call, physical_id: str) -> None:
        """Deletes the table; with its database it went before."""
        glue = call.client("glue")
        try:
            call.invoke("glue", "DeleteTable", **call.pick("CatalogId", "DatabaseName"), Name=physical_id)
        except glue.exceptions.EntityNotFoundException:
            return

    @staticmethod
    def _input(call: Call, name: str) -> dict[str, Any]:
        if unknown := sorted(call.properties["TableInput"].keys() - _TABLE_INPUT):
            raise ValueError(f"The local cloud does not model TableInput.{unknown[0]}")
        return {
            **call.pick("CatalogId", "DatabaseName"),
            "TableInput": {**call.properties["TableInput"], "Name": name},
        }
