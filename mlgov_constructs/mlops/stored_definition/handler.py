"""Custom resource: the definition of a pipeline, filled in and written to S3.

Deployed as inline code; it uses the standard library and boto3 alone. What it says of open jobs
is asked when the app is synthesized, too, so this module is imported without boto3.
"""

import base64
import gzip
import json
import re
import urllib.request
from collections.abc import Iterator
from typing import Any

Document = dict[str, Any]
PLACE = re.compile(r"\{\{(text|number|list):(\d+)\}\}")


def steps_of(steps: list[Document]) -> Iterator[Document]:
    """Yield every step, those in branches included."""
    for step in steps:
        yield step
        for branch in ("IfSteps", "ElseSteps"):
            yield from steps_of(step.get("Arguments", {}).get(branch, []))


def jobs_of(step: Document) -> list[Document]:
    """Return what the jobs of a step say of their network."""
    arguments = step.get("Arguments", {})
    if step.get("Type") in ("ClarifyCheck", "Processing", "QualityCheck"):
        return [arguments.get("NetworkConfig", {})]
    if step.get("Type") == "Training":
        return [arguments]
    if step.get("Type") == "Tuning":
        one = [arguments["TrainingJobDefinition"]] if "TrainingJobDefinition" in arguments else []
        return [*one, *arguments.get("TrainingJobDefinitions", [])]
    return []


def is_isolated(job: Document) -> bool:
    """Whether a job is cut off, encrypts between its containers, and lies in subnets."""
    switches = ("EnableNetworkIsolation", "EnableInterContainerTrafficEncryption")
    return all(job.get(switch) is True for switch in switches) and bool(job.get("VpcConfig", {}).get("Subnets"))


def open_steps(definition: Document) -> list[str]:
    """Return the steps with a job that is not isolated, as MLG-MLO-05 demands it."""
    return [
        str(step["Name"])
        for step in steps_of(definition["Steps"])
        if not all(is_isolated(job) for job in jobs_of(step))
    ]


def filled(value: Any, values: Document) -> Any:
    """Put the values that are known now where they belong."""
    if isinstance(value, dict):
        return {key: filled(item, values) for key, item in value.items()}
    if isinstance(value, list):
        return [filled(item, values) for item in value]
    found = PLACE.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        return value
    known = values[found[2]]
    # CloudFormation hands over numbers as text.
    return json.loads(known) if found[1] == "number" else known


def on_event(event: Document, s3: Any) -> tuple[str, Document]:
    """Write the definition, and return where it lies and which version it is."""
    properties = event["ResourceProperties"]
    bucket, key = properties["Bucket"], properties["Key"]
    if event["RequestType"] == "Delete":
        # Runs of the pipeline name the versions that they followed.
        return str(event["PhysicalResourceId"]), {}
    template = json.loads(gzip.decompress(base64.b64decode(properties["Definition"])))
    definition = filled(template, properties.get("Values", {}))
    if refused := sorted(set(open_steps(definition)) - set(properties.get("Relaxed", []))):
        raise ValueError(f"steps {', '.join(refused)} are not isolated: see control MLG-MLO-05")
    body = json.dumps(definition, separators=(",", ":")).encode()
    answer = s3.put_object(Bucket=bucket, Key=key, Body=body, ContentType="application/json")
    if answer.get("VersionId", "null") == "null":
        raise ValueError(f"bucket {bucket} keeps no versions: switch its versioning on")
    return f"s3://{bucket}/{key}", {"VersionId": answer["VersionId"]}


def handler(event: Document, _context: Any) -> None:
    """Answer CloudFormation, whatever happens."""
    answer = {key: event[key] for key in ("StackId", "RequestId", "LogicalResourceId")}
    answer["PhysicalResourceId"] = event.get("PhysicalResourceId", event["LogicalResourceId"])
    try:
        import boto3  # noqa: PLC0415 - the constructs run without it

        answer["PhysicalResourceId"], answer["Data"] = on_event(event, boto3.client("s3"))
        answer["Status"] = "SUCCESS"
    except Exception as error:
        answer.update(Status="FAILED", Reason=str(error)[:1000])
    body = json.dumps(answer).encode()
    # The address is a presigned URL that CloudFormation itself names.
    request = urllib.request.Request(event["ResponseURL"], data=body, method="PUT", headers={"content-type": ""})  # noqa: S310
    urllib.request.urlopen(request, timeout=20).close()  # noqa: S310
