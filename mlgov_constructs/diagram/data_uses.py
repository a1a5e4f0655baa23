"""What workloads and logs write to and read from stores, by their own settings."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from mlgov_constructs.diagram.estate import Estate
from mlgov_constructs.diagram.part import Part
from mlgov_constructs.diagram.pipeline_jobs import pipeline_definition
from mlgov_constructs.diagram.stores import BUCKET, LOG_GROUP, REGISTRY

READS, WRITES = "R", "W"
ENDPOINT_CONFIG, PIPELINE = "AWS::SageMaker::EndpointConfig", "AWS::SageMaker::Pipeline"
# What moves data, and what one calls it.
ACTORS = {
    PIPELINE: "pipeline",
    ENDPOINT_CONFIG: "endpoint",
    "AWS::SageMaker::Model": "model",
    "AWS::SageMaker::DataQualityJobDefinition": "monitoring job",
    "AWS::SageMaker::ModelBiasJobDefinition": "monitoring job",
    "AWS::SageMaker::ModelExplainabilityJobDefinition": "monitoring job",
    "AWS::SageMaker::ModelQualityJobDefinition": "monitoring job",
    "AWS::SageMaker::FeatureGroup": "feature group",
    "AWS::SageMaker::MlflowApp": "MLflow app",
    "AWS::SageMaker::MlflowTrackingServer": "MLflow server",
    "AWS::Athena::WorkGroup": "workgroup",
    "AWS::CloudFormation::GuardHook": "hook",
    "AWS::CloudTrail::Trail": "trail",
    "AWS::Config::DeliveryChannel": "AWS Config",
    "AWS::EC2::FlowLog": "flow log",
}
# Settings that say where something goes; any other says where it comes from.
GOES_THERE = re.compile(r"Output|Destination|DataCapture|OfflineStore|S3Bucket|LogGroup|ResultConfig")
BOTH_WAYS = frozenset({"ArtifactStoreUri"})
NAMES_A_BUCKET = re.compile(r"S3?Bucket(?:Name)?$|^Bucket(?:Name)?$")
NAMES_A_LOG_GROUP = re.compile(r"LogGroup(?:Name|Arn)?$")
SCHEME = "s3://"

Use = tuple[Part, str]


def data_uses(estate: Estate, part: Part) -> list[Use]:
    """Return the stores that the settings of a workload name, each with ``R`` or ``W``.

    Args:
        estate: The templates.
        part: A resource of one of the types in ``ACTORS``.
    """
    stores = {each.name: each for each in estate.referred(part, part.properties) if each.type in (BUCKET, LOG_GROUP)}
    settings: Any = part.properties
    if part.type == PIPELINE:
        settings = pipeline_definition(estate, part)
        groups = estate.of_type(REGISTRY)
        stores |= {estate.text(each, each.properties.get("ModelPackageGroupName", each.name)): each for each in groups}
    return list(dict.fromkeys(_uses(estate, part, settings, (), stores)))


def _uses(estate: Estate, part: Part, value: Any, path: tuple[str, ...], stores: Mapping[str, Part]) -> Iterator[Use]:
    if isinstance(value, list):
        for entry in value:
            yield from _uses(estate, part, entry, path, stores)
    elif isinstance(value, Mapping) and not _scalar(value):
        for key, entry in value.items():
            yield from _uses(estate, part, entry, (*path, str(key)), stores)
    elif path:
        text = estate.text(part, value)
        if path[-1] == "ModelPackageGroupName":
            yield from ((store, WRITES) for name, store in stores.items() if name == text)
            return
        found = _named(text, path[-1], stores)
        if found is not None:
            goes = any(map(GOES_THERE.search, path))
            yield from ((found, each) for each in (READS, WRITES) if path[-1] in BOTH_WAYS or (each == WRITES) == goes)


def _scalar(value: Mapping[str, Any]) -> bool:
    """Whether a mapping is a function that gives text; both ends of a condition are looked at."""
    return set(value) <= {"Ref", "Fn::GetAtt", "Fn::Join", "Fn::Sub", "Fn::GetStackOutput", "Fn::ImportValue"}


def _named(text: str, key: str, stores: Mapping[str, Part]) -> Part | None:
    names: Sequence[str] = sorted(stores, key=len, reverse=True)
    if text.startswith(SCHEME):
        place = text.removeprefix(SCHEME)
        return next((stores[name] for name in names if f"{place}/".startswith(f"{name}/")), None)
    if NAMES_A_BUCKET.search(key) or NAMES_A_LOG_GROUP.search(key):
        return stores.get(text)
    return None
