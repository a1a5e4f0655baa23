"""A shadow test: SageMaker compares a challenger with what serves, for some days."""

from __future__ import annotations

import datetime
import re
from collections.abc import Sequence
from typing import ClassVar

from aws_cdk import CfnTag, Resource, Token
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sagemaker as sagemaker
from constructs import Construct

from mlgov_constructs.argument_types import checked_arguments
from mlgov_constructs.aws_tokens import aws_tokens, service_principal
from mlgov_constructs.controls import claim
from mlgov_constructs.errors import ConstructError
from mlgov_constructs.identity import PROJECT_TAG, GovernedRole, JobEnvironment
from mlgov_constructs.identity.project import set_own_tags
from mlgov_constructs.serving.data_capture import DataCapture
from mlgov_constructs.serving.endpoint_properties import SHADOW, VARIANT
from mlgov_constructs.serving.instance_types import INSTANCE_TYPES, check_instance_type
from mlgov_constructs.serving.model import Model
from mlgov_constructs.serving.real_time_endpoint import RealTimeEndpoint

CONTROLS = ("MLG-SRV-10", "MLG-SRV-12", "MLG-SRV-13")
NAME = re.compile(r"[a-zA-Z0-9](-*[a-zA-Z0-9]){0,119}")
LONGEST_DAYS = 30


@checked_arguments
class ShadowTest(Resource):
    """An experiment of SageMaker that sends copies of an endpoint's requests to another model.

    It creates a ``AWS::SageMaker::InferenceExperiment`` that ends by itself, whose volumes and
    whose kept requests have customer managed keys, and the role under which SageMaker changes the
    endpoint for it. Nobody sees the challenger's answers; SageMaker draws its latency and errors
    beside those of the model that serves.

    While it runs, SageMaker changes the endpoint: do not deploy the endpoint until it is over. For
    a shadow that stays, give the endpoint a :class:`ShadowVariant`.

    Controls: ``MLG-SRV-10`` (project), ``MLG-SRV-12`` and ``MLG-SRV-13`` (keys), which cover
    Security Hub SageMaker.23 and .24; of its role ``MLG-IDN-01`` and ``MLG-IDN-03``.

    Args:
        scope: The parent construct.
        construct_id: The id in that scope.
        endpoint: The endpoint, whose model serves on.
        challenger: The other model, of the same project.
        encryption_key: The key of the volumes.
        permissions_boundary: The ceiling of the role.
        results: Where requests and answers are kept.
        end: When it ends, with a time zone; SageMaker takes up to 30 days.
        start: When it begins; at once when omitted.
        percentage: How many requests of a hundred are copied, 1 to 100; all of them by default.
        instance_type: The type of both, ``ml.m5.large`` by default.
        instance_count: How many instances each of both has; 2 by default.
        allowed_instance_types: The types that may be used; a list of common ones by default.
        test_name: A name; the project and the id of the construct when omitted.

    Raises:
        ConstructError: An argument cannot be used; the message says what to change.

    Source: https://docs.aws.amazon.com/sagemaker/latest/dg/shadow-tests.html

    Cost:
        The challenger's instances until it ends: two ``ml.m5.large`` cost about 5.50 USD a day.

    Example:
        ``docs/examples/serving_variants.py`` is a complete app.
    """

    CONTROLS: ClassVar[tuple[str, ...]] = CONTROLS

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        endpoint: RealTimeEndpoint,
        challenger: Model,
        encryption_key: kms.IKey,
        permissions_boundary: iam.IManagedPolicy,
        results: DataCapture,
        end: datetime.datetime,
        start: datetime.datetime | None = None,
        percentage: int = 100,
        instance_type: str = "ml.m5.large",
        instance_count: int = 2,
        allowed_instance_types: Sequence[str] = INSTANCE_TYPES,
        test_name: str | None = None,
    ) -> None:
        name = test_name or f"{endpoint.project}-{construct_id}"
        # SageMaker takes one key for the volumes of both, so neither may be without one.
        check_instance_type(
            scope, construct_id, instance_type, allowed_instance_types, local_storage=None, scales=False
        )
        _check_models(scope, construct_id, endpoint, challenger)
        _check_numbers(scope, construct_id, name, percentage, instance_count)
        _check_times(scope, construct_id, start, end)
        super().__init__(scope, construct_id)
        self.test_name = name
        self.project = endpoint.project
        prefix, key = results.prefix_of(self.project), results.bucket.encryption_key
        assert key is not None  # noqa: S101 - DataCapture demands it
        role = self._role(permissions_boundary, endpoint, challenger, encryption_key)
        results.bucket.grant_put(role, f"{prefix}/*")
        machines = {"instanceCount": instance_count, "instanceType": instance_type}
        infrastructure = {"infrastructureType": "RealTimeInference", "realTimeInferenceConfig": machines}
        times = {"startTime": _text(start), "endTime": _text(end)}
        resource = sagemaker.CfnInferenceExperiment(
            self,
            "Resource",
            name=name,
            type="ShadowMode",
            endpoint_name=endpoint.endpoint_name,
            role_arn=role.role_arn,
            kms_key=encryption_key.key_arn,
            data_storage_config={
                "destination": f"s3://{results.bucket.bucket_name}/{prefix}",
                "kmsKey": key.key_arn,
                "contentType": {"csvContentTypes": ["text/csv"], "jsonContentTypes": ["application/json"]},
            },
            model_variants=[
                {"modelName": model.model_name, "variantName": variant, "infrastructureConfig": infrastructure}
                for model, variant in ((endpoint.model, VARIANT), (challenger, SHADOW))
            ],
            shadow_mode_config={
                "sourceModelVariantName": VARIANT,
                "shadowModelVariants": [{"shadowModelVariantName": SHADOW, "samplingPercentage": percentage}],
            },
            schedule={part: time for part, time in times.items() if time is not None},
            tags=[CfnTag(key=PROJECT_TAG, value=self.project)],
        )
        claim(resource, self.CONTROLS)
        set_own_tags(resource, {PROJECT_TAG: self.project})
        resource.node.add_dependency(endpoint, role.rights)

    def _role(
        self, boundary: iam.IManagedPolicy, endpoint: RealTimeEndpoint, challenger: Model, key: kms.IKey
    ) -> GovernedRole:
        tokens = aws_tokens()
        configs = tokens.arn("sagemaker", "endpoint-config/*")
        models = [endpoint.model.model_arn, challenger.model_arn]
        change = [
            "sagemaker:CreateEndpointConfig",
            "sagemaker:DeleteEndpointConfig",
            "sagemaker:DescribeEndpointConfig",
        ]
        role = GovernedRole(
            self,
            "Role",
            assumed_by=iam.ServicePrincipal(
                service_principal("sagemaker"), conditions={"StringEquals": {"aws:SourceAccount": tokens.account}}
            ),
            description=f"Runs shadow tests of project {self.project}",
            permissions_boundary=boundary,
            statements=[
                {"Effect": "Allow", "Action": change, "Resource": configs},
                {
                    "Effect": "Allow",
                    "Action": ["sagemaker:DescribeEndpoint", "sagemaker:UpdateEndpoint"],
                    "Resource": [endpoint.endpoint_arn, configs],
                },
                {"Effect": "Allow", "Action": "sagemaker:DescribeModel", "Resource": models},
                *JobEnvironment(vpc=endpoint.model.vpc, encryption_key=key).volume_statements(),
            ],
        )
        claim(role, (*GovernedRole.CONTROLS, "MLG-IDN-03"))
        return role


