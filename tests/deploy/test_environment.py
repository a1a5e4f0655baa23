"""The life of an environment on the local cloud. Each test goes on where the one before it ended."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path

import pytest

from mlgov_constructs.local_cloud import LocalCloudError
from mlgov_constructs.local_cloud.clients import Clients
from mlgov_constructs.local_cloud.demo.person import act_as
from mlgov_constructs.local_cloud.demo.readback import READERS, Deployed, Section, read_notebook, read_served_model
from mlgov_constructs.local_cloud.demo.self_service import Offer, offer_of, provision, terminate, update
from mlgov_constructs.local_cloud.demo.serving import Serving
from tests.deploy.conftest import Synthesize
from tests.deploy.target import Target

STACKS = tuple(
    f"sandbox-{name}"
    for name in (
        "foundation",
        "data",
        "registry",
        "workspace",
        "catalog",
        "mlops",
        "inventory",
        "governance",
        "compliance",
    )
)
SERVING = "sandbox-serving"
CHANGES = {
    "flow_logs": ("flow_log_retention_days: 30", "flow_log_retention_days: 90"),
    "idle": ("idle_minutes: 60", "idle_minutes: 30"),
    "budget": ("monthly_budget_usd: 300", "monthly_budget_usd: 450"),
}
NAME = "notebook-of-a-test"


@pytest.fixture(scope="module")
def deployed(target: Target, deployment: Future[Path]) -> Deployed:
    deployment.result()
    return Deployed(target.clients, STACKS)


@pytest.fixture(scope="module")
def assembly(deployment: Future[Path]) -> Path:
    return deployment.result()


@pytest.fixture(scope="module")
def scientist(deployed: Deployed) -> Clients:
    return act_as(deployed, "data-scientist").clients


@pytest.fixture(scope="module")
def offer(scientist: Clients) -> Offer:
    return offer_of(scientist, "Notebook")


def cell(section: Section, first: str, column: int = 1) -> str:
    return next(row.cells[column] for row in section.rows if row.cells[0] == first)


class TestCreation:
    @pytest.mark.parametrize("stack", STACKS)
    def test_every_stack_is_created(self, target: Target, deployed: Deployed, stack: str) -> None:
        assert target.stack(stack)["StackStatus"] == "CREATE_COMPLETE"

    @pytest.mark.parametrize("read", READERS, ids=lambda read: read.__name__)
    def test_everything_is_governed(self, deployed: Deployed, read: Callable[[Deployed], Section]) -> None:
        section = read(deployed)
        assert section.rows
        assert section.faults == []

    def test_a_second_deployment_changes_nothing(self, target: Target, deployed: Deployed, assembly: Path) -> None:
        written = target.deploy(assembly)
        for stack in STACKS:
            assert f"({stack}) (no changes)" in written
            assert target.stack(stack)["StackStatus"] == "CREATE_COMPLETE"


class TestProduct:
    def test_it_says_what_may_be_chosen(self, offer: Offer) -> None:
        assert {str(item["ParameterKey"]) for item in offer.parameters} >= {"Project", "Size", "VolumeInGB"}
        assert offer.defaults["Project"] == "sandbox"

    @pytest.mark.parametrize(
        ("parameter", "value"), [("Size", "huge"), ("VolumeInGB", "4"), ("VolumeInGB", "51"), ("Project", "other")]
    )
    def test_a_bad_value_is_refused(self, scientist: Clients, offer: Offer, parameter: str, value: str) -> None:
        with pytest.raises(LocalCloudError, match=rf"(?s){parameter}"):
            provision(scientist, offer, "refused", {**offer.defaults, parameter: value})
        terminate(scientist, "refused")
        assert scientist.client("sagemaker").list_notebook_instances()["NotebookInstances"] == []

    def test_it_provisions_a_governed_notebook(self, deployed: Deployed, scientist: Clients, offer: Offer) -> None:
        outputs = provision(scientist, offer, NAME, {**offer.defaults, "VolumeInGB": "30"})
        section = read_notebook(deployed, outputs["NotebookName"])
        assert section.faults == []
        assert cell(section, "Volume").startswith("30 GB")
        assert "notebook-instances" in outputs["NotebookUrl"]

    def test_it_is_updated_in_place(self, deployed: Deployed, scientist: Clients, offer: Offer) -> None:
        (before,) = scientist.client("sagemaker").list_notebook_instances()["NotebookInstances"]
        outputs = update(scientist, offer, NAME, {**offer.defaults, "VolumeInGB": "40", "Size": "medium"})
        assert outputs["NotebookName"] == before["NotebookInstanceName"]
        section = read_notebook(deployed, outputs["NotebookName"])
        assert section.faults == []
        assert cell(section, "Volume").startswith("40 GB")
        assert cell(section, outputs["NotebookName"]) == "ml.m5.xlarge, InService"

    def test_it_is_terminated(self, deployed: Deployed, scientist: Clients) -> None:
        terminate(scientist, NAME)
        assert deployed.client("sagemaker").list_notebook_instances()["NotebookInstances"] == []
        assert scientist.client("servicecatalog").search_provisioned_products()["ProvisionedProducts"] == []


def approve_a_version(deployed: Deployed) -> None:
    """Registers the next version of the model and approves it."""
    container = {"Image": "serving:1", "ModelDataUrl": "s3://models/model.tar.gz"}
    content = {"SupportedContentTypes": ["text/csv"], "SupportedResponseMIMETypes": ["text/csv"]}
    deployed.client("sagemaker").create_model_package(
        ModelPackageGroupName=deployed.names("AWS::SageMaker::ModelPackageGroup")[0],
        ModelApprovalStatus="Approved",
        InferenceSpecification={"Containers": [container], **content},
    )


def serve(version: int) -> tuple[str, str]:
    """Returns the change of the environment's file that serves a version."""
    text = "    threshold: 0.8\n"
    return text, f"{text}  serving:\n    model_version: {version}\n    drift_check_hours: 24\n"


