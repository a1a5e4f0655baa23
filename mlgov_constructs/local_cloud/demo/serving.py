"""The endpoint of the environment: who may ask it, and what becomes of it when it serves another version."""

from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError

from mlgov_constructs.local_cloud.demo.attempt import Attempt
from mlgov_constructs.local_cloud.demo.person import Person
from mlgov_constructs.local_cloud.demo.readback import Deployed, Row, Section
from mlgov_constructs.local_cloud.demo.readback.section import unmet

_ENDPOINT = "AWS::SageMaker::Endpoint"
_NO_MODEL = "ModelError"
_IN_PLACE, _STEPS = ("CreationTime", "EndpointArn"), ("CANARY", "LINEAR")
_UNITS = {"CAPACITY_PERCENT": "% of the machines", "INSTANCE_COUNT": "of the machines"}
_ROW = b"1,2,3"


class Serving:
    """The endpoint of an environment's model, as it is now.

    Args:
        deployed: The environment.
    """

    def __init__(self, deployed: Deployed) -> None:
        self._sagemaker = deployed.client("sagemaker")
        self.name = next(iter(deployed.names(_ENDPOINT)), "")
        self._endpoint = self._sagemaker.describe_endpoint(EndpointName=self.name)
        self.config = str(self._endpoint["EndpointConfigName"])
        described = self._sagemaker.describe_endpoint_config(EndpointConfigName=self.config)
        self._model = str(described["ProductionVariants"][0]["ModelName"])
        container = self._sagemaker.describe_model(ModelName=self._model)["PrimaryContainer"]
        self.version = int(container["ModelPackageName"].rsplit("/", 1)[-1])

    def ask(self, allowed: Person, refused: Person) -> Section:
        """Lets people ask the endpoint. IAM answers; no model does, for none runs.

        Args:
            allowed: Who may.
            refused: Who may not.
        """
        attempts = (
            Attempt(f"{allowed.persona} asks the endpoint", True, lambda: self._ask(allowed)),
            Attempt(f"{refused.persona} asks the endpoint", False, lambda: self._ask(refused)),
        )
        rows = [attempt.make() for attempt in attempts]
        rows.append(Row(("the model", "does not answer", "the local cloud runs no model")))
        return Section("Requests to the endpoint", ("Who tries what", "Answer", "Reason"), tuple(rows), {})

    def since(self, before: "Serving", version: int) -> Section:
        """Tells what an update has made of the endpoint.

        Args:
            before: The endpoint before it.
            version: The version that it must serve now.
        """
        status = self._endpoint["EndpointStatus"]
        same = all(self._endpoint[name] == before._endpoint[name] for name in _IN_PLACE)
        rows = (
            Row(
                ("Version", f"{before.version} → {self.version}"),
                unmet({f"must be {version}": self.version == version}),
            ),
            Row(
                ("Endpoint", f"{self.name}, {status}"),
                unmet({"must be in service": status == "InService", "must be the same as before": same}),
            ),
            Row(
                ("Configuration", f"{before.config} → {self.config}"),
                unmet({"must be another": self.config != before.config}),
            ),
            self._gone(before),
            Row(("Traffic", self._traffic()), unmet({"must move step by step": self._routing.get("Type") in _STEPS})),
        )
        return Section("Update of the endpoint", ("What", "Read back"), rows, {})

    def _ask(self, person: Person) -> None:
        runtime = person.clients.client("sagemaker-runtime")
        try:
            runtime.invoke_endpoint(EndpointName=self.name, ContentType="text/csv", Body=_ROW)
        except ClientError as error:
            if error.response["Error"]["Code"] != _NO_MODEL:
                raise

    def _gone(self, before: "Serving") -> Row:
        """Returns the row of what the update must have taken away."""
        configs = {each["EndpointConfigName"] for each in self._sagemaker.list_endpoint_configs()["EndpointConfigs"]}
        models = {each["ModelName"] for each in self._sagemaker.list_models()["Models"]}
        left = {before.config, before._model} & (configs | models)
        return Row(
            ("Old configuration and model", ", ".join(sorted(left)) or "gone"), unmet({"must be gone": not left})
        )

    def _traffic(self) -> str:
        routing, kept = self._routing, self._policy.get("TerminationWaitInSeconds")
        size = routing.get("CanarySize") or routing.get("LinearStepSize")
        first = f"{size['Value']} {_UNITS[size['Type']]}" if size else "everything"
        return (
            f"blue/green, {routing.get('Type', 'none').lower()}: {first} first, "
            f"{routing.get('WaitIntervalInSeconds', 0)} s to look, the old machines {kept} s longer"
        )

    @property
    def _policy(self) -> Mapping[str, Any]:
        policy: Mapping[str, Any] = self._endpoint.get("LastDeploymentConfig", {}).get("BlueGreenUpdatePolicy", {})
        return policy

    @property
    def _routing(self) -> Mapping[str, Any]:
        routing: Mapping[str, Any] = self._policy.get("TrafficRoutingConfiguration", {})
        return routing
