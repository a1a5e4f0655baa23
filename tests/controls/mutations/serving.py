"""Faults of models and endpoints."""

from __future__ import annotations

from collections.abc import Iterable

from tests.controls.mutations.faults import Change, Json, Mutation, Resource, Resources, each, with_value, without

SERVED = MODEL, CONFIG, ENDPOINT, COMPONENT, EXPERIMENT = (
    "AWS::SageMaker::Model",
    "AWS::SageMaker::EndpointConfig",
    "AWS::SageMaker::Endpoint",
    "AWS::SageMaker::InferenceComponent",
    "AWS::SageMaker::InferenceExperiment",
)
SCHEDULE = "AWS::Scheduler::Schedule"
TARGET, POLICY = (f"AWS::ApplicationAutoScaling::{kind}" for kind in ("ScalableTarget", "ScalingPolicy"))
CONTAINER, IMAGE = "Properties/PrimaryContainer", "registry.example.org/churn"
VARIANTS, CAPTURE = "Properties/ProductionVariants", "Properties/DataCaptureConfig"
SHADOWS = "Properties/ShadowProductionVariants"
RESULTS = "Properties/AsyncInferenceConfig/OutputConfig"
DEPLOYMENT = "Properties/DeploymentConfig"


def has_image(model: Resource) -> bool:
    """A model that names its image itself."""
    return "Image" in model["Properties"]["PrimaryContainer"]


def is_watched(endpoint: Resource) -> bool:
    """An endpoint whose updates an alarm watches."""
    return "AutoRollbackConfiguration" in endpoint["Properties"].get("DeploymentConfig", {})


def is_shadowed(config: Resource) -> bool:
    """A configuration with a shadow."""
    return "ShadowProductionVariants" in config["Properties"]


def has_instances(config: Resource) -> bool:
    """A configuration whose variants run on instances."""
    return any("InstanceType" in variant for variant in config["Properties"]["ProductionVariants"])


def captures(config: Resource) -> bool:
    """A configuration that captures data."""
    return "DataCaptureConfig" in config["Properties"]


def answers_later(config: Resource) -> bool:
    """A configuration of an asynchronous endpoint."""
    return "AsyncInferenceConfig" in config["Properties"]


def shares_instances(config: Resource) -> bool:
    """A configuration whose models come as components."""
    return any("ModelName" not in variant for variant in config["Properties"]["ProductionVariants"])


def transforms(schedule: Resource) -> bool:
    """A schedule that starts batch transforms."""
    return "createTransformJob" in str(schedule["Properties"]["Target"]["Arn"])


def without_text(text: str) -> Change:
    """Take a text out of the input of a schedule."""

    def change(resource: Resource) -> None:
        given = resource["Properties"]["Target"]["Input"]["Fn::Join"][1]
        given[:] = [part.replace(text, "") if isinstance(part, str) else part for part in given]

    return each(change)


def removed_beside_endpoints(resources: Resources, ids: list[str]) -> Iterable[str]:
    """Remove what makes endpoints scale; the endpoints are accused."""
    for logical_id in ids:
        del resources[logical_id]
    return [name for name, resource in resources.items() if resource["Type"] == ENDPOINT]


def without_scaling(resources: Resources, ids: list[str]) -> Iterable[str]:
    """Remove everything that makes endpoints scale; the endpoints are accused."""
    removed_beside_endpoints(resources, [name for name, r in resources.items() if r["Type"] in (TARGET, POLICY)])
    return ids


def second_container(**container: Json) -> Change:
    """Put a second container beside the first."""

    def change(resource: Resource) -> None:
        first = resource["Properties"].pop("PrimaryContainer")
        resource["Properties"]["Containers"] = [first, container]

    return each(change)


