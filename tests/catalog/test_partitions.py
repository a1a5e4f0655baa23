"""The whole vertical in every partition: nothing says which one it is."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import aws_cdk as cdk
import pytest

from mlgov_constructs.catalog import ImportedPortfolio
from mlgov_constructs.workspace import NotebookInstance, NotebookLifecycle, WorkspaceParameters
from tests.catalog.conftest import NAMES, ground
from tests.templates import Template

REGIONS = {"aws": "eu-west-1", "aws-us-gov": "us-gov-west-1", "aws-cn": "cn-north-1"}
LITERAL = re.compile(r"arn:aws(-cn|-us-gov)?:(?!aws:)")


@pytest.fixture(scope="session")
def templates(synthesize: Callable[..., dict[str, Template]]) -> dict[str, Template]:
    def build(app: cdk.App) -> None:
        for partition, region in REGIONS.items():
            base = ground(app, partition, env=cdk.Environment(region=region))
            base.portfolio(principal_patterns=["role/DataScientist-*"]).add_product(base.product())
            vpc, key = base.environment.vpc, base.environment.encryption_key
            ImportedPortfolio(
                base.stack, "Shared", portfolio_id="port-shared", owner_account="111122223333", product_ids=[]
            ).give_access_to_pattern("role/DataScientist-*")
            lifecycle = NotebookLifecycle(base.stack, "Lifecycle")
            NotebookInstance(
                base.stack, "Notebook", vpc=vpc, encryption_key=key, role=base.roles[0], lifecycle=lifecycle
            )
            WorkspaceParameters(
                base.stack,
                "Parameters",
                names=NAMES,
                vpc=vpc,
                encryption_key=key,
                lifecycle=lifecycle,
                notebook_roles=base.roles,
            )

    return synthesize(build)


def test_every_partition_is_there(templates: dict[str, Template]) -> None:
    assert {name for name in templates if name in REGIONS} == set(REGIONS)
    assert len([name for name in templates if name.endswith(".product")]) == len(REGIONS)


@pytest.mark.parametrize("partition", REGIONS)
def test_no_arn_names_a_partition(templates: dict[str, Template], partition: str) -> None:
    for name in (name for name in templates if name.replace("-", "").startswith(partition.replace("-", ""))):
        assert LITERAL.findall(json.dumps(templates[name])) == [], name


def test_the_product_is_the_same_everywhere(templates: dict[str, Template]) -> None:
    products = [json.dumps(template) for name, template in templates.items() if name.endswith(".product")]
    assert len(set(products)) == 1
