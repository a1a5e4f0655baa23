"""Job definitions of monitors, and the schedules that run them."""

import functools
import re
from typing import Any

from mlgov_constructs.local_cloud.errors import ServiceError
from mlgov_constructs.local_cloud.services.json_service import Operation, Request
from mlgov_constructs.local_cloud.services.sagemaker import serving, store
from mlgov_constructs.local_cloud.services.sagemaker.kind import Kind, Record

_HOURLY = "cron(0 * ? * * *)"
_EXPRESSION = re.compile(r"cron\(0 (\*|([01]?\d|2[0-3])(/(0?[1-9]|1\d|2[0-4]))?) \? \* \* \*\)")
# Kind of monitor, how its definitions are called in ARNs, and the seconds that a job of an hourly schedule may take.
_TYPES = {
    "DataQuality": ("data-quality", 3600),
    "ModelBias": ("model-bias", 1800),
    "ModelExplainability": ("model-explainability", 3600),
    "ModelQuality": ("model-quality", 1800),
}


def _refuse(message: str) -> ServiceError:
    return ServiceError("ValidationException", message)


def _check_definition(monitoring_type: str, request: Request) -> None:
    job_input = request[f"{monitoring_type}JobInput"]
    if ("EndpointInput" in job_input) == ("BatchTransformInput" in job_input):
        raise _refuse("Exactly one of EndpointInput and BatchTransformInput must be specified.")
    if "EndpointInput" in job_input:
        _check_endpoint(request, job_input["EndpointInput"]["EndpointName"])


def _check_endpoint(request: Request, name: str) -> None:
    endpoint = store.records.get(store.key_of(serving.ENDPOINT, request, {serving.ENDPOINT.name: name}))
    if endpoint is None:
        raise _refuse(f'Could not find endpoint "{store.arn_of(serving.ENDPOINT, request, {"EndpointName": name})}".')
    if not (endpoint.get("DataCaptureConfig") or {}).get("EnableCapture"):
        raise _refuse(f'Data capture is not enabled for endpoint "{name}".')


def _added_to_definition(monitoring_type: str, request: Request, record: Record) -> Record:
    arn = record["JobDefinitionArn"]
    endpoint = request[f"{monitoring_type}JobInput"].get("EndpointInput", {})
    return {
        "MonitoringJobDefinitionArn": arn,
        "MonitoringJobDefinitionName": request["JobDefinitionName"],
        "EndpointName": endpoint.get("EndpointName"),
    }


def _definition_kind(monitoring_type: str) -> Kind:
    noun = f"{monitoring_type}JobDefinition"
    return Kind(
        noun=noun,
        arn_path=f"{_TYPES[monitoring_type][0]}-job-definition",
        arn_member="JobDefinitionArn",
        plural=f"{noun}s",
        identified_by=("JobDefinitionName",),
        check_create=functools.partial(_check_definition, monitoring_type),
        added=functools.partial(_added_to_definition, monitoring_type),
    )


DEFINITIONS = {monitoring_type: _definition_kind(monitoring_type) for monitoring_type in _TYPES}


def _definition(request: Request, config: Record) -> Record:
    """Returns the job definition that the configuration of a schedule names."""
    name, monitoring_type = config["MonitoringJobDefinitionName"], config.get("MonitoringType", "")
    if monitoring_type not in DEFINITIONS:
        raise _refuse("MonitoringType must be specified with MonitoringJobDefinitionName.")
    found = store.records.get(store.key_of(DEFINITIONS[monitoring_type], request, {"JobDefinitionName": name}))
    if found is None:
        raise _refuse(f"{monitoring_type} job definition {name} does not exist.")
    return found


def _check_schedule(request: Request) -> None:
    config = request["MonitoringScheduleConfig"]
    if ("MonitoringJobDefinition" in config) == ("MonitoringJobDefinitionName" in config):
        raise _refuse("Exactly one of MonitoringJobDefinition and MonitoringJobDefinitionName must be specified.")
    schedule = config.get("ScheduleConfig") or {}
    expression = schedule.get("ScheduleExpression", _HOURLY)
    if expression == "NOW" and not {"DataAnalysisStartTime", "DataAnalysisEndTime"} <= schedule.keys():
        raise _refuse("DataAnalysisStartTime and DataAnalysisEndTime must be specified with NOW.")
    if expression != "NOW" and not _EXPRESSION.fullmatch(expression):
        raise _refuse(f"Schedule expression {expression} is not supported.")
    named = "MonitoringJobDefinitionName" in config
    definition = _definition(request, config) if named else config["MonitoringJobDefinition"]
    limit = (definition.get("StoppingCondition") or {}).get("MaxRuntimeInSeconds", 0)
    most = _TYPES[config.get("MonitoringType", "DataQuality")][1]
    if expression == _HOURLY and limit > most:
        raise _refuse(f"MaxRuntimeInSeconds {limit} exceeds {most}, the most for an hourly schedule.")


def _check_update(request: Request, record: Record) -> None:
    _check_schedule(request)
    record.update(_named(request))


def _named(request: Request) -> Record:
    """Returns what lists and descriptions say of a schedule beside its configuration."""
    config = request["MonitoringScheduleConfig"]
    named = {name: config[name] for name in ("MonitoringJobDefinitionName", "MonitoringType") if name in config}
    endpoint = _definition(request, config)["EndpointName"] if "MonitoringJobDefinitionName" in config else None
    return {**named, **({"EndpointName": endpoint} if endpoint else {})}


def _added_to_schedule(request: Request, record: Record) -> Record:
    return {"MonitoringScheduleStatus": "Scheduled", **_named(request)}


SCHEDULE = Kind(
    noun="MonitoringSchedule",
    arn_path="monitoring-schedule",
    plural="MonitoringSchedules",
    status="MonitoringScheduleStatus",
    check_create=_check_schedule,
    check_update=_check_update,
    added=_added_to_schedule,
)


def _set_status(status: str, request: Request) -> dict[str, Any]:
    store.find(SCHEDULE, request)["MonitoringScheduleStatus"] = status
    return {}


def _list_executions(_: Request) -> dict[str, Any]:
    """Answers that nothing has run, for nothing runs here."""
    return {"MonitoringExecutionSummaries": []}


KINDS: tuple[Kind, ...] = (*DEFINITIONS.values(), SCHEDULE)
OPERATIONS: dict[str, Operation] = {
    "ListMonitoringExecutions": _list_executions,
    "StartMonitoringSchedule": functools.partial(_set_status, "Scheduled"),
    "StopMonitoringSchedule": functools.partial(_set_status, "Stopped"),
}
