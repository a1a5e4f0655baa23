"""What a data scientist may do and may not: each is tried, and what the services answered is told."""

from collections.abc import Callable, Mapping
from typing import Any

from mlgov_constructs.local_cloud.clients import Clients
from mlgov_constructs.local_cloud.demo.attempt import Attempt
from mlgov_constructs.local_cloud.demo.readback import Deployed, Section
from mlgov_constructs.local_cloud.demo.readback.rows import PROJECT_TAG, role_name
from mlgov_constructs.local_cloud.vpc_access import through_endpoint

_ROLE = "AWS::IAM::Role"
_OTHER_PROJECT, _FOREIGN_SUBNET = "another-project", "subnet-0f0f0f0f0f0f0f0f0"


def try_as_data_scientist(
    deployed: Deployed, scientist: Clients, notebook_name: str, user_profile: str | None = None
) -> Section:
    """Tries what a data scientist may do in an environment and what she may not.

    Args:
        deployed: The environment, whose settings are read as an administrator.
        scientist: Clients that call as the data scientist.
        notebook_name: A notebook of hers, which tells the network, the key and the project of her work.
        user_profile: Her user profile in Studio, if she has one.
    """
    sagemaker = deployed.client("sagemaker")
    notebook = sagemaker.describe_notebook_instance(NotebookInstanceName=notebook_name)
    tags = sagemaker.list_tags(ResourceArn=notebook["NotebookInstanceArn"])["Tags"]
    project = next(tag["Value"] for tag in tags if tag["Key"] == PROJECT_TAG)
    attempts = [
        *_notebooks(scientist.client("sagemaker"), notebook),
        *(_studio(deployed, scientist.client("sagemaker"), user_profile) if user_profile else ()),
        *_data(deployed, scientist, notebook["KmsKeyId"], project),
        *_jobs(scientist.client("sagemaker"), _job(deployed, notebook, project)),
    ]
    columns = ("What she tries", "Answer", "Reason")
    return Section("The data scientist", columns, tuple(attempt.make() for attempt in attempts), {})


def _notebooks(sagemaker: Any, notebook: Mapping[str, Any]) -> list[Attempt]:
    name = notebook["NotebookInstanceName"]
    public = {
        "InstanceType": notebook["InstanceType"],
        "RoleArn": notebook["RoleArn"],
        "DirectInternetAccess": "Enabled",
    }
    return [
        Attempt(
            "opens her notebook",
            True,
            lambda: sagemaker.create_presigned_notebook_instance_url(NotebookInstanceName=name),
        ),
        Attempt(
            "makes a public notebook",
            False,
            lambda: sagemaker.create_notebook_instance(NotebookInstanceName="public", **public),
        ),
    ]


def _studio(deployed: Deployed, sagemaker: Any, own: str) -> list[Attempt]:
    domain = deployed.ids("AWS::SageMaker::Domain")[0]

    def open_as(profile: str) -> object:
        return sagemaker.create_presigned_domain_url(DomainId=domain, UserProfileName=profile)

    return [
        Attempt("opens her Studio", True, lambda: open_as(own)),
        Attempt("opens a colleague's Studio", False, lambda: open_as(_colleague(deployed, domain, own))),
    ]


def _colleague(deployed: Deployed, domain: str, own: str) -> str:
    """Returns a profile of somebody else in her project; an administrator makes it."""
    sagemaker, name = deployed.client("sagemaker"), f"{own}-colleague"
    arn = sagemaker.describe_user_profile(DomainId=domain, UserProfileName=own)["UserProfileArn"]
    tags = {tag["Key"]: tag["Value"] for tag in sagemaker.list_tags(ResourceArn=arn)["Tags"]}
    tags["mlgov:user"] = "a-colleague"
    given = [{"Key": key, "Value": value} for key, value in tags.items() if not key.startswith("aws:")]
    sagemaker.create_user_profile(DomainId=domain, UserProfileName=name, Tags=given)
    return name


