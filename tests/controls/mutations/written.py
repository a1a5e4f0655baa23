"""Resources that no construct of ours makes, written by hand, and their faults."""

from __future__ import annotations

import json

from tests.controls.mutations.faults import Mutation, Resource, Resources, with_value, without

CLUSTER, JOB, PIPELINE = "AWS::SageMaker::Cluster", "AWS::SageMaker::ProcessingJob", "AWS::SageMaker::Pipeline"
KEY = {"Fn::GetAtt": ["Key", "Arn"]}
VPC = {"Subnets": [{"Ref": "Subnet"}], "SecurityGroupIds": [{"Ref": "SecurityGroup"}]}
ROLE = {"Fn::GetAtt": ["Role", "Arn"]}
ROOT, FURTHER = "InstanceStorageConfigs/0/EbsVolumeConfig", "InstanceStorageConfigs/1/EbsVolumeConfig"
GROUP = {
    "InstanceCount": 2,
    "InstanceType": "ml.g5.8xlarge",
    "ExecutionRole": ROLE,
    "OverrideVpcConfig": VPC,
    "InstanceStorageConfigs": [
        {"EbsVolumeConfig": {"RootVolume": True, "VolumeKmsKeyId": KEY}},
        {"EbsVolumeConfig": {"VolumeSizeInGB": 500, "VolumeKmsKeyId": KEY}},
    ],
}
SEARCH = {
    "EnableInterContainerTrafficEncryption": True,
    "VolumeKmsKeyId": "1111-2222",
    "VpcConfig": {"Subnets": ["subnet-1"], "SecurityGroupIds": ["sg-1"]},
}
DEFINITION = json.dumps(
    {
        "Version": "2020-12-01",
        "Steps": [
            {"Name": "Search", "Type": "AutoML", "Arguments": {"AutoMLJobConfig": {"SecurityConfig": SEARCH}}},
            {
                "Name": "Score",
                "Type": "Transform",
                "Arguments": {"TransformResources": {"VolumeKmsKeyId": "1111-2222"}},
            },
        ],
    }
)
WRITTEN: Resources = {
    "Pipeline": {
        "Type": PIPELINE,
        "Properties": {
            "ParallelismConfiguration": {"MaxParallelExecutionSteps": 2},
            "PipelineDefinition": {"PipelineDefinitionBody": DEFINITION},
            "PipelineName": "search",
            "RoleArn": ROLE,
            "Tags": [{"Key": "mlgov:project", "Value": "churn"}],
        },
    },
    "Cluster": {
        "Type": CLUSTER,
        "Properties": {
            "VpcConfig": VPC,
            "InstanceGroups": [{"InstanceGroupName": "workers", **GROUP}],
            "RestrictedInstanceGroups": [{"InstanceGroupName": "restricted", **GROUP}],
        },
    },
    "ProcessingJob": {
        "Type": JOB,
        "Properties": {
            "AppSpecification": {"ImageUri": "111122223333.dkr.ecr.eu-west-1.example/features@sha256:" + "0" * 64},
            "RoleArn": ROLE,
            "ProcessingResources": {
                "ClusterConfig": {
                    "InstanceCount": 2,
                    "InstanceType": "ml.m5.xlarge",
                    "VolumeSizeInGB": 30,
                    "VolumeKmsKeyId": KEY,
                }
            },
            "ProcessingOutputConfig": {"Outputs": [], "KmsKeyId": KEY},
            "NetworkConfig": {
                "EnableNetworkIsolation": True,
                "EnableInterContainerTrafficEncryption": True,
                "VpcConfig": VPC,
            },
        },
    },
}
GROUPS = {"instance group": "Properties/InstanceGroups/0", "restricted group": "Properties/RestrictedInstanceGroups/0"}
NETWORK = "Properties/NetworkConfig"
VOLUME = "Properties/ProcessingResources/ClusterConfig/VolumeKmsKeyId"
OUTPUT = "Properties/ProcessingOutputConfig/KmsKeyId"


