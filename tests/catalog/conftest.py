"""A catalogue over a small workspace, with a version that is not published yet."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_servicecatalog as sc

from mlgov_constructs.catalog import MlPortfolio, NotebookProduct
from mlgov_constructs.identity import DataScientistRole, JobEnvironment, JobRole, JobType, PermissionsBoundary
from mlgov_constructs.network import IsolatedVpc
from mlgov_constructs.protection import DataKey
from mlgov_constructs.workspace import ParameterNames
from tests.templates import Template

NAMES = ParameterNames("/mlgov/test/workspace")


@dataclass
class Ground:
    """What a catalogue stands on, in one stack."""

    stack: cdk.Stack
    environment: JobEnvironment
    boundary: PermissionsBoundary
    roles: list[JobRole]

    def product(self, construct_id: str = "Product", **arguments: Any) -> NotebookProduct:
        common: dict[str, Any] = {
            "names": NAMES,
            "environment": self.environment,
            "notebook_roles": self.roles,
            "permissions_boundary": self.boundary,
            "owner": "ML platform",
        }
        return NotebookProduct(self.stack, construct_id, **{**common, **arguments})

    def portfolio(self, **arguments: Any) -> MlPortfolio:
        return MlPortfolio(self.stack, "Portfolio", display_name="ML", provider_name="ML platform", **arguments)


def ground(app: cdk.App, name: str = "catalog", **stack_arguments: Any) -> Ground:
    stack = cdk.Stack(app, name, **stack_arguments)
    environment = JobEnvironment(vpc=IsolatedVpc(stack, "Vpc"), encryption_key=DataKey(stack, "Key"))
    boundary = PermissionsBoundary(stack, "Boundary")
    roles = [
        JobRole(
            stack,
            f"Role-{project}",
            job=JobType.NOTEBOOK,
            project=project,
            environment=environment,
            permissions_boundary=boundary,
        )
        for project in ("churn", "fraud")
    ]
    return Ground(stack, environment, boundary, roles)


def _build(app: cdk.App) -> None:
    # As an app does: the tags of the environment must not reach what is published.
    cdk.Tags.of(app).add("mlgov:project", "environment")
    cdk.Tags.of(app).add("owner", "someone")
    base = ground(app)
    scientist = DataScientistRole(
        base.stack,
        "Scientist",
        project="churn",
        environment=base.environment,
        permissions_boundary=base.boundary,
        job_roles=base.roles,
    )
    portfolio = base.portfolio(
        support_email="ml@example.org",
        roles=[scientist],
        principal_patterns=["role/DataScientist-*"],
        tag_options={"cost-center": ["4711", "4712"]},
        share_with_accounts=["444455556666"],
    )
    rule = sc.TemplateRule(
        rule_name="SmallOnly",
        assertions=[
            sc.TemplateRuleAssertion(
                assert_=cdk.Fn.condition_contains(["small"], cdk.Fn.ref("Size")), description="Small machines only"
            )
        ],
    )
    share_key = DataKey(base.stack, "ShareKey")
    share_key.allow_cloud_watch_logs()
    portfolio.share_with_organization(
        ["o-exampleorg1", "ou-ab12-11111111"], encryption_key=share_key, permissions_boundary=base.boundary
    )
    portfolio.add_product(base.product(project_sizes={"fraud": ["small", "medium"]}), rules=[rule])


@pytest.fixture(scope="session")
def assembly(synthesize: Callable[..., dict[str, Template]], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the synthesized app."""
    folder = tmp_path_factory.mktemp("catalog")
    synthesize(_build, outdir=folder)
    return folder


@pytest.fixture(scope="session")
def catalog(assembly: Path) -> Template:
    template: Template = json.loads((assembly / "catalog.template.json").read_text(encoding="utf-8"))
    return template


@pytest.fixture(scope="session")
def product(assembly: Path) -> Template:
    (file,) = assembly.glob("*.product.template.json")
    template: Template = json.loads(file.read_text(encoding="utf-8"))
    return template
