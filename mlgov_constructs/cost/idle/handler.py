"""Finds endpoints that nobody asks, and notebooks and Studio apps that were left running.

Deployed as inline code, so it uses the standard library and boto3 alone.
"""

import datetime
import json
import os
import sys
from collections.abc import Iterator
from typing import Any

import boto3
from botocore.config import Config

Document = dict[str, Any]

CONFIG = Config(retries={"mode": "standard", "total_max_attempts": 8})
NO_MACHINE = "system"  # what an app runs on that has no instance of its own
LONGEST_SUBJECT = 100  # of an e-mail
HOUR = 3600
# The metric of each kind of machine; the detector names them as well.
METRICS = {"endpoint": "IdleEndpoints", "notebook": "LongRunningNotebooks", "app": "LongRunningApps"}


class Search:
    """What is looked for, and with which clients."""

    def __init__(self, settings: Document, sagemaker: Any, cloudwatch: Any, now: datetime.datetime) -> None:
        self.idle_hours = int(settings["idleHours"])
        self.longest_hours = int(settings["longestHours"])
        self.projects = set(settings["projects"])
        self.project_tag = settings["projectTag"]
        self.domains = settings["domains"]
        self.stop = settings["stop"]
        self.sagemaker, self.cloudwatch, self.now = sagemaker, cloudwatch, now

    def hours_since(self, then: datetime.datetime) -> int:
        """The whole hours that have passed."""
        return int((self.now - then).total_seconds() // HOUR)

    def is_ours(self, arn: str) -> bool:
        """Whether a resource carries the tag of a project that is watched."""
        tags = {
            tag["Key"]: tag["Value"]
            for page in self.sagemaker.get_paginator("list_tags").paginate(ResourceArn=arn)
            for tag in page["Tags"]
        }
        project = tags.get(self.project_tag)
        return project in self.projects if self.projects else project is not None


def pages(client: Any, operation: str, member: str, **parameters: Any) -> Iterator[Document]:
    """What a list has."""
    for page in client.get_paginator(operation).paginate(**parameters):
        yield from page[member]


def idle_endpoints(search: Search) -> Iterator[Document]:
    """Endpoints with machines that nobody asked for as long as the search says."""
    for found in pages(search.sagemaker, "list_endpoints", "Endpoints", StatusEquals="InService"):
        age = search.hours_since(found["LastModifiedTime"])
        if age < search.idle_hours or not search.is_ours(found["EndpointArn"]):
            continue
        endpoint = search.sagemaker.describe_endpoint(EndpointName=found["EndpointName"])
        variants = [each for each in endpoint.get("ProductionVariants", ()) if each.get("CurrentInstanceCount")]
        machines = sum(each["CurrentInstanceCount"] for each in variants)
        if machines and not requests(search, found["EndpointName"], [each["VariantName"] for each in variants]):
            detail = f"{machines} instances, no request for {search.idle_hours} hours"
            yield {"kind": "endpoint", "name": found["EndpointName"], "hours": search.idle_hours, "detail": detail}


def requests(search: Search, endpoint: str, variants: list[str]) -> float:
    """How often an endpoint was asked, at once or through a queue."""
    asked = [
        *(("Invocations", {"EndpointName": endpoint, "VariantName": variant}) for variant in variants),
        ("InvocationsProcessed", {"EndpointName": endpoint}),
    ]
    queries = [
        {
            "Id": f"m{number}",
            "MetricStat": {
                "Metric": {
                    "Namespace": "AWS/SageMaker",
                    "MetricName": name,
                    "Dimensions": [{"Name": key, "Value": value} for key, value in dimensions.items()],
                },
                "Period": HOUR,
                "Stat": "Sum",
            },
        }
        for number, (name, dimensions) in enumerate(asked)
    ]
    start = search.now - datetime.timedelta(hours=search.idle_hours)
    answers = search.cloudwatch.get_paginator("get_metric_data").paginate(
        MetricDataQueries=queries, StartTime=start, EndTime=search.now
    )
    return sum(sum(result["Values"]) for page in answers for result in page["MetricDataResults"])


def long_notebooks(search: Search) -> Iterator[Document]:
    """Notebook instances that have been running too long."""
    for found in pages(search.sagemaker, "list_notebook_instances", "NotebookInstances", StatusEquals="InService"):
        hours = search.hours_since(found["LastModifiedTime"])
        if hours < search.longest_hours or not search.is_ours(found["NotebookInstanceArn"]):
            continue
        name = found["NotebookInstanceName"]
        yield {
            "kind": "notebook",
            "name": name,
            "hours": hours,
            "detail": f"{found['InstanceType']}, running for {hours} hours",
            "stop": (search.sagemaker.stop_notebook_instance, {"NotebookInstanceName": name}),
        }


def long_apps(search: Search) -> Iterator[Document]:
    """Studio apps with a machine that have been running too long."""
    for domain in search.domains:
        for found in pages(search.sagemaker, "list_apps", "Apps", DomainIdEquals=domain):
            machine = found.get("ResourceSpec", {}).get("InstanceType", NO_MACHINE)
            if found["Status"] != "InService" or machine == NO_MACHINE:
                continue
            hours = search.hours_since(found["CreationTime"])
            if hours < search.longest_hours:
                continue
            keys = ("DomainId", "UserProfileName", "SpaceName", "AppType", "AppName")
            owner = found.get("SpaceName") or found.get("UserProfileName")
            yield {
                "kind": "app",
                "name": f"{found['AppType']}/{found['AppName']} of {owner}",
                "hours": hours,
                "detail": f"{machine}, running for {hours} hours",
                "stop": (search.sagemaker.delete_app, {key: found[key] for key in keys if found.get(key)}),
            }


def stop(found: Document) -> str:
    """Stops a notebook or an app; its volume stays. Says what became of it."""
    operation, parameters = found["stop"]
    try:
        operation(**parameters)
    except Exception as error:
        return f"could not be stopped: {error}"
    return "stopped"


def look(search: Search) -> list[Document]:
    """Everything that costs and does nothing, after what may be stopped was."""
    result = []
    for found in (*idle_endpoints(search), *long_notebooks(search), *long_apps(search)):
        if "stop" in found:
            outcome = stop(found) if search.stop else "left running"
            del found["stop"]
            found["outcome"] = outcome
        else:
            found["outcome"] = "left running: an endpoint is stopped by a person"
        result.append(found)
    return result


def tell(found: list[Document], topic: str, sns: Any) -> None:
    """Tells the topic what was found."""
    lines = [f"{each['kind']} {each['name']}: {each['detail']}; {each['outcome']}" for each in found]
    subject = f"{len(found)} idle machine{'s' if len(found) > 1 else ''} in SageMaker"[:LONGEST_SUBJECT]
    sns.publish(TopicArn=topic, Subject=subject, Message="\n".join(lines))


def counted(found: list[Document], detector: str, now: datetime.datetime) -> Document:
    """How many machines of each kind were found, as CloudWatch makes metrics of a line in a log."""
    kinds = [each["kind"] for each in found]
    return {
        "_aws": {
            "Timestamp": int(now.timestamp() * 1000),
            "CloudWatchMetrics": [
                {
                    "Namespace": "MlGovernance/Idle",
                    "Dimensions": [["Detector"]],
                    "Metrics": [{"Name": name, "Unit": "Count"} for name in METRICS.values()],
                }
            ],
        },
        "Detector": detector,
        **{name: kinds.count(kind) for kind, name in METRICS.items()},
    }


def handler(_event: Document, _context: Any) -> Document:
    """Look once; nothing found is told to nobody."""
    settings, now = json.loads(os.environ["SETTINGS"]), datetime.datetime.now(datetime.UTC)
    sagemaker, cloudwatch, sns = (boto3.client(name, config=CONFIG) for name in ("sagemaker", "cloudwatch", "sns"))
    found = look(Search(settings, sagemaker, cloudwatch, now))
    sys.stdout.write(json.dumps(counted(found, os.environ["AWS_LAMBDA_FUNCTION_NAME"], now)) + "\n")
    if found:
        tell(found, settings["topic"], sns)
    return {"found": found}
