"""What a person is here for: activities that one person may hold together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from aws_cdk import aws_iam as iam

from mlgov_constructs.identity.activities import (
    Activity,
    AdministerKeys,
    AdministerPlatform,
    ApproveModels,
    AttachToNetwork,
    Audit,
    CreateEndpoints,
    Duty,
    InvokeEndpoints,
    LaunchProducts,
    ListWork,
    ManageLabelling,
    MonitorModels,
    OpenStudio,
    PassRoles,
    ReadFeatures,
    RegisterModels,
    RunJobs,
    RunPipelines,
    TrackExperiments,
    UseNotebooks,
    ViewCost,
    WriteFeatures,
)
from mlgov_constructs.identity.job_environment import JobEnvironment


@dataclass(frozen=True)
class Persona:
    """A kind of user, made of activities.

    The seven that an ML platform needs are class methods; any other is made of activities by
    hand. :class:`PersonaRole` and :class:`PersonaPermissionSet` make it real and refuse one
    without activities, or with duties that must be apart.

    Attributes:
        name: Lower-case words with hyphens, for example ``model-approver``.
        description: What the persona is for; IAM shows it.
        activities: What it may do.

    Example:
        >>> Persona.model_approver("churn").name
        'model-approver'
    """

    name: str
    description: str
    activities: tuple[Activity, ...]

    @property
    def duties(self) -> frozenset[Duty]:
        """The duties of all activities."""
        return frozenset().union(*(activity.duties for activity in self.activities))

    @classmethod
    def data_scientist(
        cls,
        project: str,
        environment: JobEnvironment,
        job_roles: Sequence[iam.IRole] = (),
        model_package_groups: Sequence[str] = ("*",),
    ) -> Persona:
        """Explore and train: notebooks, Studio, jobs, experiments; registers models and cannot approve them.

        Args:
            project: The project.
            environment: The network and the key that jobs must use.
            job_roles: The roles that may be given to jobs.
            model_package_groups: The names of the registries, or patterns, in which versions may be
                registered; every one when omitted, as AWS tells no tag of a version that is yet to be.
        """
        return cls(
            "data-scientist",
            f"Data scientist of project {project}",
            (
                LaunchProducts(),
                UseNotebooks(project),
                RunJobs(project, environment),
                PassRoles(_arns(job_roles)),
                ListWork(),
                # Starting a notebook and a job makes SageMaker act on the network and the key for the caller.
                AttachToNetwork(environment),
                OpenStudio(project),
                TrackExperiments(project),
                ReadFeatures(project),
                RegisterModels(project, tuple(model_package_groups)),
            ),
        )

    @classmethod
    def ml_engineer(
        cls,
        project: str,
        environment: JobEnvironment,
        job_roles: Sequence[iam.IRole] = (),
        model_package_groups: Sequence[str] = ("*",),
    ) -> Persona:
        """Automate and serve: products, pipelines, endpoints, monitoring; registers models and cannot approve them.

        Args:
            project: The project.
            environment: The network and the key that jobs and endpoints must use.
            job_roles: The roles that may be given to jobs, pipelines and models.
            model_package_groups: The names of the registries, or patterns, in which versions may be
                registered; every one when omitted.
        """
        return cls(
            "ml-engineer",
            f"ML engineer of project {project}",
            (
                LaunchProducts(),
                RunJobs(project, environment),
                PassRoles(_arns(job_roles)),
                ListWork(),
                AttachToNetwork(environment),
                RunPipelines(project),
                CreateEndpoints(project, environment),
                InvokeEndpoints(project),
                MonitorModels(project, environment),
                WriteFeatures(project),
                ReadFeatures(project),
                RegisterModels(project, tuple(model_package_groups)),
            ),
        )

    @classmethod
    def model_approver(cls, project: str, key_arn: str = "") -> Persona:
        """Approve and reject the models that others register, bring them to production, decide on their cards.

        Args:
            project: The project.
            key_arn: The key of the project's model cards, where they have one.
        """
        return cls(
            "model-approver",
            f"Model approver of project {project}",
            (ApproveModels(project, key_arn), ListWork(), ViewCost()),
        )

    @classmethod
    def data_steward(cls, project: str, environment: JobEnvironment, job_roles: Sequence[iam.IRole] = ()) -> Persona:
        """Look after the data of a project: features, labels, and the buckets that are granted.

        Args:
            project: The project.
            environment: The key of the labels.
            job_roles: The roles that may be given to labelling jobs.
        """
        return cls(
            "data-steward",
            f"Data steward of project {project}",
            (
                ReadFeatures(project),
                WriteFeatures(project),
                ManageLabelling(project, environment),
                PassRoles(_arns(job_roles)),
            ),
        )

    @classmethod
    def auditor(cls) -> Persona:
        """See settings and what was done, and no data."""
        return cls("auditor", "Auditor: settings and events, no data", (Audit(), ViewCost()))

    @classmethod
    def cost_owner(cls) -> Persona:
        """See what the work costs, and nothing else."""
        return cls("cost-owner", "Cost owner: costs and budgets", (ViewCost(),))

    @classmethod
    def platform_administrator(cls, key_arns: Sequence[str] = ()) -> Persona:
        """Look after stacks, catalogue, running work and keys, provision projects, and see no data.

        Args:
            key_arns: The keys that the administrator looks after.
        """
        keys = (AdministerKeys(list(key_arns)),) if key_arns else ()
        return cls(
            "platform-administrator",
            "Administrator of the platform: no data",
            (AdministerPlatform(), LaunchProducts(), ListWork(), *keys),
        )


def _arns(roles: Sequence[iam.IRole]) -> list[str]:
    return [role.role_arn for role in roles]
