"""The stacks do as the environment's file asks, and leave out what its region cannot have."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest

from mlgov_constructs.catalog.template_document import identity_of
from mlgov_constructs.cli.targets import find_templates
from mlgov_constructs.errors import ConstructError
from stacks.environment import Environment, ProductVersions, StudioSettings, load_environment
from stacks.ml_environment import MlEnvironment
from tests.environments import ENVIRONMENTS, REGIONS, Assembly
from tests.mlops.pipelines import flat
from tests.templates import Template, of_type

NO_TOOLS: dict[str, Any] = {"studio": None, "mlflow": "none", "packages": (), "code_repositories": ()}
TOOLS = {
    "AWS::SageMaker::Domain",
    "AWS::SageMaker::MlflowApp",
    "AWS::SageMaker::MlflowTrackingServer",
    "AWS::CodeArtifact::Repository",
    "AWS::CodeCommit::Repository",
    "AWS::SageMaker::ModelPackageGroup",
}
EVERYWHERE = {"AWS::SageMaker::Domain", "AWS::CodeCommit::Repository"}
REGISTRY = {"AWS::SageMaker::ModelPackageGroup"}
REASON = "People move to the domain of Identity Center"

Synthesize = Callable[[Environment, Path], Path]


@pytest.fixture(scope="module")
def sandbox() -> Environment:
    return load_environment(ENVIRONMENTS / "sandbox.yaml")


@pytest.fixture(scope="module")
def synthesize_environment(cdk_context: dict[str, Any]) -> Synthesize:
    """Synthesize an environment into a folder."""

    def run(environment: Environment, folder: Path) -> Path:
        app = cdk.App(outdir=str(folder), context=cdk_context, analytics_reporting=False)
        MlEnvironment(app, environment.name, environment=environment)
        app.synth()
        return folder

    return run


def changed(environment: Environment, **workspace: Any) -> Environment:
    return environment.model_copy(update={"workspace": environment.workspace.model_copy(update=workspace)})


def with_versions(environment: Environment, **versions: str) -> Environment:
    wanted = ProductVersions(**{**environment.catalog.versions.model_dump(), **versions})
    catalog = environment.catalog.model_copy(update={"versions": wanted})
    return environment.model_copy(update={"catalog": catalog})


def read(assembly: Path) -> tuple[list[Template], dict[str, Template]]:
    """The templates of the stacks, and those of the products as they are now, by their ids."""
    stacks, products = [], {}
    for path in find_templates([assembly]):
        template: Template = json.loads(path.read_text(encoding="utf-8"))
        if path.name.endswith(".product.template.json"):
            products[(identity_of(template) or ("", ""))[0]] = template
        elif not identity_of(template):
            stacks.append(template)
    return stacks, products


def tools_of(stacks: list[Template]) -> set[str]:
    return TOOLS & {resource["Type"] for stack in stacks for resource in stack["Resources"].values()}


def domain_of(stacks: list[Template]) -> dict[str, Any]:
    (domain,) = (domain for stack in stacks for domain in of_type(stack, "AWS::SageMaker::Domain").values())
    return domain


# What the file asks for.


@pytest.mark.parametrize(
    ("name", "mlflow"),
    [("sandbox", "AWS::SageMaker::MlflowApp"), ("production", "AWS::SageMaker::MlflowTrackingServer")],
)
def test_an_environment_has_the_tools_and_products_that_its_file_names(
    assembly: Assembly, name: str, mlflow: str
) -> None:
    stacks, products = read(assembly(name, "aws"))
    assert tools_of(stacks) == {*EVERYWHERE, *REGISTRY, mlflow, "AWS::CodeArtifact::Repository"}
    assert products.keys() == {
        "notebook",
        "studio",
        "feature-group",
        "training-pipeline",
        "model-endpoint",
        "project",
    }


def test_settings_reach_the_resources(assembly: Assembly) -> None:
    stacks, _ = read(assembly("production", "aws"))
    domain = domain_of(stacks)["Properties"]
    assert domain["AuthMode"] == "SSO"
    settings = domain["DefaultUserSettings"]
    idle = settings["JupyterLabAppSettings"]["AppLifecycleManagement"]["IdleSettings"]
    assert idle["IdleTimeoutInMinutes"] == 90
    volumes = settings["SpaceStorageSettings"]["DefaultEbsStorageSettings"]
    assert volumes == {"DefaultEbsVolumeSizeInGb": 5, "MaximumEbsVolumeSizeInGb": 200}
    (server,) = (s for stack in stacks for s in of_type(stack, "AWS::SageMaker::MlflowTrackingServer").values())
    assert server["Properties"]["TrackingServerSize"] == "Small"
    groups = [g["Properties"] for stack in stacks for g in of_type(stack, "AWS::CodeArtifact::PackageGroup").values()]
    assert any("credit-risk~" in group["Pattern"] for group in groups)
    assert any("scikit-learn" in group["Pattern"] for group in groups)
    (repository,) = (r for stack in stacks for r in of_type(stack, "AWS::CodeCommit::Repository").values())
    assert repository["Properties"]["RepositoryName"] == "credit-risk"


def test_who_starts_a_run_gives_no_threshold(assembly: Assembly) -> None:
    stacks, _ = read(assembly("sandbox", "aws"))
    (pipeline,) = (p for stack in stacks for p in of_type(stack, "AWS::SageMaker::Pipeline").values())
    definition = json.dumps(pipeline["Properties"]["PipelineDefinition"])
    assert '\\"Name\\":\\"DataVersion\\"' in definition
    assert '\\"Name\\":\\"Threshold\\"' not in definition
    assert '\\"RightValue\\":0.8' in definition


def test_the_tags_of_the_file_reach_every_job(assembly: Assembly, sandbox: Environment) -> None:
    stacks, _ = read(assembly("sandbox", "aws"))
    (pipeline,) = (p for stack in stacks for p in of_type(stack, "AWS::SageMaker::Pipeline").values())
    definition = json.loads(flat(pipeline["Properties"]["PipelineDefinition"]["PipelineDefinitionBody"]))
    jobs = [each["Arguments"] for each in definition["Steps"] if each["Type"] in {"Processing", "Training", "Tuning"}]
    assert jobs
    for job in jobs:
        assert {tag["Key"]: tag["Value"] for tag in job["Tags"]} == sandbox.resource_tags


def test_an_environment_without_tools_has_none_and_offers_no_studio(
    sandbox: Environment, synthesize_environment: Synthesize, tmp_path: Path
) -> None:
    stacks, products = read(synthesize_environment(changed(sandbox, **NO_TOOLS), tmp_path))
    assert tools_of(stacks) == REGISTRY
    assert products.keys() == {"notebook", "feature-group", "training-pipeline", "model-endpoint", "project"}
    # Nobody has rights on what is not there, and no endpoint waits for it. The boundary is the same everywhere.
    text = json.dumps(
        [
            resource
            for stack in stacks
            for logical_id, resource in stack["Resources"].items()
            if not logical_id.startswith("PermissionsBoundary")
        ]
    )
    for absent in ("sagemaker-mlflow:", "codeartifact:ReadFromRepository", ".codeartifact.", "studio-domain-id"):
        assert absent not in text, absent


# What the region cannot have.


@pytest.mark.parametrize(
    ("partition", "tools", "offered"),
    [
        ("aws-us-gov", EVERYWHERE | REGISTRY, {"notebook", "training-pipeline", "model-endpoint"}),
        ("aws-cn", EVERYWHERE, {"notebook", "feature-group"}),
    ],
)
def test_a_region_has_what_it_offers(assembly: Assembly, partition: str, tools: set[str], offered: set[str]) -> None:
    stacks, products = read(assembly("sandbox", partition))
    assert tools_of(stacks) == tools, REGIONS[partition]
    assert products.keys() == offered


def test_a_region_without_registry_and_hosting_still_has_notebooks(
    sandbox: Environment, synthesize_environment: Synthesize, tmp_path: Path
) -> None:
    stacks, products = read(synthesize_environment(sandbox.model_copy(update={"region": "us-gov-east-1"}), tmp_path))
    assert products.keys() == {"notebook"}
    assert tools_of(stacks) == EVERYWHERE
    assert len(stacks) == 6


# A domain that would be replaced.


def test_a_change_that_would_replace_the_domain_fails_and_names_the_property(
    sandbox: Environment, synthesize_environment: Synthesize, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    # People come in by another way, of which the product tells them: a new version of it.
    environment = changed(with_versions(sandbox, studio="v2"), studio=StudioSettings(authentication="identity-center"))
    with pytest.raises(RuntimeError, match="ValidationFailed"):
        synthesize_environment(environment, tmp_path)
    report = json.loads((tmp_path / "validation-report.json").read_text(encoding="utf-8"))
    found = [v for plugin in report["pluginReports"] for v in plugin["violations"]]
    replaced = [violation["description"] for violation in found if violation["ruleName"] == "STUDIO-DOMAIN-REPLACED"]
    assert len(replaced) == 1
    assert 'AuthMode was "IAM" and is "SSO"' in replaced[0]
    assert "recorded/sandbox/us-east-1/studio.json" in replaced[0]


def test_a_replacement_with_a_reason_is_a_deviation_and_the_next_version_a_draft(
    sandbox: Environment, synthesize_environment: Synthesize, tmp_path: Path
) -> None:
    studio = StudioSettings(authentication="identity-center", replace_domain=REASON)
    environment = with_versions(changed(sandbox, studio=studio), feature_group="v2", studio="v2")
    stacks, products = read(synthesize_environment(environment, tmp_path))
    assert domain_of(stacks)["Metadata"]["mlgov"]["deviations"] == [{"control": "MLG-STU-08", "reason": REASON}]
    versions = {product: (identity_of(template) or ("", ""))[1] for product, template in products.items()}
    second = {"feature-group", "studio", "model-endpoint"}
    assert versions == {product: "v2" if product in second else "v1" for product in products}
    warnings = (next(tmp_path.glob("*catalog*.metadata.json"))).read_text(encoding="utf-8")
    assert "mlgov:VersionNotPublished" in warnings


def test_a_version_that_leaves_one_out_is_refused(sandbox: Environment) -> None:
    environment = with_versions(sandbox, notebook="v4")
    with pytest.raises(ConstructError, match="v4") as caught:
        MlEnvironment(cdk.App(), environment.name, environment=environment)
    assert "sandbox/catalog/Notebook" in str(caught.value)
