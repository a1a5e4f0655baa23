"""What the demonstration orders from the catalogue: a row a product."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from mlgov_constructs.local_cloud.demo.readback import (
    Deployed,
    Section,
    read_feature_group,
    read_model_endpoint,
    read_notebook,
    read_project,
    read_studio_workspace,
    read_training_pipeline,
)
from mlgov_constructs.local_cloud.demo.self_service import Offer

Outputs = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Order:
    """One product that somebody provisions.

    Args:
        product: The name of the product in the catalogue.
        persona: Whose product it is.
        read: Reads back what came to be, from what the product told.
        values: What is chosen; the form's own defaults beside it.
    """

    product: str
    persona: str
    read: Callable[[Deployed, Outputs], Section]
    values: Mapping[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The name of the provisioned product."""
        return f"demo-{self.product.lower().replace(' ', '-')}"

    def choose(self, offer: Offer, known: Mapping[str, str]) -> dict[str, str]:
        """Returns the value of each field of the form.

        Args:
            offer: The product.
            known: Values that are known only now, for the fields of these names.
        """
        chosen = {**offer.defaults, **self.values}
        return chosen | {key: value for key, value in known.items() if key in chosen}


NOTEBOOK = Order("Notebook", "data-scientist", lambda it, told: read_notebook(it, told["NotebookName"]))
STUDIO = Order("Studio workspace", "data-scientist", read_studio_workspace)

ORDERS = (
    NOTEBOOK,
    STUDIO,
    Order(
        "Feature group",
        "data-scientist",
        lambda it, told: read_feature_group(it, told["FeatureGroupName"]),
        {
            "Name": "customers",
            "Identifier": "customer_id",
            "NumberFeatures": "amount,share",
            "TextFeatures": "city",
            "OnlineStore": "yes",
        },
    ),
    Order(
        "Training pipeline",
        "data-scientist",
        lambda it, told: read_training_pipeline(it, told["PipelineName"]),
        {"Name": "churn", "TrainingData": "labelled/2026-11", "Schedule": "weekly"},
    ),
    Order(
        "Model endpoint",
        "data-scientist",
        lambda it, told: read_model_endpoint(it, told["EndpointName"]),
        {"Name": "churn", "Stage": "production"},
    ),
    Order(
        "Project",
        "platform-administrator",
        read_project,
        {
            "Project": "pricing",
            "OwnerEmail": "ada@example.org",
            "CostCenter": "ml-0001",
            "OwnBucket": "yes",
            "MonthlyBudget": "500",
        },
    ),
)
"""Every product of the reference environments; one that they offer and this does not name is a fault."""
