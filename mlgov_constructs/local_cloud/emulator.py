"""Puts our services and types into the emulator."""

import re
from collections.abc import Mapping
from typing import Any

from ministack import app
from ministack.core import router
from moto.core.base_backend import BackendDict

from mlgov_constructs.local_cloud import cloudformation, enforcement, faults, moto_bridge, policy_variables, sessions
from mlgov_constructs.local_cloud.services import (
    application_auto_scaling,
    budget_actions,
    budgets,
    cloudwatch,
    code_artifact,
    code_commit,
    config,
    control_tower,
    cost_explorer,
    ec2,
    ec2_conditions,
    efs,
    events,
    hooks,
    iam,
    logs,
    mfa,
    pass_role,
    s3,
    sagemaker,
    security_hub,
    service_catalog,
    source_identity,
    step_functions,
    vpc_endpoints,
)
from mlgov_constructs.local_cloud.services.service_catalog import own

_SCOPE = re.compile(r"Credential=[^/]+/[^/]+/[^/]+/([^/]+)/")

_SERVICES: dict[str, moto_bridge.Handler] = {
    "application-autoscaling": application_auto_scaling.SERVICE.handle_request,
    "budgets": budget_actions.SERVICE.handle_request,
    "ce": cost_explorer.SERVICE.handle_request,
    "cloudformation": hooks.handle_request,
    "codeartifact": code_artifact.handle_request,
    "codecommit": code_commit.SERVICE.handle_request,
    "config": config.SERVICE.handle_request,
    "controltower": control_tower.handle_request,
    "ec2": ec2.handle_request,
    "elasticfilesystem": efs.handle_request,
    "logs": logs.handle_request,
    "s3": s3.handle_request,
    "sagemaker": sagemaker.handle_request,
    "securityhub": security_hub.handle_request,
    "servicecatalog": service_catalog.SERVICE.handle_request,
    "states": step_functions.handle_request,
}
"""Handlers by the name a request's signature gives its service."""
_STATEFUL = (
    application_auto_scaling,
    budget_actions,
    code_artifact,
    code_commit,
    config,
    control_tower,
    cost_explorer,
    enforcement,
    faults,
    hooks,
    s3,
    sagemaker,
    security_hub,
    service_catalog,
)
_CONTROLS = {faults.PATH: "mlgov-faults", sessions.PATH: "mlgov-sessions"}
"""What is no service of AWS, by its path: names of handlers that no signature can give."""


def install(settings: cloudformation.Settings, *, transition_seconds: float) -> None:
    """Completes the emulator; to be called once, before it serves.

    Args:
        settings: What the CloudFormation engine needs to know.
        transition_seconds: How long a resource of SageMaker takes to change its status.
    """
    app.SERVICE_HANDLERS.update(_SERVICES)
    app.SERVICE_HANDLERS[_CONTROLS[faults.PATH]] = faults.handle_request
    app.SERVICE_HANDLERS[_CONTROLS[sessions.PATH]] = sessions.handle_request
    sagemaker.configure(transition_seconds)
    for service in pass_role.ROLE_PARAMETERS:
        app.SERVICE_HANDLERS[service] = pass_role.guarded(service, app.SERVICE_HANDLERS[service])
    own.install(settings.endpoint, settings.certificate)
    application_auto_scaling.install()
    ec2_conditions.install()
    budgets.install()
    cloudwatch.install()
    efs.install()
    events.install()
    iam.install()
    mfa.install()
    policy_variables.install()
    source_identity.install()
    vpc_endpoints.install(settings.organization)
    detect = router.detect_service

    def detect_service(method: str, path: str, headers: Mapping[str, str], query: Mapping[str, Any]) -> str:
        if path in _CONTROLS:
            return _CONTROLS[path]
        vpc_endpoints.enter(headers)
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
        for module in _STATEFUL:
            module.reset()

    app._reset_all_state = reset_all_state
    cloudformation.install(settings)


def serve() -> None:
    """Serves until the process is told to stop."""
    app.main()
