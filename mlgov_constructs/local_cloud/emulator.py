"""Puts our services and types into the emulator; with ``cloudformation`` the place that knows its private interfaces."""

import re
from collections.abc import Mapping
from typing import Any

from ministack import app
from ministack.core import router
from moto.core.base_backend import BackendDict

from mlgov_constructs.local_cloud import cloudformation
from mlgov_constructs.local_cloud.services import ec2, s3

_SCOPE = re.compile(r"Credential=[^/]+/[^/]+/[^/]+/([^/]+)/")

_SERVICES: dict[str, Any] = {"ec2": ec2.handle_request, "s3": s3.handle_request}
"""Handlers by the name a request's signature gives its service."""


def install(settings: cloudformation.Settings) -> None:
    """Completes the emulator; to be called once, before it serves."""
    app.SERVICE_HANDLERS.update(_SERVICES)
    detect = router.detect_service

    def detect_service(method: str, path: str, headers: Mapping[str, str], query: Mapping[str, Any]) -> str:
        scope = _SCOPE.search(headers.get("authorization", ""))
        if scope and scope.group(1) in _SERVICES:
            return scope.group(1)
        return str(detect(method, path, headers, query))

    app.detect_service = router.detect_service = detect_service
    # With TLS the emulator would also listen on 443; one port is enough.
    app._port_is_bindable = lambda host, port: False
    reset_emulator = app._reset_all_state

    def reset_all_state() -> None:
        reset_emulator()
        BackendDict.reset()
        s3.reset()

    app._reset_all_state = reset_all_state
    cloudformation.install(settings)


def serve() -> None:
    """Serves until the process is told to stop."""
    app.main()
