"""An endpoint, provisioned or of the environment: its model, its machines, what it keeps, how it scales."""

from collections.abc import Mapping
from typing import Any

from mlgov_constructs.local_cloud.demo.readback.deployed import Deployed
from mlgov_constructs.local_cloud.demo.readback.rows import (
    key_name,
    key_row,
    network_rows,
    role_row,
    sagemaker_tags,
    tags_row,
)
from mlgov_constructs.local_cloud.demo.readback.section import Row, Section, unmet

_LEAST_INSTANCES = 2


def read_model_endpoint(deployed: Deployed, name: str) -> Section:
    """Reads back the endpoint of a product, with its configuration, its model and its scaling.

    Args:
        deployed: The environment that it must lie in.
        name: The endpoint.
    """
    return Section("Provisioned model endpoint", ("What", "Read back"), endpoint_rows(deployed, name), {})


def endpoint_rows(deployed: Deployed, name: str) -> tuple[Row, ...]:
    """Returns the rows of an endpoint, with its configuration, its model and its scaling.

    Args:
        deployed: The environment that it must lie in.
        name: The endpoint.
    """
    sagemaker = deployed.client("sagemaker")
    endpoint = sagemaker.describe_endpoint(EndpointName=name)
    config = sagemaker.describe_endpoint_config(EndpointConfigName=endpoint["EndpointConfigName"])
    variant = config["ProductionVariants"][0]
    model = sagemaker.describe_model(ModelName=variant["ModelName"])
    isolated, vpc = bool(model.get("EnableNetworkIsolation")), model.get("VpcConfig", {})
    return (
        _status(name, endpoint),
        _package(deployed, model),
        Row(("Network access", "none" if isolated else "yes"), unmet({"must be none": isolated})),
        *network_rows(deployed, vpc.get("Subnets", []), vpc.get("SecurityGroupIds", [])),
        key_row(deployed, "Volumes", config.get("KmsKeyId"), variant["InstanceType"]),
        _instances(variant),
        _scaling(deployed, name, variant["VariantName"]),
        _capture(deployed, config.get("DataCaptureConfig", {})),
        _updates(endpoint),
        role_row(deployed, model["ExecutionRoleArn"]),
        tags_row(sagemaker_tags(deployed, endpoint["EndpointArn"])),
    )


def _status(name: str, endpoint: Mapping[str, Any]) -> Row:
    status = endpoint["EndpointStatus"]
    return Row((name, status), unmet({"must be in service": status == "InService"}))


def _package(deployed: Deployed, model: Mapping[str, Any]) -> Row:
    arn = model.get("PrimaryContainer", model.get("Containers", [{}])[0]).get("ModelPackageName", "")
    if not arn:
        return Row(("Model", "from no registry"), ("must come from the registry",))
    package = deployed.client("sagemaker").describe_model_package(ModelPackageName=arn)
    group, status = package.get("ModelPackageGroupName", ""), package["ModelApprovalStatus"]
    demands = {
        "must come from a group of the environment": group in deployed.names("AWS::SageMaker::ModelPackageGroup"),
        "must be approved": status == "Approved",
    }
    return Row(("Model", f"{group}, version {package.get('ModelPackageVersion')}, {status}"), unmet(demands))


def _instances(variant: Mapping[str, Any]) -> Row:
    count = variant.get("InitialInstanceCount", 0)
    return Row(("Instances", str(count)), unmet({"must survive the loss of one": count >= _LEAST_INSTANCES}))


def _scaling(deployed: Deployed, endpoint: str, variant: str) -> Row:
    scaler = deployed.client("application-autoscaling")
    which = {"ServiceNamespace": "sagemaker", "ResourceId": f"endpoint/{endpoint}/variant/{variant}"}
    targets = scaler.describe_scalable_targets(
        ServiceNamespace=which["ServiceNamespace"], ResourceIds=[which["ResourceId"]]
    )["ScalableTargets"]
    policies = scaler.describe_scaling_policies(**which)["ScalingPolicies"]
    followed = [_target(policy) for policy in policies if policy["PolicyType"] == "TargetTrackingScaling"]
    limits = f"{targets[0]['MinCapacity']} to {targets[0]['MaxCapacity']}" if targets else "none"
    text = ", ".join([limits, *followed])
    return Row(("Scaling", text), unmet({"must follow the requests": bool(targets and followed)}))


def _target(policy: Mapping[str, Any]) -> str:
    followed = policy["TargetTrackingScalingPolicyConfiguration"]
    return f"{followed['TargetValue']:g} requests a minute and instance"


def _capture(deployed: Deployed, capture: Mapping[str, Any]) -> Row:
    on, key = bool(capture.get("EnableCapture")), key_name(deployed, capture.get("KmsKeyId"))
    uri = capture.get("DestinationS3Uri", "")
    bucket = uri.removeprefix("s3://").partition("/")[0]
    demands = {
        "must be on": on,
        "must be encrypted with a key of the environment": bool(key),
        "must go to a bucket of the environment": bucket in deployed.ids("AWS::S3::Bucket"),
    }
    share = f"{capture.get('InitialSamplingPercentage')} %" if on else "off"
    return Row(("Kept requests", f"{share} to {uri}, {key or 'no key of the environment'}"), unmet(demands))


def _updates(endpoint: Mapping[str, Any]) -> Row:
    deployment = endpoint.get("LastDeploymentConfig", {})
    routing = deployment.get("BlueGreenUpdatePolicy", {}).get("TrafficRoutingConfiguration", {}).get("Type", "none")
    alarms = [alarm["AlarmName"] for alarm in deployment.get("AutoRollbackConfiguration", {}).get("Alarms", [])]
    text = f"{routing.lower().replace('_', ' ')}, back on {len(alarms)} alarm{'s' * (len(alarms) != 1)}"
    return Row(("Updates", text), unmet({"must go back on an alarm": bool(alarms)}))
