"""One environment as a stage, for CDK Pipelines and for many environments in one app."""

from __future__ import annotations

import aws_cdk as cdk
from constructs import Construct

from stacks.environment import Environment
from stacks.ml_environment import MlEnvironment


class MlEnvironmentStage(cdk.Stage):
    """A stage that holds one environment.

    Args:
        scope: The app, or what adds the stage to a pipeline.
        construct_id: The id in that scope.
        environment: What the environment's file says.

    Attributes:
        ml_environment: The environment with its stacks.

    Example:
        >>> from stacks.environment import load_environment
        >>> environment = load_environment("environments/sandbox.yaml")
        >>> stage = MlEnvironmentStage(cdk.App(), "Accept", environment=environment)
        >>> stage.ml_environment.data.stack_name
        'Accept-sandbox-data'
    """

    def __init__(self, scope: Construct, construct_id: str, *, environment: Environment) -> None:
        super().__init__(
            scope, construct_id, env=cdk.Environment(account=environment.account, region=environment.region)
        )
        self.ml_environment = MlEnvironment(self, environment.name, environment=environment)
