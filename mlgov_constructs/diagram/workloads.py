"""What runs in subnets, and what runs without one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from mlgov_constructs.diagram.estate import Estate
from mlgov_constructs.diagram.part import Part
from mlgov_constructs.diagram.pipeline_jobs import job_networks

# They name subnets in conditions and values, and run nothing there.
MERE_NAMES = ("AWS::EC2::", "AWS::IAM::", "AWS::KMS::", "AWS::S3::", "AWS::SSM::", "AWS::ServiceCatalog::", "Custom::")
KINDS = {
    "AWS::EFS::MountTarget": "file system",
    "AWS::Lambda::Function": "function",
    "AWS::SageMaker::Cluster": "cluster",
    "AWS::SageMaker::DataQualityJobDefinition": "monitoring job",
    "AWS::SageMaker::Domain": "Studio domain",
    "AWS::SageMaker::MlflowApp": "MLflow app",
    "AWS::SageMaker::MlflowTrackingServer": "MLflow server",
    "AWS::SageMaker::Model": "model",
    "AWS::SageMaker::ModelBiasJobDefinition": "monitoring job",
    "AWS::SageMaker::ModelExplainabilityJobDefinition": "monitoring job",
    "AWS::SageMaker::ModelQualityJobDefinition": "monitoring job",
    "AWS::SageMaker::NotebookInstance": "notebook",
    "AWS::SageMaker::Pipeline": "pipeline",
}


@dataclass(frozen=True, slots=True)
class Workload:
    """Something that runs, in a VPC or outside of one.

    Attributes:
        kind: What it is, in a word.
        name: Its name.
        origin: Its stack in the app, or the template that declares it.
        launched: Whether somebody launches it from the catalogue.
        subnets: The numbers of its subnets.
        groups: The names of its security groups.
        note: What else there is to say.
    """

    kind: str
    name: str
    origin: str
    launched: bool
    subnets: tuple[int, ...] = ()
    groups: tuple[str, ...] = ()
    note: str = ""


def subnets_of(estate: Estate, part: Part) -> set[Part]:
    """Return the subnets that something runs in.

    Args:
        estate: The templates.
        part: Its resource.
    """
    if part.type.startswith(MERE_NAMES):
        return set()
    return {each for each in estate.referred(part, part.properties) if each.type == "AWS::EC2::Subnet"}


def workload_of(estate: Estate, part: Part, numbers: Mapping[Part, int]) -> Workload:
    """Return a workload.

    Args:
        estate: The templates.
        part: Its resource.
        numbers: How the picture counts the subnets.
    """
    groups = [each for each in estate.referred(part, part.properties) if each.type == "AWS::EC2::SecurityGroup"]
    return Workload(
        kind=KINDS.get(part.type, part.type.rpartition("::")[2]),
        name=part.name,
        origin=part.stack,
        launched=part.launched,
        subnets=tuple(sorted(numbers[each] for each in subnets_of(estate, part) if each in numbers)),
        groups=tuple(each.name for each in groups),
        note=_note(estate, part),
    )


def _note(estate: Estate, part: Part) -> str:
    properties = part.properties
    if part.type == "AWS::SageMaker::Pipeline":
        inside, jobs = job_networks(estate, part)
        return f"{inside} of {jobs} jobs in the VPC" if jobs else ""
    if part.type == "AWS::SageMaker::Model":
        return "network isolation" if properties.get("EnableNetworkIsolation") is True else "may open connections"
    return str(properties.get("AppNetworkAccessType", ""))
