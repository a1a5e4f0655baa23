from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam

from mlgov_constructs.errors import ConstructError
from mlgov_constructs.identity import JobType
from mlgov_constructs.network import EndpointService, IsolatedVpc
from mlgov_constructs.serving import (
    ComponentEndpoint,
    ComponentResources,
    ContainerImage,
    DataCapture,
    EndpointScaling,
    InferenceComponent,
    ModelData,
    ScheduledCapacity,
)
from tests.serving.conftest import DIGEST, REASON, Ground, ground, named
from tests.templates import Template

CONFIG, ENDPOINT, COMPONENT = (
    f"AWS::SageMaker::{kind}" for kind in ("EndpointConfig", "Endpoint", "InferenceComponent")
)
TARGET, POLICY = (f"AWS::ApplicationAutoScaling::{kind}" for kind in ("ScalableTarget", "ScalingPolicy"))
MORNING = ScheduledCapacity("cron(0 7 ? * MON-FRI *)", min_capacity=3)


def shared(base: Ground, construct_id: str = "Shared", **arguments: Any) -> ComponentEndpoint:
    arguments.setdefault("role", base.role)
    if "no_data_capture" not in arguments:
        arguments.setdefault("data_capture", DataCapture(base.bucket))
    return ComponentEndpoint(base.stack, construct_id, vpc=base.vpc, encryption_key=base.key, **arguments)


def component(
    base: Ground, endpoint: ComponentEndpoint, construct_id: str = "Leaving", **arguments: Any
) -> InferenceComponent:
    if "model" not in arguments:
        arguments["model"] = base.model(f"{construct_id}Model")
    given = {
        "resources": ComponentResources(memory=cdk.Size.gibibytes(2)),
        "alarm_topic": base.topic,
        **arguments,
    }
    return InferenceComponent(base.stack, construct_id, endpoint=endpoint, **given)


@pytest.fixture(scope="module")
def template(synthesize: Callable[..., dict[str, Template]]) -> Template:
    def build(app: cdk.App) -> None:
        base = ground(app, "components")
        endpoint = shared(base)
        leaving = component(base, endpoint)
        component(
            base,
            endpoint,
            "Full",
            component_name="Churn-Full",
            resources=ComponentResources(
                memory=cdk.Size.gibibytes(4), max_memory=cdk.Size.gibibytes(6), cpu_cores=0.5, accelerators=1
            ),
            copies=3,
            scaling=EndpointScaling(max_capacity=9, invocations_per_instance=120, schedule=(MORNING,)),
            bake_time=cdk.Duration.minutes(10),
        )
        shared(
            base,
            "Relaxed",
            endpoint_name="churn-relaxed",
            instance_type="ml.g5.xlarge",
            instance_count=1,
            max_instances=3,
            local_storage=REASON,
            single_instance=REASON,
            no_data_capture=REASON,
        )
        component(base, endpoint, "Single", copies=1, single_copy=REASON)
        user = iam.Role(base.stack, "User", assumed_by=iam.AccountRootPrincipal())
        leaving.grant_invoke(user)
        endpoint.grant_invoke(iam.Role(base.stack, "Everything", assumed_by=iam.AccountRootPrincipal()))

    return synthesize(build)["components"]


def properties(template: Template, resource_type: str, name: str) -> dict[str, Any]:
    found: dict[str, Any] = named(template, resource_type, name)["Properties"]
    return found


def deviations(template: Template, resource_type: str, name: str) -> set[str]:
    return {each["control"] for each in named(template, resource_type, name)["Metadata"]["mlgov"].get("deviations", ())}


def test_every_container_is_isolated_by_the_endpoint(template: Template) -> None:
    assert properties(template, CONFIG, "SharedConfig")["EnableNetworkIsolation"] is True


def test_its_instances_are_in_the_isolated_subnets(template: Template) -> None:
    network = properties(template, CONFIG, "SharedConfig")["VpcConfig"]
    assert [each["Ref"].startswith("VpcIsolated") for each in network["Subnets"]] == [True, True]
    assert len(network["SecurityGroupIds"]) == 1


