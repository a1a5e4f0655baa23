"""Models, endpoint configurations, endpoints, inference components and shadow tests."""

import dataclasses
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from mlgov_constructs.local_cloud import enforcement, moto_bridge
from mlgov_constructs.local_cloud.errors import ServiceError
from mlgov_constructs.local_cloud.services.json_service import Operation, Request
from mlgov_constructs.local_cloud.services.sagemaker import store
from mlgov_constructs.local_cloud.services.sagemaker.crud import check_status, operations
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
    if request.get("KmsKeyId") and any(variant.get("ServerlessConfig") for variant in _variants(request)):
        raise _refuse("KmsKeyId is for the volumes of instances; a serverless variant has none.")
    for variant in _variants(request):
        _check_variant(request, variant)
        model = variant.get("ModelName")
        if model and store.key_of(MODEL, request, {MODEL.name: model}) not in store.records:
            raise _refuse(f'Could not find model "{model}".')
        instance_type = variant.get("InstanceType", "")
        if bool(instance_type) == bool(variant.get("ServerlessConfig")):
            raise _refuse("A variant has either an InstanceType or a ServerlessConfig.")
        if request.get("KmsKeyId") and _LOCAL_STORAGE.match(instance_type):
            raise _refuse(f"KmsKeyId cannot be specified for {instance_type}, which has local storage.")


def _check_variant(request: Request, variant: Mapping[str, Any]) -> None:
    """Refuses what SageMaker documents for variants without a model, and for serverless ones."""
    serverless, model = variant.get("ServerlessConfig"), variant.get("ModelName")
    if not model and not request.get("ExecutionRoleArn"):
        raise _refuse("ExecutionRoleArn must be specified when a variant has no ModelName.")
    if model and request.get("ExecutionRoleArn"):
        raise _refuse("ExecutionRoleArn is for variants without a ModelName.")
    if not serverless:
        return
    if request.get("DataCaptureConfig") or request.get("ShadowProductionVariants") or request.get("VpcConfig"):
        raise _refuse("Serverless endpoints have no data capture, no shadow variants and no VPC.")
    if serverless.get("ProvisionedConcurrency", 1) > serverless["MaxConcurrency"]:
        raise _refuse("ProvisionedConcurrency must not exceed MaxConcurrency.")
    found = store.records.get(store.key_of(MODEL, request, {MODEL.name: model}), {}) if model else {}
    if found.get("VpcConfig") or found.get("EnableNetworkIsolation"):
        raise _refuse(f"Model {model} has a VpcConfig or network isolation, which serverless endpoints have not.")


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
    for shown in ("ManagedInstanceScaling", "RoutingConfig"):
        if shown in variant:
            summary[shown] = variant[shown]
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


def _endpoint(request: Request) -> Record:
    """Returns the endpoint that a component or a test is for."""
    name = request["EndpointName"]
    found = store.records.get(store.key_of(ENDPOINT, request, {ENDPOINT.name: name}))
    if found is None:
        raise _refuse(f'Could not find endpoint "{name}".')
    return found


def _check_component(request: Request) -> None:
    endpoint = _endpoint(request)
    config = _config(request, endpoint["EndpointConfigName"])
    variant = {each["VariantName"]: each for each in config["ProductionVariants"]}.get(request.get("VariantName", ""))
    if variant is None:
        raise _refuse(f"The endpoint has no variant {request.get('VariantName')}.")
    if variant.get("ModelName"):
        raise _refuse(f"Variant {variant['VariantName']} has a model of its own, so it takes no inference component.")
    _check_specification(request)


def _check_specification(request: Request) -> None:
    specification = request.get("Specification") or {}
    model = specification.get("ModelName")
    if model and store.key_of(MODEL, request, {MODEL.name: model}) not in store.records:
        raise _refuse(f'Could not find model "{model}".')


def _check_component_update(request: Request, record: Record) -> None:
    _check_specification(request)


def _added_to_component(request: Request, record: Record) -> Record:
    return {"EndpointArn": _endpoint(request)["EndpointArn"], **_copies(request.get("RuntimeConfig"))}


