"""Experiment tracking: a managed MLflow server for one project."""

from __future__ import annotations

import re
from typing import ClassVar

from aws_cdk import RemovalPolicy, Resource, Token
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sagemaker as sagemaker
from constructs import Construct

from mlgov_constructs.controls import Relaxation, claim
from mlgov_constructs.errors import ConstructError
from mlgov_constructs.identity import PROJECT_TAG, JobRole
from mlgov_constructs.identity.activities.conditions import of_project
from mlgov_constructs.identity.activities.use_tracking import LOOK, OPEN, READ, WRITE
from mlgov_constructs.identity.grants import give, statement
from mlgov_constructs.identity.project import set_own_tags
from mlgov_constructs.network import EndpointService, IIsolatedVpc
from mlgov_constructs.protection.data_removal import effective_removal_policy, removal_relaxation
from mlgov_constructs.workspace import mlflow_parts
from mlgov_constructs.workspace.tracking_server_size import TrackingServerSize

VERSION = re.compile(r"\d+\.\d+(\.\d+)?")
MLFLOW_VERSION = "3.0"
SERVICES = (EndpointService.SAGEMAKER_EXPERIMENTS, EndpointService.SAGEMAKER_API, EndpointService.S3)


class ExperimentTracking(Resource):
    """A managed MLflow tracking server whose artifacts lie in the governed bucket of a project.

    It creates a ``AWS::SageMaker::MlflowTrackingServer`` with a pinned version of MLflow, and a
    role that reaches the folder ``<project>/mlflow`` of the bucket and nothing else. The VPC gets
    the endpoints through which notebooks and jobs log runs, so nothing goes over the internet.
    The server registers no models by itself: what enters the registry comes from a pipeline.
    Deleting the stack keeps the server with its runs, which nobody can make again.

    Controls: ``MLG-WSP-09`` (artifacts in a folder of a bucket), ``MLG-WSP-10`` (registers no
    models), ``MLG-WSP-11`` (outlives its stack), ``MLG-WSP-12`` (belongs to a project).

    Args:
        scope: The parent construct.
        construct_id: The id in that scope.
        vpc: The VPC whose notebooks and jobs log runs.
        artifact_bucket: The bucket of artifacts, a ``GovernedBucket`` for example.
        project: The project.
        permissions_boundary: The ceiling of the role that is made for the server; needed unless ``role``
            is given.
        role: The role of the server, a ``JobRole`` of type ``TRACKING``. A bucket that admits VPC
            endpoints alone must except it (``administrators``), as MLflow runs outside the VPC.
        tracking_server_name: A name, part of the ARN; made of the path when omitted.
        size: The size; ``SMALL`` by default.
        mlflow_version: The version of MLflow, ``3.0`` by default. SageMaker does not change that of
            a server: another version takes another server.
        weekly_maintenance_window_start: Day and time in UTC, ``Sun:03:00`` by default.
        automatic_model_registration: Register every model that MLflow registers in the registry
            of SageMaker too.
        removal_policy: ``DESTROY`` is honoured only with the context flag
            ``mlgov:allowDataRemoval``; the server is retained otherwise, and goes on costing.

    Raises:
        ConstructError: An argument cannot be used, or the partition has no managed MLflow; the
            message says what to change.

    Source: https://docs.aws.amazon.com/sagemaker/latest/dg/mlflow.html

    Cost:
        A small server costs about 0.64 USD an hour (470 USD a month), used or not: stop it with
        ``aws sagemaker stop-mlflow-tracking-server`` when nobody works, or take a
        :class:`MlflowApp`. The endpoint ``experiments`` costs 7.30 USD a month and zone.

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
        tracking_server_name: str | None = None,
        size: TrackingServerSize = TrackingServerSize.SMALL,
        mlflow_version: str = MLFLOW_VERSION,
        weekly_maintenance_window_start: str = mlflow_parts.MAINTENANCE,
        automatic_model_registration: Relaxation | None = None,
        removal_policy: RemovalPolicy = RemovalPolicy.RETAIN,
    ) -> None:
        mlflow_parts.check_mlflow(
            scope,
            construct_id,
            project=project,
            name=tracking_server_name,
            window=weekly_maintenance_window_start,
            artifact_bucket=artifact_bucket,
        )
        _check_version(scope, construct_id, mlflow_version)
        mlflow_parts.check_role(
            scope,
            construct_id,
            project=project,
            permissions_boundary=permissions_boundary,
            role=role,
            action="sagemaker-mlflow:LogMetric",
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
        self._name = tracking_server_name or mlflow_parts.made_name(self)
        resource = sagemaker.CfnMlflowTrackingServer(
            self,
            "Resource",
            tracking_server_name=self._name,
            artifact_store_uri=mlflow_parts.artifact_store_uri(artifact_bucket, project),
            role_arn=self.role.role_arn,
            tracking_server_size=size.value,
            mlflow_version=mlflow_version,
            weekly_maintenance_window_start=weekly_maintenance_window_start,
            automatic_model_registration=automatic_model_registration is not None,
        )
        resource.apply_removal_policy(effective)
        relaxed = {"MLG-WSP-10": automatic_model_registration, "MLG-WSP-11": removal_relaxation(effective)}
        claim(resource, self.CONTROLS, relaxed)
        set_own_tags(resource, {PROJECT_TAG: project})
        # SageMaker tries the bucket when it creates the server.
        resource.node.add_dependency(self.role.rights)
        self._arn = resource.attr_tracking_server_arn

    @property
    def tracking_server_arn(self) -> str:
        """The ARN of the server, which is the tracking URI for ``mlflow.set_tracking_uri`` too."""
        return self._arn

    @property
    def tracking_server_name(self) -> str:
        """The name of the server."""
        return self._name

    def grant_track(self, grantee: iam.IGrantable) -> None:
        """Let a principal log runs with their artifacts and read those of others.

        The client of MLflow writes artifacts to S3 itself, so the folder and its key are part of
        the grant. Nothing is deleted by it.

        Args:
            grantee: The principal: a job role, a notebook, a person.
        """
        self._grant(grantee, (*READ, *WRITE), read_only=False)

    def grant_read(self, grantee: iam.IGrantable) -> None:
        """Let a principal read runs and their artifacts.

        Args:
            grantee: The principal.
        """
        self._grant(grantee, READ, read_only=True)

    def grant_open(self, grantee: iam.IGrantable) -> None:
        """Let a person open the pages of MLflow in a browser; what is seen there takes :meth:`grant_read`.

        Args:
            grantee: The role of a person.

        Raises:
            ConstructError: The grantee is a job role: a job opens no browser, and a link in its
                log would let in whoever reads the log.
        """
        mlflow_parts.check_person(self, grantee)
        open_pages = statement(OPEN, self._arn, of_project(self.project))
        give(grantee, [open_pages, statement([LOOK], "*")])

    def _grant(self, grantee: iam.IGrantable, actions: tuple[str, ...], *, read_only: bool) -> None:
        runs = statement(actions, self._arn, of_project(self.project))
        artifacts = mlflow_parts.artifact_statements(self.project, self._bucket, read_only=read_only)
        give(grantee, [runs, *artifacts])


def _check_version(scope: Construct, construct_id: str, version: str) -> None:
    if not Token.is_unresolved(version) and not VERSION.fullmatch(version):
        raise ConstructError(
            scope,
            construct_id,
            f"mlflow_version {version!r} is no version",
            "Write it as in '3.0'; the documentation of SageMaker lists those it offers.",
        )