def test_its_volumes_have_the_key(template: Template) -> None:
    assert properties(template, CONFIG, "SharedConfig")["KmsKeyId"]["Fn::GetAtt"][0].startswith("Key")


def test_its_containers_run_as_the_hosting_role(template: Template) -> None:
    assert properties(template, CONFIG, "SharedConfig")["ExecutionRoleArn"]["Fn::GetAtt"][0].startswith("Role")


def test_who_grants_to_the_endpoint_grants_to_that_role_and_group() -> None:
    base = ground(cdk.App(), "Stack")
    endpoint = shared(base)
    assert endpoint.grant_principal is base.role
    (group,) = endpoint.connections.security_groups
    assert group.security_group_id == base.vpc.workload_security_group.security_group_id


def test_it_starts_after_its_role_has_its_rights(template: Template) -> None:
    assert any(name.startswith("RoleRights") for name in named(template, ENDPOINT, "Shared")["DependsOn"])


def test_sagemaker_keeps_no_number_of_instances_over_an_update(template: Template) -> None:
    assert "RetainAllVariantProperties" not in properties(template, ENDPOINT, "Shared")


def test_the_vpc_gets_the_endpoints_of_serving(monkeypatch: pytest.MonkeyPatch) -> None:
    base = ground(cdk.App(), "Stack")
    asked: list[EndpointService] = []
    monkeypatch.setattr(base.vpc, "require", lambda service, **_: asked.append(service))
    shared(base)
    assert {service.name for service in asked} == {
        "S3",
        "SAGEMAKER_RUNTIME",
        "STS",
        "LOGS",
        "MONITORING",
        "ECR_API",
        "ECR_DKR",
    }


def test_the_instances_of_an_endpoint_stand_in_two_zones() -> None:
    base = ground(cdk.App(), "Stack")
    vpc = IsolatedVpc(base.stack, "Narrow", max_azs=1)
    with pytest.raises(ConstructError, match="the VPC of the model has 1 isolated subnet"):
        ComponentEndpoint(
            base.stack, "Shared", vpc=vpc, role=base.role, encryption_key=base.key, no_data_capture=REASON
        )


def test_a_component_that_answers_twice_with_errors_goes_back(template: Template) -> None:
    alarm = properties(template, "AWS::CloudWatch::Alarm", "LeavingErrorAlarm")
    assert (alarm["Namespace"], alarm["MetricName"], alarm["Statistic"]) == (
        "AWS/SageMaker",
        "Invocation5XXErrors",
        "Sum",
    )
    assert (alarm["Period"], alarm["EvaluationPeriods"], alarm["DatapointsToAlarm"]) == (60, 3, 2)
    assert (alarm["ComparisonOperator"], alarm["Threshold"]) == ("GreaterThanOrEqualToThreshold", 1)
    assert alarm["TreatMissingData"] == "notBreaching"
    assert [each["Name"] for each in alarm["Dimensions"]] == ["EndpointName", "VariantName", "InferenceComponentName"]


def test_requests_are_kept(template: Template) -> None:
    assert properties(template, CONFIG, "SharedConfig")["DataCaptureConfig"]["EnableCapture"] is True


def test_sagemaker_adds_instances_as_copies_need_them(template: Template) -> None:
    (variant,) = properties(template, CONFIG, "SharedConfig")["ProductionVariants"]
    assert "ModelName" not in variant
    assert variant["InitialInstanceCount"] == 2
    assert variant["ManagedInstanceScaling"] == {"Status": "ENABLED", "MinInstanceCount": 2, "MaxInstanceCount": 4}
    assert variant["RoutingConfig"] == {"RoutingStrategy": "LEAST_OUTSTANDING_REQUESTS"}


def test_why_the_endpoint_names_no_alarm_is_recorded(template: Template) -> None:
    assert deviations(template, ENDPOINT, "Shared") == {"MLG-SRV-09"}


