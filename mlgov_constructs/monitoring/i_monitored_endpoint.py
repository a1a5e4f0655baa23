"""What a monitor asks of an endpoint."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from constructs import Node


@runtime_checkable
class IMonitoredEndpoint(Protocol):
    """An endpoint with a name; every endpoint of ``serving`` is one."""

    @property
    def endpoint_name(self) -> str:
        """The name of the endpoint."""

    @property
    def node(self) -> Node:
        """The node of the construct."""
