"""The role that a data scientist works in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from aws_cdk import Duration
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from constructs import Construct

from mlgov_constructs.aws_tokens import aws_tokens
from mlgov_constructs.controls import Relaxation
from mlgov_constructs.errors import ConstructError
from mlgov_constructs.identity.activities import (
    list_work,
    pass_roles,
    run_jobs,
    use_catalog,
    use_notebooks,
    use_project_data,
)
from mlgov_constructs.identity.governed_role import GovernedRole
from mlgov_constructs.identity.job_environment import JobEnvironment
from mlgov_constructs.identity.project import check_project


class DataScientistRole(GovernedRole):
    """What a data scientist may do in one project, and nothing more.

    * provision products of the portfolios that the role is a principal of, and update and
      terminate the products that one provisioned oneself;
    * open, start and stop the notebooks of the project;
    * run training and processing jobs in the isolated subnets, with the environment's key,
      network isolation, encrypted traffic and the project's tag;
    * give such a job one of the project's job roles;
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

    CONTROLS: ClassVar[tuple[str, ...]] = ("MLG-IDN-01", "MLG-IDN-04")

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        project: str,
        permissions_boundary: iam.IManagedPolicy,
        environment: JobEnvironment,
        job_roles: Sequence[iam.IRole] = (),
        principals: Sequence[iam.IPrincipal] = (),
        saml_provider: iam.ISamlProvider | None = None,
        without_mfa: Relaxation | None = None,
        role_name: str | None = None,
        max_session_duration: Duration | None = None,
    ) -> None:
        check_project(scope, construct_id, project)
        if saml_provider is not None and (principals or without_mfa):
            raise ConstructError(
                scope,
                construct_id,
                "saml_provider excludes principals and without_mfa",
                "Give the identity provider alone, or principals without it.",
            )
        self.project = project
        statements: list[dict[str, Any]] = [
            *use_catalog(),
            *use_notebooks(project),
            *run_jobs(project, environment),
            *pass_roles([role.role_arn for role in job_roles]),
            *list_work(),
            # Starting a notebook and a job makes SageMaker act on the network and the key for the caller.
            *environment.interface_statements(),
            *environment.volume_statements(),
        ]
        super().__init__(
            scope,
            construct_id,
            assumed_by=_trusted(principals, saml_provider, mfa=without_mfa is None),
            description=f"Data scientist of project {project}",
            permissions_boundary=permissions_boundary,
            statements=statements,
            deviations={"MLG-IDN-04": without_mfa},
            role_name=role_name,
            max_session_duration=max_session_duration or Duration.hours(8),
        )

    def grant_project_data(self, bucket: s3.IBucket) -> None:
        """Let the data scientist read and write the project's prefix of a bucket, and list nothing else.

        Args:
            bucket: The bucket; the use of its key is granted too.
        """
        key = bucket.encryption_key
        self.allow(use_project_data(self.project, bucket.bucket_arn, key.key_arn if key else None))


def _trusted(
    principals: Sequence[iam.IPrincipal], saml_provider: iam.ISamlProvider | None, *, mfa: bool
) -> iam.IPrincipal:
    if saml_provider is not None:
        return iam.SamlConsolePrincipal(saml_provider, {})
    trusted = principals or [iam.ArnPrincipal(aws_tokens().arn("iam", "root", region=""))]
    one = trusted[0] if len(trusted) == 1 else iam.CompositePrincipal(*trusted)
    if not mfa:
        return one
    return iam.PrincipalWithConditions(one, {"Bool": {"aws:MultiFactorAuthPresent": "true"}})