def test_what_was_relaxed_is_recorded(template: Template) -> None:
    assert deviations(template, CONFIG, "RelaxedConfig") == {"MLG-SRV-05", "MLG-SRV-06", "MLG-SRV-07"}
    config = properties(template, CONFIG, "RelaxedConfig")
    assert "KmsKeyId" not in config
    assert config["ProductionVariants"][0]["ManagedInstanceScaling"]["MaxInstanceCount"] == 3
    assert deviations(template, COMPONENT, "Single") == {"MLG-SRV-18"}


def test_a_component_waits_for_its_endpoint(template: Template) -> None:
    assert properties(template, COMPONENT, "Leaving")["EndpointName"]["Fn::GetAtt"][1] == "EndpointName"


def test_a_copy_takes_what_was_set_aside(template: Template) -> None:
    plain = properties(template, COMPONENT, "Leaving")
    assert plain["Specification"]["ComputeResourceRequirements"] == {"MinMemoryRequiredInMb": 2048}
    assert plain["RuntimeConfig"] == {"CopyCount": 2}
    assert plain["VariantName"] == "AllTraffic"
    assert plain["Specification"]["ModelName"]["Fn::GetAtt"][0].startswith("LeavingModel")
    full = properties(template, COMPONENT, "Full")
    assert full["InferenceComponentName"] == "Churn-Full"
    assert full["Specification"]["ComputeResourceRequirements"] == {
        "MaxMemoryRequiredInMb": 6144,
        "MinMemoryRequiredInMb": 4096,
        "NumberOfAcceleratorDevicesRequired": 1,
        "NumberOfCpuCoresRequired": 0.5,
    }


def test_an_update_replaces_half_and_goes_back_by_an_alarm(template: Template) -> None:
    deployment = properties(template, COMPONENT, "Full")["DeploymentConfig"]
    rolling = deployment["RollingUpdatePolicy"]
    assert rolling["MaximumBatchSize"] == {"Type": "CAPACITY_PERCENT", "Value": 50}
    assert (rolling["WaitIntervalInSeconds"], rolling["MaximumExecutionTimeoutInSeconds"]) == (600, 3600)
    (alarm,) = deployment["AutoRollbackConfiguration"]["Alarms"]
    watched = template["Resources"][alarm["AlarmName"]["Ref"]]["Properties"]
    assert {"Name": "InferenceComponentName", "Value": "Churn-Full"} in watched["Dimensions"]
    assert watched["AlarmActions"][0]["Ref"].startswith("Alarms")


def test_copies_follow_the_load_and_the_clock(template: Template) -> None:
    target = named(template, TARGET, "Full")
    assert target["Properties"]["ResourceId"] == "inference-component/Churn-Full"
    assert target["Properties"]["ScalableDimension"] == "sagemaker:inference-component:DesiredCopyCount"
    assert (target["Properties"]["MinCapacity"], target["Properties"]["MaxCapacity"]) == (3, 9)
    assert target["Properties"]["ScheduledActions"][0]["ScalableTargetAction"] == {"MinCapacity": 3}
    assert any(name.startswith("Full") for name in target["DependsOn"])
    tracking = properties(template, POLICY, "Full")["TargetTrackingScalingPolicyConfiguration"]
    metric = tracking["PredefinedMetricSpecification"]["PredefinedMetricType"]
    assert (metric, tracking["TargetValue"]) == ("SageMakerInferenceComponentInvocationsPerCopy", 120)


def test_a_caller_of_one_component_may_ask_no_other(template: Template) -> None:
    (user,) = properties(template, "AWS::IAM::Policy", "User")["PolicyDocument"]["Statement"]
    endpoint, leaving = map(json.dumps, user["Resource"])
    assert ":endpoint/" in endpoint
    assert "leaving" in leaving
    assert ":inference-component/" in leaving


def test_a_caller_of_the_endpoint_may_ask_every_component(template: Template) -> None:
    (everything,) = properties(template, "AWS::IAM::Policy", "Everything")["PolicyDocument"]["Statement"]
    text = json.dumps(everything["Resource"])
    assert ":endpoint/" in text
    assert ":inference-component/*" in text
    assert everything["Condition"] == {"StringEquals": {"aws:ResourceTag/mlgov:project": "churn"}}


