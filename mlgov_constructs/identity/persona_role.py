"""The role that a persona works in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar
from weakref import WeakKeyDictionary

from aws_cdk import Duration
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from constructs import Construct, IConstruct

from mlgov_constructs.aws_tokens import aws_tokens
from mlgov_constructs.controls import Relaxation
from mlgov_constructs.errors import ConstructError
from mlgov_constructs.identity.activities import Duty, UseProjectData
from mlgov_constructs.identity.governed_role import GovernedRole
from mlgov_constructs.identity.persona import Persona
from mlgov_constructs.identity.persona_check import check_persona, check_separation
from mlgov_constructs.identity.project import check_project

# Whoever calls AssumeRole chooses the name of the session, and by that name people own what is theirs.
USER_KEEPS_NAME = {"StringLike": {"sts:RoleSessionName": "${aws:username}"}}
# In ``aws:userid`` the name of a session stands behind the colon, and can hold none itself.
SESSION_KEEPS_NAME = {"StringLike": {"aws:userid": "*:${sts:RoleSessionName}"}}

_duties_of_principals: WeakKeyDictionary[IConstruct, dict[str, frozenset[Duty]]] = WeakKeyDictionary()


class PersonaRole(GovernedRole):
    """The role that the people of one persona assume, with a second factor or through federation.

    The session carries the name of the person: a user's own name, or that of the session from
    which the role is assumed; identity providers name it themselves. By this name a person owns
    what is hers (``OpenStudio``, the records of CloudTrail), and nobody can choose another's.
    Whoever trusts the users of another account trusts that account to name them.

    Each activity brings its own conditions. The rights go to managed policies, as many as
    their size needs, under the permissions boundary.

    Controls: ``MLG-IDN-01`` (boundary), ``MLG-IDN-04`` (MFA or federation), and those of its
    policies: ``MLG-IDN-02``, ``MLG-IDN-05``, ``MLG-IDN-07``.

    Args:
        scope: The parent construct.
        construct_id: The id in that scope.
        persona: What the role is for.
        permissions_boundary: The ceiling of the role.
        principals: Users who may assume the role, with MFA, or accounts of such users; IAM
            decides within the account when omitted. A session of another role never shows MFA.
        saml_provider: Federation in place of ``principals``; the identity provider asks for
            the second factor, and names the session.
        without_mfa: Let ``principals`` assume the role without MFA, sessions of roles too.
        role_name: A name; CloudFormation makes one when omitted.
        max_session_duration: The longest session, 1 to 12 hours; 8 hours by default.

    Raises:
        ConstructError: The persona has no activity, breaks the separation of duties, or
            exceeds the boundary; one principal would hold two personas that must be apart; or
            ``principals`` or ``without_mfa`` comes with ``saml_provider``.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html,
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html

    Cost: none.

    Example:
        >>> from aws_cdk import App, Stack
        >>> from mlgov_constructs.identity import PermissionsBoundary
        >>> stack = Stack(App(), "Workspace")
        >>> role = PersonaRole(
        ...     stack,
        ...     "Auditor",
        ...     persona=Persona.auditor(),
        ...     permissions_boundary=PermissionsBoundary(stack, "Boundary"),
        ... )
    """

    CONTROLS: ClassVar[tuple[str, ...]] = ("MLG-IDN-01", "MLG-IDN-04")

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        persona: Persona,
        permissions_boundary: iam.IManagedPolicy,
        principals: Sequence[iam.IPrincipal] = (),
        saml_provider: iam.ISamlProvider | None = None,
        without_mfa: Relaxation | None = None,
        role_name: str | None = None,
        max_session_duration: Duration | None = None,
    ) -> None:
        if saml_provider is not None and (principals or without_mfa):
            raise ConstructError(
                scope,
                construct_id,
                "saml_provider excludes principals and without_mfa",
                "Give the identity provider alone, or principals without it.",
            )
        check_persona(scope, construct_id, persona, permissions_boundary)
        _keep_people_apart(scope, construct_id, persona, principals)
        self.persona = persona
        super().__init__(
            scope,
            construct_id,
            assumed_by=_trusted(principals, saml_provider, mfa=without_mfa is None),
            description=persona.description,
            permissions_boundary=permissions_boundary,
            statements=[],
            deviations={"MLG-IDN-04": without_mfa},
            role_name=role_name,
            max_session_duration=max_session_duration or Duration.hours(8),
        )
        for activity in persona.activities:
            self.allow(activity.statements())

    def grant_project_data(
        self, bucket: s3.IBucket, project: str, *, read_only: bool = False, kept: Sequence[str] = ()
    ) -> None:
        """Let the persona use the prefix of a project in a bucket, and list nothing else.

        Args:
            bucket: The bucket; the use of its key is granted too.
            project: The project.
            read_only: Whether writing is left out.
            kept: Folders of the project that are read and never written, whatever else is granted.

        Raises:
            ConstructError: The persona has a duty that must be apart from reading data.
        """
        check_separation(self, None, f"the persona {self.persona.name}", (*self.persona.duties, *UseProjectData.duties))
        check_project(self, None, project)
        key = bucket.encryption_key
        activity = UseProjectData(project, bucket.bucket_arn, key.key_arn if key else None, read_only, kept)
        self.allow(activity.statements())


def _keep_people_apart(
    scope: Construct, construct_id: str, persona: Persona, principals: Sequence[iam.IPrincipal]
) -> None:
    known = _duties_of_principals.setdefault(scope.node.root, {})
    for principal in principals:
        # An account leaves to its own IAM who of it assumes the role.
        if isinstance(principal, iam.ArnPrincipal) and not isinstance(principal, iam.AccountPrincipal):
            arn = principal.arn
            duties = known.get(arn, frozenset()) | persona.duties
            check_separation(scope, construct_id, f"{arn}, with the persona {persona.name} and another,", duties)
            known[arn] = duties


def _trusted(
    principals: Sequence[iam.IPrincipal], saml_provider: iam.ISamlProvider | None, *, mfa: bool
) -> iam.IPrincipal:
    if saml_provider is not None:
        return iam.SamlConsolePrincipal(saml_provider, {})
    trusted = principals or [iam.ArnPrincipal(aws_tokens().arn("iam", "root", region=""))]
    one = trusted[0] if len(trusted) == 1 else iam.CompositePrincipal(*trusted)
    if mfa:
        # Only users and their sessions can show a factor, so nobody else need be told apart.
        return iam.PrincipalWithConditions(one, {"Bool": {"aws:MultiFactorAuthPresent": "true"}, **USER_KEEPS_NAME})
    return iam.CompositePrincipal(
        iam.PrincipalWithConditions(one, USER_KEEPS_NAME), iam.PrincipalWithConditions(one, SESSION_KEEPS_NAME)
    )
