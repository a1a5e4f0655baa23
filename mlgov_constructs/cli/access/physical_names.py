"""The names, ids and ARNs that resources would have after a deployment, made up but stable."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any, NamedTuple

# What ``Ref`` returns for a resource of these types begins so, and goes on with digits of AWS.
ID_PREFIXES = {
    "AWS::EC2::RouteTable": "rtb-",
    "AWS::EC2::SecurityGroup": "sg-",
    "AWS::EC2::Subnet": "subnet-",
    "AWS::EC2::VPC": "vpc-",
    "AWS::EC2::VPCEndpoint": "vpce-",
    "AWS::KMS::Key": "",
    "AWS::SageMaker::Domain": "d-",
    "AWS::ServiceCatalog::CloudFormationProduct": "prod-",
    "AWS::ServiceCatalog::Portfolio": "port-",
}
NAME_PROPERTIES = (
    "RoleName",
    "ManagedPolicyName",
    "BucketName",
    "TopicName",
    "QueueName",
    "LogGroupName",
    "FunctionName",
    "RepositoryName",
    "DomainName",
    "ModelPackageGroupName",
    "AlarmName",
    "StateMachineName",
    "Name",
)
# What follows ``arn:<partition>:``, of the place, the name and the property ``DomainName``; the
# others follow DEFAULT_ARN.
ARNS = {
    "AWS::CloudWatch::Alarm": "cloudwatch:{region}:{account}:alarm:{name}",
    "AWS::CodeArtifact::Domain": "codeartifact:{region}:{account}:domain/{name}",
    "AWS::CodeArtifact::Repository": "codeartifact:{region}:{account}:repository/{domain}/{name}",
    "AWS::EC2::SecurityGroup": "ec2:{region}:{account}:security-group/{name}",
    "AWS::EC2::Subnet": "ec2:{region}:{account}:subnet/{name}",
    "AWS::ECR::Repository": "ecr:{region}:{account}:repository/{name}",
    "AWS::Events::Rule": "events:{region}:{account}:rule/{name}",
    "AWS::IAM::ManagedPolicy": "iam::{account}:policy/{name}",
    "AWS::IAM::Role": "iam::{account}:role/{name}",
    "AWS::KMS::Key": "kms:{region}:{account}:key/{name}",
    "AWS::Lambda::Function": "lambda:{region}:{account}:function:{name}",
    "AWS::Logs::LogGroup": "logs:{region}:{account}:log-group:{name}:*",
    "AWS::S3::Bucket": "s3:::{name}",
    "AWS::SageMaker::Domain": "sagemaker:{region}:{account}:domain/{name}",
    "AWS::SageMaker::MlflowApp": "sagemaker:{region}:{account}:mlflow-app/{name}",
    "AWS::SageMaker::MlflowTrackingServer": "sagemaker:{region}:{account}:mlflow-tracking-server/{name}",
    "AWS::SageMaker::ModelPackageGroup": "sagemaker:{region}:{account}:model-package-group/{name}",
    "AWS::ServiceCatalog::CloudFormationProduct": "catalog:{region}:{account}:product/{name}",
    "AWS::ServiceCatalog::Portfolio": "catalog:{region}:{account}:portfolio/{name}",
    "AWS::StepFunctions::StateMachine": "states:{region}:{account}:stateMachine:{name}",
}
DEFAULT_ARN = "{service}:{region}:{account}:{name}"
# ``Ref`` returns the ARN.
REFERRED_BY_ARN = frozenset(
    {
        "AWS::CodeArtifact::Domain",
        "AWS::CodeArtifact::Repository",
        "AWS::IAM::ManagedPolicy",
        "AWS::SageMaker::MlflowApp",
        "AWS::SageMaker::ModelPackageGroup",
        "AWS::SNS::Topic",
        "AWS::StepFunctions::StateMachine",
    }
)
LONGEST_NAME = 63


class Place(NamedTuple):
    """Where a stack is deployed.

    Attributes:
        partition: For example ``aws-us-gov``.
        account: Twelve digits.
        region: For example ``us-gov-west-1``.
    """

    partition: str
    account: str
    region: str


def physical_name(stack: str, logical_id: str, resource_type: str, properties: Mapping[str, Any]) -> str:
    """Return the name that a resource was given, or one that is made up.

    Example:
        >>> physical_name("sandbox-data", "Raw72517081", "AWS::S3::Bucket", {})
        'sandbox-data-raw72517081'
    """
    prefix = ID_PREFIXES.get(resource_type)
    if prefix is not None:
        return prefix + hashlib.sha256(f"{stack}/{logical_id}".encode()).hexdigest()[:17]
    for key in NAME_PROPERTIES:
        if isinstance(properties.get(key), str):
            return str(properties[key])
    return f"{stack}-{logical_id}".lower()[:LONGEST_NAME]


def physical_arn(place: Place, resource_type: str, name: str, domain: str = "") -> str:
    """Return the ARN of a resource.

    Args:
        place: Where its stack is deployed.
        resource_type: Its type.
        name: Its name.
        domain: The name of the domain that it is in, if there is such a thing.

    Example:
        >>> physical_arn(Place("aws", "111122223333", "eu-west-1"), "AWS::S3::Bucket", "raw")
        'arn:aws:s3:::raw'
    """
    service = resource_type.split("::")[1].lower()
    pattern = ARNS.get(resource_type, DEFAULT_ARN)
    return f"arn:{place.partition}:" + pattern.format(service=service, name=name, domain=domain, **place._asdict())
