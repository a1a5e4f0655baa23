"""AWS Lambda."""

import io
import zipfile
from typing import Any

from mlgov_constructs.local_cloud.resource_types.resource_type import (
    Call,
    Properties,
    ResourceType,
    dropped_tags,
    tag_map,
)

_CONFIGURATION = (
    "Description",
    "Environment",
    "EphemeralStorage",
    "Handler",
    "KmsKeyArn",
    "Layers",
    "LoggingConfig",
    "MemorySize",
    "Role",
    "Runtime",
    "Timeout",
    "TracingConfig",
)

# What AWS puts beside code that is written in the template, for custom resources to answer with.
_ANSWER_MODULE = """
import json
import urllib.request

SUCCESS = "SUCCESS"
FAILED = "FAILED"


def send(event, context, responseStatus, responseData, physicalResourceId=None, noEcho=False, reason=None):
    answer = {
        "Status": responseStatus,
        "Reason": reason or "See the log stream: " + context.log_stream_name,
        "PhysicalResourceId": physicalResourceId or context.log_stream_name,
        "StackId": event["StackId"],
        "RequestId": event["RequestId"],
        "LogicalResourceId": event["LogicalResourceId"],
        "NoEcho": noEcho,
        "Data": responseData,
    }
    body = json.dumps(answer).encode()
    request = urllib.request.Request(event["ResponseURL"], data=body, method="PUT", headers={"Content-Type": ""})
    urllib.request.urlopen(request, timeout=30).close()
"""


class Function(ResourceType):
    """A function; it runs as a process of this machine."""

    type_name = "AWS::Lambda::Function"
    properties = (
        *_CONFIGURATION,
        "Architectures",
        "Code",
        "FunctionName",
        "PackageType",
        "ReservedConcurrentExecutions",
        "Tags",
    )
    create_only = ("FunctionName", "PackageType")
    name_property = "FunctionName"
    tags = "list"

    def create(self, call: Call) -> str:
        """Creates the function."""
        name = call.name("FunctionName", max_length=64)
        call.invoke(
            "lambda",
            "CreateFunction",
            FunctionName=name,
            Code=_code(call),
            Tags=tag_map(call.properties.get("Tags")) or None,
            **call.pick("Architectures", "PackageType", *_CONFIGURATION),
        )
        return name

    def configure(self, call: Call, physical_id: str, old: Properties) -> None:
        """Sets concurrency; on an update also code, configuration and tags."""
        key, new = {"FunctionName": physical_id}, call.properties
        if old and any(new.get(name) != old.get(name) for name in _CONFIGURATION):
            call.invoke("lambda", "UpdateFunctionConfiguration", **key, **call.pick(*_CONFIGURATION))
        if old and any(new.get(name) != old.get(name) for name in ("Code", "Architectures")):
            call.invoke("lambda", "UpdateFunctionCode", **key, **_code(call), **call.pick("Architectures"))
        concurrency = "ReservedConcurrentExecutions"
        if concurrency in new:
            call.invoke("lambda", "PutFunctionConcurrency", **key, **call.pick(concurrency))
        elif concurrency in old:
            call.invoke("lambda", "DeleteFunctionConcurrency", **key)
        if old:
            self._retag(call, physical_id, old)

    def attributes(self, call: Call, physical_id: str) -> dict[str, Any]:
        """Returns the ARN."""
        configuration = call.invoke("lambda", "GetFunctionConfiguration", FunctionName=physical_id)
        return {"Arn": configuration["FunctionArn"]}

    def delete(self, call: Call, physical_id: str) -> None:
        """Deletes the function."""
        call.invoke("lambda", "DeleteFunction", FunctionName=physical_id)

    def _retag(self, call: Call, physical_id: str, old: Properties) -> None:
        arn = self.attributes(call, physical_id)["Arn"]
        if removed := dropped_tags(old, call):
            call.invoke("lambda", "UntagResource", Resource=arn, TagKeys=removed)
        if tags := tag_map(call.properties.get("Tags")):
            call.invoke("lambda", "TagResource", Resource=arn, Tags=tags)


class Permission(ResourceType):
    """A statement in a function's policy."""

    type_name = "AWS::Lambda::Permission"
    properties = (
        "Action",
        "EventSourceToken",
        "FunctionName",
        "FunctionUrlAuthType",
        "Principal",
        "PrincipalOrgID",
        "SourceAccount",
        "SourceArn",
    )
    create_only = properties

    def create(self, call: Call) -> str:
        """Adds the statement."""
        statement_id = call.make_name(100, False)
        call.invoke("lambda", "AddPermission", StatementId=statement_id, **call.properties)
        return statement_id

    def attributes(self, call: Call, physical_id: str) -> dict[str, Any]:
        """Returns the id."""
        return {"Id": physical_id}

    def delete(self, call: Call, physical_id: str) -> None:
        """Removes the statement."""
        functions = call.client("lambda")
        try:
            call.invoke("lambda", "RemovePermission", StatementId=physical_id, **call.pick("FunctionName"))
        except functions.exceptions.ResourceNotFoundException:
            return  # the function went first


def _code(call: Call) -> dict[str, Any]:
    code: dict[str, Any] = call.properties["Code"]
    if "ZipFile" not in code:
        return code
    python = str(call.properties.get("Runtime", "python3")).startswith("python")
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("index.py" if python else "index.js", code["ZipFile"])
        if python:
            archive.writestr("cfnresponse.py", _ANSWER_MODULE)
    return {**code, "ZipFile": content.getvalue()}
