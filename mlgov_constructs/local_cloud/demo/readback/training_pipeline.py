"""A training pipeline, provisioned or of the environment itself: how each of its jobs would run."""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from mlgov_constructs.local_cloud.demo.readback.deployed import Deployed
from mlgov_constructs.local_cloud.demo.readback.rows import (
    in_network,
    key_name,
    role_name,
    role_row,
    sagemaker_tags,
    tags_row,
)
from mlgov_constructs.local_cloud.demo.readback.section import Row, Section, unmet

Arguments = Mapping[str, Any]
_PENDING = "PendingManualApproval"
_TRAINED, _PROCESSED = ("Training", "Tuning"), ("ClarifyCheck", "Processing", "QualityCheck")


def read_training_pipeline(deployed: Deployed, name: str, title: str = "Provisioned training pipeline") -> Section:
    """Reads back a pipeline, and every step of its definition.

    Args:
        deployed: The environment that it must lie in.
        name: The pipeline.
        title: Whose it is.
    """
    pipeline = deployed.client("sagemaker").describe_pipeline(PipelineName=name)
    steps = list(all_steps(json.loads(pipeline["PipelineDefinition"])["Steps"]))
    jobs = tuple(_job(deployed, step) for step in steps if step["Type"] in (*_TRAINED, *_PROCESSED))
    models = tuple(_registration(deployed, step) for step in steps if step["Type"] == "RegisterModel")
    rows = (
        Row((name, pipeline["PipelineStatus"])),
        *jobs,
        *models,
        role_row(deployed, pipeline["RoleArn"]),
        tags_row(sagemaker_tags(deployed, pipeline["PipelineArn"])),
    )
    demands = {"it must have jobs": bool(jobs), "it must register models": bool(models)}
    return Section(title, ("What", "Read back"), rows, demands)


def all_steps(steps: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yields every step, those of a decision after it.

    Args:
        steps: The steps of a definition.
    """
    for step in steps:
        yield step
        if step["Type"] == "Condition":
            yield from all_steps([*step["Arguments"]["IfSteps"], *step["Arguments"]["ElseSteps"]])


def _job(deployed: Deployed, step: dict[str, Any]) -> Row:
    arguments, training = step["Arguments"], step["Type"] in _TRAINED
    arguments = arguments.get("TrainingJobDefinition", arguments)
    network: Arguments = arguments if training else arguments.get("NetworkConfig", {})
    vpc = network.get("VpcConfig", {})
    machine = arguments["ResourceConfig"] if training else arguments["ProcessingResources"]["ClusterConfig"]
    outputs = arguments["OutputDataConfig"] if training else arguments["ProcessingOutputConfig"]
    keys = [key_name(deployed, given) for given in (machine.get("VolumeKmsKeyId"), outputs.get("KmsKeyId"))]
    isolated = bool(network.get("EnableNetworkIsolation"))
    encrypted = bool(network.get("EnableInterContainerTrafficEncryption"))
    role = role_name(arguments["RoleArn"])
    text = (
        f"{machine['InstanceType']}, {'no network' if isolated else 'network'}, "
        f"{len(vpc.get('Subnets', []))} subnets, {keys[0] or 'no key'}, as {role}"
    )
    demands = {
        "must run in the network of the environment": all(
            in_network(deployed, vpc.get("Subnets", []), vpc.get("SecurityGroupIds", []))
        ),
        "must run without network access": isolated,
        "must encrypt what its machines tell each other": encrypted,
        "must encrypt volume and output with a key of the environment": all(keys),
        "must run as a role of the environment": role in deployed.ids("AWS::IAM::Role"),
    }
    return Row((f"Step {step['Name']}", text), unmet(demands))


def _registration(deployed: Deployed, step: dict[str, Any]) -> Row:
    group, status = step["Arguments"].get("ModelPackageGroupName", ""), step["Arguments"].get("ModelApprovalStatus", "")
    demands = {
        "must register in a group of the environment": group in deployed.names("AWS::SageMaker::ModelPackageGroup"),
        "must leave the approval to a person": status == _PENDING,
    }
    return Row((f"Step {step['Name']}", f"in {group}, {status}"), unmet(demands))
