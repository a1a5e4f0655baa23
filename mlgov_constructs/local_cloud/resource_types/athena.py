"""Amazon Athena."""

from typing import Any

from mlgov_constructs.local_cloud.resource_types.resource_type import Call, Properties, ResourceType


class WorkGroup(ResourceType):
    """A workgroup; its queries are not run here."""

    type_name = "AWS::Athena::WorkGroup"
    properties = ("Description", "Name", "RecursiveDeleteOption", "State", "Tags", "WorkGroupConfiguration")
    create_only = ("Name",)
    name_property = "Name"
    tags = "list"

    def create(self, call: Call) -> str:
        """Creates the workgroup; its physical id is its name."""
        name = str(call.properties["Name"])
        call.invoke(
            "athena",
            "CreateWorkGroup",
            Name=name,
            Configuration=call.properties.get("WorkGroupConfiguration"),
            Tags=call.tags or None,
            **call.pick("Description"),
        )
        return name

    def configure(self, call: Call, physical_id: str, old: Properties) -> None:
        """Sets settings, tags and state."""
        if old:
            # The emulator's update forgets some settings; its saved queries do not go with the workgroup.
            call.invoke("athena", "DeleteWorkGroup", WorkGroup=physical_id)
            self.create(call)
        if state := call.pick("State"):
            call.invoke("athena", "UpdateWorkGroup", WorkGroup=physical_id, **state)

    def attributes(self, call: Call, physical_id: str) -> dict[str, Any]:
        """Returns when it was created."""
        found = call.invoke("athena", "GetWorkGroup", WorkGroup=physical_id)["WorkGroup"]
        return {"CreationTime": str(found["CreationTime"])}

    def delete(self, call: Call, physical_id: str) -> None:
        """Deletes the workgroup; one with queries only when the template says so, as Athena does."""
        recursive = call.flag("RecursiveDeleteOption")
        listed = call.invoke("athena", "ListNamedQueries", WorkGroup=physical_id)["NamedQueryIds"]
        if listed and not recursive:
            raise ValueError(f"WorkGroup {physical_id} is not empty")
        call.invoke("athena", "DeleteWorkGroup", WorkGroup=physical_id, RecursiveDeleteOption=recursive)


class NamedQuery(ResourceType):
    """A saved query."""

    type_name = "AWS::Athena::NamedQuery"
    properties = ("Database", "Description", "Name", "QueryString", "WorkGroup")
    create_only = properties

    def create(self, call: Call) -> str:
        """Saves the query; its physical id is the id that Athena makes up."""
        name = call.name("Name", max_length=128)
        if group := call.properties.get("WorkGroup"):
            call.invoke("athena", "GetWorkGroup", WorkGroup=group)  # the emulator does not ask for it
        return str(call.invoke("athena", "CreateNamedQuery", Name=name, **call.without("Name"))["NamedQueryId"])

    def attributes(self, call: Call, physical_id: str) -> dict[str, Any]:
        """Returns the id."""
        return {"NamedQueryId": physical_id}

    def delete(self, call: Call, physical_id: str) -> None:
        """Deletes the query."""
        call.invoke("athena", "DeleteNamedQuery", NamedQueryId=physical_id)
