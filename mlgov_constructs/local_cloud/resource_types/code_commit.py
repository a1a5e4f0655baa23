"""AWS CodeCommit."""

from typing import Any

from mlgov_constructs.local_cloud.resource_types.resource_type import (
    Call,
    Properties,
    ResourceType,
    dropped_tags,
    tag_map,
)


class Repository(ResourceType):
    """A Git repository."""

    type_name = "AWS::CodeCommit::Repository"
    create_only = ("RepositoryName",)  # the real type renames; a name that changes is a new repository here
    properties = (*create_only, "KmsKeyId", "RepositoryDescription", "Tags")
    name_property = "RepositoryName"
    tags = "list"

    def create(self, call: Call) -> str:
        """Creates the repository."""
        answer = call.invoke(
            "codecommit",
            "CreateRepository",
            repositoryName=call.properties["RepositoryName"],
            repositoryDescription=call.properties.get("RepositoryDescription"),
            kmsKeyId=call.properties.get("KmsKeyId"),
            tags=tag_map(call.tags) or None,
        )
        return str(answer["repositoryMetadata"]["repositoryId"])

    def configure(self, call: Call, physical_id: str, old: Properties) -> None:
        """Changes key, description and tags."""
        if not old:
            return
        name, new = call.properties["RepositoryName"], call.properties
        if new.get("KmsKeyId") != old.get("KmsKeyId"):
            key = new.get("KmsKeyId", "alias/aws/codecommit")
            call.invoke("codecommit", "UpdateRepositoryEncryptionKey", repositoryName=name, kmsKeyId=key)
        if new.get("RepositoryDescription") != old.get("RepositoryDescription"):
            text = new.get("RepositoryDescription", "")
            call.invoke("codecommit", "UpdateRepositoryDescription", repositoryName=name, repositoryDescription=text)
        arn = self.attributes(call, physical_id)["Arn"]
        if removed := dropped_tags(old, call):
            call.invoke("codecommit", "UntagResource", resourceArn=arn, tagKeys=removed)
        if call.tags and tag_map(call.tags) != tag_map(old.get("Tags")):
            call.invoke("codecommit", "TagResource", resourceArn=arn, tags=tag_map(call.tags))

    def attributes(self, call: Call, physical_id: str) -> dict[str, Any]:
        """Returns name, ARN and the URLs to clone."""
        found = call.invoke("codecommit", "GetRepository", repositoryName=_name(call, physical_id))
        data = found["repositoryMetadata"]
        return {
            "Arn": data["Arn"],
            "CloneUrlHttp": data["cloneUrlHttp"],
            "CloneUrlSsh": data["cloneUrlSsh"],
            "Name": data["repositoryName"],
            "RepositoryId": physical_id,
        }

    def delete(self, call: Call, physical_id: str) -> None:
        """Deletes the repository."""
        if name := _name(call, physical_id):
            call.invoke("codecommit", "DeleteRepository", repositoryName=name)


def _name(call: Call, physical_id: str) -> str:
    """Returns the name of a repository, which CloudFormation knows by its id."""
    found = call.invoke("codecommit", "ListRepositories")["repositories"]
    return next((item["repositoryName"] for item in found if item["repositoryId"] == physical_id), "")
