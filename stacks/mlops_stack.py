"""How the project's model is made: the pipeline from its data to the registry."""

from __future__ import annotations

from aws_cdk import aws_events as events
from constructs import Construct

from mlgov_constructs.mlops import ModelPipeline
from mlgov_constructs.protection import EncryptedTopic
from stacks.data_stack import DataStack
from stacks.environment import Environment, MlopsSettings, PipelineSettings
from stacks.environment_stack import EnvironmentStack
from stacks.foundation_stack import FoundationStack
from stacks.registry_stack import RegistryStack
from stacks.table_pipeline import TablePipeline
from stacks.workspace_stack import WorkspaceStack


class MlopsStack(EnvironmentStack):
    """The pipeline that trains the project's model, and who is told of it.

    Args:
        scope: The environment.
        construct_id: The id in the environment.
        environment: What the environment's file says.
        settings: What it says of pipeline and endpoint.
        foundation: The stack with network and boundary.
        data: The stack with key and buckets.
        registry: The stack with the registry.
        workspace: The stack with the network and the key of all work.

    Attributes:
        topic: Who is told of failed runs and of drift.
        pipeline: The pipeline; ``None`` when the environment has none.
        steps: Its steps.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        environment: Environment,
        settings: MlopsSettings,
        foundation: FoundationStack,
        data: DataStack,
        registry: RegistryStack,
        workspace: WorkspaceStack,
    ) -> None:
        super().__init__(scope, construct_id, environment=environment, description="Training pipeline")
        self.topic = EncryptedTopic(
            self,
            "Notifications",
            encryption_key=foundation.log_key,
            emails=settings.notify or environment.governance.alarm_emails,
        )
        self.steps = (
            TablePipeline(
                scope=self,
                settings=settings.pipeline,
                data_uri=f"s3://{data.curated.bucket_name}/{environment.project}/{settings.pipeline.data}",
                model_package_group_name=registry.registry.model_package_group_name,
            )
            if settings.pipeline
            else None
        )
        self.pipeline = (
            ModelPipeline(
                self,
                "Pipeline",
                pipeline_name=environment.model_name,
                description=f"From the table {settings.pipeline.data} to a registered model",
                project=environment.project,
                permissions_boundary=foundation.permissions_boundary,
                environment=workspace.job_environment,
                output_bucket=data.artifacts,
                data_buckets=[data.curated],
                registry=registry.registry,
                steps=self.steps.steps,
                schedule=_schedule(settings.pipeline),
                failure_topic=self.topic,
                job_tags=environment.job_tags,
            )
            if settings.pipeline and self.steps
            else None
        )


def _schedule(settings: PipelineSettings) -> events.Schedule | None:
    return events.Schedule.expression(settings.schedule) if settings.schedule else None
