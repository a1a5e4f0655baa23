"""The end of an environment: nothing stays of its stacks but what they keep by name."""

from mlgov_constructs.local_cloud.demo.inventory import Inventory
from mlgov_constructs.local_cloud.demo.leftovers import kept_by, read_leftovers
from mlgov_constructs.local_cloud.demo.readback import Deployed, Section
from mlgov_constructs.local_cloud.demo.steps import Steps

_PRODUCTS = "SC-"
"""What the names of the stacks of products begin with."""


class Takedown:
    """The end of one environment. Make it before products are terminated: they keep things too.

    Args:
        steps: Where it is shown.
        deployed: The environment.
        before: What the account held before the environment.
    """

    def __init__(self, steps: Steps, deployed: Deployed, before: Inventory) -> None:
        self._steps = steps
        self._clients = deployed.clients
        self._before = before
        stacks = deployed.client("cloudformation").get_paginator("describe_stacks").paginate().build_full_result()
        products = [item["StackName"] for item in stacks["Stacks"] if item["StackName"].startswith(_PRODUCTS)]
        everything = Deployed(deployed.clients, [*deployed.stack_names, *products])
        self._types = everything.types
        self._kept = kept_by(deployed.clients, everything.stack_names)

    def look_what_is_left(self) -> Section:
        """Asks every service what is still there."""
        with self._steps.step("Look what is left") as say:
            after = Inventory.take(self._clients)
            section = read_leftovers(self._before, after, self._kept, self._types)
            say(f"{sum(map(len, self._kept.values()))} things kept by name, and the stack of cdk bootstrap")
            return section
