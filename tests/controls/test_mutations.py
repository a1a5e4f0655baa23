"""Each control on the real templates: break what it protects, and its rule must accuse the culprit."""

from __future__ import annotations

import copy
import functools
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam
from aws_cdk import aws_servicecatalog as sc

from mlgov_constructs.catalog import MlPortfolio, StackSetDeployment
from mlgov_constructs.cli.targets import find_templates
from mlgov_constructs.controls import CATALOGUE, Finding, RuleEngine, Status
from tests.controls.engines import engine
from tests.controls.mutations import MUTATIONS, Mutation
from tests.controls.mutations.written import WRITTEN
from tests.environments import Assembly
from tests.templates import Template

ROOT = Path(__file__).parent.parent.parent
NAMES = ("sandbox", "production")
# Families that neither environment has: the example of the family, and the controls tried on it.
EXAMPLES = {
    "compliance": "MLG-GOV-",
    "organization": "MLG-GOV-",
    "mlops": "MLG-MLO-",
    "long_pipeline": "MLG-MLO-",
    "lineage": "MLG-MLO-",
    "registry": "MLG-MLO-",
    "preparation": "MLG-PRE-",
    "training": "MLG-TRN-",
    "serving": "MLG-SRV-",
    "serving_variants": "MLG-SRV-",
    "batch": "MLG-SRV-",
    "monitoring": "MLG-MON-",
    "cost_control": "MLG-CST-",
    "tracking": "MLG-WSP-",
    "packages": "MLG-WSP-",
    "studio": "MLG-STU-",
    "studio_teardown": "MLG-STU-",
}
MESSAGE = re.compile(r"<<(.*?)>>")
TYPE = re.compile(r"'((?:AWS|Custom)::[\w:]+)'")


def failed(control: str, resources: dict[str, Any]) -> list[Finding]:
    """What the rule of a control finds; resources that it cannot see are left out, for speed."""
    seen = set(TYPE.findall(CATALOGUE[control].guard_rule))
    visible = {name: resource for name, resource in resources.items() if resource["Type"] in seen}
    found = engine(control).check_text(json.dumps({"Resources": visible}))
    return [finding for finding in found if finding.status is Status.FAILED]


@pytest.fixture(scope="session")
def real_templates(
    assembly: Assembly, synthesize: Callable[..., dict[str, Template]], tmp_path_factory: pytest.TempPathFactory
) -> dict[str, dict[str, dict[str, Any]]]:
    """The resources of both environments, of the examples, of a portfolio that is shared, and those written by hand."""
    found = {
        f"{name}/{path.name}": json.loads(path.read_text(encoding="utf-8"))["Resources"]
        for name in NAMES
        for path in find_templates([assembly(name, "aws")])
    }
    found["written"] = WRITTEN

    for name in EXAMPLES:
        folder = tmp_path_factory.mktemp(name)
        program = ROOT / "docs" / "examples" / f"{name}.py"
        subprocess.run(
            [sys.executable, str(program)], cwd=ROOT, env={**os.environ, "CDK_OUTDIR": str(folder)}, check=True
        )
        for path in sorted(folder.rglob("*.template.json")):
            found[f"example/{name}/{path.name}"] = json.loads(path.read_text(encoding="utf-8"))["Resources"]

    def shared(app: cdk.App) -> None:
        stack = cdk.Stack(app, "Shared")
        portfolio = MlPortfolio(
            stack,
            "Portfolio",
            display_name="Shared",
            provider_name="ML platform",
            share_with_accounts=["111122223333"],
        )
        template = sc.CloudFormationTemplate.from_url("https://example.com/baseline.json")
        product = sc.CloudFormationProduct(
            stack,
            "Baseline",
            owner="ML platform",
            product_name="Baseline",
            description="What every account has. Cost: nothing.",
            product_versions=[
                sc.CloudFormationProductVersion(product_version_name="v1", cloud_formation_template=template)
            ],
        )
        administration = iam.Role.from_role_name(stack, "Administration", "StackSetAdministration")
        deployment = StackSetDeployment(["111122223333"], ["eu-west-1"], administration, "StackSetExecution")
        portfolio.add_product(product, stack_sets=deployment)

    return found | {name: template["Resources"] for name, template in synthesize(shared).items()}


