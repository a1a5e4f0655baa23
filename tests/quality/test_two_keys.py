"""What holds data outlives its stack in both environments, and one key alone deletes nothing."""

from __future__ import annotations

import importlib
import inspect
import json
import pkgutil
from collections.abc import Callable, Mapping
from typing import Any

import aws_cdk as cdk
import pytest

import mlgov_constructs
from mlgov_constructs.cli.targets import find_templates
from mlgov_constructs.governance import AuditTrail
from mlgov_constructs.protection import DataKey, GovernedBucket, LogArchive
from stacks.environment import Environment, load_environment
from stacks.ml_environment import MlEnvironment
from tests.environments import ENVIRONMENTS, REGIONS, Assembly
from tests.templates import Template

NAMES = ("sandbox", "production")
FLAG = "mlgov:allowDataRemoval"

# What holds data, keys to data, or the rules of who reads it.
STATEFUL = {
    "AWS::Backup::BackupVault",
    "AWS::CodeArtifact::Domain",
    "AWS::CodeArtifact::PackageGroup",
    "AWS::CodeArtifact::Repository",
    "AWS::CodeCommit::Repository",
    "AWS::ECR::Repository",
    "AWS::Glue::Database",
    "AWS::Glue::Table",
    "AWS::KMS::Key",
    "AWS::Logs::LogGroup",
    "AWS::S3::Bucket",
    "AWS::S3::BucketPolicy",
    "AWS::SageMaker::MlflowApp",
    "AWS::SageMaker::MlflowTrackingServer",
    "AWS::SageMaker::ModelCard",
    "AWS::SageMaker::ModelPackage",
    "AWS::SageMaker::ModelPackageGroup",
}
# What is deleted with its stack although something is lost, and why that is right.
EXPENDABLE = {
    "AWS::CloudTrail::Trail": "its log files are in the archive, which stays",
    "AWS::CloudWatch::Alarm": "its history is in the trail",
    "AWS::Config::ConfigurationRecorder": "what it recorded is in the bucket, which stays",
    "AWS::SecurityHub::Hub": "its findings are made anew; what was done about them is in the trail",
    "AWS::SageMaker::Domain": "its home file system stays; the teardown says what became of it",
    "AWS::SageMaker::FeatureGroup": "its history, with its table, is in the bucket, which stays",
    "AWS::SageMaker::InferenceExperiment": "what it kept is in the bucket, which stays",
    "AWS::SageMaker::NotebookInstance": "who terminates a provisioned notebook means its volume too",
    "AWS::SageMaker::Space": "whoever removes a space means its volume too",
    "AWS::SageMaker::UserProfile": "its files lie in the home file system of the domain, which stays",
    "AWS::StepFunctions::StateMachine": "what it did is in its log, which stays",
}
# What a second deployment makes anew as it was.
STATELESS = {
    "AWS::ApplicationAutoScaling::ScalableTarget",
    "AWS::ApplicationAutoScaling::ScalingPolicy",
    "AWS::Athena::NamedQuery",
    "AWS::Athena::WorkGroup",
    "AWS::Budgets::Budget",
    "AWS::Budgets::BudgetsAction",
    "AWS::CE::AnomalyMonitor",
    "AWS::CE::AnomalySubscription",
    "AWS::CE::CostCategory",
    "AWS::CloudFormation::GuardHook",
    "AWS::CloudWatch::Dashboard",
    "AWS::Config::ConfigurationAggregator",
    "AWS::Config::ConformancePack",
    "AWS::Config::DeliveryChannel",
    "AWS::ControlTower::EnabledControl",
    "AWS::EC2::FlowLog",
    "AWS::EC2::NetworkAcl",
    "AWS::EC2::NetworkAclEntry",
    "AWS::EC2::RouteTable",
    "AWS::EC2::SecurityGroup",
    "AWS::EC2::SecurityGroupEgress",
    "AWS::EC2::SecurityGroupIngress",
    "AWS::EC2::Subnet",
    "AWS::EC2::SubnetNetworkAclAssociation",
    "AWS::EC2::SubnetRouteTableAssociation",
    "AWS::EC2::VPC",
    "AWS::EC2::VPCEndpoint",
    "AWS::Events::Rule",
    "AWS::IAM::ManagedPolicy",
    "AWS::IAM::Role",
    "AWS::IAM::ServiceLinkedRole",
    "AWS::KMS::Alias",
    "AWS::Lambda::Function",
    "AWS::Lambda::Permission",
    "AWS::Logs::MetricFilter",
    "AWS::SNS::Subscription",
    "AWS::SNS::Topic",
    "AWS::SNS::TopicPolicy",
    "AWS::SSM::Parameter",
    "AWS::SageMaker::AppImageConfig",
    "AWS::SageMaker::CodeRepository",
    "AWS::SageMaker::DataQualityJobDefinition",
    "AWS::SageMaker::Endpoint",
    "AWS::SageMaker::EndpointConfig",
    "AWS::SageMaker::Image",
    "AWS::SageMaker::ImageVersion",
    "AWS::SageMaker::InferenceComponent",
    "AWS::SageMaker::Model",
    "AWS::SageMaker::ModelBiasJobDefinition",
    "AWS::SageMaker::ModelExplainabilityJobDefinition",
    "AWS::SageMaker::ModelQualityJobDefinition",
    "AWS::SageMaker::MonitoringSchedule",
    "AWS::SageMaker::NotebookInstanceLifecycleConfig",
    "AWS::SageMaker::Pipeline",
    "AWS::SageMaker::StudioLifecycleConfig",
    "AWS::SecurityHub::AutomationRule",
    "AWS::SecurityHub::ConfigurationPolicy",
    "AWS::SecurityHub::FindingAggregator",
    "AWS::SecurityHub::OrganizationConfiguration",
    "AWS::SecurityHub::PolicyAssociation",
    "AWS::SecurityHub::Standard",
    "AWS::Scheduler::Schedule",
    "AWS::Scheduler::ScheduleGroup",
    "AWS::ServiceCatalog::CloudFormationProduct",
    "AWS::ServiceCatalog::LaunchRoleConstraint",
    "AWS::ServiceCatalog::Portfolio",
    "AWS::ServiceCatalog::PortfolioPrincipalAssociation",
    "AWS::ServiceCatalog::PortfolioProductAssociation",
    "AWS::ServiceCatalog::TagOption",
    "AWS::ServiceCatalog::TagOptionAssociation",
    "Custom::DefaultSecurityGroupClosed",
    "Custom::GuardRules",
    "Custom::ManagedPrefixLists",
    "Custom::PipelineDefinition",
    "Custom::PortfolioShare",
    "Custom::StudioTeardown",
}


