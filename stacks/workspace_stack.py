"""Where people work: roles of jobs and personas, notebooks, Studio and tools, and what products need to know."""

from __future__ import annotations

from collections.abc import Sequence

from aws_cdk import Duration
from constructs import Construct

from mlgov_constructs.identity import DataScientistRole, JobEnvironment, JobRole, JobType, Persona, PersonaRole
from mlgov_constructs.identity.activities import StartPipelines
from mlgov_constructs.mlops import PipelineStartRole, grant_pipeline, grant_pull
from mlgov_constructs.protection import EncryptedTopic
from mlgov_constructs.steps import JobImage
from mlgov_constructs.workspace import NotebookLifecycle, ParameterNames, WorkspaceParameters
from stacks.data_stack import DataStack
from stacks.environment import Environment
from stacks.environment_stack import EnvironmentStack
from stacks.foundation_stack import FoundationStack
from stacks.registry_stack import RegistryStack
from stacks.studio import studio_domain
from stacks.tools import code_repositories, experiment_tracking, package_repository

# Glue and Lambda come with what runs them.
WORK = (
    JobType.TRAINING,
    JobType.PROCESSING,
    JobType.NOTEBOOK,
    JobType.STUDIO,
    JobType.PIPELINE,
    JobType.HOSTING,
    JobType.MONITORING,
    JobType.LABELLING,
)


