"""The product of training pipelines over a small workspace, and what its definition says."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from mlgov_constructs.catalog.training_pipeline import TrainingPipelineProduct
from mlgov_constructs.identity import JobRole, JobType
from mlgov_constructs.mlops import PipelineStartRole
from tests.catalog.conftest import NAMES, Ground
from tests.templates import Template


def pipeline_role(base: Ground, project: str, job: JobType = JobType.PIPELINE) -> JobRole:
    role = JobRole(
        base.stack,
        f"{job.value}-{project}",
        job=job,
        project=project,
        environment=None if job is JobType.PIPELINE else base.environment,
        permissions_boundary=base.boundary,
    )
    if job is JobType.PIPELINE:
        role.grant_run_jobs(base.environment, [])
    return role


def start_role(base: Ground, project: str) -> PipelineStartRole:
    return PipelineStartRole(base.stack, f"Start-{project}", project=project, permissions_boundary=base.boundary)


def training_pipeline(base: Ground, construct_id: str = "Training", **arguments: Any) -> TrainingPipelineProduct:
    common: dict[str, Any] = {"names": NAMES, "permissions_boundary": base.boundary, "owner": "ML platform"}
    if "pipeline_roles" not in arguments:
        common["pipeline_roles"] = [pipeline_role(base, project) for project in ("churn", "fraud")]
    if "start_roles" not in arguments:
        common["start_roles"] = [start_role(base, project) for project in ("churn", "fraud")]
    return TrainingPipelineProduct(base.stack, construct_id, **{**common, **arguments})


def definition(product: Template, form: Mapping[str, str], *, spot: bool = True) -> dict[str, Any]:
    """The definition as it is when somebody has filled in the form; tokens of no interest keep their names."""
    _, with_spot, without = product["Resources"]["Pipeline"]["Properties"]["PipelineDefinition"][
        "PipelineDefinitionBody"
    ]["Fn::If"]
    defaults = {name: str(each.get("Default", f"<{name}>")) for name, each in product["Parameters"].items()}
    text = _resolved(with_spot if spot else without, {**defaults, **form}, product["Mappings"])
    document: dict[str, Any] = json.loads(text)
    return document


def _resolved(value: Any, parameters: dict[str, str], mappings: dict[str, Any]) -> str:
    if not isinstance(value, dict):
        return str(value)
    ((function, argument),) = value.items()
    if function == "Ref":
        return parameters.get(argument, f"<{argument}>")
    if function == "Fn::Sub":
        text: str = argument.replace("${Project}", parameters["Project"])
        return text
    parts = [_resolved(part, parameters, mappings) for part in (argument[1] if function == "Fn::Join" else argument)]
    if function == "Fn::FindInMap":
        first, second, third = parts
        return str(mappings[first].get(second, {}).get(third, f"<{first}>"))
    return "".join(parts)
