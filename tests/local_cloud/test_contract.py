"""The private interfaces of the emulators that the local cloud leans on: both are pinned, and this says to what."""

from __future__ import annotations

import inspect
from importlib.metadata import version
from typing import Any

import pytest
from ministack import app
from ministack.core import iam_actions, iam_evaluator, responses, router
from ministack.services import cloudformation, cloudwatch_logs, eventbridge, glue, iam, s3, stepfunctions, sts
from ministack.services.cloudformation import (
    changesets,
    custom_resource,
    engine,
    handlers,
    provisioners,
    stacks,
)
from moto.applicationautoscaling import models as autoscaling
from moto.applicationautoscaling import responses as autoscaling_responses
from moto.ce.models import ce_backends
from moto.core.base_backend import BackendDict
from moto.ec2.models import ec2_backends
from moto.ec2.models.vpcs import VPCEndPoint
from moto.efs.models import efs_backends
from moto.logs.models import logs_backends
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app

FUNCTIONS: dict[Any, tuple[str, ...]] = {
    app.main: (),
    app._port_is_bindable: ("host", "port"),
    app._reset_all_state: (),
    router.detect_service: ("method", "path", "headers", "query_params"),
    router.extract_access_key_id: ("headers", "query_params"),
    responses.get_account_id: (),
    responses.get_region: (),
    iam_actions.extract_iam_action: ("service", "method", "path", "headers", "body", "query_params"),
    iam_actions.request_tag_context: ("service", "iam_action", "body", "params"),
    iam_actions.extract_resource_arn: (
        "service",
        "method",
        "path",
        "headers",
        "body",
        "query_params",
        "region",
        "account_id",
    ),
    iam_evaluator.enforce: (
        "access_key_id",
        "iam_action",
        "service",
        "region",
        "resource_arn",
        "service_context",
    ),
    iam_evaluator.resolve_caller_identity: ("access_key_id",),
    iam_evaluator.caller_arn: (),
    iam_evaluator.evaluate: ("ctx", "policies", "limits"),
    iam_evaluator.parse_policy_document: ("doc",),
    iam_evaluator.resolve_principal: ("access_key_id", "account_id"),
    iam_evaluator._principal_keys: ("credential",),
    iam._p: ("params", "key"),
    sts.register_session: ("access_key", "session"),
    s3._get_object_data: ("bucket_name", "key", "version_id"),
    s3.handle_request: ("method", "path", "headers", "body", "query_params"),
    cloudwatch_logs.handle_request: ("method", "path", "headers", "body", "query_params"),
    stepfunctions.handle_request: ("method", "path", "headers", "body", "query_params"),
    cloudformation.handle_request: ("method", "path", "headers", "body", "query_params"),
    engine._resolve_refs: (
        "value",
        "resources",
        "params",
        "conditions",
        "mappings",
        "stack_name",
        "stack_id",
    ),
    engine._evaluate_conditions: ("template", "params"),
    engine._parse_template: ("template_body",),
    provisioners._physical_name: ("stack_name", "logical_id", "lowercase", "max_len", "seeded"),
    provisioners._seeded_create: ("create_fn", "logical_id", "props", "stack_name"),
    stacks._runs_on_worker_thread: ("resource_type",),
    stacks._topological_sort: ("resources", "conditions"),
    changesets._find_change_set: ("cs_name", "stack_name"),
    custom_resource.invoke_custom_resource: (
        "request_type",
        "logical_id",
        "props",
        "stack_name",
        "stack_id",
        "resource_type",
        "physical_id",
        "old_props",
    ),
    eventbridge._put_events: ("data", "allow_aws_source"),
    glue._create_database: ("data",),
    glue._create_table: ("data",),
    create_backend_app: ("service",),
    BackendDict.reset: (),
}

