"""Amazon Elastic Container Registry."""

from typing import Any

from mlgov_constructs.local_cloud.resource_types.resource_type import Call, Properties, ResourceType, dropped_tags


class Repository(ResourceType):
    """A container repository."""

    type_name = "AWS::ECR::Repository"
    properties = (
        "EncryptionConfiguration",
        "ImageScanningConfiguration",
        "ImageTagMutability",
        "LifecyclePolicy",
        "RepositoryName",
        "RepositoryPolicyText",
        "Tags",
    )
    create_only = ("EncryptionConfiguration", "RepositoryName")
    name_property = "RepositoryName"
    tags = "list"

    def create(self, call: Call) -> str:
        """Creates the repository."""
        name = call.name("RepositoryName", max_length=256, lowercase=True)
        rest = call.pick("EncryptionConfiguration", "ImageScanningConfiguration", "ImageTagMutability")
        call.invoke("ecr", "CreateRepository", repositoryName=name, tags=call.tags or None, **rest)
        return name

    def configure(self, call: Call, physical_id: str, old: Properties) -> None:
        """Sets scanning, mutability, policies and tags."""
        key, new = {"repositoryName": physical_id}, call.properties
        if old and new.get("ImageScanningConfiguration") != old.get("ImageScanningConfiguration"):
            scanning = new.get("ImageScanningConfiguration", {"ScanOnPush": False})
            call.invoke("ecr", "PutImageScanningConfiguration", imageScanningConfiguration=scanning, **key)
        if old and new.get("ImageTagMutability") != old.get("ImageTagMutability"):
            mutability = new.get("ImageTagMutability", "MUTABLE")
            call.invoke("ecr", "PutImageTagMutability", imageTagMutability=mutability, **key)
        if "LifecyclePolicy" in new:
            text = new["LifecyclePolicy"]["LifecyclePolicyText"]
            call.invoke("ecr", "PutLifecyclePolicy", lifecyclePolicyText=text, **key)
        elif "LifecyclePolicy" in old:
            call.invoke("ecr", "DeleteLifecyclePolicy", **key)
        if "RepositoryPolicyText" in new:
            call.invoke("ecr", "SetRepositoryPolicy", policyText=new["RepositoryPolicyText"], **key)
        elif "RepositoryPolicyText" in old:
            call.invoke("ecr", "DeleteRepositoryPolicy", **key)
        if old:
            self._retag(call, physical_id, old)

    def attributes(self, call: Call, physical_id: str) -> dict[str, Any]:
        """Returns the ARN and the address."""
        found = call.invoke("ecr", "DescribeRepositories", repositoryNames=[physical_id])["repositories"][0]
        return {"Arn": found["repositoryArn"], "RepositoryUri": found["repositoryUri"]}

    def delete(self, call: Call, physical_id: str) -> None:
        """Deletes the repository; one that holds images is refused, as on AWS."""
        call.invoke("ecr", "DeleteRepository", repositoryName=physical_id)

    def _retag(self, call: Call, physical_id: str, old: Properties) -> None:
        arn = self.attributes(call, physical_id)["Arn"]
        if removed := dropped_tags(old, call):
            call.invoke("ecr", "UntagResource", resourceArn=arn, tagKeys=removed)
        if call.tags:
            call.invoke("ecr", "TagResource", resourceArn=arn, tags=call.tags)
