"""Models, endpoint configurations and endpoints."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from mlgov_constructs.local_cloud import enforcement, moto_bridge
from mlgov_constructs.local_cloud.errors import ServiceError
from mlgov_constructs.local_cloud.services.json_service import Operation, Request
from mlgov_constructs.local_cloud.services.sagemaker import store
from mlgov_constructs.local_cloud.services.sagemaker.crud import check_status
from mlgov_constructs.local_cloud.services.sagemaker.kind import Kind, Record
from mlgov_constructs.local_cloud.services.sagemaker.registry import MODEL_PACKAGE

# Disks of the host: SageMaker refuses a key of ours for them.
_LOCAL_STORAGE = re.compile(r"ml\.([a-z]+[0-9]+[a-z]*d[a-z]*|g[5-9]e?|p[5-9][a-z]*(-[a-z0-9]+)?|trn[0-9]n?|dl1)\.")

INVOCATIONS = "/endpoints/"
"""How the path of a request to a model begins: the runtime signs as SageMaker does."""
_INVOCATIONS = {
    "invocations": "InvokeEndpoint",
    "async-invocations": "InvokeEndpointAsync",
    "invocations-response-stream": "InvokeEndpointWithResponseStream",
}


def _refuse(message: str) -> ServiceError:
    return ServiceError("ValidationException", message)


def _containers(request: Request) -> list[Mapping[str, Any]]:
    primary = request.get("PrimaryContainer")
    return [*([primary] if primary else []), *(request.get("Containers") or [])]


def _check_model(request: Request) -> None:
    containers = _containers(request)
    if not containers or (request.get("PrimaryContainer") and request.get("Containers")):
        raise _refuse("Exactly one of PrimaryContainer and Containers must be specified.")
    if not request.get("ExecutionRoleArn"):
        raise _refuse("ExecutionRoleArn must be specified.")
    for container in containers:
        if not container.get("Image") and not container.get("ModelPackageName"):
            raise _refuse("A container needs an Image or a ModelPackageName.")
        if package := container.get("ModelPackageName"):
            _check_package(request, str(package))


def _check_package(request: Request, name: str) -> None:
    """Refuses a version that does not exist or is not approved."""
    version = store.records.get(store.key_of(MODEL_PACKAGE, request, {MODEL_PACKAGE.name: name}))
    if version is None:
        raise _refuse(f"Could not find model package {name}.")
    if (status := version["ModelApprovalStatus"]) != "Approved":
        raise _refuse(f"Model package {name} is not approved: its status is {status}.")


def _variants(request: Request) -> Iterator[Mapping[str, Any]]:
    yield from request.get("ProductionVariants") or []
    yield from request.get("ShadowProductionVariants") or []


def _check_config(request: Request) -> None:
    shadows = request.get("ShadowProductionVariants") or []
    if shadows and (len(shadows) > 1 or len(request["ProductionVariants"]) > 1):
        raise _refuse("A shadow variant needs exactly one production variant, and there can be one.")
    for variant in _variants(request):
        model = variant.get("ModelName")
        if model and store.key_of(MODEL, request, {MODEL.name: model}) not in store.records:
            raise _refuse(f'Could not find model "{model}".')
        instance_type = variant.get("InstanceType", "")
        if bool(instance_type) == bool(variant.get("ServerlessConfig")):
            raise _refuse("A variant has either an InstanceType or a ServerlessConfig.")
        if request.get("KmsKeyId") and _LOCAL_STORAGE.match(instance_type):
            raise _refuse(f"KmsKeyId cannot be specified for {instance_type}, which has local storage.")


def _config(request: Request, name: str) -> Record:
    record = store.records.get(store.key_of(CONFIG, request, {CONFIG.name: name}))
    if record is None:
        raise _refuse(f'Could not find endpoint configuration "{name}".')
    return record


def _check_endpoint(request: Request) -> None:
    _config(request, request["EndpointConfigName"])
    _check_deployment(request)


def _check_deployment(request: Request) -> None:
    deployment = request.get("DeploymentConfig") or {}
    policies = [name for name in ("BlueGreenUpdatePolicy", "RollingUpdatePolicy") if name in deployment]
    if len(policies) > 1:
        raise _refuse("Only one update policy can be used in a deployment configuration.")


def _check_update(request: Request, record: Record) -> None:
    config = _config(request, request["EndpointConfigName"])
    _check_deployment(request)
    wanted = {variant["VariantName"] for variant in config["ProductionVariants"]}
    if request.get("DeploymentConfig") and wanted != {
        variant["VariantName"] for variant in record["ProductionVariants"]
    }:
        raise _refuse("A deployment with guardrails needs the variant names of the old endpoint configuration.")
    kept = record["ProductionVariants"] if request.get("RetainAllVariantProperties") else []
    excluded = {each["VariantPropertyType"] for each in request.get("ExcludeRetainedVariantProperties") or []}
    record.update(_running(config, kept if "DesiredInstanceCount" not in excluded else []))


def _added(request: Request, record: Record) -> Record:
    return _running(_config(request, record["EndpointConfigName"]), [])


def _running(config: Record, kept: list[Record]) -> Record:
    """Returns what an endpoint runs under a configuration, with the instance counts that are to be kept."""
    counts = {variant["VariantName"]: variant.get("DesiredInstanceCount") for variant in kept}
    capture = config.get("DataCaptureConfig")
    return {
        "ProductionVariants": [_summary(variant, counts) for variant in config["ProductionVariants"]],
        "ShadowProductionVariants": [_summary(variant, {}) for variant in config.get("ShadowProductionVariants", [])],
        "DataCaptureConfig": capture
        and {
            "EnableCapture": capture.get("EnableCapture", False),
            "CaptureStatus": "Started" if capture.get("EnableCapture") else "Stopped",
            "CurrentSamplingPercentage": capture["InitialSamplingPercentage"],
            "DestinationS3Uri": capture["DestinationS3Uri"],
            "KmsKeyId": capture.get("KmsKeyId", ""),
        },
        "AsyncInferenceConfig": config.get("AsyncInferenceConfig"),
    }


def _summary(variant: Mapping[str, Any], counts: Mapping[str, Any]) -> Record:
    name, weight = variant["VariantName"], variant.get("InitialVariantWeight", 1.0)
    summary: Record = {"VariantName": name, "CurrentWeight": weight, "DesiredWeight": weight}
    if serverless := variant.get("ServerlessConfig"):
        return {**summary, "CurrentServerlessConfig": serverless, "DesiredServerlessConfig": serverless}
    count = counts.get(name) or variant.get("InitialInstanceCount", 1)
    return {**summary, "CurrentInstanceCount": count, "DesiredInstanceCount": count}


def _set_capacities(request: Request) -> dict[str, Any]:
    record = store.find(ENDPOINT, request)
    check_status(ENDPOINT, record, "InService")
    known = {variant["VariantName"]: variant for variant in record["ProductionVariants"]}
    for wanted in request["DesiredWeightsAndCapacities"]:
        variant = known.get(wanted["VariantName"])
        if variant is None:
            raise _refuse(f"The endpoint has no variant {wanted['VariantName']}.")
        for given, member in (("DesiredInstanceCount", "InstanceCount"), ("DesiredWeight", "Weight")):
            if given in wanted:
                variant[f"Current{member}"] = variant[f"Desired{member}"] = wanted[given]
    return {"EndpointArn": record["EndpointArn"]}


MODEL = Kind(
    noun="Model",
    arn_path="model",
    plural="Models",
    defaults={"EnableNetworkIsolation": False},
    has_resource_errors=False,
    missing='Could not find model "{name}".',
    check_create=_check_model,
)
CONFIG = Kind(
    noun="EndpointConfig",
    arn_path="endpoint-config",
    plural="EndpointConfigs",
    has_resource_errors=False,
    missing='Could not find endpoint configuration "{name}".',
    check_create=_check_config,
)
ENDPOINT = Kind(
    noun="Endpoint",
    arn_path="endpoint",
    plural="Endpoints",
    renamed={"DeploymentConfig": "LastDeploymentConfig"},
    status="EndpointStatus",
    changeable_in=("InService", "Failed"),
    has_resource_errors=False,
    missing='Could not find endpoint "{name}".',
    also_authorized=("UpdateEndpointWeightsAndCapacities", *_INVOCATIONS.values()),
    check_create=_check_endpoint,
    check_update=_check_update,
    added=_added,
)


def refuse_invocation(
    authorize: Callable[[Request], None], path: str, headers: Mapping[str, str], query: Mapping[str, Any]
) -> moto_bridge.Answer:
    """Answers a request to a model: what IAM and the endpoint allow, no model answers here."""
    _, _, name, kind = path.split("/", 3)
    parameters = {ENDPOINT.name: name}
    try:
        request = Request(_INVOCATIONS.get(kind, kind), parameters, enforcement.caller_of(headers, query))
        authorize(request)
        store.find(ENDPOINT, request)
    except ServiceError as error:
        return moto_bridge.error(error.code, error.message, error.status)
    return moto_bridge.error("ModelError", f"The local cloud runs no model, so endpoint {name} has no answer.", 424)


KINDS: tuple[Kind, ...] = (MODEL, CONFIG, ENDPOINT)
OPERATIONS: dict[str, Operation] = {"UpdateEndpointWeightsAndCapacities": _set_capacities}