SERVING = (
    Mutation("MLG-SRV-01", "says nothing of isolation", MODEL, without("Properties/EnableNetworkIsolation")),
    Mutation("MLG-SRV-01", "has a network", MODEL, with_value("Properties/EnableNetworkIsolation", False)),
    Mutation("MLG-SRV-02", "has no VPC", MODEL, without("Properties/VpcConfig")),
    Mutation("MLG-SRV-02", "has no subnet", MODEL, with_value("Properties/VpcConfig/Subnets", [])),
    Mutation("MLG-SRV-02", "has no security group", MODEL, with_value("Properties/VpcConfig/SecurityGroupIds", [])),
    Mutation(
        "MLG-SRV-03", "has an image by tag", MODEL, with_value(f"{CONTAINER}/Image", f"{IMAGE}:latest"), has_image
    ),
    Mutation("MLG-SRV-03", "names nothing to run", MODEL, with_value(CONTAINER, {})),
    Mutation("MLG-SRV-03", "has a second image by tag", MODEL, second_container(Image=f"{IMAGE}:latest")),
    Mutation("MLG-SRV-03", "has a second container of nothing", MODEL, second_container(Mode="SingleModel")),
    Mutation("MLG-SRV-04", "says nothing of the pull", MODEL, without(f"{CONTAINER}/ImageConfig"), has_image),
    Mutation(
        "MLG-SRV-04",
        "is pulled by the platform",
        MODEL,
        with_value(f"{CONTAINER}/ImageConfig/RepositoryAccessMode", "Platform"),
        has_image,
    ),
    Mutation("MLG-SRV-04", "pulls a second image by the platform", MODEL, second_container(Image=IMAGE)),
    Mutation("MLG-SRV-05", "has no key", CONFIG, without("Properties/KmsKeyId"), has_instances),
    Mutation(
        "MLG-SRV-05",
        "takes the key of AWS",
        CONFIG,
        with_value("Properties/KmsKeyId", "alias/aws/sagemaker"),
        has_instances,
    ),
    Mutation(
        "MLG-SRV-06", "has one instance", CONFIG, with_value(f"{VARIANTS}/*/InitialInstanceCount", 1), has_instances
    ),
    Mutation(
        "MLG-SRV-06",
        "has a string of one",
        CONFIG,
        with_value(f"{VARIANTS}/*/InitialInstanceCount", "1"),
        has_instances,
    ),
    Mutation("MLG-SRV-06", "says no number", CONFIG, without(f"{VARIANTS}/*/InitialInstanceCount"), has_instances),
    Mutation(
        "MLG-SRV-06", "has a shadow of one", CONFIG, with_value(f"{SHADOWS}/*/InitialInstanceCount", 1), is_shadowed
    ),
    Mutation(
        "MLG-SRV-06", "has a shadow of no number", CONFIG, without(f"{SHADOWS}/*/InitialInstanceCount"), is_shadowed
    ),
    Mutation("MLG-SRV-07", "captures nothing", CONFIG, without(CAPTURE), captures),
    Mutation("MLG-SRV-07", "switches it off", CONFIG, with_value(f"{CAPTURE}/EnableCapture", False), captures),
    Mutation("MLG-SRV-07", "keeps none", CONFIG, with_value(f"{CAPTURE}/InitialSamplingPercentage", 0), captures),
    Mutation("MLG-SRV-07", "has no modes", CONFIG, with_value(f"{CAPTURE}/CaptureOptions", [{}]), captures),
    Mutation(
        "MLG-SRV-07",
        "keeps answers only",
        CONFIG,
        with_value(f"{CAPTURE}/CaptureOptions", [{"CaptureMode": "Output"}]),
        captures,
    ),
    Mutation("MLG-SRV-07", "has no key for it", CONFIG, without(f"{CAPTURE}/KmsKeyId"), captures),
    Mutation("MLG-SRV-07", "takes the key of S3", CONFIG, with_value(f"{CAPTURE}/KmsKeyId", "alias/aws/s3"), captures),
    Mutation("MLG-SRV-08", "loses its limits", TARGET, removed_beside_endpoints),
    Mutation("MLG-SRV-08", "loses its policy", POLICY, removed_beside_endpoints),
    Mutation("MLG-SRV-08", "stands alone", ENDPOINT, without_scaling),
    Mutation("MLG-SRV-09", "says nothing of updates", ENDPOINT, without(DEPLOYMENT), is_watched),
    Mutation("MLG-SRV-09", "has no alarm", ENDPOINT, without(f"{DEPLOYMENT}/AutoRollbackConfiguration"), is_watched),
    Mutation(
        "MLG-SRV-09",
        "has an empty list of alarms",
        ENDPOINT,
        with_value(f"{DEPLOYMENT}/AutoRollbackConfiguration/Alarms", []),
        is_watched,
    ),
    Mutation(
        "MLG-SRV-09", "moves traffic anyhow", ENDPOINT, without(f"{DEPLOYMENT}/BlueGreenUpdatePolicy"), is_watched
    ),
    Mutation("MLG-SRV-11", "has no key for results", CONFIG, without(f"{RESULTS}/KmsKeyId"), answers_later),
    Mutation(
        "MLG-SRV-11",
        "takes the key of S3 for results",
        CONFIG,
        with_value(f"{RESULTS}/KmsKeyId", "alias/aws/s3"),
        answers_later,
    ),
    Mutation("MLG-SRV-11", "keeps no failures", CONFIG, without(f"{RESULTS}/S3FailurePath"), answers_later),
    Mutation("MLG-SRV-12", "has no key for volumes", EXPERIMENT, without("Properties/KmsKey")),
    Mutation("MLG-SRV-12", "takes the key of AWS", EXPERIMENT, with_value("Properties/KmsKey", "alias/aws/sagemaker")),
    Mutation("MLG-SRV-13", "keeps nothing", EXPERIMENT, without("Properties/DataStorageConfig")),
    Mutation("MLG-SRV-13", "has no key for it", EXPERIMENT, without("Properties/DataStorageConfig/KmsKey")),
    Mutation(
        "MLG-SRV-13",
        "takes the key of S3",
        EXPERIMENT,
        with_value("Properties/DataStorageConfig/KmsKey", "alias/aws/s3"),
    ),
    Mutation(
        "MLG-SRV-14", "is serverless", CONFIG, with_value(f"{VARIANTS}/*/ServerlessConfig", {"MaxConcurrency": 5})
    ),
    Mutation(
        "MLG-SRV-15",
        "says nothing of isolation",
        CONFIG,
        without("Properties/EnableNetworkIsolation"),
        shares_instances,
    ),
    Mutation("MLG-SRV-15", "has no VPC", CONFIG, without("Properties/VpcConfig"), shares_instances),
    Mutation("MLG-SRV-15", "has no subnet", CONFIG, with_value("Properties/VpcConfig/Subnets", []), shares_instances),
    Mutation(
        "MLG-SRV-15",
        "has no security group",
        CONFIG,
        with_value("Properties/VpcConfig/SecurityGroupIds", []),
        shares_instances,
    ),
    Mutation("MLG-SRV-16", "says nothing of updates", COMPONENT, without(DEPLOYMENT)),
    Mutation("MLG-SRV-16", "has no alarm", COMPONENT, without(f"{DEPLOYMENT}/AutoRollbackConfiguration")),
    Mutation(
        "MLG-SRV-16",
        "has an empty list of alarms",
        COMPONENT,
        with_value(f"{DEPLOYMENT}/AutoRollbackConfiguration/Alarms", []),
    ),
    Mutation("MLG-SRV-16", "replaces copies anyhow", COMPONENT, without(f"{DEPLOYMENT}/RollingUpdatePolicy")),
    Mutation("MLG-SRV-17", "has no key for results", SCHEDULE, without_text('"KmsKeyId":'), transforms),
    Mutation("MLG-SRV-17", "has no key for volumes", SCHEDULE, without_text('"VolumeKmsKeyId":'), transforms),
    Mutation("MLG-SRV-18", "says no number of copies", COMPONENT, without("Properties/RuntimeConfig")),
    Mutation("MLG-SRV-18", "has one copy", COMPONENT, with_value("Properties/RuntimeConfig/CopyCount", 1)),
    Mutation("MLG-SRV-18", "has a string of one", COMPONENT, with_value("Properties/RuntimeConfig/CopyCount", "1")),
    *(Mutation("MLG-SRV-10", "has no tags", kind, without("Properties/Tags")) for kind in SERVED),
    *(
        Mutation("MLG-SRV-10", "has another tag", kind, with_value("Properties/Tags/*/Key", "project"))
        for kind in SERVED
    ),
)