def resources(templates: Mapping[str, Template]) -> dict[str, dict[str, Any]]:
    """Every resource of some templates, by template and logical id."""
    return {
        f"{name}/{logical_id}": resource
        for name, template in templates.items()
        for logical_id, resource in template["Resources"].items()
    }


def deletable(found: Mapping[str, dict[str, Any]]) -> set[str]:
    """What holds data and does not outlive its stack, or its own replacement."""
    return {
        name
        for name, resource in found.items()
        if resource["Type"] in STATEFUL
        and not (resource.get("DeletionPolicy") == resource.get("UpdateReplacePolicy") == "Retain")
    }


@pytest.fixture(scope="session")
def environments(assembly: Assembly) -> Callable[[str, str], dict[str, dict[str, Any]]]:
    """The resources of an environment in a partition."""

    def read(name: str, partition: str) -> dict[str, dict[str, Any]]:
        paths = find_templates([assembly(name, partition)])
        return resources({path.name: json.loads(path.read_text("utf-8")) for path in paths})

    return read


@pytest.mark.parametrize("partition", REGIONS)
@pytest.mark.parametrize("name", NAMES)
def test_what_holds_data_outlives_its_stack(
    environments: Callable[[str, str], dict[str, dict[str, Any]]], name: str, partition: str
) -> None:
    found = environments(name, partition)
    assert sum(resource["Type"] in STATEFUL for resource in found.values()) >= 15
    assert deletable(found) == set()


@pytest.mark.parametrize("name", NAMES)
def test_every_type_is_known_to_hold_data_or_not(
    environments: Callable[[str, str], dict[str, dict[str, Any]]], name: str
) -> None:
    types = {resource["Type"] for resource in environments(name, "aws").values()}
    assert types - STATEFUL - EXPENDABLE.keys() - STATELESS == set()