def test_it_has_metrics_of_its_own() -> None:
    base = ground(cdk.App(), "Stack")
    made = component(base, shared(base), component_name="churn-7")
    assert made.component_name == "churn-7"
    assert made.metric("Invocations").dimensions == {"InferenceComponentName": "churn-7"}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"instance_count": 1}, "one instance alone fails with its zone"),
        ({"instance_count": 4, "max_instances": 3}, "max_capacity 3 of the scaling is below instance_count 4"),
        ({"instance_type": "ml.g5.xlarge"}, "instance_type 'ml.g5.xlarge' has disks of its host"),
        ({"instance_type": "ml.t2.medium"}, "instance_type 'ml.t2.medium' is burstable"),
        ({"data_capture": None}, "nothing says where requests and answers are captured"),
        ({"endpoint_name": "a_b"}, "endpoint_name 'a_b' is no name"),
    ],
)
def test_a_bad_endpoint_is_refused_before_anything_exists(arguments: dict[str, Any], message: str) -> None:
    base = ground(cdk.App(), "Stack")
    with pytest.raises(ConstructError, match=re.escape(f"[Stack/Shared] {message}")):
        shared(base, **arguments)
    assert base.stack.node.try_find_child("Shared") is None


def test_an_endpoint_is_of_a_hosting_role() -> None:
    base = ground(cdk.App(), "Stack")
    with pytest.raises(ConstructError, match="role is for training"):
        shared(base, role=base.job_role("Training", JobType.TRAINING))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"copies": 1}, "one copy alone fails with its instance"),
        ({"copies": 0}, "0 copies serve nobody"),
        ({"copies": 3, "scaling": EndpointScaling(max_capacity=2)}, "max_capacity 2 of the scaling is below copies 3"),
        (
            {"scaling": EndpointScaling(schedule=(ScheduledCapacity("rate(1 day)", min_capacity=1),))},
            "one copy alone fails with its instance",
        ),
        ({"bake_time": cdk.Duration.hours(2)}, "bake_time of 7200 seconds is too long"),
        ({"component_name": "a_b"}, "component_name 'a_b' is no name of a component"),
        ({"alarm_topic": None}, "alarm_topic is None. Give an ITopic."),
    ],
)
def test_a_bad_component_is_refused_before_anything_exists(arguments: dict[str, Any], message: str) -> None:
    base = ground(cdk.App(), "Stack")
    endpoint = shared(base)
    with pytest.raises(ConstructError, match=re.escape(f"[Stack/Leaving] {message}")):
        component(base, endpoint, **arguments)
    assert base.stack.node.try_find_child("Leaving") is None


def test_components_are_of_one_project_and_one_role() -> None:
    base = ground(cdk.App(), "Stack")
    endpoint = shared(base)
    other = base.model("Other", role=base.job_role("Fraud", project="fraud"))
    with pytest.raises(ConstructError, match="the model is of project 'fraud', the endpoint of 'churn'"):
        component(base, endpoint, model=other)
    second = base.model("Second", role=base.job_role("SecondRole"))
    with pytest.raises(ConstructError, match="the model has another role than the endpoint"):
        component(base, endpoint, model=second)


def test_a_component_has_one_model() -> None:
    base = ground(cdk.App(), "Stack")
    image = ContainerImage.from_uri(f"a@{DIGEST}")
    many = base.model("Many", image=image, model_data=ModelData(base.bucket, "churn/many/"))
    with pytest.raises(ConstructError, match="the model has many artifacts"):
        component(base, shared(base), model=many)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"memory": cdk.Size.mebibytes(64)}, "A copy with 64 MiB of memory cannot start"),
        (
            {"memory": cdk.Size.gibibytes(2), "max_memory": cdk.Size.gibibytes(1)},
            "A copy that takes 2048 MiB cannot be held to less",
        ),
        ({"memory": cdk.Size.gibibytes(2), "cpu_cores": 0.1}, "0.1 processors cannot be set aside"),
        ({"memory": cdk.Size.gibibytes(2), "accelerators": 0}, "0 accelerators cannot be set aside"),
    ],
)
def test_resources_that_no_copy_can_have_are_refused(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        ComponentResources(**arguments)
