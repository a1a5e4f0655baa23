"""Writes down what each model was made of, who decided on it and where it serves, as files that Athena reads.

Deployed as inline code, so it uses the standard library and boto3 alone. Once a day it looks at everything, and in
between at what an event names. A file is named after its event, so an event that comes twice writes the same file.
Decisions are looked up again by the sweep: what nobody wrote down cannot be found out later.
"""

import datetime
import gzip
import json
import os
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

Row = dict[str, Any]
Tables = dict[str, list[Row]]

CONFIG = Config(retries={"mode": "adaptive", "total_max_attempts": 10})
PROJECT_TAG = "mlgov:project"
DELETED = "Deleted"
RUNNING = {"Pending", "Scheduled"}
DECISION_DAYS = 7
EMBEDDED_CARD = "in the version"
# SageMaker's older operations have no error of their own for what is missing.
ABSENT = ("does not exist", "could not find", "cannot find", "not found")


class Collector:
    """What one run has looked up.

    Args:
        sagemaker: The client of SageMaker.
    """

    def __init__(self, sagemaker: Any) -> None:
        self.sagemaker = sagemaker
        self._cards: list[tuple[set[str], Row]] | None = None
        self._projects: dict[str, str | None] = {}
        self._runs: dict[str, str | None] = {}

    def pages(self, operation: str, member: str, **parameters: Any) -> Iterator[Row]:
        """Yield what a list has."""
        for page in self.sagemaker.get_paginator(operation).paginate(**parameters):
            yield from page[member]

    def groups(self) -> Iterator[Row]:
        """Yield every group of versions."""
        return self.pages("list_model_package_groups", "ModelPackageGroupSummaryList")

    def versions(self) -> Iterator[Row]:
        """Yield every registered version."""
        for group in self.groups():
            name = group["ModelPackageGroupName"]
            listed = self.pages("list_model_packages", "ModelPackageSummaryList", ModelPackageGroupName=name)
            for summary in listed:
                yield from self.version(summary["ModelPackageArn"])

    def version(self, arn: str) -> Iterator[Row]:
        """Yield one version; nothing of it but its name when it is gone."""
        found = self.described("describe_model_package", ModelPackageName=arn)
        if found is None:
            yield {"model_package_arn": arn, "package_status": DELETED}
            return
        metadata, generated = found.get("CustomerMetadataProperties", {}), found.get("MetadataProperties", {})
        run = metadata.get("mlgov:pipeline-execution") or generated.get("GeneratedBy")
        containers = found.get("InferenceSpecification", {}).get("Containers") or [{}]
        yield {
            "model_package_arn": arn,
            "model_package_group": found.get("ModelPackageGroupName"),
            "version": found.get("ModelPackageVersion"),
            "project": metadata.get(PROJECT_TAG) or self.project(_group_arn(arn)),
            "package_status": found["ModelPackageStatus"],
            "approval_status": found.get("ModelApprovalStatus"),
            "approval_description": found.get("ApprovalDescription"),
            "stage": found.get("ModelLifeCycle", {}).get("Stage"),
            "data_version": metadata.get("mlgov:data-version"),
            "data_sets": self.data_sets(arn),
            "code_commit": metadata.get("mlgov:code-commit") or generated.get("CommitId"),
            "image": metadata.get("mlgov:image") or containers[0].get("Image"),
            "run": run,
            "run_status": self.run_status(run),
            **_person("registered", found.get("CreatedBy")),
            "registered_at": _time(found.get("CreationTime")),
            **_person("changed", found.get("LastModifiedBy")),
            "changed_at": _time(found.get("LastModifiedTime")),
            **self.card(arn, found),
        }

    def data_sets(self, arn: str) -> list[str]:
        """Return where the data came from that SageMaker itself saw go into a version."""
        # One artifact stands for one version.
        artifacts = self.sagemaker.list_artifacts(SourceUri=arn, MaxResults=1)["ArtifactSummaries"]
        if not artifacts:
            return []
        vertices = self._ancestors(artifacts[0]["ArtifactArn"])
        described = (self.described("describe_artifact", ArtifactArn=vertex["Arn"]) for vertex in vertices)
        return sorted({each["Source"]["SourceUri"] for each in described if each})

    def _ancestors(self, artifact: str) -> Iterator[Row]:
        query: Row = {
            "StartArns": [artifact],
            "Direction": "Ascendants",
            "IncludeEdges": False,
            "Filters": {"LineageTypes": ["Artifact"], "Types": ["DataSet"]},
        }
        while True:  # the client has no paginator for it
            answer = self.sagemaker.query_lineage(**query)
            yield from answer["Vertices"]
            if not answer.get("NextToken"):
                return
            query["NextToken"] = answer["NextToken"]

    def run_status(self, run: str | None) -> str | None:
        """Return how a run of a pipeline ended."""
        if not run or ":pipeline/" not in run:
            return None
        if run not in self._runs:
            found = self.described("describe_pipeline_execution", PipelineExecutionArn=run)
            self._runs[run] = found["PipelineExecutionStatus"] if found else None
        return self._runs[run]

    def registered_in(self, run: str) -> Iterator[Row]:
        """Yield the versions that a run of a pipeline registered."""
        for step in self.pages("list_pipeline_execution_steps", "PipelineExecutionSteps", PipelineExecutionArn=run):
            if arn := step.get("Metadata", {}).get("RegisterModel", {}).get("Arn"):
                yield from self.version(arn)

    def card(self, arn: str, version: Mapping[str, Any]) -> Row:
        """Return the model card of a version: its own, one that names it, or one that names its group."""
        if own := version.get("ModelCard"):
            return {"card": EMBEDDED_CARD, "card_status": own.get("ModelCardStatus")}
        cards = self.cards()
        for name in (arn, _group_arn(arn), version.get("ModelPackageGroupName")):
            for subjects, card in cards:
                if name in subjects:
                    return card
        return {"card": None, "card_status": None}

    def cards(self) -> list[tuple[set[str], Row]]:
        """Return every model card with what it is about."""
        if self._cards is None:
            listed = self.pages("list_model_cards", "ModelCardSummaries", SortBy="CreationTime", SortOrder="Descending")
            self._cards = [each for summary in listed for each in self.card_of(summary["ModelCardName"])]
        return self._cards

    def card_of(self, name: str) -> Iterator[tuple[set[str], Row]]:
        """Yield one model card with what it is about."""
        found = self.described("describe_model_card", ModelCardName=name)
        if found:
            yield _subjects(found["Content"]), {"card": name, "card_status": found["ModelCardStatus"]}

    def described_by(self, card: str) -> Iterator[Row]:
        """Yield the versions that a model card is about."""
        for subjects, _ in self.card_of(card):
            for name in subjects:
                if ":model-package/" in name:
                    yield from self.version(name)
                elif ":" not in name:
                    yield from self._versions_of(name)

    def _versions_of(self, group: str) -> Iterator[Row]:
        known = {each["ModelPackageGroupName"] for each in self.groups()}
        if group not in known:
            return
        for each in self.pages("list_model_packages", "ModelPackageSummaryList", ModelPackageGroupName=group):
            yield from self.version(each["ModelPackageArn"])

    def served(self) -> Iterator[Row]:
        """Yield everything that every endpoint serves."""
        for endpoint in self.pages("list_endpoints", "Endpoints"):
            yield from self.endpoint(endpoint["EndpointName"])

    def endpoint(self, name: str) -> Iterator[Row]:
        """Yield what an endpoint serves, a row for each container; one row when it serves nothing."""
        found = self.described("describe_endpoint", EndpointName=name)
        if found is None:
            yield {"endpoint_name": name, "endpoint_status": DELETED}
            return
        monitors = list(self.pages("list_monitoring_schedules", "MonitoringScheduleSummaries", EndpointName=name))
        common = {
            "endpoint_name": name,
            "endpoint_arn": found["EndpointArn"],
            "endpoint_status": found["EndpointStatus"],
            "endpoint_config": found.get("EndpointConfigName"),
            "project": self.project(found["EndpointArn"]),
            "data_capture": found.get("DataCaptureConfig", {}).get("EnableCapture", False),
            "monitors": sorted(each["MonitoringScheduleName"] for each in monitors),
            "monitor_types": sorted({each["MonitoringType"] for each in monitors if each.get("MonitoringType")}),
            "running_monitors": sum(each["MonitoringScheduleStatus"] in RUNNING for each in monitors),
        }
        models = list(self._models(name, found.get("EndpointConfigName")))
        for variant, component, model in models or [(None, None, None)]:
            for container in self._containers(model):
                yield {
                    **common,
                    "variant": variant,
                    "inference_component": component,
                    "model_name": model,
                    "model_package_arn": container.get("ModelPackageName"),
                    "image": container.get("Image"),
                }

    def _models(self, endpoint: str, config: str | None) -> Iterator[tuple[str | None, str | None, str | None]]:
        found = self.described("describe_endpoint_config", EndpointConfigName=config) if config else None
        variants = [
            *((found or {}).get("ProductionVariants") or []),
            *((found or {}).get("ShadowProductionVariants") or []),
        ]
        for variant in variants:
            if model := variant.get("ModelName"):
                yield variant["VariantName"], None, model
        if variants and all(variant.get("ModelName") for variant in variants):
            return
        for each in self.pages("list_inference_components", "InferenceComponents", EndpointNameEquals=endpoint):
            component = each["InferenceComponentName"]
            detail = self.described("describe_inference_component", InferenceComponentName=component) or {}
            yield each.get("VariantName"), component, detail.get("Specification", {}).get("ModelName")

    def _containers(self, model: str | None) -> list[Row]:
        found = self.described("describe_model", ModelName=model) if model else None
        primary = (found or {}).get("PrimaryContainer")
        containers = [*([primary] if primary else []), *((found or {}).get("Containers") or [])]
        return containers or [{}]

    def project(self, arn: str) -> str | None:
        """Return the project that a resource is tagged with."""
        if arn not in self._projects:
            found = self.described("list_tags", ResourceArn=arn) or {"Tags": []}
            tags = {tag["Key"]: tag["Value"] for tag in found["Tags"]}
            self._projects[arn] = tags.get(PROJECT_TAG)
        return self._projects[arn]

    def described(self, operation: str, **parameters: Any) -> Row | None:
        """Return what an operation tells; ``None`` when there is nothing of that name any more."""
        model = self.sagemaker.meta.service_model
        known = model.operation_model(self.sagemaker.meta.method_to_api_mapping[operation]).input_shape.members
        # What a card says stays encrypted: its subject and its state are enough.
        less = {"IncludedData": "MetadataOnly"} if "IncludedData" in known else {}
        try:
            answer: Row = getattr(self.sagemaker, operation)(**parameters, **less)
        except ClientError as error:
            if _is_absent(error):
                return None
            raise
        return answer


