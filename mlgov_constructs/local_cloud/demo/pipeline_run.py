"""A run of the environment's pipeline: it starts, and what its last step asks for is asked for in its place.

No machine runs in the local cloud, so a run never comes to its last step by itself.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from mlgov_constructs.local_cloud.demo.attempt import Attempt
from mlgov_constructs.local_cloud.demo.person import Person
from mlgov_constructs.local_cloud.demo.readback import Deployed, Row, Section
from mlgov_constructs.local_cloud.demo.readback.section import unmet
from mlgov_constructs.local_cloud.demo.readback.training_pipeline import all_steps
from mlgov_constructs.local_cloud.demo.registration import Registration
from mlgov_constructs.local_cloud.local_cloud import LocalCloud

WHO = "the pipeline"
"""Who registers what a pipeline made."""
_RUN, _BY = "PipelineExecutionArn", "PipelineExecutionStatus"


class PipelineRun:
    """One run of a pipeline.

    Args:
        deployed: The environment.
        name: The pipeline.
        starter: Who starts it.
        stranger: Somebody who may not.
    """

    def __init__(self, deployed: Deployed, name: str, starter: Person, stranger: Person) -> None:
        self._deployed = deployed
        self._name = name
        self._starter, self._stranger = starter, stranger
        self._arn = ""
        described = deployed.client("sagemaker").describe_pipeline(PipelineName=name)
        self._role_arn = str(described["RoleArn"])
        self._definition: dict[str, Any] = json.loads(described["PipelineDefinition"])

    def go(self) -> Section:
        """Starts the run and stops it where machines would be needed, and tells how far it came."""
        attempts = (
            Attempt(f"{self._stranger.persona} starts the pipeline", False, lambda: self._start(self._stranger)),
            Attempt(f"{self._starter.persona} changes the pipeline", False, self._change),
            Attempt(f"{self._starter.persona} starts the pipeline", True, lambda: self._start(self._starter)),
        )
        rows = [attempt.make() for attempt in attempts]
        if self._arn:
            rows += [self._started(), self._stopped()]
        columns = ("Who tries what", "Answer", "Reason")
        return Section(f"Run of the pipeline {self._name}", columns, tuple(rows), {"it must run": bool(self._arn)})

    def registration(self, cloud: LocalCloud) -> Registration:
        """Returns the request of the step that registers, with the values of this run, as the pipeline's role.

        Args:
            cloud: Where SageMaker would assume the role.
        """
        step = next(step for step in all_steps(self._definition["Steps"]) if step["Type"] == "RegisterModel")
        request = resolve(step["Arguments"], self._values())
        request["InferenceSpecification"]["Containers"][0]["ModelDataUrl"] = self._artifact
        credentials = cloud.session_of(self._role_arn, service="sagemaker")
        clients = replace(self._deployed.clients, credentials=credentials)
        return Registration(WHO, clients.client("sagemaker"), request)

    def _start(self, person: Person) -> None:
        sagemaker = person.clients.client("sagemaker")
        self._arn = str(sagemaker.start_pipeline_execution(PipelineName=self._name)[_RUN])

    def _change(self) -> None:
        definition = json.dumps(self._definition)
        self._starter.clients.client("sagemaker").update_pipeline(
            PipelineName=self._name, PipelineDefinition=definition
        )

    def _started(self) -> Row:
        sagemaker = self._starter.clients.client("sagemaker")
        status = sagemaker.describe_pipeline_execution(**{_RUN: self._arn})[_BY]
        steps = sagemaker.list_pipeline_execution_steps(**{_RUN: self._arn})["PipelineExecutionSteps"]
        starting = [step["StepName"] for step in steps if step["StepStatus"] == "Starting"]
        reason = f"{', '.join(starting)} starting; on AWS the real work begins here, {_path(self._definition['Steps'])}"
        demands = {"must be executing": status == "Executing", "must start with a step": bool(starting)}
        return Row(("the run", str(status).lower(), reason), unmet(demands))

    def _stopped(self) -> Row:
        sagemaker = self._starter.clients.client("sagemaker")
        sagemaker.stop_pipeline_execution(**{_RUN: self._arn})
        status = sagemaker.describe_pipeline_execution(**{_RUN: self._arn})[_BY]
        reason = "no machine runs in the local cloud; its last step is done in its place, as its role"
        return Row(("the run", str(status).lower(), reason), unmet({"must be stopped": status == "Stopped"}))

    def _values(self) -> dict[str, str]:
        """Returns what references of the definition stand for in this run."""
        sagemaker = self._deployed.client("sagemaker")
        found = sagemaker.list_pipeline_parameters_for_execution(**{_RUN: self._arn})["PipelineParameters"]
        given = {f"Parameters.{each['Name']}": each["Value"] for each in found}
        name = self._arn.rsplit("/", 1)[-1]
        return {**given, f"Execution.{_RUN}": self._arn, "Execution.PipelineExecutionId": name}

    @property
    def _artifact(self) -> str:
        """Where the training of this run would have left its model."""
        step = next(step for step in all_steps(self._definition["Steps"]) if step["Type"] in ("Training", "Tuning"))
        training = step["Arguments"].get("TrainingJobDefinition", step["Arguments"])
        folder = str(resolve(training["OutputDataConfig"]["S3OutputPath"], self._values()))
        return f"{folder.rstrip('/')}/{self._arn.rsplit('/', 1)[-1]}/output/model.tar.gz"


def resolve(value: Any, values: Mapping[str, str]) -> Any:
    """Returns a part of a definition with its references filled in; those to results stay what they are called.

    Args:
        value: The part.
        values: What references stand for.
    """
    if isinstance(value, list):
        return [resolve(each, values) for each in value]
    if not isinstance(value, dict):
        return value
    if "Get" in value:
        return values.get(value["Get"], value["Get"])
    if "Std:Join" in value:
        join = value["Std:Join"]
        return str(join["On"]).join(str(resolve(each, values)) for each in join["Values"])
    return {name: resolve(each, values) for name, each in value.items()}


def _path(steps: Iterable[dict[str, Any]]) -> str:
    return " → ".join(_told(steps))


def _told(steps: Iterable[dict[str, Any]]) -> Iterator[str]:
    for step in steps:
        yield step["Name"]
        if step["Type"] == "Condition":
            branches = (step["Arguments"][name] for name in ("IfSteps", "ElseSteps"))
            yield " or ".join(_path(branch) for branch in branches if branch)