def _data(deployed: Deployed, scientist: Clients, key_arn: str, project: str) -> list[Attempt]:
    bucket = _bucket_of(deployed, key_arn)
    outside, inside = scientist.client("s3"), scientist.new_client("s3")
    through_endpoint(inside, _s3_endpoint(deployed))
    own, other = f"{project}/notes.txt", f"{_OTHER_PROJECT}/notes.txt"
    return [
        Attempt("writes data of her project", True, lambda: inside.put_object(Bucket=bucket, Key=own, Body=b"hello")),
        Attempt("reads data of her project", True, lambda: inside.get_object(Bucket=bucket, Key=own)),
        Attempt("lists her project", True, lambda: inside.list_objects_v2(Bucket=bucket, Prefix=f"{project}/")),
        Attempt("reads it from outside the VPC", False, lambda: outside.get_object(Bucket=bucket, Key=own)),
        Attempt("reads another project's data", False, lambda: inside.get_object(Bucket=bucket, Key=other)),
        Attempt("writes another project's data", False, lambda: inside.put_object(Bucket=bucket, Key=other, Body=b"")),
        Attempt(
            "lists another project", False, lambda: inside.list_objects_v2(Bucket=bucket, Prefix=f"{_OTHER_PROJECT}/")
        ),
    ]


def _jobs(sagemaker: Any, job: Mapping[str, Any]) -> list[Attempt]:
    def train(name: str, **changes: Any) -> Callable[[], object]:
        request = {key: value for key, value in {**job, **changes}.items() if value is not None}
        return lambda: sagemaker.create_training_job(TrainingJobName=name, **request)

    foreign = {**job["VpcConfig"], "Subnets": [_FOREIGN_SUBNET]}
    unkeyed = {key: value for key, value in job["ResourceConfig"].items() if key != "VolumeKmsKeyId"}
    other_tags = [{"Key": PROJECT_TAG, "Value": _OTHER_PROJECT}]
    return [
        Attempt("trains in the isolated subnets", True, train("inside")),
        Attempt("trains without a VPC", False, train("without-vpc", VpcConfig=None)),
        Attempt("trains in a foreign subnet", False, train("foreign-subnet", VpcConfig=foreign)),
        Attempt("trains with network access", False, train("with-network", EnableNetworkIsolation=False)),
        Attempt("trains on a volume without a key", False, train("without-key", ResourceConfig=unkeyed)),
        Attempt("trains for another project", False, train("other-project", Tags=other_tags)),
    ]


def _job(deployed: Deployed, notebook: Mapping[str, Any], project: str) -> dict[str, Any]:
    key = notebook["KmsKeyId"]
    output = f"s3://{_bucket_of(deployed, key)}/{project}/models"
    machine = {"InstanceType": "ml.m5.xlarge", "InstanceCount": 1, "VolumeSizeInGB": 10, "VolumeKmsKeyId": key}
    return {
        "AlgorithmSpecification": {"TrainingImage": "training:1", "TrainingInputMode": "File"},
        "RoleArn": _job_role(deployed, notebook["RoleArn"]),
        "OutputDataConfig": {"S3OutputPath": output, "KmsKeyId": key},
        "ResourceConfig": machine,
        "StoppingCondition": {"MaxRuntimeInSeconds": 3600},
        "VpcConfig": {"Subnets": [notebook["SubnetId"]], "SecurityGroupIds": notebook["SecurityGroups"]},
        "EnableNetworkIsolation": True,
        "EnableInterContainerTrafficEncryption": True,
        "Tags": [{"Key": PROJECT_TAG, "Value": project}],
    }


def _job_role(deployed: Deployed, notebook_role_arn: str) -> str:
    """Returns the ARN of the role for training that lies beside the notebook's."""
    iam, own = deployed.client("iam"), role_name(notebook_role_arn)
    stack = next(name for name in deployed.stack_names if own in Deployed(deployed.clients, [name]).ids(_ROLE))
    for name in Deployed(deployed.clients, [stack]).ids(_ROLE):
        role = iam.get_role(RoleName=name)["Role"]
        if "training" in role.get("Description", ""):
            return str(role["Arn"])
    return notebook_role_arn


def _bucket_of(deployed: Deployed, key_arn: str) -> str:
    """Returns a bucket that is encrypted with a key."""
    s3 = deployed.client("s3")
    for name in deployed.ids("AWS::S3::Bucket"):
        rules = s3.get_bucket_encryption(Bucket=name)["ServerSideEncryptionConfiguration"]["Rules"]
        if rules[0]["ApplyServerSideEncryptionByDefault"].get("KMSMasterKeyID") == key_arn:
            return name
    return "no-bucket-with-the-key-of-the-notebook"


def _s3_endpoint(deployed: Deployed) -> str:
    endpoints = deployed.client("ec2").describe_vpc_endpoints()["VpcEndpoints"]
    found = (item["VpcEndpointId"] for item in endpoints if item["ServiceName"].endswith(".s3"))
    return next(found, "no-s3-endpoint")
