"""What people and jobs do, as policy statements: an activity carries its own conditions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mlgov_constructs.aws_tokens import aws_tokens, service_principal
from mlgov_constructs.identity.job_environment import JobEnvironment
from mlgov_constructs.identity.project import PROJECT_TAG
from mlgov_constructs.identity.sagemaker_guardrails import unencrypted_volumes

JOB_RESOURCES = ("training-job", "processing-job")
NOTEBOOK_USE = (
    "sagemaker:CreatePresignedNotebookInstanceUrl",
    "sagemaker:DescribeNotebookInstance",
    "sagemaker:StartNotebookInstance",
    "sagemaker:StopNotebookInstance",
)
OBJECT_USE = (
    "s3:AbortMultipartUpload",
    "s3:DeleteObject",
    "s3:GetObject",
    "s3:GetObjectTagging",
    "s3:GetObjectVersion",
    "s3:ListMultipartUploadParts",
    "s3:PutObject",
    "s3:PutObjectTagging",
)


def run_jobs(project: str, environment: JobEnvironment) -> list[dict[str, Any]]:
    """Train and process: in the environment's subnets, with its key, isolated, and tagged.

    Args:
        project: The project whose tag each job must carry.
        environment: The network and the key that each job must use.

    Returns:
        Statements; :func:`pass_roles` is needed beside them.
    """
    tokens = aws_tokens()
    jobs = [tokens.arn("sagemaker", f"{kind}/*") for kind in JOB_RESOURCES]
    network = environment.network_condition()
    key = environment.key_arn
    return [
        {
            "Sid": "RunJobs",
            "Effect": "Allow",
            "Action": ["sagemaker:CreateProcessingJob", "sagemaker:CreateTrainingJob"],
            "Resource": jobs,
            "Condition": {
                **network,
                "Null": {**network["Null"], "sagemaker:OutputKmsKeyArn": "false"},
                "ArnEquals": {"sagemaker:OutputKmsKeyArn": key},
                # An instance with a local disk takes no key; the deny below holds all others to it.
                "ArnEqualsIfExists": {"sagemaker:VolumeKmsKeyArn": key},
                "Bool": {
                    "sagemaker:InterContainerTrafficEncryption": "true",
                    "sagemaker:NetworkIsolation": "true",
                },
                "StringEquals": {f"aws:RequestTag/{PROJECT_TAG}": project},
            },
        },
        unencrypted_volumes(),
        {
            "Sid": "TagNewJobs",
            "Effect": "Allow",
            "Action": "sagemaker:AddTags",
            "Resource": jobs,
            "Condition": {"StringEquals": {"sagemaker:TaggingAction": ["CreateProcessingJob", "CreateTrainingJob"]}},
        },
        {
            "Sid": "FollowJobs",
            "Effect": "Allow",
            "Action": [
                "sagemaker:DescribeProcessingJob",
                "sagemaker:DescribeTrainingJob",
                "sagemaker:StopProcessingJob",
                "sagemaker:StopTrainingJob",
            ],
            "Resource": jobs,
            "Condition": _of_project(project),
        },
    ]


def use_notebooks(project: str) -> list[dict[str, Any]]:
    """Open, start and stop the notebook instances of a project."""
    return [
        {
            "Sid": "UseNotebooks",
            "Effect": "Allow",
            "Action": list(NOTEBOOK_USE),
            "Resource": aws_tokens().arn("sagemaker", "notebook-instance/*"),
            "Condition": _of_project(project),
        }
    ]


def list_work() -> list[dict[str, Any]]:
    """See which notebooks, jobs and products there are; SageMaker lists know no resource."""
    return [
        {
            "Sid": "ListWork",
            "Effect": "Allow",
            "Action": [
                "sagemaker:ListNotebookInstances",
                "sagemaker:ListProcessingJobs",
                "sagemaker:ListTrainingJobs",
                "servicecatalog:DescribeProductView",
                "servicecatalog:SearchProducts",
            ],
            "Resource": "*",
        }
    ]


def use_catalog() -> list[dict[str, Any]]:
    """Provision products of the portfolios one may see, and look after one's own.

    Which products these are is decided by the principals of the portfolio.
    """
    return [
        {
            "Sid": "ProvisionProducts",
            "Effect": "Allow",
            "Action": [
                "servicecatalog:DescribeProduct",
                "servicecatalog:DescribeProvisioningArtifact",
                "servicecatalog:DescribeProvisioningParameters",
                "servicecatalog:ListLaunchPaths",
                "servicecatalog:ListProvisioningArtifacts",
                "servicecatalog:ProvisionProduct",
            ],
            # A shared product belongs to the account that shares it.
            "Resource": aws_tokens().arn("catalog", "product/*", account="*"),
        },
        {
            "Sid": "OwnProvisionedProducts",
            "Effect": "Allow",
            "Action": [
                "servicecatalog:DescribeProvisionedProduct",
                "servicecatalog:DescribeRecord",
                "servicecatalog:GetProvisionedProductOutputs",
                "servicecatalog:ListRecordHistory",
                "servicecatalog:ScanProvisionedProducts",
                "servicecatalog:SearchProvisionedProducts",
                "servicecatalog:TerminateProvisionedProduct",
                "servicecatalog:UpdateProvisionedProduct",
            ],
            "Resource": "*",
            "Condition": {"StringEquals": {"servicecatalog:userLevel": "self"}},
        },
    ]


def pass_roles(role_arns: Sequence[str]) -> list[dict[str, Any]]:
    """Give SageMaker one of these roles, and no other service and no other role."""
    if not role_arns:
        return []
    return [
        {
            "Sid": "PassJobRoles",
            "Effect": "Allow",
            "Action": "iam:PassRole",
            "Resource": list(role_arns),
            "Condition": {"StringEquals": {"iam:PassedToService": service_principal("sagemaker")}},
        }
    ]


def use_project_data(project: str, bucket_arn: str, key_arn: str | None) -> list[dict[str, Any]]:
    """Read and write what lies under the prefix of a project, and see nothing else.

    Args:
        project: The project; its data lies under ``<project>/``.
        bucket_arn: The bucket.
        key_arn: The key of the bucket, if it has one of its own.
    """
    tokens = aws_tokens()
    statements: list[dict[str, Any]] = [
        {
            "Effect": "Allow",
            "Action": "s3:ListBucket",
            "Resource": bucket_arn,
            "Condition": {"StringLike": {"s3:prefix": f"{project}/*"}},
        },
        {
            "Effect": "Allow",
            "Action": ["s3:GetBucketLocation", "s3:ListBucketMultipartUploads"],
            "Resource": bucket_arn,
        },
        {"Effect": "Allow", "Action": list(OBJECT_USE), "Resource": f"{bucket_arn}/{project}/*"},
    ]
    if key_arn is not None:
        statements.append(
            {
                "Effect": "Allow",
                "Action": ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey"],
                "Resource": key_arn,
                "Condition": {"StringEquals": {"kms:ViaService": f"s3.{tokens.region}.{tokens.url_suffix}"}},
            }
        )
    return statements


def _of_project(project: str) -> dict[str, Any]:
    return {"StringEquals": {f"aws:ResourceTag/{PROJECT_TAG}": project}}
