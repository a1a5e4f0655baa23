"""The role that a data scientist works in."""

from __future__ import annotations

from collections.abc import Sequence

from aws_cdk import Duration
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from constructs import Construct

from mlgov_constructs.controls import Relaxation
from mlgov_constructs.identity.job_environment import JobEnvironment
from mlgov_constructs.identity.persona import Persona
from mlgov_constructs.identity.persona_role import PersonaRole
from mlgov_constructs.identity.project import check_project


class DataScientistRole(PersonaRole):
    """What a data scientist may do in one project, and nothing more.

    * provision products of the portfolios that the role is a principal of, and update and
      terminate the products that one provisioned oneself;
    * open, start and stop the notebooks of the project;
    * run training and processing jobs in the isolated subnets, with the environment's key,
      network isolation, encrypted traffic and the project's tag;
    * give such a job one of the project's job roles;
    * run private Studio apps, track experiments, read features, and register models, which
      somebody else approves;
    * read and write the project's prefix of a bucket (:meth:`grant_project_data`).

    There is no right to create a notebook, so a public one cannot be made: the catalogue
    makes notebooks, hardened. Another project's data, and a job outside the subnets, are
    refused.

    Controls: ``MLG-IDN-01`` (boundary), ``MLG-IDN-04`` (MFA or federation), ``MLG-IDN-05``
    (bound PassRole), ``MLG-IDN-07`` (jobs only in subnets).

    Args:
        scope: The parent construct.
        construct_id: The id in that scope.
        project: The project.
        permissions_boundary: The ceiling of the role.
        environment: The network and the key that jobs must use.
        job_roles: The job roles of the project that may be given to a job; the role of its
            notebooks too, because starting a notebook passes its role again.
        model_package_groups: The names of the registries, or patterns, in which versions may be
            registered; every one when omitted.
        principals: Who may assume the role, with MFA; IAM decides within the account when
            omitted.
        saml_provider: Federation in place of ``principals``; the identity provider asks for
            the second factor.
        without_mfa: Let ``principals`` assume the role without MFA.
        role_name: A name; CloudFormation makes one when omitted.
        max_session_duration: The longest session, 1 to 12 hours; 8 hours by default.

    Raises:
        ConstructError: ``project`` is no project name, or ``principals`` or ``without_mfa``
            comes with ``saml_provider``.

    Source: https://docs.aws.amazon.com/sagemaker/latest/dg/api-permissions-reference.html

    Cost: none.

    Example:
        >>> from aws_cdk import App, Stack
        >>> from mlgov_constructs.identity import PermissionsBoundary
        >>> from mlgov_constructs.network import IsolatedVpc
        >>> from mlgov_constructs.protection import DataKey
        >>> stack = Stack(App(), "Workspace")
        >>> environment = JobEnvironment(vpc=IsolatedVpc(stack, "Vpc"), encryption_key=DataKey(stack, "Key"))
        >>> role = DataScientistRole(
        ...     stack,
        ...     "DataScientist",
        ...     project="churn",
        ...     environment=environment,
        ...     permissions_boundary=PermissionsBoundary(stack, "Boundary"),
        ... )
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        project: str,
        permissions_boundary: iam.IManagedPolicy,
        environment: JobEnvironment,
        job_roles: Sequence[iam.IRole] = (),
        model_package_groups: Sequence[str] = ("*",),
        principals: Sequence[iam.IPrincipal] = (),
        saml_provider: iam.ISamlProvider | None = None,
        without_mfa: Relaxation | None = None,
        role_name: str | None = None,
        max_session_duration: Duration | None = None,
    ) -> None:
        check_project(scope, construct_id, project)
        self.project = project
        super().__init__(
            scope,
            construct_id,
            persona=Persona.data_scientist(project, environment, job_roles, model_package_groups),
            permissions_boundary=permissions_boundary,
            principals=principals,
            saml_provider=saml_provider,
            without_mfa=without_mfa,
            role_name=role_name,
            max_session_duration=max_session_duration,
        )

    def grant_project_data(
        self, bucket: s3.IBucket, project: str | None = None, *, read_only: bool = False, kept: Sequence[str] = ()
    ) -> None:
        """Let the data scientist read and write the project's prefix of a bucket, and list nothing else.

        Args:
            bucket: The bucket; the use of its key is granted too.
            project: Another project; that of the role when omitted.
            read_only: Whether writing is left out.
            kept: Folders of the project that are read and never written, whatever else is granted.
        """
        super().grant_project_data(bucket, project or self.project, read_only=read_only, kept=kept)
