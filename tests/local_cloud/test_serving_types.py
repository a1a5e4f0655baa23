"""A model, an endpoint and its scaling with every governed property, as the APIs describe them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.local_cloud.conftest import Cloud, Stack

PACKAGE = "model-package/none/1"
ROLE = "arn:aws:iam::123456789012:role/hosting"
IMAGE = f"registry.example.org/churn@sha256:{'ab' * 32}"
TAGS = [{"Key": "mlgov:project", "Value": "churn"}]
VARIANT: dict[str, Any] = {
    "VariantName": "AllTraffic",
    "ModelName": {"Fn::GetAtt": ["Model", "ModelName"]},
    "InstanceType": "ml.m5.large",
    "InitialInstanceCount": 2,
    "InitialVariantWeight": 1,
}
CAPTURE: dict[str, Any] = {
    "EnableCapture": True,
    "InitialSamplingPercentage": 20,
    "DestinationS3Uri": "s3://data/churn/data-capture",
    "KmsKeyId": {"Fn::GetAtt": ["Key", "Arn"]},
    "CaptureOptions": [{"CaptureMode": "Input"}, {"CaptureMode": "Output"}],
    "CaptureContentTypeHeader": {"CsvContentTypes": ["text/csv"], "JsonContentTypes": ["application/json"]},
}
CANARY: dict[str, Any] = {
    "AutoRollbackConfiguration": {"Alarms": [{"AlarmName": {"Ref": "Alarm"}}]},
    "BlueGreenUpdatePolicy": {
        "MaximumExecutionTimeoutInSeconds": 3600,
        "TerminationWaitInSeconds": 300,
        "TrafficRoutingConfiguration": {
            "Type": "CANARY",
            "CanarySize": {"Type": "INSTANCE_COUNT", "Value": 1},
            "WaitIntervalInSeconds": 600,
        },
    },
}


def resource(kind: str, **properties: Any) -> dict[str, Any]:
    return {"Type": f"AWS::{kind}", "Properties": properties}


def model(**changes: Any) -> dict[str, Any]:
    container = {"Image": IMAGE, "ImageConfig": {"RepositoryAccessMode": "Vpc"}, "Environment": {"LEVEL": "info"}}
    return resource(
        "SageMaker::Model",
        ExecutionRoleArn=ROLE,
        EnableNetworkIsolation=True,
        PrimaryContainer={name: value for name, value in {**container, **changes}.items() if value},
        VpcConfig={"Subnets": ["subnet-1", "subnet-2"], "SecurityGroupIds": ["sg-1"]},
        Tags=TAGS,
    )


def config(variant: dict[str, Any] | None = None, **changes: Any) -> dict[str, Any]:
    properties = {
        "KmsKeyId": {"Fn::GetAtt": ["Key", "Arn"]},
        "ProductionVariants": [{**VARIANT, **(variant or {})}],
        "DataCaptureConfig": CAPTURE,
        "Tags": TAGS,
        **changes,
    }
    return resource("SageMaker::EndpointConfig", **{name: value for name, value in properties.items() if value})


def scaling(**changes: Any) -> dict[str, Any]:
    target = {
        "ServiceNamespace": "sagemaker",
        "ScalableDimension": "sagemaker:variant:DesiredInstanceCount",
        "ResourceId": {"Fn::Sub": "endpoint/${Endpoint.EndpointName}/variant/AllTraffic"},
        "MinCapacity": 2,
        "MaxCapacity": 8,
        "ScheduledActions": [
            {
                "ScheduledActionName": "morning",
                "Schedule": "cron(0 7 ? * MON-FRI *)",
                "Timezone": "Europe/Berlin",
                "ScalableTargetAction": {"MinCapacity": 4},
            }
        ],
        "Tags": TAGS,
        **changes,
    }
    return resource("ApplicationAutoScaling::ScalableTarget", **target)


RESOURCES: dict[str, Any] = {
    "Key": {"Type": "AWS::KMS::Key"},
    "Alarm": resource(
        "CloudWatch::Alarm",
        Namespace="AWS/SageMaker",
        MetricName="Invocation5XXErrors",
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=3,
        Threshold=1,
        ComparisonOperator="GreaterThanOrEqualToThreshold",
    ),
    "Model": model(),
    "Config": config(),
    "Endpoint": resource(
        "SageMaker::Endpoint",
        EndpointName="Churn-Live",
        EndpointConfigName={"Fn::GetAtt": ["Config", "EndpointConfigName"]},
        DeploymentConfig=CANARY,
        RetainAllVariantProperties=True,
        ExcludeRetainedVariantProperties=[{"VariantPropertyType": "DataCaptureConfig"}],
        Tags=TAGS,
    ),
    "Target": scaling(),
    "Policy": resource(
        "ApplicationAutoScaling::ScalingPolicy",
        PolicyName="requests",
        PolicyType="TargetTrackingScaling",
        ScalingTargetId={"Ref": "Target"},
        TargetTrackingScalingPolicyConfiguration={
            "PredefinedMetricSpecification": {"PredefinedMetricType": "SageMakerVariantInvocationsPerInstance"},
            "TargetValue": 600,
            "ScaleInCooldown": 300,
        },
    ),
}
VARIANT_ID = {"ServiceNamespace": "sagemaker", "ResourceId": "endpoint/Churn-Live/variant/AllTraffic"}


@pytest.fixture(scope="module")
def endpoint(cloud: Cloud) -> Iterator[Stack]:
    stack = cloud.stack(**RESOURCES)
    yield stack
    assert stack.delete() == "DELETE_COMPLETE", stack.failures()
    sagemaker = cloud.client("sagemaker")
    assert sagemaker.list_models()["Models"] == []
    assert sagemaker.list_endpoint_configs()["EndpointConfigs"] == []
    assert sagemaker.list_endpoints()["Endpoints"] == []
    scaler = cloud.client("application-autoscaling")
    assert scaler.describe_scalable_targets(ServiceNamespace="sagemaker")["ScalableTargets"] == []
    assert scaler.describe_scheduled_actions(ServiceNamespace="sagemaker")["ScheduledActions"] == []


def test_a_model_is_described(cloud: Cloud, endpoint: Stack) -> None:
    assert endpoint.describe()["StackStatus"] == "CREATE_COMPLETE", endpoint.failures()
    sagemaker = cloud.client("sagemaker")
    (listed,) = sagemaker.list_models()["Models"]
    assert listed["ModelArn"] == endpoint.id("Model")
    found = sagemaker.describe_model(ModelName=listed["ModelName"])
    assert found["EnableNetworkIsolation"] is True
    assert found["ExecutionRoleArn"] == ROLE
    assert found["PrimaryContainer"]["Image"] == IMAGE
    assert found["PrimaryContainer"]["ImageConfig"] == {"RepositoryAccessMode": "Vpc"}
    assert found["VpcConfig"] == {"Subnets": ["subnet-1", "subnet-2"], "SecurityGroupIds": ["sg-1"]}
    assert sagemaker.list_tags(ResourceArn=listed["ModelArn"])["Tags"] == TAGS


def test_a_configuration_is_described(cloud: Cloud, endpoint: Stack) -> None:
    sagemaker = cloud.client("sagemaker")
    name = sagemaker.describe_endpoint(EndpointName="Churn-Live")["EndpointConfigName"]
    found = sagemaker.describe_endpoint_config(EndpointConfigName=name)
    assert found["KmsKeyId"].endswith(endpoint.id("Key"))
    assert found["DataCaptureConfig"]["KmsKeyId"].endswith(endpoint.id("Key"))
    assert found["DataCaptureConfig"]["CaptureOptions"] == CAPTURE["CaptureOptions"]
    (variant,) = found["ProductionVariants"]
    assert (variant["InstanceType"], variant["InitialInstanceCount"]) == ("ml.m5.large", 2)


def test_an_endpoint_is_described(cloud: Cloud, endpoint: Stack) -> None:
    found = cloud.client("sagemaker").describe_endpoint(EndpointName="Churn-Live")
    assert found["EndpointStatus"] == "InService"
    (variant,) = found["ProductionVariants"]
    assert (variant["CurrentInstanceCount"], variant["DesiredInstanceCount"]) == (2, 2)
    assert found["DataCaptureConfig"]["CaptureStatus"] == "Started"
    assert found["DataCaptureConfig"]["CurrentSamplingPercentage"] == 20
    deployment = found["LastDeploymentConfig"]
    assert deployment["AutoRollbackConfiguration"]["Alarms"] == [{"AlarmName": endpoint.id("Alarm")}]
    assert deployment["BlueGreenUpdatePolicy"]["TrafficRoutingConfiguration"]["Type"] == "CANARY"
    assert endpoint.id("Endpoint").endswith(":endpoint/churn-live")


def test_scaling_is_described(cloud: Cloud, endpoint: Stack) -> None:
    scaler = cloud.client("application-autoscaling")
    (target,) = scaler.describe_scalable_targets(ServiceNamespace="sagemaker")["ScalableTargets"]
    assert {name: target[name] for name in VARIANT_ID} == VARIANT_ID
    assert (target["MinCapacity"], target["MaxCapacity"]) == (2, 8)
    tags = scaler.list_tags_for_resource(ResourceARN=target["ScalableTargetARN"])["Tags"]
    assert tags == {"mlgov:project": "churn"}
    (policy,) = scaler.describe_scaling_policies(**VARIANT_ID)["ScalingPolicies"]
    assert policy["PolicyARN"] == endpoint.id("Policy")
    assert policy["TargetTrackingScalingPolicyConfiguration"]["TargetValue"] == 600
    (action,) = scaler.describe_scheduled_actions(**VARIANT_ID)["ScheduledActions"]
    assert (action["Schedule"], action["Timezone"]) == ("cron(0 7 ? * MON-FRI *)", "Europe/Berlin")


def test_no_model_answers_and_the_refusal_says_so(cloud: Cloud, endpoint: Stack) -> None:
    runtime = cloud.client("sagemaker-runtime")
    with pytest.raises(runtime.exceptions.ModelError, match="The local cloud runs no model"):
        runtime.invoke_endpoint(EndpointName="Churn-Live", Body=b"1,2", ContentType="text/csv")
    with pytest.raises(runtime.exceptions.ClientError, match='Could not find endpoint "none"'):
        runtime.invoke_endpoint(EndpointName="none", Body=b"1,2", ContentType="text/csv")


def test_another_model_makes_another_configuration_and_keeps_the_endpoint(cloud: Cloud, endpoint: Stack) -> None:
    sagemaker = cloud.client("sagemaker")
    sagemaker.update_endpoint_weights_and_capacities(
        EndpointName="Churn-Live",
        DesiredWeightsAndCapacities=[{"VariantName": "AllTraffic", "DesiredInstanceCount": 5}],
    )
    before = {name: endpoint.id(name) for name in ("Model", "Config", "Endpoint")}
    status = endpoint.update(
        Model=model(Environment={"LEVEL": "debug"}),
        Config=config(DataCaptureConfig={**CAPTURE, "InitialSamplingPercentage": 50}),
    )
    assert status == "UPDATE_COMPLETE", endpoint.failures()
    assert endpoint.id("Model") != before["Model"]
    assert endpoint.id("Config") != before["Config"]
    assert endpoint.id("Endpoint") == before["Endpoint"]
    found = sagemaker.describe_endpoint(EndpointName="Churn-Live")
    assert found["DataCaptureConfig"]["CurrentSamplingPercentage"] == 50
    # What scaling has reached is kept.
    assert found["ProductionVariants"][0]["DesiredInstanceCount"] == 5
    assert len(sagemaker.list_endpoint_configs()["EndpointConfigs"]) == 1
    assert len(sagemaker.list_models()["Models"]) == 1


def test_limits_schedule_and_policy_change_in_place(cloud: Cloud, endpoint: Stack) -> None:
    policy = RESOURCES["Policy"]["Properties"]
    tracking = {**policy["TargetTrackingScalingPolicyConfiguration"], "TargetValue": 90}
    status = endpoint.update(
        Target=scaling(MaxCapacity=12, ScheduledActions=[], Tags=[{"Key": "cost-center", "Value": "4711"}]),
        Policy=resource(
            "ApplicationAutoScaling::ScalingPolicy",
            **{**policy, "TargetTrackingScalingPolicyConfiguration": tracking},
        ),
    )
    assert status == "UPDATE_COMPLETE", endpoint.failures()
    scaler = cloud.client("application-autoscaling")
    (target,) = scaler.describe_scalable_targets(ServiceNamespace="sagemaker")["ScalableTargets"]
    assert target["MaxCapacity"] == 12
    tags = scaler.list_tags_for_resource(ResourceARN=target["ScalableTargetARN"])["Tags"]
    assert tags == {"cost-center": "4711"}
    assert scaler.describe_scheduled_actions(**VARIANT_ID)["ScheduledActions"] == []
    (found,) = scaler.describe_scaling_policies(**VARIANT_ID)["ScalingPolicies"]
    assert found["TargetTrackingScalingPolicyConfiguration"]["TargetValue"] == 90


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"Model": resource("SageMaker::Model", ExecutionRoleArn=ROLE)}, "Exactly one of PrimaryContainer"),
        ({"Model": resource("SageMaker::Model", PrimaryContainer={"Image": IMAGE})}, "ExecutionRoleArn must be"),
        (
            {"Model": resource("SageMaker::Model", ExecutionRoleArn=ROLE, PrimaryContainer={"Mode": "SingleModel"})},
            "A container needs an Image or a ModelPackageName",
        ),
        (
            {"Model": model(Image=None, ModelPackageName=f"arn:aws:sagemaker:us-east-1:123456789012:{PACKAGE}")},
            "Could not find model package",
        ),
        ({"Config": config({"ModelName": "none"})}, 'Could not find model "none"'),
        ({"Config": config({"InstanceType": "ml.g5.xlarge"})}, "KmsKeyId cannot be specified for ml.g5.xlarge"),
        (
            {"Config": config(ShadowProductionVariants=[VARIANT, {**VARIANT, "VariantName": "B"}])},
            "A shadow variant needs exactly one production variant",
        ),
        ({"Model": resource("SageMaker::Model", Speed=1)}, "Speed"),
    ],
)
def test_what_sagemaker_refuses_is_refused(cloud: Cloud, changed: dict[str, Any], message: str) -> None:
    wanted = {"Key": RESOURCES["Key"], "Model": model(), "Config": config(), **changed}
    stack = cloud.stack(**wanted)
    assert stack.describe()["StackStatus"] == "ROLLBACK_COMPLETE"
    assert message in stack.failures()
    stack.delete()


def test_a_guarded_update_needs_the_same_variants(cloud: Cloud) -> None:
    resources = {**RESOURCES, "Endpoint": {**RESOURCES["Endpoint"]}}
    resources["Endpoint"]["Properties"] = {**RESOURCES["Endpoint"]["Properties"], "EndpointName": "Other"}
    del resources["Target"], resources["Policy"]
    stack = cloud.stack(**resources)
    assert stack.describe()["StackStatus"] == "CREATE_COMPLETE", stack.failures()
    assert stack.update(Config=config({"VariantName": "Renamed"})) == "UPDATE_ROLLBACK_COMPLETE"
    assert "needs the variant names of the old endpoint configuration" in stack.failures()
    assert stack.delete() == "DELETE_COMPLETE"


def test_an_asynchronous_endpoint_goes_down_to_zero(cloud: Cloud) -> None:
    queue = {"Name": "EndpointName", "Value": "Queue"}
    target = {"ScalingTargetId": {"Ref": "Target"}}
    stack = cloud.stack(
        Key=RESOURCES["Key"],
        Model=model(),
        Config=config(
            {"InitialInstanceCount": 1},
            DataCaptureConfig=None,
            AsyncInferenceConfig={
                "ClientConfig": {"MaxConcurrentInvocationsPerInstance": 4},
                "OutputConfig": {"KmsKeyId": {"Fn::GetAtt": ["Key", "Arn"]}, "S3OutputPath": "s3://data/output"},
            },
        ),
        Endpoint=resource(
            "SageMaker::Endpoint",
            EndpointName="Queue",
            EndpointConfigName={"Fn::GetAtt": ["Config", "EndpointConfigName"]},
        ),
        Target=scaling(MinCapacity=0, ScheduledActions=[]),
        Policy=resource(
            "ApplicationAutoScaling::ScalingPolicy",
            PolicyName="backlog",
            PolicyType="TargetTrackingScaling",
            TargetTrackingScalingPolicyConfiguration={
                "CustomizedMetricSpecification": {
                    "Namespace": "AWS/SageMaker",
                    "MetricName": "ApproximateBacklogSizePerInstance",
                    "Dimensions": [queue],
                    "Statistic": "Average",
                },
                "TargetValue": 5,
            },
            **target,
        ),
        Wake=resource(
            "ApplicationAutoScaling::ScalingPolicy",
            PolicyName="wake",
            PolicyType="StepScaling",
            StepScalingPolicyConfiguration={
                "AdjustmentType": "ChangeInCapacity",
                "StepAdjustments": [{"MetricIntervalLowerBound": 0, "ScalingAdjustment": 1}],
            },
            **target,
        ),
    )
    assert stack.describe()["StackStatus"] == "CREATE_COMPLETE", stack.failures()
    found = cloud.client("sagemaker").describe_endpoint(EndpointName="Queue")
    assert found["AsyncInferenceConfig"]["OutputConfig"]["S3OutputPath"] == "s3://data/output"
    assert found["AsyncInferenceConfig"]["OutputConfig"]["KmsKeyId"].endswith(stack.id("Key"))
    scaler = cloud.client("application-autoscaling")
    variant = {"ServiceNamespace": "sagemaker", "ResourceId": "endpoint/Queue/variant/AllTraffic"}
    (limits,) = scaler.describe_scalable_targets(ServiceNamespace="sagemaker", ResourceIds=[variant["ResourceId"]])[
        "ScalableTargets"
    ]
    assert limits["MinCapacity"] == 0
    policies = {p["PolicyName"]: p for p in scaler.describe_scaling_policies(**variant)["ScalingPolicies"]}
    assert policies["wake"]["StepScalingPolicyConfiguration"]["StepAdjustments"][0]["ScalingAdjustment"] == 1
    tracking = policies["backlog"]["TargetTrackingScalingPolicyConfiguration"]
    assert tracking["CustomizedMetricSpecification"]["MetricName"] == "ApproximateBacklogSizePerInstance"
    assert stack.delete() == "DELETE_COMPLETE", stack.failures()


SHARED_VARIANT = {
    "VariantName": "AllTraffic",
    "InstanceType": "ml.m5.xlarge",
    "InitialInstanceCount": 2,
    "ManagedInstanceScaling": {"Status": "ENABLED", "MinInstanceCount": 2, "MaxInstanceCount": 4},
    "RoutingConfig": {"RoutingStrategy": "LEAST_OUTSTANDING_REQUESTS"},
}
NETWORK = {"Subnets": ["subnet-1", "subnet-2"], "SecurityGroupIds": ["sg-1"]}


def shared_config(**changes: Any) -> dict[str, Any]:
    properties = {
        "EnableNetworkIsolation": True,
        "ExecutionRoleArn": ROLE,
        "ProductionVariants": [SHARED_VARIANT],
        "VpcConfig": NETWORK,
        "Tags": TAGS,
        **changes,
    }
    return resource("SageMaker::EndpointConfig", **{name: value for name, value in properties.items() if value})


def shared_endpoint(name: str) -> dict[str, Any]:
    return resource(
        "SageMaker::Endpoint",
        EndpointName=name,
        EndpointConfigName={"Fn::GetAtt": ["Config", "EndpointConfigName"]},
    )


def component(copies: int = 2, memory: int = 2048, **changes: Any) -> dict[str, Any]:
    properties = {
        "InferenceComponentName": "Churn-7",
        "EndpointName": {"Fn::GetAtt": ["Endpoint", "EndpointName"]},
        "VariantName": "AllTraffic",
        "Specification": {
            "ModelName": {"Fn::GetAtt": ["Model", "ModelName"]},
            "ComputeResourceRequirements": {"MinMemoryRequiredInMb": memory, "NumberOfCpuCoresRequired": 0.5},
        },
        "RuntimeConfig": {"CopyCount": copies},
        "DeploymentConfig": {
            "RollingUpdatePolicy": {
                "MaximumBatchSize": {"Type": "CAPACITY_PERCENT", "Value": 50},
                "WaitIntervalInSeconds": 300,
            },
            "AutoRollbackConfiguration": {"Alarms": [{"AlarmName": "errors"}]},
        },
        "Tags": TAGS,
        **changes,
    }
    return resource("SageMaker::InferenceComponent", **properties)


def test_components_share_the_instances_of_an_endpoint(cloud: Cloud) -> None:
    stack = cloud.stack(
        Model=model(),
        Config=shared_config(),
        Endpoint=shared_endpoint("Shared"),
        Component=component(),
        Target={
            **scaling(
                ScalableDimension="sagemaker:inference-component:DesiredCopyCount",
                ResourceId="inference-component/Churn-7",
                ScheduledActions=[],
            ),
            "DependsOn": ["Component"],
        },
    )
    assert stack.describe()["StackStatus"] == "CREATE_COMPLETE", stack.failures()
    sagemaker = cloud.client("sagemaker")
    config = sagemaker.describe_endpoint(EndpointName="Shared")
    assert config["ProductionVariants"][0]["ManagedInstanceScaling"]["MaxInstanceCount"] == 4
    isolated = sagemaker.describe_endpoint_config(EndpointConfigName=config["EndpointConfigName"])
    assert isolated["EnableNetworkIsolation"] is True
    assert isolated["VpcConfig"] == NETWORK
    assert stack.id("Component").endswith(":inference-component/churn-7")
    found = sagemaker.describe_inference_component(InferenceComponentName="Churn-7")
    assert found["InferenceComponentStatus"] == "InService"
    assert found["RuntimeConfig"] == {"DesiredCopyCount": 2, "CurrentCopyCount": 2}
    assert sagemaker.list_tags(ResourceArn=stack.id("Component"))["Tags"] == TAGS
    wanted = {"ServiceNamespace": "sagemaker", "ResourceIds": ["inference-component/Churn-7"]}
    (target,) = cloud.client("application-autoscaling").describe_scalable_targets(**wanted)["ScalableTargets"]
    assert target["ScalableDimension"] == "sagemaker:inference-component:DesiredCopyCount"

    assert stack.update(Component=component(4, 4096)) == "UPDATE_COMPLETE", stack.failures()
    found = sagemaker.describe_inference_component(InferenceComponentName="Churn-7")
    assert found["RuntimeConfig"]["DesiredCopyCount"] == 4
    assert found["Specification"]["ComputeResourceRequirements"]["MinMemoryRequiredInMb"] == 4096
    assert found["LastDeploymentConfig"]["AutoRollbackConfiguration"]["Alarms"] == [{"AlarmName": "errors"}]

    sagemaker.update_inference_component_runtime_config(
        InferenceComponentName="Churn-7", DesiredRuntimeConfig={"CopyCount": 5}
    )
    found = sagemaker.describe_inference_component(InferenceComponentName="Churn-7")
    assert found["RuntimeConfig"]["CurrentCopyCount"] == 5
    with pytest.raises(sagemaker.exceptions.ClientError, match="has inference components, which must be deleted first"):
        sagemaker.delete_endpoint(EndpointName="Shared")
    assert stack.delete() == "DELETE_COMPLETE", stack.failures()
    assert sagemaker.list_inference_components()["InferenceComponents"] == []


def serverless_config(**changes: Any) -> dict[str, Any]:
    given = {"MemorySizeInMB": 2048, "MaxConcurrency": 20, "ProvisionedConcurrency": 2, **changes}
    variant = {
        "VariantName": "AllTraffic",
        "ModelName": {"Fn::GetAtt": ["Model", "ModelName"]},
        "ServerlessConfig": given,
    }
    return resource("SageMaker::EndpointConfig", ProductionVariants=[variant], Tags=TAGS)


def open_model() -> dict[str, Any]:
    return resource("SageMaker::Model", ExecutionRoleArn=ROLE, PrimaryContainer={"Image": IMAGE})


def test_a_serverless_endpoint_scales_what_it_keeps_ready(cloud: Cloud) -> None:
    stack = cloud.stack(
        Model=open_model(),
        Config=serverless_config(),
        Endpoint=shared_endpoint("Small"),
        Target=scaling(
            ScalableDimension="sagemaker:variant:DesiredProvisionedConcurrency",
            MaxCapacity=10,
            ScheduledActions=[],
        ),
    )
    assert stack.describe()["StackStatus"] == "CREATE_COMPLETE", stack.failures()
    (variant,) = cloud.client("sagemaker").describe_endpoint(EndpointName="Small")["ProductionVariants"]
    assert variant["CurrentServerlessConfig"]["ProvisionedConcurrency"] == 2
    wanted = {"ServiceNamespace": "sagemaker", "ResourceIds": ["endpoint/Small/variant/AllTraffic"]}
    (target,) = cloud.client("application-autoscaling").describe_scalable_targets(**wanted)["ScalableTargets"]
    assert target["ScalableDimension"] == "sagemaker:variant:DesiredProvisionedConcurrency"
    assert stack.delete() == "DELETE_COMPLETE", stack.failures()


def experiment(percentage: int = 50, **changes: Any) -> dict[str, Any]:
    machines = {"InstanceType": "ml.m5.large", "InstanceCount": 2}
    infrastructure = {"InfrastructureType": "RealTimeInference", "RealTimeInferenceConfig": machines}
    properties = {
        "Name": "churn-version-8",
        "Type": "ShadowMode",
        "EndpointName": {"Fn::GetAtt": ["Endpoint", "EndpointName"]},
        "RoleArn": ROLE,
        "KmsKey": {"Fn::GetAtt": ["Key", "Arn"]},
        "DataStorageConfig": {"Destination": "s3://data/churn/shadow", "KmsKey": {"Fn::GetAtt": ["Key", "Arn"]}},
        "ModelVariants": [
            {
                "ModelName": {"Fn::GetAtt": [name, "ModelName"]},
                "VariantName": variant,
                "InfrastructureConfig": infrastructure,
            }
            for name, variant in (("Model", "AllTraffic"), ("Challenger", "Shadow"))
        ],
        "ShadowModeConfig": {
            "SourceModelVariantName": "AllTraffic",
            "ShadowModelVariants": [{"ShadowModelVariantName": "Shadow", "SamplingPercentage": percentage}],
        },
        "Schedule": {"EndTime": "2030-01-14T08:00:00Z"},
        "Tags": TAGS,
        **changes,
    }
    return resource("SageMaker::InferenceExperiment", **properties)


def test_a_shadow_test_runs_is_changed_and_stopped(cloud: Cloud) -> None:
    stack = cloud.stack(
        Key=RESOURCES["Key"],
        Model=model(),
        Challenger=model(Environment={"LEVEL": "debug"}),
        Config=config(),
        Endpoint=shared_endpoint("Tested"),
        Test=experiment(),
    )
    assert stack.describe()["StackStatus"] == "CREATE_COMPLETE", stack.failures()
    sagemaker = cloud.client("sagemaker")
    assert stack.id("Test") == "churn-version-8"
    found = sagemaker.describe_inference_experiment(Name="churn-version-8")
    assert found["Status"] == "Running"
    assert found["KmsKey"].endswith(stack.id("Key"))
    assert found["DataStorageConfig"]["KmsKey"].endswith(stack.id("Key"))
    assert found["EndpointMetadata"]["EndpointName"] == "Tested"
    assert found["Schedule"]["EndTime"].isoformat().startswith("2030-01-14T08:00:00")
    assert sagemaker.list_tags(ResourceArn=found["Arn"])["Tags"] == TAGS
    with pytest.raises(sagemaker.exceptions.ClientError, match="is running: stop it first"):
        sagemaker.delete_inference_experiment(Name="churn-version-8")

    assert stack.update(Test=experiment(75, Tags=[])) == "UPDATE_COMPLETE", stack.failures()
    found = sagemaker.describe_inference_experiment(Name="churn-version-8")
    assert found["ShadowModeConfig"]["ShadowModelVariants"][0]["SamplingPercentage"] == 75
    assert sagemaker.list_tags(ResourceArn=found["Arn"])["Tags"] == []

    assert stack.delete() == "DELETE_COMPLETE", stack.failures()
    assert sagemaker.list_inference_experiments()["InferenceExperiments"] == []


SERVED_ALIKE = {"Model": model(), "Config": shared_config(), "Endpoint": shared_endpoint("Refused")}
SHADOWED = {"Challenger": model(), "Config": config(), "Key": RESOURCES["Key"], "Model": model()}


@pytest.mark.parametrize(
    ("resources", "message"),
    [
        ({"Config": shared_config(ExecutionRoleArn=None)}, "ExecutionRoleArn must be specified"),
        (
            {"Model": model(), "Key": RESOURCES["Key"], "Config": config(ExecutionRoleArn=ROLE)},
            "ExecutionRoleArn is for variants without a ModelName",
        ),
        ({"Model": model(), "Config": serverless_config()}, "which serverless endpoints have not"),
        (
            {"Model": open_model(), "Config": serverless_config(ProvisionedConcurrency=21)},
            "ProvisionedConcurrency must not exceed MaxConcurrency",
        ),
        ({**SERVED_ALIKE, "Component": component(VariantName="Other")}, "The endpoint has no variant Other"),
        (
            {**SERVED_ALIKE, "Component": component(EndpointName="none")},
            'Could not find endpoint "none"',
        ),
        (
            {**SERVED_ALIKE, "Component": component(Specification={"ModelName": "none"})},
            'Could not find model "none"',
        ),
        (
            {**SERVED_ALIKE, "Key": RESOURCES["Key"], "Config": config(), "Component": component()},
            "has a model of its own, so it takes no inference component",
        ),
        (
            {
                **SHADOWED,
                "Endpoint": shared_endpoint("Refused"),
                "Test": experiment(
                    ShadowModeConfig={
                        "SourceModelVariantName": "Other",
                        "ShadowModelVariants": [{"ShadowModelVariantName": "Shadow", "SamplingPercentage": 1}],
                    }
                ),
            },
            "Variant Other is none of the endpoint",
        ),
        (
            {
                **SHADOWED,
                "Endpoint": shared_endpoint("Refused"),
                "Test": experiment(
                    ShadowModeConfig={
                        "SourceModelVariantName": "AllTraffic",
                        "ShadowModelVariants": [{"ShadowModelVariantName": "Other", "SamplingPercentage": 1}],
                    }
                ),
            },
            "Variant Other is none of ModelVariants",
        ),
        (
            {
                **SHADOWED,
                "Config": config(ShadowProductionVariants=[{**VARIANT, "VariantName": "B"}]),
                "Endpoint": shared_endpoint("Refused"),
                "Test": experiment(),
            },
            "The endpoint has a shadow variant already",
        ),
    ],
)
def test_other_ways_to_serve_are_refused_as_sagemaker_would(
    cloud: Cloud, resources: dict[str, Any], message: str
) -> None:
    stack = cloud.stack(**resources)
    assert stack.describe()["StackStatus"] == "ROLLBACK_COMPLETE"
    assert message in stack.failures()
    stack.delete()