def handler(event: Row, context: Any) -> dict[str, int]:
    """Collect what an event is about, or everything; return how many rows were written.

    Args:
        event: An event of EventBridge, or anything else for everything.
        context: That of Lambda.
    """
    now = datetime.datetime.now(datetime.UTC)
    kind = KINDS.get(event.get("detail-type", ""))
    collector = Collector(boto3.client("sagemaker", config=CONFIG))
    tables = kind(collector, event) if kind else _everything(collector, now)
    by = "event" if kind else "sweep"
    stamp = {"collected_at": _time(now), "collected_by": by}
    name = f"{by}-{event.get('id') or context.aws_request_id}"
    s3 = boto3.client("s3", config=CONFIG)
    for table, rows in tables.items():
        for day, file, part in _files(table, rows, f"{now:%Y-%m-%d}", name):
            s3.put_object(
                Bucket=os.environ["BUCKET"],
                Key=f"{os.environ['PREFIX']}/{table}/day={day}/{file}.json.gz",
                Body=packed([{**row, **stamp} for row in part]),
                ContentType="application/gzip",
            )
    return {table: len(rows) for table, rows in tables.items()}


def _files(table: str, rows: list[Row], day: str, name: str) -> Iterator[tuple[str, str, list[Row]]]:
    """Yield day, name and rows of each file: one a run, but one a decision, however often it is found."""
    if table == "decisions":
        yield from ((row["decided_at"][:10], f"decision-{row['event_id']}", [row]) for row in rows)
    elif rows:
        yield day, name, rows


