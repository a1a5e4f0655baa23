"""AWS clients with which the local cloud calls its own services, as its account or as a role."""

import functools
import os
import threading
from dataclasses import dataclass, field
from typing import Any

import boto3
import botocore.session
from botocore.config import Config

from mlgov_constructs.local_cloud.shapes import fit

_LOCK = threading.Lock()
_CONFIG = Config(
    retries={"total_max_attempts": 1},
    connect_timeout=5,
    read_timeout=120,
    max_pool_connections=32,
    proxies={},  # never a proxy of the user's: the local cloud is on this machine
)


@dataclass(frozen=True)
class Credentials:
    """An access key; without a session token it is the account's own."""

    access_key: str
    secret_key: str = field(default="test", repr=False)
    session_token: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Clients:
    """Makes clients for one caller in one region; the clients themselves are kept and shared.

    Args:
        endpoint: The local cloud's own address.
        region: Where the resources lie.
        credentials: Who calls.
        certificate: Path of the certificate to trust, when the endpoint uses TLS.
    """

    endpoint: str
    region: str
    credentials: Credentials
    certificate: str | None = None

    def client(self, service: str) -> Any:
        """Returns the boto3 client of ``service``."""
        return _client(self, service)

    def new_client(self, service: str) -> Any:
        """Returns a boto3 client of ``service`` that nobody shares, so that it may be changed."""
        return _make_client(self, service)

    @property
    def account(self) -> str:
        """The account that calls."""
        return str(self.client("sts").get_caller_identity()["Account"])

    @property
    def partition(self) -> str:
        """The partition that the region belongs to."""
        return str(botocore.session.get_session().get_partition_for_region(self.region))

    @property
    def url_suffix(self) -> str:
        """The domain of the partition's hosts."""
        return url_suffix(self.partition)

    def invoke(self, service: str, operation: str, parameters: dict[str, Any]) -> dict[str, Any]:
        """Calls ``operation`` with ``parameters`` fitted to its input shape, and returns the answer.

        Raises:
            UnmodelledPropertyError: A parameter is unknown to the operation.
            botocore.exceptions.ClientError: The service refused.
        """
        client = self.client(service)
        method = getattr(client, _method(client, operation))
        answer: dict[str, Any] = method(**fit(service, operation, parameters))
        return answer


@functools.cache
def url_suffix(partition: str) -> str:
    """Returns the domain of a partition's hosts."""
    resolver = botocore.session.get_session().get_component("endpoint_resolver")
    return str(resolver.get_partition_dns_suffix(partition))


@functools.lru_cache(maxsize=256)
def _client(clients: Clients, service: str) -> Any:
    return _make_client(clients, service)


def _make_client(clients: Clients, service: str) -> Any:
    with _LOCK:  # making a client is not thread-safe, using one is
        return _session().client(
            service,
            endpoint_url=clients.endpoint,
            region_name=clients.region,
            aws_access_key_id=clients.credentials.access_key,
            aws_secret_access_key=clients.credentials.secret_key,
            aws_session_token=clients.credentials.session_token,
            verify=clients.certificate,
            config=_CONFIG,
        )


@functools.cache
def _session() -> boto3.Session:
    """Returns a session that sees nothing of the user's own profiles and settings."""
    nothing = {"profile": None, "config_file": os.devnull, "credentials_file": os.devnull}
    alone = {name: (None, None, value, None) for name, value in nothing.items()}
    return boto3.Session(botocore_session=botocore.session.Session(session_vars=alone))


def _method(client: Any, operation: str) -> str:
    names: dict[str, str] = {api: python for python, api in client.meta.method_to_api_mapping.items()}
    return names[operation]
