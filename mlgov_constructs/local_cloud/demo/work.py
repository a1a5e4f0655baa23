"""What people do in the environment: each product is provisioned as the right persona, and what came is read back."""

import functools

from mlgov_constructs.local_cloud.demo.approval import Approval
from mlgov_constructs.local_cloud.demo.attempts import try_as_data_scientist
from mlgov_constructs.local_cloud.demo.cast import Cast
from mlgov_constructs.local_cloud.demo.new_version import NewVersion
from mlgov_constructs.local_cloud.demo.orders import NOTEBOOK, ORDERS, STUDIO, Order, Outputs
from mlgov_constructs.local_cloud.demo.pipeline_run import PipelineRun
from mlgov_constructs.local_cloud.demo.readback import (
    READERS,
    Deployed,
    Section,
    read_served_model,
    read_training_pipeline,
)
from mlgov_constructs.local_cloud.demo.registration import Registration, by_hand
from mlgov_constructs.local_cloud.demo.self_service import Offer, offer_of, provision, terminate
from mlgov_constructs.local_cloud.demo.serving import Serving
from mlgov_constructs.local_cloud.demo.steps import Steps
from mlgov_constructs.local_cloud.errors import LocalCloudError
from mlgov_constructs.local_cloud.local_cloud import LocalCloud

_MODEL_VERSION, _USER_NAME = "ModelVersion", "UserName"
_UNSEEN = frozenset({"OwnerEmail"})
_GROUP, _PIPELINE = "AWS::SageMaker::ModelPackageGroup", "AWS::SageMaker::Pipeline"
_ENDPOINT = "AWS::SageMaker::Endpoint"