@pytest.mark.parametrize("policy", ["DeletionPolicy", "UpdateReplacePolicy"])
@pytest.mark.parametrize("value", ["Delete", None])
def test_one_missing_policy_is_found(
    environments: Callable[[str, str], dict[str, dict[str, Any]]], policy: str, value: str | None
) -> None:
    found = environments("sandbox", "aws")
    (bucket, *_) = [name for name, resource in found.items() if resource["Type"] == "AWS::S3::Bucket"]
    assert deletable({**found, bucket: {**found[bucket], policy: value}}) == {bucket}


def sandbox(*, allow: bool) -> Environment:
    """The sandbox with the key of its file turned or not."""
    environment = load_environment(ENVIRONMENTS / "sandbox.yaml")
    protection = environment.protection.model_copy(update={"allow_data_removal": allow})
    return environment.model_copy(update={"protection": protection})


def asking_for_removal(app: cdk.App) -> None:
    """The sandbox with more constructs in it, all of which ask to be removed with their stack."""
    environment = MlEnvironment(app, "sandbox", environment=sandbox(allow=False))
    destroy = cdk.RemovalPolicy.DESTROY
    key = DataKey(environment.data, "MoreKey", removal_policy=destroy)
    archive = LogArchive(environment.data, "MoreLogs", encryption_key=key, removal_policy=destroy)
    logs = archive.access_log_bucket
    GovernedBucket(environment.data, "MoreData", encryption_key=key, access_log_bucket=logs, removal_policy=destroy)
    AuditTrail(
        environment.data,
        "MoreTrail",
        log_archive=archive,
        encryption_key=key,
        trail_name="more",
        removal_policy=destroy,
    )


def test_a_construct_that_asks_for_removal_is_one_key(
    synthesize: Callable[..., dict[str, Template]], cdk_context: dict[str, Any]
) -> None:
    found = resources(synthesize(asking_for_removal, context=cdk_context))
    assert sum("/More" in name and resource["Type"] in STATEFUL for name, resource in found.items()) > 6
    assert deletable(found) == set()


def test_who_says_nothing_keeps_the_data() -> None:
    found = pkgutil.walk_packages(mlgov_constructs.__path__, "mlgov_constructs.")
    packages = [importlib.import_module(each.name) for each in found if each.ispkg]
    public = [getattr(package, name) for package in packages for name in getattr(package, "__all__", ())]
    defaults = {
        f"{construct.__name__}({argument.name})": argument.default
        for construct in public
        if inspect.isclass(construct)
        for argument in inspect.signature(construct.__init__).parameters.values()
        if argument.name.endswith("removal_policy")
    }
    assert len(defaults) >= 16
    # None is what another construct was given.
    assert {name for name, kept in defaults.items() if kept not in (cdk.RemovalPolicy.RETAIN, None)} == set()


def test_the_flag_of_the_app_is_one_key(
    synthesize: Callable[..., dict[str, Template]], cdk_context: dict[str, Any]
) -> None:
    def build(app: cdk.App) -> None:
        MlEnvironment(app, "sandbox", environment=sandbox(allow=False))

    assert deletable(resources(synthesize(build, context={**cdk_context, FLAG: True}))) == set()


def test_the_file_of_the_environment_is_one_key(
    synthesize: Callable[..., dict[str, Template]], cdk_context: dict[str, Any]
) -> None:
    def build(app: cdk.App) -> None:
        MlEnvironment(app, "sandbox", environment=sandbox(allow=True))

    assert deletable(resources(synthesize(build, context=cdk_context))) == set()


def test_both_keys_remove_data_but_never_logs(
    synthesize: Callable[..., dict[str, Template]], cdk_context: dict[str, Any]
) -> None:
    def build(app: cdk.App) -> None:
        MlEnvironment(app, "sandbox", environment=sandbox(allow=True))

    removed = deletable(resources(synthesize(build, context={**cdk_context, FLAG: True})))
    assert all(any(name.startswith(f"sandbox{stack}") for name in removed) for stack in ("data", "registry"))
    assert not any(name.startswith(("sandboxfoundation", "sandboxgovernance")) or "/Log" in name for name in removed)
