"""A new version of a product: the platform team publishes it, and who has the product takes it."""

from dataclasses import dataclass, replace

from mlgov_constructs.local_cloud.demo.environment_copy import Settings
from mlgov_constructs.local_cloud.demo.person import Person
from mlgov_constructs.local_cloud.demo.readback import Row, Section
from mlgov_constructs.local_cloud.demo.readback.section import unmet
from mlgov_constructs.local_cloud.demo.self_service import Offer, list_offers, offer_of, update
from mlgov_constructs.local_cloud.errors import LocalCloudError

_SIZE, _NAME, _INSTANCE_TYPE = "Size", "xlarge", "ml.m5.4xlarge"
_SIZED = {"Notebook": "notebook", "Studio workspace": "studio"}
"""The products whose sizes the environment's file names, by what it calls them."""


@dataclass(frozen=True, slots=True)
class NewVersion:
    """The next version of the notebook, which comes in a larger size.

    Args:
        person: Who has a notebook.
        product: The name of the product.
        name: The name of the provisioned product.
    """

    person: Person
    product: str
    name: str

    def ask(self, settings: Settings) -> None:
        """Changes what an environment's file says, so that it asks for the new version.

        Args:
            settings: What it says.
        """
        versions = settings.setdefault("catalog", {}).setdefault("versions", {})
        for offer in list_offers(self.person.clients):
            if offer.name in _SIZED:
                versions[_SIZED[offer.name]] = _next(offer.version)
        settings.setdefault("workspace", {}).setdefault("sizes", {})[_NAME] = _INSTANCE_TYPE

    def take(self) -> tuple[dict[str, str], Section]:
        """Updates the notebook to the new version, and returns its outputs and what came of it."""
        offer = self._offer
        name, version_id = [*offer.versions.items()][-2]
        before = replace(offer, version=name, version_id=version_id)
        values = {**offer.defaults, _SIZE: _NAME}
        refused = self._refusal(before, values)
        outputs = update(self.person.clients, offer, self.name, values)
        return outputs, self._tell(before, offer, refused)

    @property
    def _offer(self) -> Offer:
        return offer_of(self.person.clients, self.product)

    def _refusal(self, before: Offer, values: dict[str, str]) -> str:
        """Tries the new size with the old version, and returns why it was refused."""
        try:
            update(self.person.clients, before, self.name, values)
        except LocalCloudError as error:
            return str(error)
        return ""

    def _tell(self, before: Offer, offer: Offer, refused: str) -> Section:
        catalog = self.person.clients.client("servicecatalog")
        detail = catalog.describe_provisioned_product(Name=self.name)["ProvisionedProductDetail"]
        rows = (
            Row(
                ("On offer", ", ".join(offer.versions)),
                unmet({"the old version must still be there": before.version in offer.versions}),
            ),
            Row(
                (f"{_NAME} with {before.version}", "refused" if refused else "allowed"),
                unmet({"must be refused": bool(refused)}),
            ),
            Row(
                (f"{_NAME} with {offer.version}", detail["Status"].lower()),
                unmet(
                    {
                        "must be available": detail["Status"] == "AVAILABLE",
                        "must be of the new version": detail["ProvisioningArtifactId"] == offer.version_id,
                    }
                ),
            ),
        )
        return Section(f"New version of the {self.product.lower()}", ("What", "Read back"), rows, {})


def _next(version: str) -> str:
    """Returns the version after one, as ``v2`` after ``v1``."""
    return f"v{int(version.removeprefix('v')) + 1}"
