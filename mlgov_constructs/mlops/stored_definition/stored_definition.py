"""The definition of a pipeline in S3."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import resources
from typing import Any

from aws_cdk import CustomResource, Duration
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from aws_cdk import aws_s3 as s3
from constructs import Construct

from mlgov_constructs.argument_types import checked_arguments
from mlgov_constructs.aws_tokens import aws_tokens, service_principal
from mlgov_constructs.controls import claim
from mlgov_constructs.errors import ConstructError
from mlgov_constructs.identity import GovernedRole
from mlgov_constructs.identity.grants import statement
from mlgov_constructs.inline_function import InlineFunction, write_own_log
from mlgov_constructs.mlops.stored_definition.packed_definition import LONGEST_PACKED, PackedDefinition
from mlgov_constructs.protection import DataKey

TIMEOUT_SECONDS = 60


@checked_arguments
class StoredDefinition(Construct):
    """The definition of a pipeline as a version of an object in S3, for one that fits no template.

    It creates a custom resource, ``Custom::PipelineDefinition``, and its function. The template
    holds the definition compressed; the function fills in what is known only when the stack is
    deployed, refuses a job that is not isolated, and writes the object, encrypted with the key
    of its bucket. Each change is a new version, and old ones stay when the stack goes.

    The function runs outside the VPC: a bucket that admits its endpoints alone must name the
    role of the function among its ``administrators``.

    Controls: ``MLG-IDN-01`` to ``MLG-IDN-03`` of its role, ``MLG-PRT-15`` of its log.

    Args:
        scope: The parent construct.
        construct_id: The id in that scope.
        definition: The definition, as ``PipelineDefinition.render`` makes it.
        bucket: Where it lies; it must keep versions.
        object_key: Its key in the bucket.
        encryption_key: The key of the function's log.
        permissions_boundary: The ceiling of the function's role.
        relaxed_steps: Names of steps whose jobs may be open, by a recorded relaxation.
        log_retention: How long the function's log is kept.

    Raises:
        ConstructError: The definition is too long even when compressed.

    Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_PipelineDefinitionS3Location.html

    Cost: next to nothing: it runs at deployment.

    Example:
        ``ModelPipeline`` creates it for a definition of more than 100,000 characters.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        definition: Mapping[str, Any],
        bucket: s3.IBucket,
        object_key: str,
        encryption_key: kms.IKey,
        permissions_boundary: iam.IManagedPolicy,
        relaxed_steps: Sequence[str] = (),
        log_retention: logs.RetentionDays = logs.RetentionDays.ONE_YEAR,
    ) -> None:
        packed = PackedDefinition.of(definition)
        if len(packed.document) > LONGEST_PACKED:
            raise ConstructError(
                scope,
                construct_id,
                f"the definition of the pipeline has {len(packed.document)} characters when it is compressed",
                f"Keep it within {LONGEST_PACKED}: bring scripts in an image, or split the pipeline.",
            )
        super().__init__(scope, construct_id)
        if isinstance(encryption_key, DataKey):
            encryption_key.allow_cloud_watch_logs()
        log_group = logs.LogGroup(self, "Log", encryption_key=encryption_key, retention=log_retention)
        claim(log_group, ["MLG-PRT-15"])
        role = GovernedRole(
            self,
            "Role",
            assumed_by=iam.ServicePrincipal(service_principal("lambda")),
            description="Writes the definition of a pipeline to S3 at deployment",
            permissions_boundary=permissions_boundary,
            statements=[
                write_own_log(log_group),
                *_allow(bucket, object_key, ["s3:PutObject"], "kms:GenerateDataKey"),
            ],
        )
        function = InlineFunction(
            self,
            "Function",
            description="Writes the definition of a pipeline to S3",
            source=resources.files(__package__).joinpath("handler.py").read_text("utf-8"),
            role=role,
            rights=role.rights,
            log_group=log_group,
            timeout=Duration.seconds(TIMEOUT_SECONDS),
        )
        self._resource = CustomResource(
            self,
            "Resource",
            service_token=function.function_arn,
            resource_type="Custom::PipelineDefinition",
            service_timeout=Duration.seconds(TIMEOUT_SECONDS + 60),
            properties={
                "Bucket": bucket.bucket_name,
                "Key": object_key,
                "Definition": packed.document,
                "Values": dict(packed.values),
                "Relaxed": list(relaxed_steps),
            },
        )
        self._bucket, self._object_key = bucket, object_key

    @property
    def location(self) -> dict[str, str]:
        """The place with its version, as ``CfnPipeline`` takes it: a change of the definition changes it."""
        version = self._resource.get_att_string("VersionId")
        return {"Bucket": self._bucket.bucket_name, "Key": self._object_key, "Version": version}

    def read_statements(self) -> list[dict[str, Any]]:
        """Return what a principal needs to read it, in JSON."""
        return _allow(self._bucket, self._object_key, ["s3:GetObject", "s3:GetObjectVersion"], "kms:Decrypt")


def _allow(bucket: s3.IBucket, object_key: str, actions: list[str], key_action: str) -> list[dict[str, Any]]:
    tokens = aws_tokens()
    statements = [statement(actions, bucket.arn_for_objects(object_key))]
    if bucket.encryption_key is not None:
        via = {"StringEquals": {"kms:ViaService": f"s3.{tokens.region}.{tokens.url_suffix}"}}
        statements.append(statement([key_action], bucket.encryption_key.key_arn, via))
    return statements
