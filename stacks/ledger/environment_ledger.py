"""What cdk-nag finds in the reference environments and is accepted, each with a tested reason."""

from __future__ import annotations

from stacks.ledger.acknowledgments import Ledger
from stacks.ledger.buckets import of_the_buckets
from stacks.ledger.network import of_the_network
from stacks.ledger.products import of_the_products
from stacks.ledger.roles import of_the_boundary, of_the_roles
from stacks.ledger.studio import of_studio
from stacks.ledger.watchers import of_the_watchers
from stacks.ml_environment import MlEnvironment


def ledger(environment: MlEnvironment) -> Ledger[MlEnvironment]:
    """Return the accepted findings of one environment.

    A wildcard is accepted by what it ends with, so a new one in the same policy is a new
    finding. `tests/quality` evaluates every reason on the templates and refuses an entry that
    accepts nothing.

    Args:
        environment: The environment.
    """
    return Ledger(
        [
            *of_the_boundary(environment),
            *of_the_network(environment),
            *of_the_buckets(environment),
            *of_the_roles(environment),
            *of_studio(environment),
            *of_the_products(environment),
            *of_the_watchers(environment),
        ]
    )