STORES: tuple[tuple[Any, str], ...] = (
    (app, "AUTH"),
    (iam_actions, "_param"),
    (app, "SERVICE_HANDLERS"),
    (app, "detect_service"),
    (cloudformation, "_ACTION_HANDLERS"),
    (cloudformation, "_stacks"),
    (cloudwatch_logs, "_log_groups"),
    (glue, "_databases"),
    (iam, "_IAM_HANDLERS"),
    (iam, "_mfa_devices"),
    (iam, "_policies"),
    (iam, "_roles"),
    (provisioners, "_CUSTOM_NAME_REPLACEMENT"),
    (provisioners, "_REPLACING_PROPERTIES"),
    (provisioners, "_RESOURCE_HANDLERS"),
    (provisioners, "_STACK_TAG_PROPERTY"),
    (s3, "_buckets"),
    (s3, "S3_NS"),
    (stepfunctions, "_SFN_WAIT_SCALE"),
    (stepfunctions, "_state_machines"),
    (sts, "_principal_keys"),
    (sts, "_sessions"),
    (VPCEndPoint, "DEFAULT_POLICY"),
)


@pytest.mark.parametrize(("package", "pinned"), [("ministack", "1.5.33"), ("moto", "5.2.5")])
def test_the_emulators_are_the_pinned_ones(package: str, pinned: str) -> None:
    assert version(package) == pinned


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda item: getattr(item, "__name__", str(item)))
def test_functions_take_what_we_give(function: Any) -> None:
    ours = FUNCTIONS[function]
    parameters = list(inspect.signature(function).parameters.values())
    assert tuple(item.name for item in parameters[: len(ours)]) == ours
    assert all(item.default is not item.empty for item in parameters[len(ours) :])  # the rest may be left out


@pytest.mark.parametrize(("owner", "name"), STORES, ids=lambda item: item if isinstance(item, str) else "")
def test_what_we_read_and_replace_is_there(owner: Any, name: str) -> None:
    assert hasattr(owner, name)


@pytest.mark.parametrize("module", [engine, stacks, handlers, changesets])
def test_the_modules_that_use_the_condition_evaluator_hold_it_by_name(module: Any) -> None:
    assert hasattr(module, "_evaluate_conditions")


def test_the_updates_of_a_handler_may_take_the_logical_id() -> None:
    source = inspect.getsource(provisioners._update_resource)
    assert 'handler.get("update_with_logical_id")' in source
    assert 'handler.get("delete_with_logical_id")' in inspect.getsource(provisioners._delete_resource)


def test_evaluation_results_have_what_we_tell() -> None:
    assert {"decision", "principal_arn"} <= set(iam_evaluator.EvalResult.__dataclass_fields__)
    assert {"code", "message"} <= set(iam_evaluator.AuthError.__dataclass_fields__)


def test_motos_back_ends_have_what_we_complete() -> None:
    ec2, logs = ec2_backends["123456789012"]["us-east-1"], logs_backends["123456789012"]["us-east-1"]
    assert hasattr(ec2, "vpc_end_points")
    assert hasattr(ec2, "enis")
    assert callable(ec2.get_security_group_from_id)
    assert hasattr(ec2, "groups")
    assert hasattr(logs, "groups")
    assert callable(logs.create_log_group)
    assert callable(DomainDispatcherApplication)
    assert hasattr(ce_backends["123456789012"]["aws"], "cost_categories")


def test_moto_says_in_one_place_what_scales() -> None:
    known = {each.value for each in autoscaling.ScalableDimensionValueSet}
    assert {"sagemaker:variant:DesiredInstanceCount", "ecs:service:DesiredCount"} <= known
    assert hasattr(autoscaling_responses, "ScalableDimensionValueSet")


def test_motos_file_systems_are_made_as_a_domain_makes_its_home() -> None:
    efs = efs_backends["123456789012"]["us-east-1"]
    assert hasattr(efs, "file_systems_by_id")
    assert hasattr(efs, "mount_targets_by_id")
    assert {"creation_token", "encrypted", "kms_key_id", "tags"} <= set(
        inspect.signature(efs.create_file_system).parameters
    )
    assert {"file_system_id", "subnet_id", "security_groups"} <= set(
        inspect.signature(efs.create_mount_target).parameters
    )
    for name in ("create_security_group", "authorize_security_group_ingress", "authorize_security_group_egress"):
        assert callable(getattr(ec2_backends["123456789012"]["us-east-1"], name))
