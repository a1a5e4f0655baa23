"""Clients with which Service Catalog calls the other services of the local cloud."""

from ministack.core.responses import get_account_id, get_region

from mlgov_constructs.local_cloud import enforcement
from mlgov_constructs.local_cloud.clients import Clients, Credentials

_surroundings: dict[str, str | None] = {}


def install(endpoint: str, certificate: str | None) -> None:
    """Tells where the local cloud listens.

    Args:
        endpoint: Its address.
        certificate: Path of the certificate to trust, with TLS.
    """
    _surroundings.update(endpoint=endpoint, certificate=certificate)


def clients() -> Clients:
    """Returns clients that call as the account."""
    return _clients(Credentials(get_account_id()))


def clients_as(role_arn: str, *, assumed_by: str | None) -> Clients:
    """Returns clients that call as a role where IAM is enforced, else as the account.

    Args:
        role_arn: The role; empty for the account.
        assumed_by: The service that assumes it; ``None`` for a caller's own role.
    """
    if not role_arn or not enforcement.is_enforced():
        return clients()
    return _clients(enforcement.session_of(role_arn, assumed_by=assumed_by))


def _clients(credentials: Credentials) -> Clients:
    endpoint = str(_surroundings["endpoint"])
    return Clients(endpoint, get_region(), credentials, _surroundings["certificate"])
