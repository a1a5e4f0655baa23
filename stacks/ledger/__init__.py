"""The ledger: what cdk-nag finds and is accepted, with reasons that tests evaluate."""

from stacks.ledger.environment_ledger import ledger

__all__ = ["ledger"]
