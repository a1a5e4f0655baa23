"""What every stack of an environment has in common."""

from __future__ import annotations

import aws_cdk as cdk
from constructs import Construct

from stacks.environment import Environment


class EnvironmentStack(cdk.Stack):
    """A stack in the account and region that the environment's file names.

    Args:
        scope: The environment.
        construct_id: The id in the environment.
        environment: What the environment's file says.
        description: What the stack holds; CloudFormation shows it.
        region: Another region than the environment's, for what AWS has there alone.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        environment: Environment,
        description: str,
        region: str | None = None,
    ) -> None:
        stage = cdk.Stage.of(scope)
        names = (stage.stage_name if stage else "", environment.name, construct_id)
        super().__init__(
            scope,
            construct_id,
            stack_name="-".join(name for name in names if name),
            description=f"{description} of the ML environment {environment.name}",
            env=cdk.Environment(account=environment.account, region=region or environment.region),
        )
