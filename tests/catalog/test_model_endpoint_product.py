"""The product that serves approved models: its template, its launch role, its errors."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest

from mlgov_constructs.catalog import ModelEndpointProduct
from mlgov_constructs.controls import RuleEngine
from mlgov_constructs.errors import ConstructError
from mlgov_constructs.identity import JobRole, JobType
from mlgov_constructs.serving import SERVING_SERVICES
from tests.access import ACCOUNT, REGION, decision
from tests.catalog.conftest import NAMES, Ground, ground
from tests.templates import Template, of_type

SSM = "{{resolve:ssm:/mlgov/test/workspace"
ARN = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}"


def hosting_role(base: Ground, project: str, job: JobType = JobType.HOSTING) -> JobRole:
    return JobRole(
        base.stack,
        f"{job.value.title()}-{project}",
        job=job,
        project=project,
        environment=base.environment,
        permissions_boundary=base.boundary,
    )


def endpoint_product(base: Ground, construct_id: str = "Product", **arguments: Any) -> ModelEndpointProduct:
    if "hosting_roles" not in arguments:
        arguments["hosting_roles"] = [hosting_role(base, project) for project in ("churn", "fraud")]
    common: dict[str, Any] = {
        "names": NAMES,
        "environment": base.environment,
        "permissions_boundary": base.boundary,
        "owner": "ML platform",
    }
    return ModelEndpointProduct(base.stack, construct_id, **{**common, **arguments})


def build(app: cdk.App) -> None:
    # As an app does: the tags of the environment must not reach what is published.
    cdk.Tags.of(app).add("owner", "someone")
    base = ground(app)
    base.portfolio().add_product(endpoint_product(base, project_sizes={"fraud": ["small"]}, most_instances=4))


@pytest.fixture(scope="module")
def assembly(synthesize: Callable[..., dict[str, Template]], tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("model-endpoint")
    synthesize(build, outdir=folder)
    return folder


@pytest.fixture(scope="module")
def catalog(assembly: Path) -> Template:
    template: Template = json.loads((assembly / "catalog.template.json").read_text(encoding="utf-8"))
    return template


@pytest.fixture(scope="module")
def product(assembly: Path) -> Template:
    (file,) = assembly.glob("*.product.template.json")
    template: Template = json.loads(file.read_text(encoding="utf-8"))
    return template


def properties(product: Template, kind: str) -> dict[str, Any]:
    (found,) = of_type(product, f"AWS::{kind}").values()
    values: dict[str, Any] = found["Properties"]
    return values


def test_the_model_is_a_version_of_the_projects_own_group(product: Template) -> None:
    model = properties(product, "SageMaker::Model")
    parts = model["PrimaryContainer"]["ModelPackageName"]["Fn::Join"][1]
    assert parts[-3:] == [
        {"Fn::Sub": f"{SSM}/projects/${{Project}}/model-package-group-name}}}}"},
        "/",
        {"Ref": "ModelVersion"},
    ]


@pytest.mark.parametrize(
    ("kind", "name", "value"),
    [
        ("Model", "EnableNetworkIsolation", True),
        (
            "Model",
            "VpcConfig",
            {
                "Subnets": [f"{SSM}/subnet-id}}}}", f"{SSM}/subnet-id-2}}}}"],
                "SecurityGroupIds": [f"{SSM}/security-group-id}}}}"],
            },
        ),
        ("Model", "ExecutionRoleArn", {"Fn::Sub": f"{SSM}/projects/${{Project}}/hosting-role-arn}}}}"}),
        ("EndpointConfig", "KmsKeyId", f"{SSM}/key-arn}}}}"),
        ("Endpoint", "RetainAllVariantProperties", True),
    ],
)
def test_what_is_provisioned_is_hardened(product: Template, kind: str, name: str, value: Any) -> None:
    assert properties(product, f"SageMaker::{kind}")[name] == value


def test_size_and_number_are_the_users(product: Template) -> None:
    (variant,) = properties(product, "SageMaker::EndpointConfig")["ProductionVariants"]
    assert variant["InstanceType"] == {"Fn::FindInMap": ["Sizes", {"Ref": "Size"}, "InstanceType"]}
    assert variant["InitialInstanceCount"] == {"Ref": "Instances"}
    target = properties(product, "ApplicationAutoScaling::ScalableTarget")
    assert (target["MinCapacity"], target["MaxCapacity"]) == ({"Ref": "Instances"}, {"Ref": "MostInstances"})
    tracking = properties(product, "ApplicationAutoScaling::ScalingPolicy")["TargetTrackingScalingPolicyConfiguration"]
    assert tracking["TargetValue"] == {"Ref": "RequestsPerInstance"}


def test_requests_are_kept_in_the_projects_prefix(product: Template) -> None:
    capture = properties(product, "SageMaker::EndpointConfig")["DataCaptureConfig"]
    assert capture["DestinationS3Uri"]["Fn::Join"][1] == [
        f"s3://{SSM}/buckets/curated}}}}/",
        {"Ref": "Project"},
        "/data-capture",
    ]
    assert capture["InitialSamplingPercentage"] == {"Ref": "CapturedPercent"}
    assert capture["KmsKeyId"] == f"{SSM}/key-arn}}}}"


def test_an_update_tries_one_instance_where_there_are_two(product: Template) -> None:
    deployment = properties(product, "SageMaker::Endpoint")["DeploymentConfig"]
    condition, alone, several = deployment["BlueGreenUpdatePolicy"]["TrafficRoutingConfiguration"]["Fn::If"]
    assert product["Conditions"][condition] == {"Fn::Equals": [{"Ref": "Instances"}, "1"]}
    assert alone == {"Type": "ALL_AT_ONCE", "WaitIntervalInSeconds": 0}
    assert several["CanarySize"] == {"Type": "INSTANCE_COUNT", "Value": 1}
    assert deployment["AutoRollbackConfiguration"]["Alarms"] == [{"AlarmName": {"Ref": "ErrorAlarm"}}]
    assert properties(product, "CloudWatch::Alarm")["AlarmActions"] == [f"{SSM}/alarm-topic-arn}}}}"]
    watched = {d["Name"]: d["Value"] for d in properties(product, "CloudWatch::Alarm")["Dimensions"]}
    assert watched["EndpointName"] == properties(product, "SageMaker::Endpoint")["EndpointName"]


def test_the_endpoint_carries_project_and_stage_and_no_tag_of_the_app(product: Template) -> None:
    for kind in ("Model", "EndpointConfig"):
        assert properties(product, f"SageMaker::{kind}")["Tags"] == [
            {"Key": "mlgov:project", "Value": {"Ref": "Project"}}
        ]
    assert properties(product, "SageMaker::Endpoint")["Tags"] == [
        {"Key": "mlgov:stage", "Value": {"Ref": "Stage"}},
        {"Key": "mlgov:project", "Value": {"Ref": "Project"}},
    ]


def test_production_needs_two_instances(product: Template) -> None:
    rule = product["Rules"]["ProductionSurvivesAnInstance"]
    assert rule["RuleCondition"] == {"Fn::Equals": [{"Ref": "Stage"}, "production"]}
    assert rule["Assertions"][0]["Assert"] == {"Fn::Contains": [["2", "3", "4"], {"Ref": "Instances"}]}


def test_there_are_no_more_instances_to_begin_with_than_at_the_most(product: Template) -> None:
    limits = {name: rule for name, rule in product["Rules"].items() if name.startswith("AtMost")}
    assert set(limits) == {"AtMost1", "AtMost2", "AtMost3"}
    assert limits["AtMost2"]["RuleCondition"] == {"Fn::Equals": [{"Ref": "MostInstances"}, "2"]}
    assert limits["AtMost2"]["Assertions"][0]["Assert"] == {"Fn::Contains": [["1", "2"], {"Ref": "Instances"}]}


def test_a_project_may_be_held_to_some_sizes(product: Template) -> None:
    assert product["Rules"]["SizesFraud"]["Assertions"][0]["Assert"] == {"Fn::Contains": [["small"], {"Ref": "Size"}]}


def test_the_parameters_are_understood_and_limited(product: Template) -> None:
    parameters = product["Parameters"]
    assert list(parameters) == [
        "Project",
        "ModelVersion",
        "Name",
        "Stage",
        "Size",
        "Instances",
        "MostInstances",
        "RequestsPerInstance",
        "CapturedPercent",
    ]
    assert (parameters["Instances"]["MinValue"], parameters["Instances"]["MaxValue"]) == (1, 4)
    assert parameters["Stage"]["AllowedValues"] == ["test", "production"]
    name = re.compile(parameters["Name"]["AllowedPattern"])
    assert name.fullmatch("live-1")
    assert not any(name.fullmatch(wrong) for wrong in ("", "Live", "a--b", "-a", "a" * 31))
    version = re.compile(parameters["ModelVersion"]["AllowedPattern"])
    assert version.fullmatch("12")
    assert not any(version.fullmatch(wrong) for wrong in ("0", "latest", "1/2", "123456"))


def test_the_longest_name_of_an_endpoint_fits(product: Template) -> None:
    longest = f"{'p' * 31}-{'n' * product['Parameters']['Name']['MaxLength']}"
    assert len(longest) <= 63


def test_the_outputs_say_how_to_ask_and_where_to_look(product: Template) -> None:
    outputs = product["Outputs"]
    assert set(outputs) == {"EndpointName", "InvokeCommand", "InvokeInPython", "CapturedData", "EndpointUrl"}
    assert outputs["InvokeCommand"]["Value"]["Fn::Join"][1][0].startswith("aws sagemaker-runtime invoke-endpoint")


def test_the_template_needs_no_other_stack_and_no_asset(product: Template) -> None:
    text = json.dumps(product)
    for foreign in ("Fn::ImportValue", "cdk-hnb659fds", "AWS::CDK::Metadata"):
        assert foreign not in text


def test_every_rule_passes_on_the_product(product: Template) -> None:
    # Those of models and real-time endpoints; the others are of what the product does not make.
    served = {f"MLG-SRV-{number:02}" for number in range(1, 11)}
    claimed = {
        control
        for resource in product["Resources"].values()
        for control in resource["Metadata"]["mlgov"]["controls"]
        + [each["control"] for each in resource["Metadata"]["mlgov"].get("deviations", ())]
    }
    assert claimed == served | {"MLG-GOV-06"}
    found = {(f.control.id, f.status.value) for f in RuleEngine().check_text(json.dumps(product))}
    # A test endpoint may run one instance: the condition of the template says so, and the deviation why.
    assert {control for control, _ in found} == {"MLG-SRV-04", "MLG-SRV-06"}
    assert all(status != "failed" for _, status in found)


def test_the_cost_is_told(catalog: Template) -> None:
    (found,) = of_type(catalog, "AWS::ServiceCatalog::CloudFormationProduct").values()
    assert "small about 0.12 USD" in found["Properties"]["Description"]
    assert "day and night until you terminate it" in found["Properties"]["Description"]


def test_the_vpc_gets_the_endpoints_of_serving(catalog: Template) -> None:
    names = json.dumps([e["Properties"]["ServiceName"] for e in of_type(catalog, "AWS::EC2::VPCEndpoint").values()])
    for service in SERVING_SERVICES:
        assert re.search(rf'[."]{re.escape(service.value)}"', names), service


@pytest.fixture(scope="module")
def allowed(catalog: Template) -> Callable[..., bool]:
    """Whether the launch role may do something."""
    (role,) = (role for role in of_type(catalog, "AWS::IAM::Role") if role.startswith("ProductLaunchRole"))

    def ask(action: str, resource: str, **context: Any) -> bool:
        return decision(catalog, role, action, resource, **context) == "Allow"

    return ask


def test_it_creates_isolated_models_of_its_projects_only(catalog: Template, allowed: Callable[..., bool]) -> None:
    subnets = [f"{name}" for name in of_type(catalog, "AWS::EC2::Subnet")]
    (group,) = (name for name in of_type(catalog, "AWS::EC2::SecurityGroup") if "Workloads" in name)
    request = {
        "sagemaker__VpcSubnets": subnets,
        "sagemaker__VpcSecurityGroupIds": [f"{group}.GroupId"],
        "sagemaker__NetworkIsolation": "true",
        "aws__RequestTag/mlgov__project": "churn",
    }
    model = f"{ARN}:model/m"
    assert allowed("sagemaker:CreateModel", model, **request)
    assert not allowed("sagemaker:CreateModel", model, **{**request, "sagemaker__NetworkIsolation": "false"})
    assert not allowed("sagemaker:CreateModel", model, **{**request, "aws__RequestTag/mlgov__project": "other"})
    assert not allowed("sagemaker:CreateModel", model, **{**request, "sagemaker__VpcSubnets": ["subnet-other"]})


def test_it_configures_endpoints_with_the_key_and_the_sizes_of_the_product(
    catalog: Template, allowed: Callable[..., bool]
) -> None:
    (key,) = (key for key in of_type(catalog, "AWS::KMS::Key") if key.startswith("Key"))
    request = {
        "sagemaker__VolumeKmsKeyArn": f"arn:aws:any:{REGION}:{ACCOUNT}:{key}",
        "sagemaker__InstanceTypes": ["ml.m5.large"],
        "aws__RequestTag/mlgov__project": "churn",
    }
    config = f"{ARN}:endpoint-config/c"
    assert allowed("sagemaker:CreateEndpointConfig", config, **request)
    assert not allowed("sagemaker:CreateEndpointConfig", config, **{**request, "sagemaker__InstanceTypes": ["ml.p5"]})
    without_key = {name: value for name, value in request.items() if "Kms" not in name}
    assert not allowed("sagemaker:CreateEndpointConfig", config, **without_key)


def test_it_looks_after_endpoints_of_its_projects_only(allowed: Callable[..., bool]) -> None:
    for action in ("UpdateEndpoint", "DeleteEndpoint"):
        own, other = ({"aws__ResourceTag/mlgov__project": project} for project in ("fraud", "other"))
        assert allowed(f"sagemaker:{action}", f"{ARN}:endpoint/e", **own)
        assert not allowed(f"sagemaker:{action}", f"{ARN}:endpoint/e", **other)
    # CloudFormation looks until an endpoint is gone, and then it has no tags.
    assert allowed("sagemaker:DescribeEndpoint", f"{ARN}:endpoint/e")


def test_it_scales_sagemaker_and_sets_alarms_of_its_own_stacks(allowed: Callable[..., bool]) -> None:
    target = f"arn:aws:application-autoscaling:{REGION}:{ACCOUNT}:scalable-target/t"
    register = "application-autoscaling:RegisterScalableTarget"
    assert allowed(register, target, **{"application-autoscaling__service-namespace": "sagemaker"})
    assert not allowed(register, target, **{"application-autoscaling__service-namespace": "ecs"})
    alarms = f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm"
    assert allowed("cloudwatch:PutMetricAlarm", f"{alarms}:SC-{ACCOUNT}-pp-1-ErrorAlarm-X")
    assert not allowed("cloudwatch:DeleteAlarms", f"{alarms}:root-user")


@pytest.mark.parametrize("action", ["sagemaker:UpdateModelPackage", "iam:CreateRole", "sagemaker:InvokeEndpoint"])
def test_it_can_neither_approve_nor_ask(allowed: Callable[..., bool], action: str) -> None:
    assert not allowed(action, f"{ARN}:model-package/churn/7", **{"aws__ResourceTag/mlgov__project": "churn"})


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"hosting_roles": []}, "hosting_roles is empty"),
        ({"sizes": {}}, "sizes is empty"),
        ({"sizes": {"huge": "ml.p5.48xlarge"}}, "sizes holds 'huge: ml.p5.48xlarge', which is no allowed"),
        ({"sizes": {"gpu": "ml.g5.xlarge"}}, "sizes holds 'gpu: ml.g5.xlarge', which takes no key for its disks"),
        ({"sizes": {"tiny": "ml.t2.medium"}}, "sizes holds 'tiny: ml.t2.medium', which takes no key"),
        ({"sizes": {"a b": "ml.m5.large"}}, "sizes holds the name 'a b'"),
        ({"project_sizes": {"other": ["small"]}}, "project_sizes gives project 'other' the sizes ['small']"),
        ({"most_instances": 1}, "most_instances 1 is out of range. Use 2 to 100: production needs two."),
    ],
)
def test_a_bad_argument_is_refused_before_anything_exists(arguments: dict[str, Any], message: str) -> None:
    base = ground(cdk.App(), "Stack")
    with pytest.raises(ConstructError, match=re.escape(f"[Stack/Product] {message}")):
        endpoint_product(base, **arguments)
    assert base.stack.node.try_find_child("Product") is None


def test_roles_are_for_hosting_and_one_a_project() -> None:
    base = ground(cdk.App(), "Stack")
    with pytest.raises(ConstructError, match="hosting_roles holds a role for training"):
        endpoint_product(base, hosting_roles=[hosting_role(base, "churn", JobType.TRAINING)])
    role = hosting_role(base, "churn")
    with pytest.raises(ConstructError, match="project 'churn' has more than one hosting role"):
        endpoint_product(base, hosting_roles=[role, role])


def test_the_product_is_the_same_in_every_partition(synthesize: Callable[..., dict[str, Template]]) -> None:
    def everywhere(app: cdk.App) -> None:
        for name, region in (("one", "eu-west-1"), ("two", "us-gov-west-1"), ("three", "cn-north-1")):
            endpoint_product(ground(app, name, env=cdk.Environment(region=region)))

    templates = synthesize(everywhere)
    products = {json.dumps(template) for name, template in templates.items() if name.endswith(".product")}
    assert len(products) == 1
    for template in templates.values():
        assert re.findall(r"arn:aws(-cn|-us-gov)?:(?!aws:)", json.dumps(template)) == []
