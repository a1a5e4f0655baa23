"""An endpoint that answers with many models, each loaded when it is asked for."""

from __future__ import annotations

import re
from collections.abc import Sequence

from aws_cdk import Duration, Token
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sns as sns
from constructs import Construct

from mlgov_constructs.argument_types import checked_arguments
from mlgov_constructs.controls import Relaxation
from mlgov_constructs.errors import ConstructError
from mlgov_constructs.identity.grants import give, statement
from mlgov_constructs.serving.data_capture import DataCapture
from mlgov_constructs.serving.deployment_strategy import DeploymentStrategy
from mlgov_constructs.serving.endpoint_scaling import EndpointScaling
from mlgov_constructs.serving.instance_types import INSTANCE_TYPES
from mlgov_constructs.serving.model import Model
from mlgov_constructs.serving.real_time_endpoint import RealTimeEndpoint

TARGET = re.compile(r"[^/\s*?][^\s]*(\.tar\.gz|\*)|\*")


@checked_arguments
class MultiModelEndpoint(RealTimeEndpoint):
    """A :class:`RealTimeEndpoint` whose model is a prefix of many archives; the caller names one of them.

    All models under the prefix share containers, memory and the role, so they are one trust zone
    of one project. Who may ask for which is said by :meth:`grant_invoke`, who may add one by
    :meth:`grant_add_models`; a model is served as soon as its archive lies under the prefix.

    Controls: those of ``RealTimeEndpoint``.

    Args:
        scope: The parent construct.
        construct_id: The id in that scope.
        model: The model, whose ``model_data`` is a prefix; ``model_cache=False`` suits very many
            models that are asked seldom.
        encryption_key: The key of the volumes.
        data_capture: Where requests and answers are kept.
        endpoint_name: A name; one made of the construct's path when omitted.
        instance_type: The type, ``ml.m5.large`` by default.
        allowed_instance_types: The types that may be used; a list of common ones by default.
        instance_count: How many instances at the start, and at least; 2 by default.
        scaling: How their number follows the load; up to twice ``instance_count`` by default.
        deployment: How traffic moves in an update; one instance first by default.
        rollback_alarms: What brings traffic back; an alarm on failed requests when omitted.
        maximum_latency: What one answer in a hundred may take; loading a model counts.
        alarm_topic: Whom the endpoint's own alarms tell.
        single_instance: Run one instance only, for a sandbox.
        fixed_capacity: Do not scale.
        local_storage: Use instances whose disks take no key.
        no_data_capture: Keep nothing of requests and answers.
        no_rollback: Update without an alarm that brings traffic back.

    Raises:
        ConstructError: An argument cannot be used; the message says what to change.

    Source: https://docs.aws.amazon.com/sagemaker/latest/dg/multi-model-endpoints.html

    Cost:
        As a ``RealTimeEndpoint``, for any number of models.

    Example:
        ``docs/examples/serving_variants.py`` is a complete app.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        model: Model,
        encryption_key: kms.IKey,
        data_capture: DataCapture | None = None,
        endpoint_name: str | None = None,
        instance_type: str = "ml.m5.large",
        allowed_instance_types: Sequence[str] = INSTANCE_TYPES,
        instance_count: int = 2,
        scaling: EndpointScaling | None = None,
        deployment: DeploymentStrategy | None = None,
        rollback_alarms: Sequence[cloudwatch.IAlarm] | None = None,
        maximum_latency: Duration | None = None,
        alarm_topic: sns.ITopic | None = None,
        single_instance: Relaxation | None = None,
        fixed_capacity: Relaxation | None = None,
        local_storage: Relaxation | None = None,
        no_data_capture: Relaxation | None = None,
        no_rollback: Relaxation | None = None,
    ) -> None:
        if model.model_data is None or not model.is_multi_model:
            raise ConstructError(
                scope,
                construct_id,
                "the model has one artifact, not many",
                "Give the model model_data=ModelData(bucket, 'project/models/'), with the slash.",
            )
        super().__init__(
            scope,
            construct_id,
            model=model,
            encryption_key=encryption_key,
            data_capture=data_capture,
            endpoint_name=endpoint_name,
            instance_type=instance_type,
            allowed_instance_types=allowed_instance_types,
            instance_count=instance_count,
            scaling=scaling,
            deployment=deployment,
            rollback_alarms=rollback_alarms,
            maximum_latency=maximum_latency,
            alarm_topic=alarm_topic,
            single_instance=single_instance,
            fixed_capacity=fixed_capacity,
            local_storage=local_storage,
            no_data_capture=no_data_capture,
            no_rollback=no_rollback,
        )
        self.model_data = model.model_data

    def grant_invoke(self, grantee: iam.IGrantable, *, target_models: Sequence[str] = ("*",)) -> iam.Grant:
        """Let a principal ask models of this endpoint for predictions.

        Args:
            grantee: The principal.
            target_models: The models, as callers name them: ``berlin.tar.gz``, or with a ``*`` at
                the end ``berlin/*``; all of them by default.

        Raises:
            ConstructError: One of them is no name of a model, or there is none.
        """
        _check_targets(self, target_models)
        return iam.Grant.add_to_principal(
            grantee=grantee,
            # Streams know no target model.
            actions=["sagemaker:InvokeEndpoint"],
            resource_arns=[self.endpoint_arn],
            conditions={"StringLike": {"sagemaker:TargetModel": list(target_models)}},
        )

    def grant_add_models(self, grantee: iam.IGrantable, *, target_models: Sequence[str] = ("*",)) -> None:
        """Let a principal put archives under the prefix, which are served at once; nobody approves them.

        It cannot delete any: SageMaker keeps a model in memory after its archive has gone.

        Args:
            grantee: The principal, a pipeline that deploys for example.
            target_models: The models, as in :meth:`grant_invoke`; all of them by default.

        Raises:
            ConstructError: One of them is no name of a model, or there is none.
        """
        _check_targets(self, target_models)
        bucket, key = self.model_data.bucket, self.model_data.bucket.encryption_key
        places = [bucket.arn_for_objects(f"{self.model_data.key}{target}") for target in target_models]
        rights = [statement(["s3:AbortMultipartUpload", "s3:PutObject"], places)]
        if key is not None:
            rights.append(statement(["kms:Decrypt", "kms:GenerateDataKey"], key.key_arn))
        give(grantee, rights)

    def metric_model_cache_hit(self) -> cloudwatch.Metric:
        """Return which share of the requests found its model in memory."""
        return self.metric("ModelCacheHit", statistic="Average")

    def metric_model_loading_time(self) -> cloudwatch.Metric:
        """Return how long models took to load, in microseconds."""
        return self.metric("ModelLoadingTime", statistic="p99")


def _check_targets(endpoint: MultiModelEndpoint, targets: Sequence[str]) -> None:
    wrong = [each for each in targets if not Token.is_unresolved(each) and not TARGET.fullmatch(each)]
    if wrong or not targets:
        raise ConstructError(
            endpoint,
            None,
            f"target_models holds {wrong[0]!r}, which names no model" if wrong else "target_models is empty",
            "Name archives under the prefix as in 'berlin.tar.gz', or many with a * at the end.",
        )
