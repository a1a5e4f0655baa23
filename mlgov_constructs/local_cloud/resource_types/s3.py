"""Amazon S3."""

import re
from typing import Any

from mlgov_constructs.local_cloud.resource_types import s3_configuration as configuration
from mlgov_constructs.local_cloud.resource_types.resource_type import Call, Properties, ResourceType, is_true

_Setting = tuple[str, str, str | None, str]

# Property, the operation that sets it, the operation that removes it, the parameter that carries it.
_SETTINGS: tuple[_Setting, ...] = (
    ("OwnershipControls", "PutBucketOwnershipControls", "DeleteBucketOwnershipControls", "OwnershipControls"),
    (
        "PublicAccessBlockConfiguration",
        "PutPublicAccessBlock",
        "DeletePublicAccessBlock",
        "PublicAccessBlockConfiguration",
    ),
    ("BucketEncryption", "PutBucketEncryption", "DeleteBucketEncryption", "ServerSideEncryptionConfiguration"),
    (
        "LifecycleConfiguration",
        "PutBucketLifecycleConfiguration",
        "DeleteBucketLifecycle",
        "LifecycleConfiguration",
    ),
    ("LoggingConfiguration", "PutBucketLogging", None, "BucketLoggingStatus"),
    (
        "NotificationConfiguration",
        "PutBucketNotificationConfiguration",
        None,
        "NotificationConfiguration",
    ),
    ("ObjectLockConfiguration", "PutObjectLockConfiguration", None, "ObjectLockConfiguration"),
    ("CorsConfiguration", "PutBucketCors", "DeleteBucketCors", "CORSConfiguration"),
)

# Property holding a list of configurations with ids, and the middle of their operations' names.
_LISTS = (
    ("AnalyticsConfigurations", "BucketAnalyticsConfiguration", "AnalyticsConfiguration"),
    ("IntelligentTieringConfigurations", "BucketIntelligentTieringConfiguration", "IntelligentTieringConfiguration"),
    ("InventoryConfigurations", "BucketInventoryConfiguration", "InventoryConfiguration"),
    ("MetricsConfigurations", "BucketMetricsConfiguration", "MetricsConfiguration"),
)


class Bucket(ResourceType):
    """An S3 bucket."""

    type_name = "AWS::S3::Bucket"
    properties = (
        "AccessControl",
        "BucketName",
        "ObjectLockEnabled",
        "Tags",
        "VersioningConfiguration",
        *(setting[0] for setting in _SETTINGS),
        *(entry[0] for entry in _LISTS),
    )
    create_only = ("BucketName",)
    name_property = "BucketName"
    tags = "list"

    def create(self, call: Call) -> str:
        """Creates the bucket; as on AWS, object lock turns versioning on."""
        name = call.name("BucketName", max_length=63, lowercase=True)
        region = call.clients.region
        location = None if region == "us-east-1" else {"LocationConstraint": region}
        locked = call.flag("ObjectLockEnabled") or None
        acl = call.properties.get("AccessControl", "Private")
        if acl != "Private" and "OwnershipControls" not in call.properties:
            raise ValueError("Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced setting.")
        call.invoke(
            "s3",
            "CreateBucket",
            Bucket=name,
            ACL=_canned_acl(acl),
            CreateBucketConfiguration=location,
            ObjectLockEnabledForBucket=locked,
        )
        return name

    def configure(self, call: Call, physical_id: str, old: Properties) -> None:
        """Sets versioning, encryption, access, logging, lifecycle and the rest."""
        new = call.properties
        if old and call.flag("ObjectLockEnabled") != is_true(old.get("ObjectLockEnabled", False)):
            raise ValueError("ObjectLockEnabled cannot be changed after the bucket was created.")
        if old and new.get("AccessControl") != old.get("AccessControl"):
            acl = _canned_acl(new.get("AccessControl", "Private"))
            call.invoke("s3", "PutBucketAcl", Bucket=physical_id, ACL=acl)
        if status := (new.get("VersioningConfiguration") or {}).get("Status"):
            call.invoke("s3", "PutBucketVersioning", Bucket=physical_id, VersioningConfiguration={"Status": status})
        elif old.get("VersioningConfiguration"):
            suspended = {"Status": "Suspended"}
            call.invoke("s3", "PutBucketVersioning", Bucket=physical_id, VersioningConfiguration=suspended)
        for setting in _SETTINGS:
            _apply(call, physical_id, old, setting)
        for entry in _LISTS:
            _apply_list(call, physical_id, old, entry)
        if call.tags:
            call.invoke("s3", "PutBucketTagging", Bucket=physical_id, Tagging={"TagSet": call.tags})
        elif old.get("Tags"):
            call.invoke("s3", "DeleteBucketTagging", Bucket=physical_id)

    def attributes(self, call: Call, physical_id: str) -> dict[str, Any]:
        """Returns the ARN and the host names."""
        region, suffix = call.clients.region, call.clients.url_suffix
        return {
            "Arn": f"arn:{call.clients.partition}:s3:::{physical_id}",
            "DomainName": f"{physical_id}.s3.{suffix}",
            "DualStackDomainName": f"{physical_id}.s3.dualstack.{region}.{suffix}",
            "RegionalDomainName": f"{physical_id}.s3.{region}.{suffix}",
            "WebsiteURL": f"http://{physical_id}.s3-website-{region}.{suffix}",
        }

    def delete(self, call: Call, physical_id: str) -> None:
        """Deletes the bucket; one that is not empty is refused, as on AWS."""
        call.invoke("s3", "DeleteBucket", Bucket=physical_id)


