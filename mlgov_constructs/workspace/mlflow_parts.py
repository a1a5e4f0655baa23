"""What the two forms of managed MLflow, a server and an app, have in common."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase

from aws_cdk import Names, Token
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from constructs import Construct

from mlgov_constructs.aws_tokens import aws_tokens
from mlgov_constructs.controls import Relaxation
from mlgov_constructs.errors import ConstructError
from mlgov_constructs.identity import PROJECT_TAG, JobRole, JobType, PermissionsBoundary
from mlgov_constructs.identity.activities import Statement, UseProjectData
from mlgov_constructs.identity.project import check_project

CONTROLS = ("MLG-WSP-09", "MLG-WSP-10", "MLG-WSP-11", "MLG-WSP-12")
MAINTENANCE = "Sun:03:00"
NAME = re.compile(r"[a-zA-Z0-9](-*[a-zA-Z0-9]){0,255}")
WINDOW = re.compile(r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun):([01]\d|2[0-3]):[0-5]\d")
LONGEST_MADE_NAME = 63
FOLDER = "mlflow"


def check_mlflow(
    scope: Construct, construct_id: str, *, project: str, name: str | None, window: str, artifact_bucket: s3.IBucket
) -> None:
    """Refuse what MLflow on SageMaker does not take, and a bucket without a key of ours."""
    check_project(scope, construct_id, project)
    if name is not None and not Token.is_unresolved(name) and not NAME.fullmatch(name):
        raise ConstructError(
            scope,
            construct_id,
            f"the name {name!r} is not allowed",
            "Use letters, digits and hyphens, and begin and end with a letter or digit.",
        )
    if not Token.is_unresolved(window) and not WINDOW.fullmatch(window):
        raise ConstructError(
            scope,
            construct_id,
            f"weekly_maintenance_window_start {window!r} is no day and time",
            "Write it as in 'Sun:03:00', in UTC.",
        )
    if artifact_bucket.encryption_key is None:
        raise ConstructError(
            scope,
            construct_id,
            f"artifact_bucket {artifact_bucket.node.path} has no customer managed key",
            "Give a GovernedBucket, or name the key where the bucket is imported.",
        )


def check_person(tracking: Construct, grantee: iam.IGrantable) -> None:
    """Refuse to let a job open pages."""
    principal = grantee.grant_principal
    if isinstance(principal, JobRole):
        raise ConstructError(
            tracking,
            None,
            f"{principal.node.path} is the role of a job, which opens no pages",
            "Grant this to the role of a person; a job needs grant_track.",
        )


def made_name(construct: Construct) -> str:
    """Return a name made of the path, as MLflow on SageMaker demands one."""
    return Names.unique_resource_name(construct, max_length=LONGEST_MADE_NAME, separator="-")


def artifact_store_uri(bucket: s3.IBucket, project: str) -> str:
    """Return where MLflow keeps the artifacts of a project, below the prefix of the project."""
    return f"s3://{bucket.bucket_name}/{project}/{FOLDER}"


def artifact_statements(project: str, bucket: s3.IBucket, *, read_only: bool = False) -> list[Statement]:
    """Return the rights on the artifacts of a project and on their key, and on nothing else."""
    key = bucket.encryption_key
    rights = UseProjectData(f"{project}/{FOLDER}", bucket.bucket_arn, key.key_arn if key else None, read_only)
    return rights.statements()


def mlflow_role(
    scope: Construct,
    *,
    project: str,
    artifact_bucket: s3.IBucket,
    permissions_boundary: iam.IManagedPolicy | None,
    role: JobRole | None,
    automatic_model_registration: Relaxation | None,
) -> JobRole:
    """Return the role of MLflow with its artifacts, and the registry where it registers by itself."""
    mlflow = role or JobRole(
        scope, "Role", job=JobType.TRACKING, project=project, permissions_boundary=_given(permissions_boundary)
    )
    mlflow.allow(artifact_statements(project, artifact_bucket))
    if automatic_model_registration is not None:
        mlflow.allow([_register_models(project)])
    return mlflow


def check_role(
    scope: Construct,
    construct_id: str,
    *,
    project: str,
    permissions_boundary: iam.IManagedPolicy | None,
    role: JobRole | None,
    action: str,
) -> None:
    """Refuse a role of other work, none at all, and a boundary under which nobody could track a run."""
    if role is None and permissions_boundary is None:
        raise ConstructError(
            scope,
            construct_id,
            "MLflow has neither a role nor a permissions boundary for one",
            "Give permissions_boundary=..., or role=... where the bucket has to except the role.",
        )
    if role is not None and (role.job, role.project) != (JobType.TRACKING, project):
        raise ConstructError(
            scope,
            construct_id,
            f"the role {role.node.path} is for {role.job.value} of project {role.project}",
            f"Give a JobRole with job=JobType.TRACKING and project={project!r}.",
        )
    if isinstance(permissions_boundary, PermissionsBoundary) and not any(
        fnmatchcase(action, pattern) for pattern in permissions_boundary.admitted_actions
    ):
        raise ConstructError(
            scope,
            construct_id,
            f"the permissions boundary does not admit {action}, so no role under it could track a run",
            f"Give the boundary additional_actions=[{action!r}].",
        )


def _given(boundary: iam.IManagedPolicy | None) -> iam.IManagedPolicy:
    assert boundary is not None  # noqa: S101 - check_role saw to it
    return boundary


def _register_models(project: str) -> Statement:
    tokens = aws_tokens()
    return {
        "Sid": "RegisterModels",
        "Effect": "Allow",
        "Action": [
            "sagemaker:AddTags",
            "sagemaker:CreateModelPackage",
            "sagemaker:CreateModelPackageGroup",
            "sagemaker:DescribeModelPackageGroup",
            "sagemaker:UpdateModelPackage",
        ],
        "Resource": [tokens.arn("sagemaker", f"{kind}/*") for kind in ("model-package-group", "model-package")],
        # What is made anew has no tag yet; what another project has is refused.
        "Condition": {"StringEqualsIfExists": {f"aws:ResourceTag/{PROJECT_TAG}": project}},
    }
