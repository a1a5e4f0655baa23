"""The demonstration: the environment in the enforced mode, and that its judgement can fail."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from botocore.exceptions import ClientError
from rich.console import Console

from mlgov_constructs.local_cloud import LIMITS, LocalCloud
from mlgov_constructs.local_cloud.clients import Clients
from mlgov_constructs.local_cloud.demo.assembly import Assembly
from mlgov_constructs.local_cloud.demo.cdk_cli import CdkCli
from mlgov_constructs.local_cloud.demo.demo import STOCK
from mlgov_constructs.local_cloud.demo.inventory import Inventory
from mlgov_constructs.local_cloud.demo.orders import NOTEBOOK, ORDERS, Order
from mlgov_constructs.local_cloud.demo.person import Person, act_as, dismiss
from mlgov_constructs.local_cloud.demo.readback import (
    READERS,
    Deployed,
    Section,
    read_model_endpoint,
    read_notebook,
    read_project,
    read_served_model,
    read_training_pipeline,
)
from mlgov_constructs.local_cloud.demo.self_service import offer_of, provision, terminate, update
from mlgov_constructs.local_cloud.demo.serving import Serving
from mlgov_constructs.local_cloud.demo.steps import Steps
from mlgov_constructs.local_cloud.demo.takedown import Takedown
from tests.deploy.conftest import DemoRun
from tests.deploy.target import Target

LONGEST_SECONDS = 600
PIPELINE = ENDPOINT = "sandbox-sandbox"


@dataclass(frozen=True)
class Demo:
    """The demonstration when it has ended, with the local cloud that it left up."""

    exit_code: int
    text: str
    target: Target

    @property
    def assembly(self) -> Assembly:
        """What was deployed last."""
        return Assembly.read(max(self.target.folder.glob("cdk.out*"), key=lambda folder: folder.name))

    @property
    def deployed(self) -> Deployed:
        return Deployed(self.target.clients, self.assembly.stack_names)


@pytest.fixture(scope="module")
def demo(demo_run: DemoRun) -> Demo:
    demo_run.process.wait(timeout=LONGEST_SECONDS)
    text = demo_run.output.read_text(encoding="utf-8")
    assert demo_run.process.returncode == 0, text
    return Demo(0, text, Target(LocalCloud.from_directory(demo_run.directory), demo_run.directory))


def test_it_judges_that_all_is_as_it_must_be(demo: Demo) -> None:
    assert demo.text.rstrip().endswith("Everything that was read back is as it must be.")
    assert "✗" not in demo.text


@pytest.mark.parametrize("reader", READERS, ids=lambda read: read.__name__)
def test_it_shows_what_it_read_back(demo: Demo, reader: Callable[[Deployed], Section]) -> None:
    section = reader(demo.deployed)
    assert section.faults == []
    assert section.title in demo.text
    assert all(column in demo.text for column in section.columns)


def test_it_ends_with_its_limits_and_the_way_on(demo: Demo) -> None:
    text = " ".join(demo.text.split())
    assert all(limit.subject in text for limit in LIMITS)
    assert "make local-up" in text
    assert f"export AWS_ENDPOINT_URL={demo.target.cloud.endpoint}" in demo.text


@pytest.mark.parametrize(
    ("attempt", "answer"),
    [
        ("opens her notebook", "allowed"),
        ("makes a public notebook", "refused"),
        ("opens her Studio", "allowed"),
        ("opens a colleague's Studio", "refused"),
        ("writes data of her project", "allowed"),
        ("reads data of her project", "allowed"),
        ("lists her project", "allowed"),
        ("reads it from outside the VPC", "refused"),
        ("reads another project's data", "refused"),
        ("writes another project's data", "refused"),
        ("lists another project", "refused"),
        ("trains in the isolated subnets", "allowed"),
        ("trains without a VPC", "refused"),
        ("trains in a foreign subnet", "refused"),
        ("trains with network access", "refused"),
        ("trains on a volume without a key", "refused"),
        ("trains for another project", "refused"),
        ("model-approver starts the pipeline", "refused"),
        ("data-scientist changes the pipeline", "refused"),
        ("data-scientist starts the pipeline", "allowed"),
        ("the pipeline registers version 1 approved", "refused"),
        ("the pipeline registers version 1", "allowed"),
        ("the pipeline approves version 1", "refused"),
        ("ml-engineer approves version 1", "refused"),
        ("data-scientist approves version 1", "refused"),
        ("model-approver approves version 1", "allowed"),
        ("ml-engineer asks the endpoint", "allowed"),
        ("data-scientist asks the endpoint", "refused"),
        ("ml-engineer registers version 2 approved", "refused"),
        ("ml-engineer registers version 2", "allowed"),
        ("ml-engineer approves version 2", "refused"),
        ("data-scientist approves version 2", "refused"),
        ("model-approver approves version 2", "allowed"),
    ],
)
def test_iam_is_evaluated(demo: Demo, attempt: str, answer: str) -> None:
    (line,) = [line for line in demo.text.splitlines() if line.strip().startswith(f"{attempt}  ")]
    assert line.split(attempt)[1].split()[0] == answer
    assert line.rstrip().endswith("✓")


def test_it_deployed_over_tls_with_iam(demo: Demo) -> None:
    assert demo.target.cloud.enforced
    assert demo.target.cloud.endpoint.startswith("https://127.0.0.1:")


@pytest.fixture(scope="module")
def colleague(demo: Demo) -> Clients:
    return act_as(demo.deployed, NOTEBOOK.persona, user="a-colleague").clients


def test_a_product_lives_under_its_launch_role(demo: Demo, colleague: Clients) -> None:
    offer = offer_of(colleague, NOTEBOOK.product)
    created = provision(colleague, offer, "of-a-colleague", offer.defaults)
    updated = update(colleague, offer, "of-a-colleague", {**offer.defaults, "VolumeInGB": "45", "Size": "medium"})
    assert created["NotebookName"] == updated["NotebookName"]
    section = read_notebook(demo.deployed, updated["NotebookName"])
    assert section.faults == []
    assert section.rows[0].cells[1] == "ml.m5.xlarge, InService"
    terminate(colleague, "of-a-colleague")
    assert notebook_name(demo.deployed) != updated["NotebookName"]


def test_the_product_of_a_colleague_is_out_of_reach(demo: Demo, colleague: Clients) -> None:
    with pytest.raises(ClientError, match="AccessDenied"):
        terminate(colleague, NOTEBOOK.name)
    assert notebook_name(demo.deployed)


def notebook_name(deployed: Deployed) -> str:
    found = deployed.client("sagemaker").list_notebook_instances()["NotebookInstances"]
    (notebook,) = [each for each in found if each["NotebookInstanceName"] != "bad"]
    return str(notebook["NotebookInstanceName"])


def data_bucket(deployed: Deployed) -> str:
    return next(name for name in deployed.ids("AWS::S3::Bucket") if "raw" in name)


def stop_versioning(deployed: Deployed) -> None:
    suspended = {"Status": "Suspended"}
    deployed.client("s3").put_bucket_versioning(Bucket=data_bucket(deployed), VersioningConfiguration=suspended)


def encrypt_with_keys_of_s3(deployed: Deployed) -> None:
    rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}
    deployed.client("s3").put_bucket_encryption(
        Bucket=data_bucket(deployed), ServerSideEncryptionConfiguration={"Rules": [rule]}
    )


def open_endpoint(deployed: Deployed) -> None:
    identifier = deployed.ids("AWS::EC2::VPCEndpoint")[0]
    deployed.client("ec2").modify_vpc_endpoint(VpcEndpointId=identifier, ResetPolicy=True)


def attach_internet_gateway(deployed: Deployed) -> None:
    ec2 = deployed.client("ec2")
    gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=deployed.ids("AWS::EC2::VPC")[0])


def trust_without_mfa(deployed: Deployed) -> None:
    iam = deployed.client("iam")
    name = next(role for role in deployed.ids("AWS::IAM::Role") if "data-scientist" in role)
    document = iam.get_role(RoleName=name)["Role"]["AssumeRolePolicyDocument"]
    del document["Statement"][0]["Condition"]
    iam.update_assume_role_policy(RoleName=name, PolicyDocument=json.dumps(document))


def remove_launch_role(deployed: Deployed) -> None:
    catalog = deployed.client("servicecatalog")
    portfolio = deployed.ids("AWS::ServiceCatalog::Portfolio")[0]
    for item in catalog.list_constraints_for_portfolio(PortfolioId=portfolio)["ConstraintDetails"]:
        catalog.delete_constraint(Id=item["ConstraintId"])


def drop_budget_notices(deployed: Deployed) -> None:
    budgets = deployed.client("budgets")
    which = {"AccountId": deployed.clients.account, "BudgetName": deployed.ids("AWS::Budgets::Budget")[0]}
    for notification in budgets.describe_notifications_for_budget(**which)["Notifications"]:
        notification.pop("NotificationState", None)
        budgets.delete_notification(**which, Notification=notification)


BREAKAGES: list[tuple[Callable[[Deployed], object], str]] = [
    (lambda it: it.client("kms").disable_key_rotation(KeyId=it.ids("AWS::KMS::Key")[0]), "it must rotate"),
    (stop_versioning, "it must keep versions"),
    (encrypt_with_keys_of_s3, "it must be encrypted with a key of the environment"),
    (lambda it: it.client("s3").delete_bucket_policy(Bucket=data_bucket(it)), "it must demand TLS 1.2"),
    (lambda it: it.client("s3").delete_public_access_block(Bucket=data_bucket(it)), "it must block public access"),
    (open_endpoint, "its policy must name the actions"),
    (attach_internet_gateway, "there must be no internet gateway"),
    (
        lambda it: it.client("ec2").delete_flow_logs(FlowLogIds=it.ids("AWS::EC2::FlowLog")),
        "flow logs must record all traffic",
    ),
    (trust_without_mfa, "people must need a second factor"),
    (
        lambda it: it.client("iam").delete_role_permissions_boundary(RoleName=it.ids("AWS::IAM::Role")[0]),
        "it must be under a permissions boundary",
    ),
    (lambda it: it.client("cloudtrail").stop_logging(Name=it.ids("AWS::CloudTrail::Trail")[0]), "it must be logging"),
    (drop_budget_notices, "it must warn of actual cost"),
    (remove_launch_role, "it must have a launch role"),
]


@pytest.mark.parametrize(("break_it", "fault"), BREAKAGES, ids=[fault for _, fault in BREAKAGES])
def test_the_judgement_notices(demo: Demo, break_it: Callable[[Deployed], object], fault: str) -> None:
    """Each test breaks one thing that the demonstration found in order, and nothing mends it."""
    break_it(demo.deployed)
    faults = [found for read in READERS for found in read(demo.deployed).faults]
    assert any(found.endswith(fault) for found in faults), faults


def test_the_judgement_notices_a_notebook_that_is_not_hardened(demo: Demo) -> None:
    sagemaker, good = demo.deployed.client("sagemaker"), notebook_name(demo.deployed)
    role = sagemaker.describe_notebook_instance(NotebookInstanceName=good)["RoleArn"]
    sagemaker.create_notebook_instance(NotebookInstanceName="bad", InstanceType="ml.t3.medium", RoleArn=role)
    assert read_notebook(demo.deployed, good).faults == []
    assert {fault.split(": ", 1)[1] for fault in read_notebook(demo.deployed, "bad").faults} >= {
        "Internet access: must be Disabled",
        "Root access: must be Disabled",
        "Volume: must be encrypted with a key of the environment",
        "Subnet: must be one of the environment",
        "Security groups: must be those of the environment",
        "Metadata service: must be version 2",
        "Lifecycle: must stop the notebook when it is idle",
        "Tags: must name the project",
    }


def break_definition(deployed: Deployed, name: str) -> None:
    """Gives the jobs of a pipeline the network, no key, and its model an approval that nobody gave."""
    sagemaker = deployed.client("sagemaker")
    definition = sagemaker.describe_pipeline(PipelineName=name)["PipelineDefinition"]
    for good, bad in (
        ('"EnableNetworkIsolation":true', '"EnableNetworkIsolation":false'),
        ('"EnableInterContainerTrafficEncryption":true', '"EnableInterContainerTrafficEncryption":false'),
        ('"VolumeKmsKeyId":"', '"VolumeKmsKeyId":"alias/'),
        ("PendingManualApproval", "Approved"),
    ):
        compact = json.dumps(json.loads(definition), separators=(",", ":"))
        assert good in compact
        definition = compact.replace(good, bad)
    sagemaker.update_pipeline(PipelineName=name, PipelineDefinition=definition)


def test_the_judgement_notices_a_pipeline_that_is_not_isolated(demo: Demo) -> None:
    found = {each["PipelineName"] for each in demo.target.client("sagemaker").list_pipelines()["PipelineSummaries"]}
    (name,) = found - {PIPELINE}
    assert read_training_pipeline(demo.deployed, name).faults == []
    break_definition(demo.deployed, name)
    assert {fault.split(": ", 1)[1] for fault in read_training_pipeline(demo.deployed, name).faults} >= {
        "Step Train: must run without network access",
        "Step Train: must encrypt what its machines tell each other",
        "Step Train: must encrypt volume and output with a key of the environment",
        "Step PrepareTable: must run without network access",
        "Step Register: must leave the approval to a person",
    }


def test_the_judgement_notices_an_endpoint_that_is_not_hardened(demo: Demo) -> None:
    sagemaker = demo.target.client("sagemaker")
    (good,) = {each["EndpointName"] for each in sagemaker.list_endpoints()["Endpoints"]} - {ENDPOINT}
    assert read_model_endpoint(demo.deployed, good).faults == []
    role = demo.target.client("iam").get_role(RoleName="mlgov-sandbox-auditor")["Role"]["Arn"]
    sagemaker.create_model(ModelName="bad", ExecutionRoleArn=role, PrimaryContainer={"Image": "serving:1"})
    variant = {"VariantName": "One", "ModelName": "bad", "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}
    sagemaker.create_endpoint_config(EndpointConfigName="bad", ProductionVariants=[variant])
    sagemaker.create_endpoint(EndpointName="bad", EndpointConfigName="bad")
    assert {fault.split(": ", 1)[1] for fault in read_model_endpoint(demo.deployed, "bad").faults} >= {
        "Model: must come from the registry",
        "Network access: must be none",
        "Subnet: must be one of the environment",
        "Volumes: must be encrypted with a key of the environment",
        "Instances: must survive the loss of one",
        "Scaling: must follow the requests",
        "Kept requests: must be on",
        "Updates: must go back on an alarm",
        "Tags: must name the project",
    }


def test_it_says_where_real_work_would_begin(demo: Demo) -> None:
    text = " ".join(demo.text.split())
    assert "PrepareTable starting; on AWS the real work begins here" in text
    assert "the local cloud runs no model" in text


def test_a_version_says_which_run_made_it(demo: Demo) -> None:
    sagemaker = demo.target.client("sagemaker")
    (run,) = sagemaker.list_pipeline_executions(PipelineName=PIPELINE)["PipelineExecutionSummaries"]
    (version,) = [
        each["ModelPackageArn"]
        for each in sagemaker.list_model_packages(ModelPackageGroupName=PIPELINE)["ModelPackageSummaryList"]
        if each["ModelPackageVersion"] == 1
    ]
    origin = sagemaker.describe_model_package(ModelPackageName=version)["CustomerMetadataProperties"]
    assert origin["mlgov:pipeline-execution"] == run["PipelineExecutionArn"]
    assert origin["mlgov:project"] == "sandbox"
    assert run["PipelineExecutionStatus"] == "Stopped"


def test_changes_of_the_registry_are_told(demo: Demo) -> None:
    (first, second) = [line for line in demo.text.splitlines() if "told to sandbox-registry-Changes" in line]
    for line in (first, second):
        assert "PendingManualApproval, Approved" in line


class TestServedModel:
    """The endpoint of the environment, which the demonstration has brought from version 1 to version 2."""

    def test_it_serves_the_second_version(self, demo: Demo) -> None:
        assert Serving(demo.deployed).version == 2
        assert "version 1 → 2" in demo.text

    def test_only_the_stacks_that_changed_were_deployed_for_it(self, demo: Demo) -> None:
        (line,) = [line for line in demo.text.splitlines() if "Serve the next version: " in line]
        assert line.split("Serve the next version: ")[1].startswith("cdk deploy sandbox-serving, from")

    def test_the_old_configuration_is_gone(self, demo: Demo) -> None:
        found = demo.target.client("sagemaker").list_endpoint_configs()["EndpointConfigs"]
        own = {each["EndpointConfigName"] for each in found if "serving" in each["EndpointConfigName"]}
        assert own == {Serving(demo.deployed).config}

    def test_it_is_governed(self, demo: Demo) -> None:
        section = read_served_model(demo.deployed)
        assert section.faults == []
        told = {row.cells[0]: row.cells[1] for row in section.rows}
        assert told["Model"] == "sandbox-sandbox, version 2, Approved"
        assert told["Updates"] == "canary, back on 2 alarms"
        assert told["Drift"].startswith(f"{ENDPOINT}, cron(0 ")
        assert "sandbox/pipelines/sandbox-sandbox" in told["Baseline"]

    def test_the_judgement_notices_what_is_amiss(self, demo: Demo) -> None:
        deployed = demo.deployed
        sagemaker, stack = deployed.client("sagemaker"), Deployed(deployed.clients, ["sandbox-serving"])
        (schedule,) = deployed.names("AWS::SageMaker::MonitoringSchedule")
        sagemaker.stop_monitoring_schedule(MonitoringScheduleName=schedule)
        (dashboard,) = stack.ids("AWS::CloudWatch::Dashboard")
        deployed.client("cloudwatch").put_dashboard(DashboardName=dashboard, DashboardBody='{"widgets": []}')
        deployed.client("cloudwatch").delete_alarms(AlarmNames=stack.ids("AWS::CloudWatch::Alarm"))
        assert {fault.split(": ", 1)[1] for fault in read_served_model(deployed).faults} >= {
            "Alarms: must be there",
            "Dashboard: must show the endpoint",
            "Drift: must be scheduled",
        }

    def test_the_judgement_notices_an_update_that_did_not_happen(self, demo: Demo) -> None:
        serving = Serving(demo.deployed)
        assert {fault.split(": ", 1)[1] for fault in serving.since(serving, 3).faults} == {
            "Version: must be 3",
            "Configuration: must be another",
            "Old configuration and model: must be gone",
        }


def test_the_judgement_notices_a_role_of_a_project_without_boundary(demo: Demo) -> None:
    catalog = demo.target.client("servicecatalog")
    found = catalog.get_provisioned_product_outputs(ProvisionedProductName="demo-project")["Outputs"]
    outputs = {each["OutputKey"]: each["OutputValue"] for each in found}
    assert read_project(demo.deployed, outputs).faults == []
    iam, role = demo.target.client("iam"), outputs["TrainingRoleName"]
    boundary = iam.get_role(RoleName=role)["Role"]["PermissionsBoundary"]["PermissionsBoundaryArn"]
    iam.delete_role_permissions_boundary(RoleName=role)
    (fault,) = read_project(demo.deployed, outputs).faults
    assert fault.endswith("must be under the boundary of the environment")
    # Without it, the launch role of projects could not take the role away.
    iam.put_role_permissions_boundary(RoleName=role, PermissionsBoundary=boundary)


@pytest.mark.parametrize("order", ORDERS, ids=lambda order: order.product)
def test_each_product_belongs_to_the_right_persona(demo: Demo, order: Order) -> None:
    (product,) = [each for each in provisioned(demo) if each["Name"] == order.name]
    assert f":assumed-role/mlgov-sandbox-{order.persona}/" in product["UserArn"]
    assert f"Provision: {order.product.lower()}" in demo.text


def test_every_product_is_read_back(demo: Demo) -> None:
    for product in ("notebook", "Studio workspace", "feature group", "training pipeline", "model endpoint", "project"):
        assert f"Provisioned {product}\n" in "\n".join(line.strip() for line in demo.text.splitlines())


def test_the_notebook_has_its_new_version(demo: Demo) -> None:
    catalog = demo.target.client("servicecatalog")
    detail = catalog.describe_provisioned_product(Name=NOTEBOOK.name)["ProvisionedProductDetail"]
    versions = catalog.list_provisioning_artifacts(ProductId=detail["ProductId"])["ProvisioningArtifactDetails"]
    assert [(each["Name"], each["Id"] == detail["ProvisioningArtifactId"]) for each in versions] == [
        ("v1", False),
        ("v2", True),
    ]
    notebook = demo.target.client("sagemaker").describe_notebook_instance(
        NotebookInstanceName=notebook_name(demo.deployed)
    )
    assert notebook["InstanceType"] == "ml.m5.4xlarge"


def provisioned(demo: Demo) -> list[dict[str, Any]]:
    level = {"Key": "Account", "Value": "self"}
    found = demo.target.client("servicecatalog").search_provisioned_products(AccessLevelFilter=level)
    products: list[dict[str, Any]] = found["ProvisionedProducts"]
    return products


class TestEnd:
    """What the demonstration does without ``--keep``, in the environment that it left up."""

    @pytest.fixture(scope="class")
    @classmethod
    def left(cls, demo: Demo) -> Section:
        deployed, clients = demo.deployed, demo.target.clients
        mend(deployed)
        takedown = Takedown(Steps(Console(quiet=True)), deployed, Inventory.read(demo.target.folder / STOCK))
        for product in provisioned(demo):
            terminate(clients, product["Name"])
        for user in clients.client("iam").list_users()["Users"]:
            dismiss(clients, Person("", user["UserName"], clients))
        CdkCli(demo.target.folder / "cdk.log").run(
            *("destroy", "--all", "--force", "--concurrency", "4", "--app", str(demo.assembly.directory)),
            environment=demo.target.cloud.environment(),
        )
        return takedown.look_what_is_left()

    def test_nothing_is_left_but_what_is_kept_by_name(self, left: Section) -> None:
        assert left.faults == []

    def test_data_keys_logs_models_and_homes_are_kept(self, left: Section) -> None:
        kept = {row.cells[0] for row in left.rows}
        assert kept >= {
            "EFS::FileSystem",
            "Glue::Database",
            "KMS::Key",
            "Logs::LogGroup",
            "S3::Bucket",
            "SageMaker::ModelPackageGroup",
        }
        assert not any(name.startswith(("EC2::", "Lambda::")) for name in kept)
        # AWS Config's own role is the account's, and may serve others.
        assert [row.cells[1] for row in left.rows if row.cells[0].startswith("IAM::")] == ["AWSServiceRoleForConfig"]


def mend(deployed: Deployed) -> None:
    """Takes away what tests have added, which no stack would take with it."""
    ec2, vpc = deployed.client("ec2"), deployed.ids("AWS::EC2::VPC")[0]
    attached = [{"Name": "attachment.vpc-id", "Values": [vpc]}]
    for gateway in ec2.describe_internet_gateways(Filters=attached)["InternetGateways"]:
        ec2.detach_internet_gateway(InternetGatewayId=gateway["InternetGatewayId"], VpcId=vpc)
        ec2.delete_internet_gateway(InternetGatewayId=gateway["InternetGatewayId"])
    sagemaker = deployed.client("sagemaker")
    sagemaker.stop_notebook_instance(NotebookInstanceName="bad")
    sagemaker.delete_notebook_instance(NotebookInstanceName="bad")
    sagemaker.delete_endpoint(EndpointName="bad")
    sagemaker.delete_endpoint_config(EndpointConfigName="bad")
    sagemaker.delete_model(ModelName="bad")
