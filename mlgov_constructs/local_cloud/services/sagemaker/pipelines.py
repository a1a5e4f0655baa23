"""Pipelines, whose definitions are checked step by step, and their runs, which wait for machines."""

import datetime
import json
import uuid
from collections.abc import Mapping
from typing import Any

from ministack.services import s3

from mlgov_constructs.local_cloud import enforcement
from mlgov_constructs.local_cloud.errors import ServiceError
from mlgov_constructs.local_cloud.services.json_service import Operation, Request, output_members
from mlgov_constructs.local_cloud.services.sagemaker import store
from mlgov_constructs.local_cloud.services.sagemaker.crud import visible
from mlgov_constructs.local_cloud.services.sagemaker.kind import Kind, Record
from mlgov_constructs.local_cloud.services.sagemaker.pipeline_definition import definition_problems, first_steps

_BODY, _PLACE = "PipelineDefinition", "PipelineDefinitionS3Location"
_RUN = "PipelineExecutionArn"


def _text(request: Request) -> str:
    """Returns the definition, from the request or from S3, as the caller may read it."""
    place = request.get(_PLACE)
    if not place:
        return str(request.get(_BODY) or "")
    if request.get(_BODY):
        raise ServiceError(
            "ValidationException", "Either PipelineDefinition or its place in S3 must be given, not both."
        )
    bucket, key, version = place["Bucket"], place["ObjectKey"], place.get("VersionId")
    action = "s3:GetObjectVersion" if version else "s3:GetObject"
    enforcement.authorize(request.caller, action, f"arn:{enforcement.partition()}:s3:::{bucket}/{key}")
    content = s3._get_object_data(bucket, key, version)
    if content is None:
        named = f"s3://{bucket}/{key}" + (f", version {version}" if version else "")
        raise ServiceError("ValidationException", f"The definition of the pipeline is not at {named}.")
    return str(content.decode())


def _check(request: Request) -> None:
    text = _text(request)
    if not text:
        raise ServiceError("ValidationException", "Either PipelineDefinition or its place in S3 must be given.")
    if found := definition_problems(text):
        raise ServiceError("ValidationException", "Invalid pipeline definition: " + "; ".join(found))


def _body(request: Request, record: Record) -> Record:
    """Returns what the pipeline keeps of a definition in S3: the text as it was then."""
    return {_BODY: _text(request)}


def _check_update(request: Request, record: Record) -> None:
    if request.get(_BODY) or request.get(_PLACE):
        _check(request)
        record[_BODY] = _text(request)


class _Pipelines(Kind):
    """The kind of a pipeline, which its runs are named after."""

    def identity(self, parameters: Mapping[str, Any]) -> str:
        """Returns the name of the pipeline, or of a run."""
        run = str(parameters.get(_RUN) or "")
        return run.rsplit(":pipeline/", 1)[-1] if run else super().identity(parameters)


def _tags_of_pipeline(request: Request) -> dict[str, str]:
    """Returns the condition keys of a run's tags, which are those of its pipeline."""
    tags = store.tags.get(str(request.get(_RUN) or "").split("/execution/")[0], {})
    return {f"aws:ResourceTag/{key}": value for key, value in tags.items()}


PIPELINE = _Pipelines(
    noun="Pipeline",
    arn_path="pipeline",
    plural="Pipelines",
    defaults={"PipelineStatus": "Active"},
    check_create=_check,
    check_update=_check_update,
    added=_body,
    context=_tags_of_pipeline,
)
_runs: dict[str, Record] = {}
"""Runs by their ARN; in the order in which they were started."""


def reset() -> None:
    """Forgets the runs."""
    _runs.clear()


def _start(request: Request) -> dict[str, Any]:
    pipeline = store.find(PIPELINE, request)
    given = {each["Name"]: each["Value"] for each in request.get("PipelineParameters") or []}
    declared = {each["Name"]: each for each in json.loads(pipeline[_BODY]).get("Parameters", [])}
    if unknown := sorted(given.keys() - declared.keys()):
        raise ServiceError("ValidationException", f"Parameter {unknown[0]} is not a parameter of the pipeline.")
    missing = sorted(name for name, each in declared.items() if "DefaultValue" not in each and name not in given)
    if missing:
        raise ServiceError("ValidationException", f"Parameter {missing[0]} has no default value and was not given.")
    now = datetime.datetime.now(datetime.UTC)
    arn = f"{pipeline[PIPELINE.arn]}/execution/{uuid.uuid4().hex[:12]}"
    values = {name: given.get(name, each.get("DefaultValue")) for name, each in declared.items()}
    _runs[arn] = {
        "CreationTime": now,
        "LastModifiedTime": now,
        "StartTime": now,
        "PipelineArn": pipeline[PIPELINE.arn],
        _RUN: arn,
        "PipelineExecutionDescription": request.get("PipelineExecutionDescription", ""),
        "PipelineExecutionDisplayName": request.get("PipelineExecutionDisplayName", arn.rsplit("/", 1)[-1]),
        "PipelineExecutionStatus": "Executing",
        "PipelineParameters": [{"Name": name, "Value": str(value)} for name, value in values.items()],
        # What would start first: there is no machine to run it on.
        "PipelineExecutionSteps": [
            {"StepName": name, "StepStatus": "Starting", "StartTime": now}
            for name in first_steps(json.loads(pipeline[_BODY]))
        ],
    }
    pipeline["LastRunTime"] = now
    return {_RUN: arn}


def _run(request: Request) -> Record:
    record = _runs.get(request[_RUN])
    if record is None:
        raise ServiceError("ResourceNotFound", f"Pipeline execution {request[_RUN]} does not exist.")
    return record


def _describe(request: Request) -> dict[str, Any]:
    return visible(_run(request), output_members("sagemaker", request.operation))


def _list(request: Request) -> dict[str, Any]:
    arn = store.find(PIPELINE, request)[PIPELINE.arn]
    summary = output_members("sagemaker", request.operation)["PipelineExecutionSummaries"].member.members
    found = [visible(record, summary) for record in _runs.values() if record["PipelineArn"] == arn]
    return {"PipelineExecutionSummaries": found[::-1]}


def _stop(request: Request) -> dict[str, Any]:
    record = _run(request)
    if record["PipelineExecutionStatus"] != "Executing":
        raise ServiceError("ValidationException", f"Pipeline execution {request[_RUN]} does not run.")
    record["PipelineExecutionStatus"] = "Stopped"
    for step in record["PipelineExecutionSteps"]:
        step["StepStatus"] = "Stopped"
    return {_RUN: request[_RUN]}


KINDS: tuple[Kind, ...] = (PIPELINE,)
OPERATIONS: dict[str, Operation] = {
    "DescribePipelineExecution": _describe,
    "ListPipelineExecutionSteps": _describe,
    "ListPipelineExecutions": _list,
    "ListPipelineParametersForExecution": _describe,
    "StartPipelineExecution": _start,
    "StopPipelineExecution": _stop,
}
