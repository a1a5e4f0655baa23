"""The way of a model: what starts a pipeline, where it registers, what serves the model, what watches it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from mlgov_constructs.diagram.data_uses import data_uses
from mlgov_constructs.diagram.estate import Estate
from mlgov_constructs.diagram.part import Part
from mlgov_constructs.diagram.pipeline_jobs import JOBS, pipeline_steps
from mlgov_constructs.diagram.shapes import listed, mappings, within
from mlgov_constructs.diagram.stores import REGISTRY

RULE, PIPELINE, MODEL = "AWS::Events::Rule", "AWS::SageMaker::Pipeline", "AWS::SageMaker::Model"
ENDPOINT, CONFIG = "AWS::SageMaker::Endpoint", "AWS::SageMaker::EndpointConfig"
MONITORS = {
    "AWS::SageMaker::DataQualityJobDefinition": ("DataQualityJobInput", "DataQualityJobOutputConfig"),
    "AWS::SageMaker::ModelBiasJobDefinition": ("ModelBiasJobInput", "ModelBiasJobOutputConfig"),
    "AWS::SageMaker::ModelExplainabilityJobDefinition": (
        "ModelExplainabilityJobInput",
        "ModelExplainabilityJobOutputConfig",
    ),
    "AWS::SageMaker::ModelQualityJobDefinition": ("ModelQualityJobInput", "ModelQualityJobOutputConfig"),
}
STATIONS = ("Starts", "Pipelines", "Registries", "Models", "Endpoints", "Monitors")


@dataclass(frozen=True, slots=True)
class Station:
    """Something on the way of a model.

    Attributes:
        part: Its resource.
        rank: Which of the ``STATIONS`` it is at.
        note: What there is to say of it.
    """

    part: Part
    rank: int
    note: str


@dataclass(frozen=True, slots=True)
class ModelPath:
    """What is on the way of models, and what leads to what.

    Attributes:
        stations: In the order of the way.
        steps: Pairs of resources: the second follows on the first.
    """

    stations: tuple[Station, ...]
    steps: tuple[tuple[Part, Part], ...]


def model_path(estate: Estate) -> ModelPath:
    """Read the way of the models of an estate.

    Args:
        estate: The templates.
    """
    pipelines, registries = estate.of_type(PIPELINE), estate.of_type(REGISTRY)
    models, endpoints, monitors = estate.of_type(MODEL), estate.of_type(ENDPOINT), estate.of_type(*MONITORS)
    starts = [(rule, each) for rule in estate.of_type(RULE) for each in pipelines if _starts(estate, rule, each)]
    rules = list(dict.fromkeys(rule for rule, _ in starts))
    steps = [
        *starts,
        *((each, store) for each in pipelines for store, _ in data_uses(estate, each) if store.type == REGISTRY),
        *((registry, each) for registry in registries for each in models if _is_version(estate, registry, each)),
        *((each, endpoint) for endpoint in endpoints for each in _served(estate, endpoint)),
        *((endpoint, each) for endpoint in endpoints for each in monitors if _watched(estate, endpoint, each)),
        *((each, rule) for each in monitors for rule in rules if _heard(estate, each, rule)),
    ]
    ranks = (rules, pipelines, registries, models, endpoints, monitors)
    stations = (Station(each, rank, _note(estate, each)) for rank, parts in enumerate(ranks) for each in parts)
    return ModelPath(tuple(stations), tuple(dict.fromkeys(steps)))


def _starts(estate: Estate, rule: Part, pipeline: Part) -> bool:
    targets = [each.get("Arn") for each in mappings(rule.properties.get("Targets"))]
    name = estate.text(pipeline, pipeline.properties.get("PipelineName", pipeline.name))
    # A product's pipeline is started by the product's rule alone, though another may have the same pattern of a name.
    same = rule.stack == pipeline.stack or not (rule.launched or pipeline.launched)
    return same and any(
        pipeline in estate.referred(rule, each) or estate.text(rule, each).endswith(f":pipeline/{name}")
        for each in targets
    )


def _is_version(estate: Estate, registry: Part, model: Part) -> bool:
    group = estate.text(registry, registry.properties.get("ModelPackageGroupName", registry.name))
    containers = mappings([model.properties.get("PrimaryContainer"), *listed(model.properties.get("Containers"))])
    names = [estate.text(model, each.get("ModelPackageName", "")) for each in containers]
    return any(name.partition(":model-package/")[2].startswith(f"{group}/") for name in names)


def _served(estate: Estate, endpoint: Part) -> Iterator[Part]:
    for config in _configs(estate, endpoint):
        yield from (each for each in estate.referred(config, config.properties) if each.type == MODEL)


def _configs(estate: Estate, endpoint: Part) -> list[Part]:
    named = estate.referred(endpoint, endpoint.properties.get("EndpointConfigName"))
    return [each for each in named if each.type == CONFIG]


def _watched(estate: Estate, endpoint: Part, monitor: Part) -> bool:
    given = within(monitor.properties, MONITORS[monitor.type][0], "EndpointInput")
    name = estate.text(endpoint, endpoint.properties.get("EndpointName", endpoint.name))
    return endpoint in estate.referred(monitor, given) or estate.text(monitor, within(given, "EndpointName")) == name


def _heard(estate: Estate, monitor: Part, rule: Part) -> bool:
    """Whether a rule waits for what a monitor writes."""
    written = set(_places(estate, monitor, monitor.properties.get(MONITORS[monitor.type][1])))
    return bool(written & set(_places(estate, rule, rule.properties.get("EventPattern"))))


def _places(estate: Estate, part: Part, value: object) -> Iterator[str]:
    """The places in S3 that a value names."""
    if isinstance(value, list):
        for entry in value:
            yield from _places(estate, part, entry)
    elif isinstance(value, dict) and not any(key.startswith("Fn::") or key == "Ref" for key in value):
        for entry in value.values():
            yield from _places(estate, part, entry)
    elif (text := estate.text(part, value)).startswith("s3://"):
        yield text.rstrip("/")


def _note(estate: Estate, part: Part) -> str:
    if part.type == RULE:
        return "on a schedule" if "ScheduleExpression" in part.properties else "on an event"
    if part.type == PIPELINE:
        jobs = sum(step.get("Type") in JOBS for step in pipeline_steps(estate, part))
        return f"{jobs} jobs" if jobs else ""
    if part.type == ENDPOINT:
        captures = [within(each.properties, "DataCaptureConfig", "EnableCapture") for each in _configs(estate, part)]
        return "captures data" if True in captures else ""
    if part.type == MODEL:
        return "isolated" if part.properties.get("EnableNetworkIsolation") is True else ""
    return part.type.rpartition("::")[2].removesuffix("JobDefinition") if part.type in MONITORS else ""
