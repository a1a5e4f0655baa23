"""The custom resource that lays the rules of Guard hooks into their bucket.

Deployed as inline code, so it uses the standard library and boto3 alone.
"""

import io
import json
import urllib.request
import zipfile
from typing import Any

import boto3

Document = dict[str, Any]
# The least that a zip archive can note: the same rules make the same archive.
LONG_AGO = (1980, 1, 1, 0, 0, 0)


def on_event(event: Document, s3: Any) -> Document:
    """Write the archives and return the version of each; what was written stays when the stack goes."""
    if event["RequestType"] == "Delete":
        return {}
    properties = event["ResourceProperties"]
    rules = properties["Rules"]
    return {
        name: put(
            s3, properties["Bucket"], archive["Key"], {control: rules[control] for control in archive["Controls"]}
        )
        for name, archive in properties["Archives"].items()
    }


def put(s3: Any, bucket: str, key: str, rules: dict[str, str]) -> str:
    """Write one archive and return its version."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for control, text in sorted(rules.items()):
            archive.writestr(zipfile.ZipInfo(f"{control}.guard", LONG_AGO), text)
    answer = s3.put_object(Bucket=bucket, Key=key, Body=content.getvalue(), ContentType="application/zip")
    if not answer.get("VersionId"):
        raise ValueError(f"the bucket {bucket} keeps no versions, so the rules could be replaced unseen")
    return str(answer["VersionId"])


def handler(event: Document, _context: Any) -> None:
    """Answer CloudFormation, whatever happens."""
    answer = {key: event[key] for key in ("StackId", "RequestId", "LogicalResourceId")}
    answer["PhysicalResourceId"] = event.get("PhysicalResourceId", event["LogicalResourceId"])
    try:
        answer["Data"] = on_event(event, boto3.client("s3"))
        answer["Status"] = "SUCCESS"
    except Exception as error:
        answer.update(Status="FAILED", Reason=str(error)[:1000])
    body = json.dumps(answer).encode()
    # The address is a presigned URL that CloudFormation itself names.
    request = urllib.request.Request(event["ResponseURL"], data=body, method="PUT", headers={"content-type": ""})  # noqa: S310
    urllib.request.urlopen(request, timeout=20).close()  # noqa: S310