def is_written(pipeline: Resource) -> bool:
    """The pipeline above."""
    return bool(pipeline["Properties"]["PipelineDefinition"].get("PipelineDefinitionBody") == DEFINITION)


ON_WRITTEN = (
    *[
        Mutation(
            "MLG-MLO-05",
            fault,
            PIPELINE,
            with_value("Properties/PipelineDefinition/PipelineDefinitionBody", DEFINITION.replace(*change)),
            is_written,
        )
        for fault, change in {
            "searches in the clear": ('"EnableInterContainerTrafficEncryption": true, ', ""),
            "searches outside subnets": ('"Subnets": ["subnet-1"], ', ""),
            "transforms without a key": ('"VolumeKmsKeyId"', '"Volume"'),
        }.items()
    ],
    Mutation("MLG-TRN-10", "has no network", CLUSTER, without("Properties/VpcConfig")),
    Mutation("MLG-TRN-10", "has no subnet", CLUSTER, with_value("Properties/VpcConfig/Subnets", [])),
    Mutation("MLG-TRN-10", "has no security group", CLUSTER, with_value("Properties/VpcConfig/SecurityGroupIds", [])),
    *[
        mutation
        for name, path in GROUPS.items()
        for mutation in (
            Mutation(
                "MLG-TRN-10",
                f"has an {name} without a subnet",
                CLUSTER,
                with_value(f"{path}/OverrideVpcConfig/Subnets", []),
            ),
            Mutation(
                "MLG-TRN-10",
                f"has an {name} without a security group",
                CLUSTER,
                with_value(f"{path}/OverrideVpcConfig/SecurityGroupIds", []),
            ),
            Mutation(
                "MLG-TRN-11",
                f"says nothing of the volumes of an {name}",
                CLUSTER,
                without(f"{path}/InstanceStorageConfigs"),
            ),
            Mutation("MLG-TRN-11", f"leaves the root of an {name} out", CLUSTER, without(f"{path}/{ROOT}/RootVolume")),
            Mutation(
                "MLG-TRN-11", f"has no key for the root of an {name}", CLUSTER, without(f"{path}/{ROOT}/VolumeKmsKeyId")
            ),
            Mutation(
                "MLG-TRN-11",
                f"has AWS's key for a volume of an {name}",
                CLUSTER,
                with_value(f"{path}/{FURTHER}/VolumeKmsKeyId", "alias/aws/ebs"),
            ),
        )
    ],
    Mutation("MLG-TRN-12", "is isolated in no way", JOB, without(NETWORK)),
    Mutation("MLG-TRN-12", "has a network", JOB, with_value(f"{NETWORK}/EnableNetworkIsolation", False)),
    Mutation("MLG-TRN-12", "says nothing of isolation", JOB, without(f"{NETWORK}/EnableNetworkIsolation")),
    Mutation("MLG-TRN-12", "talks in the clear", JOB, without(f"{NETWORK}/EnableInterContainerTrafficEncryption")),
    Mutation("MLG-TRN-12", "is in no VPC", JOB, without(f"{NETWORK}/VpcConfig")),
    Mutation("MLG-TRN-12", "has no subnet", JOB, with_value(f"{NETWORK}/VpcConfig/Subnets", [])),
    Mutation("MLG-TRN-12", "has no security group", JOB, with_value(f"{NETWORK}/VpcConfig/SecurityGroupIds", [])),
    Mutation("MLG-TRN-13", "has no volume key", JOB, without(VOLUME)),
    Mutation("MLG-TRN-13", "has AWS's key for the volume", JOB, with_value(VOLUME, "alias/aws/ebs")),
    Mutation("MLG-TRN-13", "writes without a key", JOB, without(OUTPUT)),
    Mutation("MLG-TRN-13", "writes with AWS's key", JOB, with_value(OUTPUT, "alias/aws/s3")),
)