class Work:
    """The work of one demonstration.

    Args:
        steps: Where it is shown.
        deployed: The environment.
        cloud: Where it is.

    Attributes:
        cast: Who works.
        deployed: The environment as it is now.
        told: What each provisioned product told, by its order.
        model_version: The newest version of the environment's model; 0 before there is one.
    """

    def __init__(self, steps: Steps, deployed: Deployed, cloud: LocalCloud) -> None:
        self._steps = steps
        self._cloud = cloud
        self._known: dict[str, str] = {}
        self._sections: list[Section] = []
        self.deployed = deployed
        self.cast = Cast(deployed, steps)
        self.told: dict[str, Outputs] = {}
        self.model_version = 0

    @functools.cached_property
    def orders(self) -> list[Order]:
        """What is ordered: every product that the environment offers.

        Raises:
            LocalCloudError: It offers none, or one that the demonstration does not know.
        """
        catalog = self.deployed.client("servicecatalog")
        offered = {
            item["ProductViewSummary"]["Name"]
            for portfolio in self.deployed.ids("AWS::ServiceCatalog::Portfolio")
            for item in catalog.search_products_as_admin(PortfolioId=portfolio)["ProductViewDetails"]
        }
        if unknown := sorted(offered - {order.product for order in ORDERS}):
            raise LocalCloudError(f"The demonstration does not know the product {unknown[0]!r}. Add it to its orders.")
        if not offered:
            raise LocalCloudError("No portfolio of the environment holds a product, so nobody can provision one.")
        return [order for order in ORDERS if order.product in offered]

    @property
    def catalogue_stack(self) -> str:
        """The stack with the products."""
        return self.deployed.stack_of("AWS::ServiceCatalog::CloudFormationProduct")

    @functools.cached_property
    def new_version(self) -> NewVersion | None:
        """The new version of the notebook; ``None`` when the environment offers no notebook."""
        if NOTEBOOK not in self.orders:
            return None
        return NewVersion(self.cast[NOTEBOOK.persona], NOTEBOOK.product, NOTEBOOK.name)

    def see_the_catalogue(self) -> None:
        """Shows what is offered, and to whom.

        Raises:
            LocalCloudError: The demonstration does not know a product, or a persona does not see hers.
        """
        people = {order.persona: self.cast[order.persona] for order in self.orders}
        with self._steps.step("See the catalogue") as say:
            offers = [offer_of(people[order.persona].clients, order.product) for order in self.orders]
            portfolios = dict.fromkeys(offer.portfolio for offer in offers)
            say("; ".join(f"{name}: {_products(offers, name)}" for name in portfolios))

    def provision_everything(self) -> None:
        """Provisions each product as the right persona."""
        for order in self.orders:
            person = self.cast[order.persona]
            offer = offer_of(person.clients, order.product)
            with self._steps.step(f"Provision: {order.product.lower()}") as say:
                values = order.choose(offer, {**self._known, _USER_NAME: person.user})
                self.told[order.name] = provision(person.clients, offer, order.name, values)
                shown = {name: value for name, value in values.items() if value and name not in _UNSEEN}
                say(", ".join(f"{name}={value}" for name, value in shown.items()))

    def approve_a_model(self) -> None:
        """Has the next version of the environment's model registered and approved, where it keeps models."""
        if not self.deployed.ids(_GROUP):
            return
        registration = self._registration()
        others = [self.cast[persona] for persona in ("ml-engineer", "data-scientist")]
        approver, version = self.cast["model-approver"], self.model_version + 1
        with self._steps.step("Register a model and approve it") as say:
            approval = Approval(self.deployed, registration, others, approver, version=version)
            section = approval.go()
            self._sections.append(section)
            self.model_version, self._known[_MODEL_VERSION] = version, approval.version
            say(f"{section.rows[-2].cells[0]}, by {registration.who}, {section.rows[-2].cells[1]}")

    @property
    def serving(self) -> Serving | None:
        """The endpoint of the environment's model as it is now; ``None`` when there is none."""
        return Serving(self.deployed) if self.deployed.ids(_ENDPOINT) else None

    def ask_the_model(self) -> None:
        """Lets people ask the endpoint of the environment."""
        if serving := self.serving:
            with self._steps.step("Ask the endpoint") as say:
                section = serving.ask(self.cast["ml-engineer"], self.cast["data-scientist"])
                self._sections.append(section)
                say(f"{serving.name}; {section.rows[-1].cells[2]}")

    def compare(self, before: Serving) -> None:
        """Tells what an update has made of the endpoint.

        Args:
            before: The endpoint before it.
        """
        with self._steps.step("Look at the updated endpoint") as say:
            section = Serving(self.deployed).since(before, self.model_version)
            self._sections.append(section)
            say(f"version {section.rows[0].cells[1]}, {section.rows[1].cells[1]}")

    def try_what_is_allowed(self) -> None:
        """Lets the data scientist try what she may do and what she may not."""
        if NOTEBOOK.name not in self.told:
            return
        scientist = self.cast[NOTEBOOK.persona]
        with self._steps.step("Try what she may and may not do"):
            name = self.told[NOTEBOOK.name]["NotebookName"]
            profile = self.told.get(STUDIO.name, {}).get("UserProfileName")
            self._sections.insert(0, try_as_data_scientist(self.deployed, scientist.clients, name, profile))

    def take_new_version(self) -> None:
        """Updates the notebook to its new version."""
        if self.new_version is None:
            return
        with self._steps.step("Update her notebook to it") as say:
            self.told[NOTEBOOK.name], section = self.new_version.take()
            self._sections.append(section)
            say(", ".join(" ".join(row.cells) for row in section.rows[1:]))

    def read_everything_back(self) -> list[Section]:
        """Reads back the environment and every product, and returns it with what was tried."""
        with self._steps.step("Read everything back"):
            environment = [read(self.deployed) for read in READERS]
            models = [
                read_training_pipeline(self.deployed, name, "Pipeline of the environment")
                for name in self.deployed.ids(_PIPELINE)
            ]
            if self.serving:
                models.append(read_served_model(self.deployed))
            products = [order.read(self.deployed, self.told[order.name]) for order in self.orders]
            return [*environment, *models, *products, *self._sections]

    def terminate_everything(self) -> None:
        """Terminates each product as who has it, and takes everybody's user away.

        Raises:
            LocalCloudError: A product is still there.
        """
        with self._steps.step("Terminate all products") as say:
            for order in reversed(self.orders):
                say(order.product.lower())
                terminate(self.cast[order.persona].clients, order.name)
            everybody = {"Key": "Account", "Value": "self"}
            catalog = self.deployed.client("servicecatalog")
            if left := catalog.search_provisioned_products(AccessLevelFilter=everybody)["ProvisionedProducts"]:
                raise LocalCloudError(f"The product {left[0]['Name']} was terminated and is still there.")
            self.cast.leave()
            say(f"{len(self.orders)}, and none is left")

    def _registration(self) -> Registration:
        """Returns the next version: the first is what a run of the pipeline makes, where the environment has one."""
        engineer, pipelines = self.cast["ml-engineer"], self.deployed.ids(_PIPELINE)
        if self.model_version or not pipelines:
            return by_hand(self.deployed, engineer)
        starter, stranger = self.cast["data-scientist"], self.cast["model-approver"]
        with self._steps.step("Start the pipeline") as say:
            run = PipelineRun(self.deployed, pipelines[0], starter, stranger)
            section = run.go()
            self._sections.append(section)
            say(f"{pipelines[0]}, {section.rows[-2].cells[2]}")
        return run.registration(self._cloud)


def _products(offers: list[Offer], portfolio: str) -> str:
    return ", ".join(f"{offer.name} {offer.version}" for offer in offers if offer.portfolio == portfolio)