def packed(rows: list[Row]) -> bytes:
    """Return rows as compressed lines of JSON, the same bytes for the same rows."""
    lines = "".join(json.dumps(row, sort_keys=True) + "\n" for row in rows)
    return gzip.compress(lines.encode(), mtime=0)


def _everything(collector: Collector, now: datetime.datetime) -> Tables:
    tables = {
        "model_versions": list(collector.versions()),
        "served_models": list(collector.served()),
        "decisions": list(_decided(now - datetime.timedelta(days=DECISION_DAYS))),
    }
    # The last file, so that a sweep which breaks off does not count.
    return {**tables, "sweeps": [{f"{table}_found": len(rows) for table, rows in tables.items()}]}


def _decided(since: datetime.datetime) -> Iterator[Row]:
    """Yield the decisions that the event history of CloudTrail has, should an event have been lost."""
    calls = boto3.client("cloudtrail", config=CONFIG).get_paginator("lookup_events")
    named = [{"AttributeKey": "EventName", "AttributeValue": "UpdateModelPackage"}]
    for page in calls.paginate(LookupAttributes=named, StartTime=since):
        for found in page["Events"]:
            yield from _decisions(json.loads(found["CloudTrailEvent"]))


def _decisions(call: Row) -> Iterator[Row]:
    """Yield the decision that a call of UpdateModelPackage made, if it made one."""
    wanted, who = call.get("requestParameters") or {}, call.get("userIdentity") or {}
    if call.get("errorCode") or not wanted.get("modelApprovalStatus"):
        return
    yield {
        "model_package_arn": wanted["modelPackageArn"],
        "approval_status": wanted["modelApprovalStatus"],
        "approval_description": wanted.get("approvalDescription"),
        "decided_by": who.get("arn"),
        "decided_by_role": without_session(who.get("arn")),
        "decided_at": call["eventTime"],
        "event_id": call["eventID"],
    }