@pytest.fixture(scope="session")
def trial(
    real_templates: dict[str, dict[str, dict[str, Any]]],
) -> Callable[[Mutation], list[tuple[set[str], list[Finding]]]]:
    """Apply a mutation to every template that it fits; who should be accused, and what was found."""

    @functools.cache
    def run(mutation: Mutation) -> list[tuple[set[str], list[Finding]]]:
        results = []
        for template, resources in real_templates.items():
            if template.startswith("sandbox/") or not is_tried_on(template, mutation):
                continue
            ids = [name for name, resource in resources.items() if fits(mutation, resource)]
            if ids:
                mutant = {**resources, **{name: copy.deepcopy(resources[name]) for name in ids}}
                accused = set(mutation.change(mutant, ids))
                assert mutant != resources, "the mutation changed nothing"
                results.append((accused, failed(mutation.control, mutant)))
        return results

    return run


def is_tried_on(template: str, mutation: Mutation) -> bool:
    """Whether a mutation is tried on a template: an example has those of its own family only."""
    kind, _, name = template.partition("/")
    return kind != "example" or mutation.control.startswith(EXAMPLES[name.split("/")[0]])


def fits(mutation: Mutation, resource: dict[str, Any]) -> bool:
    """Whether a mutation is meant for a resource; what deviates with a reason is not accused again."""
    deviations = resource.get("Metadata", {}).get("mlgov", {}).get("deviations", ())
    return (
        resource["Type"] == mutation.of
        and all(deviation["control"] != mutation.control for deviation in deviations)
        and mutation.where(resource)
    )


def test_the_real_templates_keep_every_control(real_templates: dict[str, dict[str, dict[str, Any]]]) -> None:
    rules = RuleEngine()
    found = [
        finding
        for resources in real_templates.values()
        for finding in rules.check_text(json.dumps({"Resources": resources}))
    ]
    assert [finding for finding in found if finding.status is Status.FAILED] == []


@pytest.mark.parametrize("mutation", MUTATIONS, ids=str)
def test_a_fault_is_found_where_it_is(
    trial: Callable[[Mutation], list[tuple[set[str], list[Finding]]]], mutation: Mutation
) -> None:
    results = trial(mutation)
    assert results, "no template holds such a resource"
    for accused, found in results:
        assert {finding.logical_id for finding in found} == accused


def test_every_control_has_a_mutation() -> None:
    assert {mutation.control for mutation in MUTATIONS} == set(CATALOGUE)


def test_no_two_mutations_have_one_name() -> None:
    assert len({str(mutation) for mutation in MUTATIONS}) == len(MUTATIONS)


@pytest.mark.parametrize("control", CATALOGUE)
def test_every_sentence_of_a_rule_is_spoken(
    trial: Callable[[Mutation], list[tuple[set[str], list[Finding]]]], control: str
) -> None:
    spoken = {
        message
        for mutation in MUTATIONS
        if mutation.control == control
        for _, found in trial(mutation)
        for finding in found
        for message in finding.messages
    }
    assert set(MESSAGE.findall(CATALOGUE[control].guard_rule)) - spoken == set()


def claims(real_templates: dict[str, dict[str, dict[str, Any]]]) -> Iterator[tuple[str, str]]:
    """Each control with the type of a resource that claims it."""
    for resources in real_templates.values():
        for resource in resources.values():
            for control in resource.get("Metadata", {}).get("mlgov", {}).get("controls", ()):
                yield control, resource["Type"]


def test_every_claim_is_tried(real_templates: dict[str, dict[str, dict[str, Any]]]) -> None:
    tried = {(mutation.control, mutation.of) for mutation in MUTATIONS}
    assert set(claims(real_templates)) - tried == set()
