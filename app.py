"""The CDK app: one environment file makes one stage.

npx cdk synth -c environment=environments/sandbox.yaml
"""

from __future__ import annotations

import sys

import aws_cdk as cdk

from mlgov_constructs.catalog import ProductHistoryError
from mlgov_constructs.controls import ControlRules, ExceptionExpiry
from mlgov_constructs.errors import ConstructError
from mlgov_constructs.network import EndpointCompleteness
from mlgov_constructs.workspace import DomainFingerprintError
from stacks.environment import EnvironmentFileError, load_environment
from stacks.ledger import ledger
from stacks.ml_environment import MlEnvironment

DEFAULT_ENVIRONMENT = "environments/sandbox.yaml"


def main() -> None:
    """Synthesize the environment that the context names, checked by the rules of every control."""
    app = cdk.App()
    cdk.Validations.of(app).add_plugins(ControlRules(), EndpointCompleteness(), ExceptionExpiry())
    try:
        environment = load_environment(app.node.try_get_context("environment") or DEFAULT_ENVIRONMENT)
        ml_environment = MlEnvironment(app, environment.name, environment=environment)
        ledger(ml_environment).apply(ml_environment)
    except (EnvironmentFileError, ConstructError, DomainFingerprintError, ProductHistoryError) as error:
        sys.exit(str(error))
    app.synth()


if __name__ == "__main__":
    main()
