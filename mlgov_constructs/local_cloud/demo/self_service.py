"""How people use the catalogue: see what is on offer, provision, change and terminate it."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mlgov_constructs.local_cloud.clients import Clients
from mlgov_constructs.local_cloud.errors import LocalCloudError

_POLL_SECONDS = 0.2
_LONGEST_SECONDS = 120.0


@dataclass(frozen=True, slots=True)
class Offer:
    """A product that one may provision.

    Args:
        product_id: The product.
        name: Its name.
        version_id: Its newest version.
        version: The name of that version.
        versions: The ids of all its versions by their names, oldest first.
        path_id: The path by which it is reached.
        portfolio: The portfolio of that path.
        parameters: What may be chosen, as ``DescribeProvisioningParameters`` tells it.
    """

    product_id: str
    name: str
    version_id: str
    version: str
    versions: Mapping[str, str]
    path_id: str
    portfolio: str
    parameters: tuple[Mapping[str, Any], ...]

    @property
    def defaults(self) -> dict[str, str]:
        """A value for each parameter: its default, or else the first that is allowed."""
        return {
            item["ParameterKey"]: item.get("DefaultValue")
            or next(iter(item.get("ParameterConstraints", {}).get("AllowedValues", [])), "")
            for item in self.parameters
        }


def list_offers(clients: Clients) -> list[Offer]:
    """Returns the products that the caller may provision, in the order of their names.

    Args:
        clients: Who asks.
    """
    products = clients.client("servicecatalog").search_products()["ProductViewSummaries"]
    return [
        _offer(clients, item["ProductId"], item["Name"]) for item in sorted(products, key=lambda it: str(it["Name"]))
    ]


def offer_of(clients: Clients, product: str) -> Offer:
    """Returns the offer of one product.

    Args:
        clients: Who asks.
        product: The name of the product.

    Raises:
        LocalCloudError: The caller does not see such a product.
    """
    for item in clients.client("servicecatalog").search_products()["ProductViewSummaries"]:
        if item["Name"] == product:
            return _offer(clients, item["ProductId"], product)
    raise LocalCloudError(f"The catalogue offers no {product!r} to its users.")


def provision(clients: Clients, offer: Offer, name: str, values: Mapping[str, str]) -> dict[str, str]:
    """Provisions a product, waits for it, and returns its outputs.

    Args:
        clients: Who provisions.
        offer: The product.
        name: The name of the provisioned product.
        values: The values of the parameters.

    Raises:
        LocalCloudError: It failed; the message says why.
    """
    answer = clients.client("servicecatalog").provision_product(
        ProductId=offer.product_id,
        ProvisioningArtifactId=offer.version_id,
        PathId=offer.path_id,
        ProvisionedProductName=name,
        ProvisioningParameters=_parameters(values),
    )
    return _outputs(clients, answer)


def update(clients: Clients, offer: Offer, name: str, values: Mapping[str, str]) -> dict[str, str]:
    """Changes a provisioned product, waits for it, and returns its outputs; arguments as of `provision`."""
    answer = clients.client("servicecatalog").update_provisioned_product(
        ProductId=offer.product_id,
        ProvisioningArtifactId=offer.version_id,
        PathId=offer.path_id,
        ProvisionedProductName=name,
        ProvisioningParameters=_parameters(values),
    )
    return _outputs(clients, answer)


def terminate(clients: Clients, name: str) -> None:
    """Terminates a provisioned product and waits until it is gone.

    Args:
        clients: Who terminates.
        name: The name of the provisioned product.

    Raises:
        LocalCloudError: It failed; the message says why.
    """
    _outputs(clients, clients.client("servicecatalog").terminate_provisioned_product(ProvisionedProductName=name))


def _offer(clients: Clients, product_id: str, name: str) -> Offer:
    catalog = clients.client("servicecatalog")
    artifacts = catalog.describe_product(Id=product_id)["ProvisioningArtifacts"]
    versions = sorted(artifacts, key=lambda item: (item["CreatedTime"], item["Name"]))
    path = catalog.list_launch_paths(ProductId=product_id)["LaunchPathSummaries"][0]
    described = catalog.describe_provisioning_parameters(
        ProductId=product_id, ProvisioningArtifactId=versions[-1]["Id"], PathId=path["Id"]
    )
    return Offer(
        product_id=product_id,
        name=name,
        version_id=versions[-1]["Id"],
        version=versions[-1]["Name"],
        versions={item["Name"]: item["Id"] for item in versions},
        path_id=path["Id"],
        portfolio=path["Name"],
        parameters=tuple(described["ProvisioningArtifactParameters"]),
    )


def _parameters(values: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in values.items()]


def _outputs(clients: Clients, answer: Mapping[str, Any]) -> dict[str, str]:
    """Waits until a record has come to rest."""
    catalog = clients.client("servicecatalog")
    deadline = time.monotonic() + _LONGEST_SECONDS
    while True:
        found = catalog.describe_record(Id=answer["RecordDetail"]["RecordId"])
        record = found["RecordDetail"]
        if record["Status"] == "SUCCEEDED":
            return {item["OutputKey"]: item["OutputValue"] for item in found.get("RecordOutputs", [])}
        if record["Status"] == "FAILED":
            reasons = "; ".join(error["Description"] for error in record["RecordErrors"])
            raise LocalCloudError(f"{record['RecordType']} of {record['ProvisionedProductName']} failed: {reasons}")
        if time.monotonic() > deadline:
            raise LocalCloudError(f"{record['ProvisionedProductName']} did not come to rest: {record['Status']}")
        time.sleep(_POLL_SECONDS)
