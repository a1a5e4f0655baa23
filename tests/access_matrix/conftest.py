"""The layers of the sandbox, with an endpoint of its model, and the simulator in a process of its own."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest

from mlgov_constructs.cli.access.assembly import Assembly as Cloud
from mlgov_constructs.cli.access.assembly import Resource
from mlgov_constructs.cli.access.layers import Layers, Request
from mlgov_constructs.cli.access.simulator import Simulator
from stacks.environment import ServingSettings, load_environment, load_organization
from stacks.ml_environment import MlEnvironment
from stacks.organization_stack import OrganizationStack
from tests.access_matrix.rows import Matrix, Row, load_matrix
from tests.conftest import ROOT
from tests.environments import ENVIRONMENTS

# Somebody of the account who may assume whatever role trusts them: trust policies decide alone.
PERSON = Resource(
    stack="",
    logical_id="Person",
    type="AWS::IAM::Role",
    ref="person",
    arn="arn:aws:iam::111122223333:role/person",
    properties={
        "Policies": [
            {
                "PolicyName": "AssumeRoles",
                "PolicyDocument": {
                    "Version": "2012-10-17",
                    "Statement": {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*"},
                },
            }
        ]
    },
)
ORGANIZATION = "o-exampleorg1"
# What the sandbox asks for once a version of its model is approved.
SERVING = ServingSettings(model_version=1, drift_check_hours=24)
PLACEHOLDER = re.compile(r"\{([a-z0-9-]+)\}")


@pytest.fixture(scope="session")
def matrix() -> Matrix:
    return load_matrix()


@pytest.fixture(scope="session")
def organization(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The guardrails of the organization that the account of the sandbox is in."""
    folder = tmp_path_factory.mktemp("organization")
    app = cdk.App(outdir=str(folder), analytics_reporting=False)
    settings = load_organization(ENVIRONMENTS / "organization.yaml")
    # The rows ask about projects that the file does not name: without its list, the other layers must refuse them.
    OrganizationStack(app, settings.name, organization=settings.model_copy(update={"required_tags": {}}))
    app.synth()
    return folder


@pytest.fixture(scope="session")
def sandbox(tmp_path_factory: pytest.TempPathFactory, cdk_context: dict[str, Any]) -> Path:
    """The sandbox with an endpoint, so that its roles are asked about too."""
    folder = tmp_path_factory.mktemp("sandbox-with-endpoint")
    environment = load_environment(ENVIRONMENTS / "sandbox.yaml")
    assert environment.mlops is not None
    mlops = environment.mlops.model_copy(update={"serving": SERVING})
    app = cdk.App(outdir=str(folder), context=cdk_context, analytics_reporting=False)
    MlEnvironment(app, environment.name, environment=environment.model_copy(update={"mlops": mlops}))
    app.synth()
    return folder


@pytest.fixture(scope="session")
def layers(sandbox: Path, organization: Path) -> Layers:
    return Layers(Cloud((sandbox, organization)), ORGANIZATION)


@pytest.fixture(scope="session")
def simulator() -> Iterator[Simulator]:
    with Simulator.running(ROOT) as running:
        yield running


@pytest.fixture(scope="session")
def request_of(matrix: Matrix, layers: Layers) -> Callable[[Row], Request]:
    """Make the request of a row, with the names of the sandbox in place of those in braces."""
    names = {name: _find(layers.assembly, where) for name, where in matrix.names.items()}

    def concrete(value: Any) -> Any:
        if value is None:
            return None
        if isinstance(value, list):
            return [concrete(each) for each in value]
        return PLACEHOLDER.sub(lambda match: concrete(names[match[1]]), value)

    def request(row: Row) -> Request:
        return Request(
            caller=_caller(layers.assembly, matrix.principals[row.who]),
            action=row.action,
            resource=concrete(row.resource),
            context={key: concrete(value) for key, value in row.context.items()},
            resource_account=row.resource_account,
        )

    return request


def _caller(cloud: Cloud, principal: str) -> Resource | str:
    if principal == "a person of the account":
        return PERSON
    return _resource(cloud, principal) if "/" in principal else principal


def _find(cloud: Cloud, where: str) -> str:
    """A text as it is, or the ``arn`` or ``ref`` of a resource: ``sandbox-data/Raw arn``."""
    path, _, attribute = where.partition(" ")
    return str(getattr(_resource(cloud, path), attribute)) if attribute else where


def _resource(cloud: Cloud, path: str) -> Resource:
    stack, _, name = path.partition("/")
    return cloud.find(stack, name)