class WorkspaceStack(EnvironmentStack):
    """The roles of the project, its tools, and the workspace that the products of the catalogue land in.

    Args:
        scope: The environment.
        construct_id: The id in the environment.
        environment: What the environment's file says.
        foundation: The stack with network and boundary.
        data: The stack with key and buckets.
        registry: The stack with the registry of models, where the region has one.

    Attributes:
        job_environment: The network and the key that all work is bound to.
        job_roles: The role of each kind of work.
        notebook_role: The role of the project's notebooks.
        data_scientist: The role of the project's data scientists.
        personas: The role of every other persona, by the name of the persona.
        packages: Where Python packages come from; ``None`` when the environment names none.
        code: The Git repositories.
        pipeline_start_role: The role under which a schedule starts pipelines.
        tracking: MLflow; ``None`` where experiments are not tracked.
        studio: The Studio domain; ``None`` when the environment has none.
        parameter_names: Where the workspace is written down.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        environment: Environment,
        foundation: FoundationStack,
        data: DataStack,
        registry: RegistryStack | None,
    ) -> None:
        super().__init__(scope, construct_id, environment=environment, description="Roles, Studio and tools")
        self.job_environment = JobEnvironment(vpc=foundation.vpc, encryption_key=data.key)
        self.job_roles = {
            job: JobRole(
                self,
                f"{job.value.capitalize()}Role",
                job=job,
                project=environment.project,
                permissions_boundary=foundation.permissions_boundary,
                environment=self.job_environment if job.runs_in_vpc else None,
            )
            for job in WORK
        }
        self.notebook_role = self.job_roles[JobType.NOTEBOOK]
        started = [self.job_roles[JobType.TRAINING], self.job_roles[JobType.PROCESSING]]
        for interactive in (self.notebook_role, self.job_roles[JobType.STUDIO]):
            interactive.grant_run_jobs(self.job_environment, started)
        self.data_scientist = DataScientistRole(
            self,
            "DataScientist",
            project=environment.project,
            environment=self.job_environment,
            # Starting a stopped notebook passes its role once more.
            job_roles=[*started, self.notebook_role],
            model_package_groups=_groups(registry),
            permissions_boundary=foundation.permissions_boundary,
            role_name=f"mlgov-{environment.name}-data-scientist",
        )
        self.personas = self._personas(environment, foundation, data, _groups(registry))
        self._prepare_pipelines(environment, foundation, data)
        self._grant_data(environment, data)
        models = registry.registry if registry else None
        if models:
            models.grant_register(self.job_roles[JobType.PIPELINE])
            models.grant_read(self.job_roles[JobType.HOSTING])
            models.grant_approve(self.personas["model-approver"])
        others = [role for job, role in self.job_roles.items() if job is not JobType.NOTEBOOK]
        self.packages = package_repository(self, environment=environment, foundation=foundation, data=data)
        self.code = code_repositories(self, environment=environment, foundation=foundation, data=data)
        self.tracking = experiment_tracking(self, environment=environment, foundation=foundation, data=data)
        self._grant_tools()
        self.studio = (
            studio_domain(
                self,
                environment=environment,
                settings=environment.workspace.studio,
                foundation=foundation,
                data=data,
                role=self.job_roles[JobType.STUDIO],
                packages=self.packages,
            )
            if environment.workspace.studio
            else None
        )
        self.parameter_names = ParameterNames(f"/mlgov/{environment.name}/workspace")
        WorkspaceParameters(
            self,
            "Parameters",
            names=self.parameter_names,
            vpc=foundation.vpc,
            encryption_key=data.key,
            lifecycle=NotebookLifecycle(
                self,
                "Lifecycle",
                idle=Duration.minutes(environment.workspace.idle_minutes),
                package_repository=self.packages,
            ),
            notebook_roles=[self.notebook_role],
            job_roles=[*others, *([data.feature_store_role] if data.feature_store_role else [])],
            zones=environment.network.availability_zones,
            buckets={bucket.data_class: bucket for bucket in data.buckets},
            permissions_boundary=foundation.permissions_boundary,
            access_log_bucket=foundation.log_archive.access_log_bucket,
            pipeline_start_roles={environment.project: self.pipeline_start_role},
            alarm_topic=self._alarm_topic(environment, foundation),
            studio_domain_id=self.studio.domain_id if self.studio else None,
            model_package_groups={environment.project: models.model_package_group_name} if models else None,
        )

    def _grant_data(self, environment: Environment, data: DataStack) -> None:
        """Let people and work use the data of the project."""
        for bucket in data.buckets:
            results = bucket is data.artifacts
            # What was approved, and what is watched, only the stacks of pipeline and endpoint write.
            kept = environment.model_folders if results else ()
            self.data_scientist.grant_project_data(bucket, kept=kept)
            for persona in ("ml-engineer", "data-steward"):
                self.personas[persona].grant_project_data(bucket, environment.project, kept=kept)
            for job, role in self.job_roles.items():
                if job is JobType.HOSTING and not results:
                    continue  # lest a model answer with the tables
                # A pipeline starts jobs that write; a monitor compares with tables and writes reports.
                read_only = job is JobType.PIPELINE or (job is JobType.MONITORING and not results)
                role.grant_project_data(bucket, read_only=read_only, kept=() if read_only else kept)

    def _prepare_pipelines(self, environment: Environment, foundation: FoundationStack, data: DataStack) -> None:
        """Let pipelines of the catalogue run, and those who work in the project start them."""
        training, processing = (self.job_roles[job] for job in (JobType.TRAINING, JobType.PROCESSING))
        for role in (training, processing):
            grant_pull(JobImage.xgboost(self), role)
        grant_pipeline(
            self.job_roles[JobType.PIPELINE],
            environment=self.job_environment,
            training_role=training,
            processing_role=processing,
            output_bucket=data.artifacts,
        )
        self.pipeline_start_role = PipelineStartRole(
            self, "PipelineStart", project=environment.project, permissions_boundary=foundation.permissions_boundary
        )
        start = StartPipelines(environment.project)
        for starter in (self.notebook_role, self.job_roles[JobType.STUDIO], self.data_scientist):
            starter.allow(start.statements())

    def _alarm_topic(self, environment: Environment, foundation: FoundationStack) -> EncryptedTopic:
        """The topic of the alarms of endpoints that are provisioned."""
        topic = EncryptedTopic(
            self, "EndpointAlarms", encryption_key=foundation.log_key, emails=environment.governance.alarm_emails
        )
        topic.allow_publish("cloudwatch")
        return topic

    def _grant_tools(self) -> None:
        """Let those who write code use the tools."""
        interactive = [self.notebook_role, self.job_roles[JobType.STUDIO]]
        if self.packages:
            for role in (*interactive, self.job_roles[JobType.TRAINING], self.job_roles[JobType.PROCESSING]):
                self.packages.grant_read(role)
        for repository in self.code:
            for role in interactive:
                repository.grant_pull_push(role)
        if self.tracking:
            for role in (*interactive, self.job_roles[JobType.TRAINING], self.job_roles[JobType.PROCESSING]):
                self.tracking.grant_track(role)
            for person in (self.data_scientist, self.personas["ml-engineer"]):
                self.tracking.grant_open(person)

    def _personas(
        self, environment: Environment, foundation: FoundationStack, data: DataStack, groups: Sequence[str]
    ) -> dict[str, PersonaRole]:
        project, jobs = environment.project, self.job_roles
        people = (JobType.NOTEBOOK, JobType.STUDIO, JobType.LABELLING)
        engineered = [jobs[job] for job in WORK if job not in people]
        personas = (
            Persona.ml_engineer(project, self.job_environment, engineered, groups),
            Persona.model_approver(project, data.key.key_arn),
            Persona.data_steward(project, self.job_environment, [jobs[JobType.LABELLING]]),
            Persona.auditor(),
            Persona.cost_owner(),
            Persona.platform_administrator([data.key.key_arn]),
        )
        return {
            persona.name: PersonaRole(
                self,
                "".join(word.capitalize() for word in persona.name.split("-")),
                persona=persona,
                permissions_boundary=foundation.permissions_boundary,
                role_name=f"mlgov-{environment.name}-{persona.name}",
            )
            for persona in personas
        }


def _groups(registry: RegistryStack | None) -> tuple[str, ...]:
    """Where people may register versions: in the registry of their project, and nowhere else."""
    return (registry.registry.model_package_group_name,) if registry else ()
