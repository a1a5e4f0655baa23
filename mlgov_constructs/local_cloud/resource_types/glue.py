"""AWS Glue."""

from typing import Any

from mlgov_constructs.local_cloud.resource_types.resource_type import Call, Properties, ResourceType


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
