"""An endpoint whose captured traffic is monitored."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import cast

from aws_cdk import Token
from constructs import IConstruct

from mlgov_constructs.argument_types import checked_arguments
from mlgov_constructs.monitoring.i_captured_data import ICapturedData
from mlgov_constructs.monitoring.i_monitored_endpoint import IMonitoredEndpoint

NAME = re.compile(r"[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}")
LOCAL_PATH = "/opt/ml/processing/input/endpoint"


@checked_arguments
@dataclass(frozen=True)
class EndpointInput:
    """What an endpoint was asked and what it answered.

    Attributes:
        endpoint_name: The name of the endpoint.
        data_capture: What it captures, as it was given to the endpoint; a monitor refuses an
            endpoint that captures nothing.
        endpoint: The construct of the endpoint, which must exist before its monitor.

    Raises:
        ValueError: The name is no name of an endpoint.

    Example:
        ``EndpointInput.of(endpoint)``
    """

    endpoint_name: str
    data_capture: ICapturedData | None
    endpoint: IConstruct | None = None

    def __post_init__(self) -> None:
        if not Token.is_unresolved(self.endpoint_name) and not NAME.fullmatch(self.endpoint_name):
            msg = f"{self.endpoint_name!r} is no name of an endpoint. Use up to 63 letters, digits and hyphens."
            raise ValueError(msg)

    @classmethod
    def of(cls, endpoint: IMonitoredEndpoint, data_capture: ICapturedData | None = None) -> EndpointInput:
        """Return the traffic of an endpoint of this app.

        Args:
            endpoint: The endpoint.
            data_capture: What was given to it as ``data_capture``; the endpoint knows it.

        Raises:
            ValueError: The endpoint captures elsewhere.
        """
        captured = endpoint.data_capture
        if captured is not None and data_capture not in (None, captured):
            msg = (
                f"Endpoint {endpoint.node.path} captures elsewhere than the data_capture of its monitor says. "
                "Leave data_capture out of EndpointInput.of."
            )
            raise ValueError(msg)
        return cls(endpoint.endpoint_name, captured, cast("IConstruct", endpoint))
