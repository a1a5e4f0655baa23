"""The endpoint of an environment's model, and what watches it."""

from __future__ import annotations

from aws_cdk import Duration
from constructs import Construct

from mlgov_constructs.aws_tokens import aws_tokens
from mlgov_constructs.identity import JobRole, JobType
from mlgov_constructs.identity.activities import UseProjectData
from mlgov_constructs.mlops import ModelRegistry, grant_pull
from mlgov_constructs.monitoring import Baseline, DataQualityMonitor, EndpointInput, MlDashboard, MonitorSchedule
from mlgov_constructs.serving import DataCapture, EndpointScaling, Model, RealTimeEndpoint
from mlgov_constructs.steps import JobImage
from stacks.data_stack import DataStack
from stacks.environment import Environment, ServingSettings
from stacks.environment_stack import EnvironmentStack
from stacks.foundation_stack import FoundationStack
from stacks.mlops_stack import MlopsStack
from stacks.workspace_stack import WorkspaceStack


class ServingStack(EnvironmentStack):
    """The version of the model that was approved, behind an endpoint, with its dashboard and monitors.

    Args:
        scope: The environment.
        construct_id: The id in the environment.
        environment: What the environment's file says.
        settings: What it says of the endpoint.
        foundation: The stack with the network.
        data: The stack with key and buckets.
        registry: The registry of the model.
        workspace: The stack with the roles.
        mlops: The stack with the pipeline and with the topic of those who are told.

    Attributes:
        model: The model.
        endpoint: The endpoint.
        dashboard: The dashboard.
        monitor: What compares requests with the training data; ``None`` unless the file asks for it.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        environment: Environment,
        settings: ServingSettings,
        foundation: FoundationStack,
        data: DataStack,
        registry: ModelRegistry,
        workspace: WorkspaceStack,
        mlops: MlopsStack,
    ) -> None:
        super().__init__(scope, construct_id, environment=environment, description="Endpoint and monitoring")
        hosting = self._job_role("EndpointRole", JobType.HOSTING, environment, foundation, workspace)
        # The model is read; what is captured of requests has a right of its own.
        read = UseProjectData(environment.project, data.artifacts.bucket_arn, data.key.key_arn, read_only=True)
        hosting.allow(read.statements())
        registry.grant_read(hosting)
        grant_pull(JobImage.xgboost(self), hosting)
        version = f"model-package/{registry.model_package_group_name}/{settings.model_version}"
        self.model = Model(
            self,
            "Model",
            vpc=foundation.vpc,
            role=hosting,
            model_package_arn=aws_tokens().arn("sagemaker", version),
        )
        self.endpoint = RealTimeEndpoint(
            self,
            "Endpoint",
            model=self.model,
            encryption_key=data.key,
            data_capture=DataCapture(data.artifacts, percentage=settings.capture_percent),
            endpoint_name=environment.model_name,
            instance_type=settings.instance_type,
            instance_count=settings.instances,
            scaling=EndpointScaling(max_capacity=settings.max_instances),
            maximum_latency=Duration.millis(settings.latency_ms),
            alarm_topic=mlops.topic,
        )
        self.dashboard = MlDashboard(
            self, "Dashboard", alarm_topic=mlops.topic, dashboard_name=f"mlgov-{environment.name}-models"
        )
        self.dashboard.add_endpoint(
            "Endpoint",
            endpoint_name=self.endpoint.endpoint_name,
            maximum_latency=Duration.millis(settings.latency_ms),
        )
        self.monitor: DataQualityMonitor | None = None
        if mlops.pipeline and mlops.steps:
            jobs = [role for role in (mlops.pipeline.training_role, mlops.pipeline.processing_role) if role]
            self.dashboard.add_pipeline("Training", pipeline_name=mlops.pipeline.pipeline_name)
            self.dashboard.add_jobs("Jobs", roles=jobs)
            if settings.drift_check_hours and mlops.steps.data_quality:
                self.monitor = DataQualityMonitor(
                    self,
                    "Drift",
                    monitored=EndpointInput.of(self.endpoint),
                    baseline=Baseline.of_check(
                        data.artifacts,
                        mlops.steps.data_quality,
                        prefix=f"{environment.project}/pipelines/{mlops.pipeline.pipeline_name}",
                    ),
                    bucket=data.artifacts,
                    vpc=foundation.vpc,
                    encryption_key=data.key,
                    role=self._job_role("DriftRole", JobType.MONITORING, environment, foundation, workspace),
                    violation_topic=mlops.topic,
                    schedule=MonitorSchedule.every(settings.drift_check_hours),
                    schedule_name=environment.model_name,
                )
                self.monitor.start_pipeline_on_violation(
                    "Retrain",
                    pipeline_name=mlops.pipeline.pipeline_name,
                    permissions_boundary=foundation.permissions_boundary,
                )
                self.dashboard.add_monitor(self.monitor)

    def _job_role(
        self,
        construct_id: str,
        job: JobType,
        environment: Environment,
        foundation: FoundationStack,
        workspace: WorkspaceStack,
    ) -> JobRole:
        # Of the stack's own: its rights name alarms and reports of this stack.
        return JobRole(
            self,
            construct_id,
            job=job,
            project=environment.project,
            environment=workspace.job_environment,
            permissions_boundary=foundation.permissions_boundary,
        )