def _text(time: datetime.datetime | None) -> str | None:
    return None if time is None else time.astimezone(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _check_models(scope: Construct, construct_id: str, endpoint: RealTimeEndpoint, challenger: Model) -> None:
    if challenger.project != endpoint.project:
        raise ConstructError(
            scope,
            construct_id,
            f"the challenger is of project {challenger.project!r}, the endpoint of {endpoint.project!r}",
            "Use a model of the same project: it sees the same requests.",
        )
    if endpoint.model.is_multi_model or challenger.is_multi_model:
        raise ConstructError(
            scope,
            construct_id,
            "SageMaker makes no shadow test with many models behind one endpoint",
            "Use models with one artifact each.",
        )
    if endpoint.has_shadow:
        raise ConstructError(
            scope,
            construct_id,
            "the endpoint has a shadow of its own, and SageMaker takes one at a time",
            "Leave shadow=... of the endpoint out while the test runs.",
        )


def _check_numbers(scope: Construct, construct_id: str, name: str, percentage: int, instance_count: int) -> None:
    if not Token.is_unresolved(name) and not NAME.fullmatch(name):
        raise ConstructError(
            scope,
            construct_id,
            f"test_name {name!r} is no name of a test",
            "Use up to 120 letters, digits and hyphens.",
        )
    if not 1 <= percentage <= 100:
        raise ConstructError(scope, construct_id, f"a shadow of {percentage} percent is out of range", "Use 1 to 100.")
    if instance_count < 2:
        raise ConstructError(
            scope,
            construct_id,
            f"instance_count {instance_count} would take the model that serves down to it",
            "Use 2 or more: the test sets it for both models.",
        )


def _check_times(scope: Construct, construct_id: str, start: datetime.datetime | None, end: datetime.datetime) -> None:
    if end.tzinfo is None or (start is not None and start.tzinfo is None):
        raise ConstructError(
            scope, construct_id, "start or end has no time zone", "Write datetime(..., tzinfo=datetime.UTC)."
        )
    if start is not None and not datetime.timedelta() < end - start <= datetime.timedelta(days=LONGEST_DAYS):
        raise ConstructError(
            scope,
            construct_id,
            f"a test from {start.isoformat()} to {end.isoformat()} is not possible",
            f"Let it end after it starts, within {LONGEST_DAYS} days.",
        )