class BucketPolicy(ResourceType):
    """A bucket's policy."""

    type_name = "AWS::S3::BucketPolicy"
    properties = ("Bucket", "PolicyDocument")
    create_only = ("Bucket",)

    def create(self, call: Call) -> str:
        """Puts the policy."""
        self._put(call)
        return str(call.properties["Bucket"])

    def configure(self, call: Call, physical_id: str, old: Properties) -> None:
        """Puts the changed policy."""
        if old:
            self._put(call)

    def delete(self, call: Call, physical_id: str) -> None:
        """Deletes the policy."""
        call.invoke("s3", "DeleteBucketPolicy", Bucket=call.properties["Bucket"])

    @staticmethod
    def _put(call: Call) -> None:
        call.invoke("s3", "PutBucketPolicy", Bucket=call.properties["Bucket"], Policy=call.properties["PolicyDocument"])


def _canned_acl(name: str) -> str:
    """Returns the API's name of a canned ACL: ``LogDeliveryWrite`` is ``log-delivery-write`` there."""
    return re.sub(r"(?<!^)(?=[A-Z])", "-", name).lower()


def _apply(call: Call, bucket: str, old: Properties, setting: _Setting) -> None:
    name, put, remove, parameter = setting
    value = call.properties.get(name)
    if value == old.get(name):
        return
    if value is not None:
        call.invoke("s3", put, Bucket=bucket, **{parameter: configuration.to_api(name, value)})
    elif remove:
        call.invoke("s3", remove, Bucket=bucket)
    elif name == "ObjectLockConfiguration":
        raise ValueError("ObjectLockConfiguration cannot be removed from a bucket.")
    else:
        call.invoke("s3", put, Bucket=bucket, **{parameter: {}})


def _apply_list(call: Call, bucket: str, old: Properties, entry: tuple[str, str, str]) -> None:
    name, middle, parameter = entry
    before = {item["Id"]: item for item in old.get(name) or []}
    after = {item["Id"]: item for item in call.properties.get(name) or []}
    for identifier in before.keys() - after.keys():
        call.invoke("s3", f"Delete{middle}", Bucket=bucket, Id=identifier)
    for identifier, item in after.items():
        if item != before.get(identifier):
            body = {parameter: configuration.to_api(name, item)}
            call.invoke("s3", f"Put{middle}", Bucket=bucket, Id=identifier, **body)
