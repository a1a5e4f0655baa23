"""Product templates in the local cloud: offered by Service Catalog, provisioned, updated, terminated."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from tests.local_cloud import catalog_templates as templates
from tests.local_cloud.conftest import Cloud, Stack
from tests.templates import Template

_NUMBERS = itertools.count(1)


@dataclass
class OfferedProduct:
    """A product with one version for each template: ``v1``, ``v2``, ..."""

    cloud: Cloud
    stack: Stack
    buyer: str

    def provision(self, name: str, version: str = "v1", **parameters: str) -> dict[str, str]:
        """Provisions it and returns the outputs."""
        return self._run("provision_product", name, version, parameters)

    def update(self, name: str, version: str, **parameters: str) -> dict[str, str]:
        """Updates it to a version and returns the outputs."""
        return self._run("update_provisioned_product", name, version, parameters)

    def terminate(self, name: str) -> None:
        self._ended(self._buyer.terminate_provisioned_product(ProvisionedProductName=name))

    def resources(self, name: str) -> dict[str, str]:
        """The physical ids of the stack's resources, by logical id."""
        detail = self._buyer.describe_provisioned_product(Name=name)["ProvisionedProductDetail"]
        stack = f"SC-{templates.ACCOUNT}-{detail['Id']}"
        found = self.cloud.client("cloudformation").describe_stack_resources(StackName=stack)["StackResources"]
        return {item["LogicalResourceId"]: item["PhysicalResourceId"] for item in found}

    def _run(self, operation: str, name: str, version: str, parameters: Mapping[str, str]) -> dict[str, str]:
        record = self._ended(
            getattr(self._buyer, operation)(
                ProductId=self.stack.id("Product"),
                ProvisioningArtifactName=version,
                ProvisionedProductName=name,
                ProvisioningParameters=[{"Key": key, "Value": value} for key, value in parameters.items()],
            )
        )
        return {item["OutputKey"]: item["OutputValue"] for item in record["RecordOutputs"]}

    def _ended(self, answer: dict[str, Any]) -> dict[str, Any]:
        record = templates.ended(self.cloud, answer)
        assert record["RecordDetail"]["Status"] == "SUCCEEDED", record["RecordDetail"]["RecordErrors"]
        return record

    @property
    def _buyer(self) -> Any:
        return self.cloud.client("servicecatalog", self.cloud.as_role(self.buyer))


@contextmanager
def offer(cloud: Cloud, *versions: Template, workspace: Mapping[str, str]) -> Iterator[OfferedProduct]:
    """Offers templates as the versions of one product, and writes down the workspace that they read.

    Args:
        cloud: The local cloud.
        versions: The templates.
        workspace: The parameters of the workspace: name to value. What they name must exist.
    """
    ssm = cloud.client("ssm")
    for name, value in workspace.items():
        ssm.put_parameter(Name=name, Value=value, Type="String", Overwrite=True)
    number = next(_NUMBERS)
    artifacts = [
        templates.version(f"v{position}", templates.upload(cloud, f"{number}-{position}.json", json.dumps(template)))
        for position, template in enumerate(versions, start=1)
    ]
    buyer = f"buyer-{number}"
    resources = templates.catalog(*artifacts, launch_statements=(templates.allow("*"),))
    resources["Scientist"]["Properties"]["RoleName"] = buyer
    resources["LaunchRole"]["Properties"]["RoleName"] = f"launch-{number}"
    resources["Principal"]["Properties"]["PrincipalARN"] = f"arn:aws:iam:::role/{buyer}*"
    wanted = ("LaunchRole", "Scientist", "Portfolio", "Product", "Association", "Principal", "Launch")
    stack = cloud.stack(**{name: resources[name] for name in wanted})
    assert stack.describe()["StackStatus"] == "CREATE_COMPLETE", stack.failures()
    yield OfferedProduct(cloud, stack, buyer)
    assert stack.delete() == "DELETE_COMPLETE", stack.failures()
    for name in workspace:
        ssm.delete_parameter(Name=name)