@pytest.fixture(scope="module")
def updated(target: Target, deployed: Deployed, synthesize_environment: Synthesize) -> Deployed:
    approve_a_version(deployed)
    target.deploy(synthesize_environment(**CHANGES, serving=serve(1)))
    return Deployed(deployed.clients, (*STACKS, SERVING))


class TestUpdate:
    @pytest.mark.parametrize("stack", ["sandbox-foundation", "sandbox-workspace", "sandbox-governance"])
    def test_the_stacks_that_changed_are_updated(self, target: Target, updated: Deployed, stack: str) -> None:
        assert target.stack(stack)["StackStatus"] == "UPDATE_COMPLETE"

    def test_the_others_are_left_alone(self, target: Target, updated: Deployed) -> None:
        assert target.stack("sandbox-data")["StackStatus"] == "CREATE_COMPLETE"

    def test_the_changes_are_read_back(self, updated: Deployed) -> None:
        network, budget = (read(updated) for read in READERS if read.__name__ in ("read_network", "read_budgets"))
        assert "kept 90 days" in cell(network, "Flow logs")
        assert budget.rows[0].cells[1] == "450 USD monthly"

    def test_new_notebooks_follow_the_change(self, updated: Deployed, scientist: Clients, offer: Offer) -> None:
        outputs = provision(scientist, offer, NAME, offer.defaults)
        section = read_notebook(updated, outputs["NotebookName"])
        terminate(scientist, NAME)
        assert cell(section, "Lifecycle").endswith("stops after 30 idle minutes")

    def test_nothing_is_replaced(self, deployed: Deployed, updated: Deployed) -> None:
        for kind in ("AWS::EC2::VPC", "AWS::KMS::Key", "AWS::S3::Bucket", "AWS::Budgets::Budget"):
            assert deployed.ids(kind) == updated.ids(kind)


@pytest.fixture(scope="module")
def second_version(target: Target, updated: Deployed, synthesize_environment: Synthesize) -> tuple[Serving, Path]:
    """The endpoint with version 1, and the assembly with version 2, which is deployed."""
    before = Serving(updated)
    approve_a_version(updated)
    assembly = synthesize_environment(**CHANGES, serving=serve(2))
    target.deploy_only(assembly, "sandbox/serving")
    return before, assembly


class TestServing:
    def test_the_approved_version_is_served(self, target: Target, updated: Deployed) -> None:
        assert target.stack(SERVING)["StackStatus"] == "CREATE_COMPLETE"
        assert Serving(updated).version == 1
        assert read_served_model(updated).faults == []

    def test_the_endpoint_is_updated_to_the_next_version(
        self, target: Target, updated: Deployed, second_version: tuple[Serving, Path]
    ) -> None:
        assert target.stack(SERVING)["StackStatus"] == "UPDATE_COMPLETE"
        assert Serving(updated).since(second_version[0], 2).faults == []
        assert read_served_model(Deployed(updated.clients, updated.stack_names)).faults == []

    def test_the_same_version_again_changes_nothing(
        self, target: Target, updated: Deployed, second_version: tuple[Serving, Path]
    ) -> None:
        written = target.deploy_only(second_version[1], "sandbox/serving")
        assert f"({SERVING}) (no changes)" in written
        assert Serving(updated).config != second_version[0].config

    def test_a_version_that_nobody_approved_is_not_served(
        self,
        target: Target,
        updated: Deployed,
        second_version: tuple[Serving, Path],
        synthesize_environment: Synthesize,
    ) -> None:
        with pytest.raises(LocalCloudError, match="Could not find model package"):
            target.deploy_only(synthesize_environment(**CHANGES, serving=serve(3)), "sandbox/serving")
        assert target.stack(SERVING)["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
        assert Serving(updated).version == 2


@pytest.fixture(scope="module")
def destroyed(target: Target, deployed: Deployed, second_version: tuple[Serving, Path]) -> dict[str, list[str]]:
    kinds = ("AWS::S3::Bucket", "AWS::KMS::Key", "AWS::EC2::VPC", "AWS::IAM::Role")
    before = {kind: deployed.ids(kind) for kind in kinds}
    target.cdk("destroy", "--all", "--force", "--concurrency", "4", "--app", str(second_version[1]))
    return before


class TestDestruction:
    def test_the_stacks_are_gone(self, target: Target, destroyed: dict[str, list[str]]) -> None:
        living = {stack["StackName"] for stack in target.client("cloudformation").describe_stacks()["Stacks"]}
        assert not living & {*STACKS, SERVING}

    def test_what_can_be_made_again_is_gone(self, target: Target, destroyed: dict[str, list[str]]) -> None:
        vpcs = {vpc["VpcId"] for vpc in target.client("ec2").describe_vpcs()["Vpcs"]}
        roles = {role["RoleName"] for role in target.client("iam").list_roles()["Roles"]}
        assert not vpcs & {*destroyed["AWS::EC2::VPC"]}
        assert not roles & {*destroyed["AWS::IAM::Role"]}

    def test_data_and_keys_stay(self, target: Target, destroyed: dict[str, list[str]]) -> None:
        buckets = {bucket["Name"] for bucket in target.client("s3").list_buckets()["Buckets"]}
        assert {*destroyed["AWS::S3::Bucket"]} <= buckets
        assert len(destroyed["AWS::KMS::Key"]) == 2
        for key in destroyed["AWS::KMS::Key"]:
            assert target.client("kms").describe_key(KeyId=key)["KeyMetadata"]["KeyState"] == "Enabled"
