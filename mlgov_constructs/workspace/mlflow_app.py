"""Experiment tracking without a server: a managed MLflow app for one project."""

from __future__ import annotations

from typing import ClassVar

from aws_cdk import RemovalPolicy, Resource
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sagemaker as sagemaker
from constructs import Construct

from mlgov_constructs.controls import Relaxation, claim
from mlgov_constructs.errors import ConstructError
from mlgov_constructs.identity import PROJECT_TAG, JobRole
from mlgov_constructs.identity.grants import give, statement
from mlgov_constructs.identity.project import set_own_tags
from mlgov_constructs.network import EndpointService, IIsolatedVpc
from mlgov_constructs.network.vpc_endpoints import partition_of
from mlgov_constructs.protection.data_removal import effective_removal_policy, removal_relaxation
from mlgov_constructs.workspace import mlflow_parts

PARTITIONS = ("aws",)
TRACK = ("sagemaker:CallMlflowAppApi", "sagemaker:DescribeMlflowApp")
OPEN = ("sagemaker:CreatePresignedMlflowAppUrl", "sagemaker:DescribeMlflowApp")
SERVICES = (EndpointService.SAGEMAKER_EXPERIMENTS, EndpointService.SAGEMAKER_API, EndpointService.S3)


class MlflowApp(Resource):
    """A managed MLflow app, which costs nothing while nobody uses it.

    It creates a ``AWS::SageMaker::MlflowApp`` and a role that reaches the folder
    ``<project>/mlflow`` of the bucket and nothing else. It is tracked as a server is, and ruled
    more coarsely: IAM knows one action, ``sagemaker:CallMlflowAppApi``, for all that MLflow can do,
    so who logs runs may delete them, and one who reads may write. Where that matters take an
    :class:`~mlgov_constructs.workspace.ExperimentTracking`. AWS chooses the version of MLflow.

    Controls: ``MLG-WSP-09`` (artifacts in a folder of a bucket), ``MLG-WSP-10`` (registers no
    models), ``MLG-WSP-11`` (outlives its stack), ``MLG-WSP-12`` (belongs to a project).

    Args:
        scope: The parent construct.
        construct_id: The id in that scope.
        vpc: The VPC whose notebooks and jobs log runs.
        artifact_bucket: The bucket of artifacts, a ``GovernedBucket`` for example.
        project: The project.
        permissions_boundary: The ceiling of the role that is made for the app; needed unless ``role``
            is given.
        role: The role of the app, a ``JobRole`` of type ``TRACKING``. A bucket that admits VPC
            endpoints alone must except it (``administrators``), as MLflow runs outside the VPC.
        name: A name; made of the path when omitted.
        weekly_maintenance_window_start: Day and time in UTC, ``Sun:03:00`` by default.
        automatic_model_registration: Register every model that MLflow registers in the registry
            of SageMaker too.
        removal_policy: ``DESTROY`` is honoured only with the context flag
            ``mlgov:allowDataRemoval``; the app is retained otherwise.

    Raises:
        ConstructError: An argument cannot be used, or the partition has no MLflow apps; the
            message says what to change.

    Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateMlflowApp.html

    Cost:
        The app costs nothing; its artifacts are stored objects. The endpoint ``experiments``
        costs 7.30 USD a month and zone.

    Example:
        ``docs/examples/tracking.py`` is a complete app.
    """

    CONTROLS: ClassVar[tuple[str, ...]] = mlflow_parts.CONTROLS

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        vpc: IIsolatedVpc,
        artifact_bucket: s3.IBucket,
        project: str,
        permissions_boundary: iam.IManagedPolicy | None = None,
        role: JobRole | None = None,
        name: str | None = None,
        weekly_maintenance_window_start: str = mlflow_parts.MAINTENANCE,
        automatic_model_registration: Relaxation | None = None,
        removal_policy: RemovalPolicy = RemovalPolicy.RETAIN,
    ) -> None:
        mlflow_parts.check_mlflow(
            scope,
            construct_id,
            project=project,
            name=name,
            window=weekly_maintenance_window_start,
            artifact_bucket=artifact_bucket,
        )
        _check_partition(scope, construct_id)
        mlflow_parts.check_role(
            scope,
            construct_id,
            project=project,
            permissions_boundary=permissions_boundary,
            role=role,
            action="sagemaker:CallMlflowAppApi",
        )
        effective = effective_removal_policy(scope, construct_id, removal_policy)
        super().__init__(scope, construct_id)
        for service in SERVICES:
            vpc.require(service, by=self)
        self.project = project
        self.role = mlflow_parts.mlflow_role(
            self,
            project=project,
            artifact_bucket=artifact_bucket,
            permissions_boundary=permissions_boundary,
            role=role,
            automatic_model_registration=automatic_model_registration,
        )
        self._bucket = artifact_bucket
        mode = "Disabled" if automatic_model_registration is None else "Enabled"
        resource = sagemaker.CfnMlflowApp(
            self,
            "Resource",
            name=name or mlflow_parts.made_name(self),
            artifact_store_uri=mlflow_parts.artifact_store_uri(artifact_bucket, project),
            role_arn=self.role.role_arn,
            model_registration_mode=f"AutoModelRegistration{mode}",
            weekly_maintenance_window_start=weekly_maintenance_window_start,
        )
        resource.apply_removal_policy(effective)
        relaxed = {"MLG-WSP-10": automatic_model_registration, "MLG-WSP-11": removal_relaxation(effective)}
        claim(resource, self.CONTROLS, relaxed)
        set_own_tags(resource, {PROJECT_TAG: project})
        # SageMaker tries the bucket when it creates the app.
        resource.node.add_dependency(self.role.rights)
        self._arn = resource.attr_arn

    @property
    def mlflow_app_arn(self) -> str:
        """The ARN of the app, which is the tracking URI for ``mlflow.set_tracking_uri`` too."""
        return self._arn

    def grant_track(self, grantee: iam.IGrantable) -> None:
        """Let a principal do all that MLflow can do, with the artifacts of the project.

        Args:
            grantee: The principal: a job role, a notebook, a person.
        """
        artifacts = mlflow_parts.artifact_statements(self.project, self._bucket)
        give(grantee, [statement(TRACK, self._arn), *artifacts])

    def grant_open(self, grantee: iam.IGrantable) -> None:
        """Let a person open the pages of MLflow in a browser.

        Args:
            grantee: The role of a person.

        Raises:
            ConstructError: The grantee is a job role.
        """
        mlflow_parts.check_person(self, grantee)
        give(grantee, [statement(OPEN, self._arn)])


def _check_partition(scope: Construct, construct_id: str) -> None:
    partition = partition_of(scope)
    if partition not in PARTITIONS:
        raise ConstructError(
            scope,
            construct_id,
            f"the partition {partition} has no MLflow apps",
            "Take an ExperimentTracking, which has a server.",
        )
