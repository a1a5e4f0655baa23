"""The CDK app: the file of an environment makes its stacks, that of an organization the one of its policies.

npx cdk synth -c environment=environments/sandbox.yaml
npx cdk synth -c organization=environments/organization.yaml
npx cdk synth -c nag=aws-solutions,nist-800-53-r5 (the packs of cdk-nag beside our own rules)
"""

from __future__ import annotations

import sys

import aws_cdk as cdk

from mlgov_constructs.catalog import ProductHistoryError
from mlgov_constructs.controls import ControlRules, ExceptionExpiry
from mlgov_constructs.errors import ConstructError
from mlgov_constructs.network import EndpointCompleteness
from mlgov_constructs.workspace import DomainFingerprintError
from stacks.environment import EnvironmentFileError, load_environment, load_organization
from stacks.ledger import ledger
from stacks.ml_environment import MlEnvironment
from stacks.organization_stack import OrganizationStack
from stacks.rule_packs import RulePackError, rule_packs

DEFAULT_ENVIRONMENT = "environments/sandbox.yaml"


def main() -> None:
    """Synthesize the environment or the organization that the context names, checked by the rules of every control."""
    app = cdk.App()
    try:
        cdk.Validations.of(app).add_plugins(ControlRules(), EndpointCompleteness(), ExceptionExpiry(), *rule_packs(app))
        _add_stacks(app)
    except (EnvironmentFileError, RulePackError, ConstructError, DomainFingerprintError, ProductHistoryError) as error:
        sys.exit(str(error))
    app.synth()


def _add_stacks(app: cdk.App) -> None:
    environment_file, organization_file = map(app.node.try_get_context, ("environment", "organization"))
    if environment_file and organization_file:
        sys.exit(
            f"The context names an environment ({environment_file}) and an organization ({organization_file}). "
            "They belong to different accounts: name one of them."
        )
    if organization_file:
        organization = load_organization(organization_file)
        OrganizationStack(app, organization.name, organization=organization)
        return
    environment = load_environment(environment_file or DEFAULT_ENVIRONMENT)
    ml_environment = MlEnvironment(app, environment.name, environment=environment)
    ledger(ml_environment).apply(ml_environment)


if __name__ == "__main__":
    main()
