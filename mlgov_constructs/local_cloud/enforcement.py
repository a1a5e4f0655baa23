"""Identity and access: who calls, whether IAM lets them, and sessions of roles that a service assumes."""

import json
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ministack import app
from ministack.core import iam_evaluator, router
from ministack.core.responses import get_account_id, get_region
from ministack.services import iam, sts

from mlgov_constructs.local_cloud.clients import Credentials, url_suffix
from mlgov_constructs.local_cloud.errors import ServiceError

_SESSION_SECONDS = 3600

_sessions: dict[tuple[str, str], tuple[float, Credentials]] = {}


@dataclass(frozen=True)
class Caller:
    """Who makes a request.

    Args:
        arn: The user's, session's or root's ARN.
        access_key: The key that signed the request.
        account: The account that the request acts in.
        region: The region that it acts in.
    """

    arn: str
    access_key: str
    account: str = field(default_factory=get_account_id)
    region: str = field(default_factory=get_region)

    @property
    def is_root(self) -> bool:
        """Tells whether the account itself calls."""
        return self.arn.endswith(":root")

    @property
    def role_arn(self) -> str | None:
        """The ARN of the role whose session this is, or ``None``."""
        return role_of(self.arn)


def role_of(session_arn: str) -> str | None:
    """Returns the ARN of the role whose session ``session_arn`` names, or ``None`` when it is no such session."""
    if ":assumed-role/" not in session_arn:
        return None
    role = iam._roles.get(session_arn.split(":assumed-role/", 1)[1].split("/", 1)[0])
    return str(role["Arn"]) if role else None


def is_enforced() -> bool:
    """Tells whether IAM policies are evaluated."""
    return bool(app.AUTH)


def caller_of(headers: Mapping[str, str], query: Mapping[str, Any]) -> Caller:
    """Returns who signed a request."""
    access_key = router.extract_access_key_id(headers, query) or ""
    identity = iam_evaluator.resolve_caller_identity(access_key)
    return Caller(identity["userArn"] if identity else root_arn(), access_key)


def root_arn() -> str:
    """Returns the ARN of the account itself."""
    return f"arn:{partition()}:iam::{get_account_id()}:root"


def partition() -> str:
    """Returns the partition, as the emulator's own ARNs have it."""
    return str(iam_evaluator.caller_arn().split(":")[1])


def authorize(caller: Caller, action: str, resource: str = "*", context: Mapping[str, Any] | None = None) -> None:
    """Refuses an action that IAM does not allow the caller; does nothing where IAM is not enforced.

    Args:
        caller: Who asks.
        action: The IAM action, for example ``sagemaker:CreateNotebookInstance``.
        resource: The ARN it acts on.
        context: Condition keys and their values.

    Raises:
        ServiceError: ``AccessDeniedException``, or the failure of the signature.
    """
    if not is_enforced():
        return
    service = action.split(":", 1)[0]
    given = {key: value for key, value in (context or {}).items() if value is not None}
    denied = iam_evaluator.enforce(
        caller.access_key, action, service, caller.region, resource_arn=resource, service_context=given
    )
    if denied is None:
        return
    if isinstance(denied, iam_evaluator.AuthError):
        raise ServiceError(denied.code, denied.message, 403)
    explicit = denied.decision == "Deny"
    reason = (
        "with an explicit deny in an identity-based policy"
        if explicit
        else f"because no identity-based policy allows the {action} action"
    )
    message = f"User: {caller.arn} is not authorized to perform: {action} on resource: {resource} {reason}"
    raise ServiceError("AccessDeniedException", message)


def check_pass_role(caller: Caller, role_arn: str, service: str) -> None:
    """Refuses to hand a role to a service when the caller may not pass it.

    Args:
        caller: Who hands it over.
        role_arn: The role.
        service: The service's name, for example ``sagemaker``.

    Raises:
        ServiceError: ``AccessDeniedException``.
    """
    authorize(caller, "iam:PassRole", role_arn, {"iam:PassedToService": service_principal(service)})


def service_principal(service: str) -> str:
    """Returns the principal's name of a service."""
    return f"{service}.{url_suffix('aws')}"  # the same in every partition


def session_of(role_arn: str, *, assumed_by: str | None) -> Credentials:
    """Returns credentials of a session of ``role_arn``.

    Args:
        role_arn: The role.
        assumed_by: The service that assumes it, which the role must trust; ``None`` continues the session of
            a caller who has the role already.

    Raises:
        ServiceError: The role does not exist, or does not trust the service.
    """
    name = role_arn.rsplit("/", 1)[-1]
    role = iam._roles.get(name)
    if role is None:
        raise ServiceError("ValidationError", f"Role {role_arn} is invalid or cannot be assumed")
    if assumed_by and not _trusts(role["AssumeRolePolicyDocument"], service_principal(assumed_by)):
        raise ServiceError("ValidationError", f"Role {role_arn} is invalid or cannot be assumed")
    key = (role_arn, assumed_by or "")
    known = _sessions.get(key)
    if known and known[0] > time.time() and known[1].access_key in sts._sessions:
        return known[1]
    credentials = _register_session(role, assumed_by or "forwarded")
    _sessions[key] = (time.time() + _SESSION_SECONDS / 2, credentials)
    return credentials


def reset() -> None:
    """Forgets every session."""
    _sessions.clear()


def _register_session(role: Mapping[str, Any], session_name: str) -> Credentials:
    name, account = role["RoleName"], get_account_id()
    access_key = "ASIA" + secrets.token_hex(8).upper()
    credentials = Credentials(access_key, secrets.token_hex(20), secrets.token_hex(64))
    sts.register_session(
        access_key,
        {
            "AccountId": account,
            "Arn": f"arn:{partition()}:sts::{account}:assumed-role/{name}/{session_name}",
            "Expiration": time.time() + _SESSION_SECONDS,
            "PrincipalType": "AssumedRole",
            "SecretAccessKey": credentials.secret_key,
            "SessionToken": credentials.session_token,
            "UserId": f"{role['RoleId']}:{session_name}",
        },
    )
    return credentials


def _trusts(document: str | Mapping[str, Any], principal: str) -> bool:
    trust: Mapping[str, Any] = json.loads(document) if isinstance(document, str) else document
    statements = trust.get("Statement", [])
    allowed = False
    for statement in statements if isinstance(statements, list) else [statements]:
        who = statement.get("Principal", {})
        services = who.get("Service", []) if isinstance(who, Mapping) else []
        if principal in ([services] if isinstance(services, str) else services):
            if statement["Effect"] == "Deny":
                return False
            allowed = True
    return allowed