def _decision(_: Collector, event: Row) -> Tables:
    return {"decisions": list(_decisions(event["detail"]))}


def _version_changed(collector: Collector, event: Row) -> Tables:
    return {"model_versions": list(collector.version(event["detail"]["ModelPackageArn"]))}


def _endpoint_changed(collector: Collector, event: Row) -> Tables:
    return {"served_models": list(collector.endpoint(event["detail"]["EndpointName"]))}


def _card_changed(collector: Collector, event: Row) -> Tables:
    return {"model_versions": list(collector.described_by(event["detail"]["ModelCardName"]))}


def _run_changed(collector: Collector, event: Row) -> Tables:
    return {"model_versions": list(collector.registered_in(event["detail"]["pipelineExecutionArn"]))}


KINDS: dict[str, Callable[[Collector, Row], Tables]] = {
    "AWS API Call via CloudTrail": _decision,
    "SageMaker Endpoint State Change": _endpoint_changed,
    "SageMaker Model Building Pipeline Execution Status Change": _run_changed,
    "SageMaker Model Card State Change": _card_changed,
    "SageMaker Model Package State Change": _version_changed,
}


def without_session(arn: str | None) -> str | None:
    """Return the role of a session, as the session's ARN has it; any other ARN as it is."""
    return arn.rsplit("/", 1)[0] if arn and ":assumed-role/" in arn else arn


def _person(prefix: str, context: Mapping[str, Any] | None) -> Row:
    known = context or {}
    arn = known.get("IamIdentity", {}).get("Arn") or known.get("UserProfileArn")
    return {f"{prefix}_by": arn, f"{prefix}_by_role": without_session(arn)}


def _group_arn(arn: str) -> str:
    """The ARN of the group of a version: ...:model-package/churn/1 lies in ...:model-package-group/churn."""
    before, _, name = arn.partition(":model-package/")
    return f"{before}:model-package-group/{name.split('/')[0]}"


def _subjects(content: str) -> set[str]:
    """What a card says that it is about: a version, else a group or what somebody wrote as the model's id."""
    document = json.loads(content or "{}")
    package, overview = document.get("model_package_details") or {}, document.get("model_overview") or {}
    if version := package.get("model_package_arn"):
        return {version}
    return {name for name in (package.get("model_package_group_name"), overview.get("model_id")) if name}


def _time(value: datetime.datetime | None) -> str | None:
    if value is None:
        return None
    return value.astimezone(datetime.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _is_absent(error: ClientError) -> bool:
    code, message = error.response["Error"]["Code"], error.response["Error"]["Message"].lower()
    return code == "ResourceNotFound" or (code == "ValidationException" and any(each in message for each in ABSENT))
