"""What batch transforms, and whoever starts them, must be allowed to do."""

from __future__ import annotations

from collections.abc import Sequence

from aws_cdk import aws_iam as iam

from mlgov_constructs.aws_tokens import aws_tokens, service_principal
from mlgov_constructs.identity import PROJECT_TAG, JobEnvironment
from mlgov_constructs.identity.activities import Statement
from mlgov_constructs.identity.grants import give, statement

LOGS = "/aws/sagemaker/TransformJobs"


def transform_statements(
    *, project: str, jobs: str, output_key_arn: str, environment: JobEnvironment, models: Sequence[str] = ()
) -> list[Statement]:
    """Return the right to start batch transforms with these keys and the project's tag.

    Args:
        project: The project.
        jobs: What follows ``transform-job/`` in the ARNs of the jobs.
        output_key_arn: The key of the answers.
        environment: The key of the volumes, and where it may be used.
        models: The ARNs of the models they may use; every one when omitted.
    """
    resource = aws_tokens().arn("sagemaker", f"transform-job/{jobs}")
    of_models = {"sagemaker:ModelArn": list(models)} if models else {}
    condition = {
        "StringEquals": {f"aws:RequestTag/{PROJECT_TAG}": project},
        "ArnEquals": {"sagemaker:OutputKmsKeyArn": output_key_arn, **of_models},
        # An instance with a local disk takes no key.
        "ArnEqualsIfExists": {"sagemaker:VolumeKmsKeyArn": environment.key_arn},
    }
    tagging = {"StringEquals": {"sagemaker:TaggingAction": "CreateTransformJob"}}
    return [
        statement(["sagemaker:CreateTransformJob"], resource, condition),
        statement(["sagemaker:AddTags"], resource, tagging),
        *environment.volume_statements(),
    ]


def follow_statements(project: str) -> list[Statement]:
    """Return the right to see how a project's batch transforms get on, and to stop them.

    Args:
        project: The project.
    """
    jobs = aws_tokens().arn("sagemaker", "transform-job/*")
    theirs = {"StringEquals": {f"aws:ResourceTag/{PROJECT_TAG}": project}}
    return [statement(["sagemaker:DescribeTransformJob", "sagemaker:StopTransformJob"], jobs, theirs)]


def model_statements(*, project: str, environment: JobEnvironment, role_arn: str) -> list[Statement]:
    """Return the right to make models: in the environment's subnets, isolated, tagged, with one role.

    Args:
        project: The project.
        environment: The network.
        role_arn: The role that the models get.
    """
    models = aws_tokens().arn("sagemaker", "model/*")
    condition = {
        **environment.network_condition(),
        "Bool": {"sagemaker:NetworkIsolation": "true"},
        "StringEquals": {f"aws:RequestTag/{PROJECT_TAG}": project},
    }
    tagging = {"StringEquals": {"sagemaker:TaggingAction": "CreateModel"}}
    theirs = {"StringEquals": {f"aws:ResourceTag/{PROJECT_TAG}": project}}
    to_sagemaker = {"StringEquals": {"iam:PassedToService": service_principal("sagemaker")}}
    return [
        statement(["sagemaker:CreateModel"], models, condition),
        statement(["sagemaker:AddTags"], models, tagging),
        statement(["sagemaker:DescribeModel"], models, theirs),
        statement(["iam:PassRole"], role_arn, to_sagemaker),
    ]


def grant_transform_output(role: iam.IRole) -> None:
    """Let the role of a model write the logs and metrics of batch transforms, which are not those of endpoints.

    ``BatchTransformJob`` does it by itself; for the steps of a pipeline, who makes the role does.

    Args:
        role: The role of the model.
    """
    logs = aws_tokens().arn("logs", f"log-group:{LOGS}:*")
    write = ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"]
    in_namespace = {"StringEquals": {"cloudwatch:namespace": LOGS}}
    give(role, [statement(write, logs), statement(["cloudwatch:PutMetricData"], "*", in_namespace)])
