"""What a monitor asks of an endpoint."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from constructs import Node

from mlgov_constructs.monitoring.i_captured_data import ICapturedData


@runtime_checkable
class IMonitoredEndpoint(Protocol):
    """An endpoint with a name; every endpoint of ``serving`` is one."""

    @property
    def endpoint_name(self) -> str:
        """The name of the endpoint."""

    @property
    def data_capture(self) -> ICapturedData | None:
        """What it captures; ``None`` when it captures nothing."""

    @property
    def node(self) -> Node:
        """The node of the construct."""