def _copies(runtime: Mapping[str, Any] | None) -> Record:
    """Returns how a component tells of its copies, which are there at once."""
    if runtime is None:
        return {}
    return {"RuntimeConfig": {"DesiredCopyCount": runtime["CopyCount"], "CurrentCopyCount": runtime["CopyCount"]}}


def _update_component(request: Request) -> dict[str, Any]:
    runtime = request.get("RuntimeConfig") or request.get("DesiredRuntimeConfig")
    rest = {name: value for name, value in request.parameters.items() if name != "DesiredRuntimeConfig"}
    return operations(COMPONENT)["UpdateInferenceComponent"](
        dataclasses.replace(request, parameters={**rest, **_copies(runtime)})
    )


def _check_no_component(request: Request, record: Record) -> None:
    name = record["EndpointName"]
    if any(each["EndpointName"] == name for each in store.all_of(COMPONENT, request).values()):
        raise _refuse(f"Endpoint {name} has inference components, which must be deleted first.")


def _check_over(request: Request, record: Record) -> None:
    if record["Status"] == "Running":
        raise ServiceError("ConflictException", f"Inference experiment {record['Name']} is running: stop it first.")


def _stop_experiment(request: Request) -> dict[str, Any]:
    record = store.find(EXPERIMENT, request)
    record["Status"] = request.get("DesiredState", "Completed")
    return {"InferenceExperimentArn": record["InferenceExperimentArn"]}


def _check_experiment(request: Request) -> None:
    endpoint = _endpoint(request)
    wanted = {each["VariantName"] for each in request["ModelVariants"]}
    mode = request["ShadowModeConfig"]
    source = mode["SourceModelVariantName"]
    if source not in {each["VariantName"] for each in endpoint["ProductionVariants"]} or source not in wanted:
        raise _refuse(f"Variant {source} is none of the endpoint and of ModelVariants.")
    if endpoint["ShadowProductionVariants"]:
        raise _refuse("The endpoint has a shadow variant already.")
    for each in mode["ShadowModelVariants"]:
        if each["ShadowModelVariantName"] not in wanted:
            raise _refuse(f"Variant {each['ShadowModelVariantName']} is none of ModelVariants.")
    for each in request["ModelVariants"]:
        if store.key_of(MODEL, request, {MODEL.name: each["ModelName"]}) not in store.records:
            raise _refuse(f'Could not find model "{each["ModelName"]}".')


def _added_to_experiment(request: Request, record: Record) -> Record:
    starts_later = "StartTime" in (request.get("Schedule") or {})
    return {
        "Arn": record["InferenceExperimentArn"],
        "EndpointMetadata": {"EndpointName": request["EndpointName"], "EndpointStatus": "InService"},
        "Status": "Created" if starts_later else "Running",
    }


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
    check_delete=_check_no_component,
    added=_added,
)

COMPONENT = Kind(
    noun="InferenceComponent",
    arn_path="inference-component",
    plural="InferenceComponents",
    renamed={"DeploymentConfig": "LastDeploymentConfig"},
    status="InferenceComponentStatus",
    changeable_in=("InService", "Failed"),
    has_resource_errors=False,
    missing='Could not find inference component "{name}".',
    check_create=_check_component,
    check_update=_check_component_update,
    added=_added_to_component,
)
EXPERIMENT = Kind(
    noun="InferenceExperiment",
    arn_path="inference-experiment",
    plural="InferenceExperiments",
    identified_by=("Name",),
    missing="Inference experiment {name} does not exist",
    also_authorized=("StopInferenceExperiment",),
    check_create=_check_experiment,
    check_delete=_check_over,
    added=_added_to_experiment,
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


KINDS: tuple[Kind, ...] = (MODEL, CONFIG, ENDPOINT, COMPONENT, EXPERIMENT)
OPERATIONS: dict[str, Operation] = {
    "StopInferenceExperiment": _stop_experiment,
    "UpdateEndpointWeightsAndCapacities": _set_capacities,
    "UpdateInferenceComponent": _update_component,
    "UpdateInferenceComponentRuntimeConfig": _update_component,
}
