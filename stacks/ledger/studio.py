"""What is accepted of the functions that take a Studio domain down."""

from __future__ import annotations

from collections.abc import Iterator

from stacks.ledger.accepting import PACKS, accept_wildcards, in_packs
from stacks.ledger.acknowledgments import Acknowledgment
from stacks.ledger.policy_wildcards import flat
from stacks.ledger.reading import Template, actions_of, allowed_statements, of_type, reads, resources_of
from stacks.ml_environment import MlEnvironment

LOG_DELIVERY_AND_TRACES = ("logs:", "xray:")


def of_studio(environment: MlEnvironment) -> Iterator[Acknowledgment[MlEnvironment]]:
    """Return what is accepted of the teardown of Studio."""
    if environment.workspace.studio is None:
        return
    teardown = environment.workspace.studio.teardown
    functions = [teardown.node.find_child(name) for name in ("Begin", "Pass")]
    yield Acknowledgment(
        ids=(
            *in_packs("LambdaInsideVPC"),
            *in_packs("LambdaConcurrency", "LambdaDLQ", packs=PACKS[:2]),
        ),
        constructs=lambda _: functions,
        reason="They run once, when the stack goes, call AWS alone, and remove the network that they would lie in; "
        "the state machine repeats them and tells CloudFormation of a failure.",
        holds=lambda template: (
            len(list(of_type(template, "AWS::StepFunctions::StateMachine"))) == 1
            and not list(of_type(template, "AWS::Lambda::EventSourceMapping"))
        ),
    )
    yield accept_wildcards(
        [teardown],
        ["/*"],
        "Ids of apps, spaces, profiles and interfaces are not known before; the domain or the VPC is named each time.",
        _bound_to_domain_or_vpc,
    )
    yield accept_wildcards(
        [teardown],
        ["*"],
        "Lists, log deliveries and traces know no resource; the service authorization reference gives them none.",
        lambda template: all(
            reads(action) or action.startswith(LOG_DELIVERY_AND_TRACES)
            for statement in allowed_statements(template, teardown=True)
            if statement["Resource"] == "*"
            for action in actions_of(statement)
        ),
        exact="*",
    )


def _bound_to_domain_or_vpc(template: Template) -> bool:
    for statement in allowed_statements(template, teardown=True):
        resources = [flat(each) for each in resources_of(statement)]
        free = [each for each in resources if each.endswith("/*") and f"<{_domain(template)}>/" not in each]
        if free and "ec2:Vpc" not in str(statement.get("Condition", {})):
            return False
    return True


def _domain(template: Template) -> str:
    ((name, _),) = of_type(template, "AWS::SageMaker::Domain")
    return name
