"""A trained model that is brought to the registry."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from aws_cdk import RemovalPolicy, Resource, Stack, Token
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sagemaker as sagemaker
from constructs import Construct

from mlgov_constructs.argument_types import checked_arguments
from mlgov_constructs.controls import claim
from mlgov_constructs.errors import ConstructError
from mlgov_constructs.mlops.model_card.model_card_content import ModelCardContent
from mlgov_constructs.mlops.model_package_properties import CONTROLS, model_package_properties
from mlgov_constructs.mlops.model_registry import ModelRegistry
from mlgov_constructs.mlops.model_reports import ModelReports
from mlgov_constructs.mlops.register_model_step import BATCH_TYPES, SERVING_TYPES
from mlgov_constructs.protection import effective_removal_policy
from mlgov_constructs.protection.data_removal import removal_relaxation
from mlgov_constructs.serving import ContainerImage, ModelData

METADATA = re.compile(r"[\w\s_.:/=+\-@]{1,256}")
LONGEST_DESCRIPTION = 1024


@checked_arguments
class RegisteredModel(Resource):
    """A model that was trained elsewhere, as a version in a registry that waits for approval.

    It creates a ``AWS::SageMaker::ModelPackage`` of an artifact and an image. What a version is
    stays as it was: a change of any argument registers the next version, under another logical id,
    and leaves the last one in the registry with what was decided on it.

    Its metadata say where it comes from, by the names that ``RegisterModelStep`` uses:
    ``mlgov:data-version``, ``mlgov:code-commit``, ``mlgov:image``, ``mlgov:project``, and besides
    ``mlgov:origin`` and ``mlgov:model-data-version``.

    Controls: ``MLG-MLO-09`` (card not approved), ``MLG-MLO-11`` (pending), ``MLG-MLO-12`` (digest),
    ``MLG-MLO-13`` (origin), ``MLG-MLO-14`` (encrypted, retained).

    Args:
        scope: The parent construct.
        construct_id: The id in that scope.
        registry: The registry.
        image: The image that serves it, by digest.
        model_data: The artifact, a ``.tar.gz`` archive.
        model_data_version: The version of that object in its bucket. SageMaker reads the newest, so
            give each version of a model a key of its own; the metadata keep the version to compare.
        encryption_key: The key that encrypts what SageMaker keeps of the version.
        origin: Where it was trained, a ticket or a system for example; up to 256 characters.
        data_version: The version of the data that it was trained of.
        code_commit: The commit of the code that trained it.
        card: What is known of it; it becomes the draft of the version's card.
        reports: What was measured.
        description: What it is, up to 1,024 characters.
        content_types: What it reads.
        response_types: What it answers.
        serving_instance_types: The types of machines that may serve it.
        batch_instance_types: The types of machines that may transform batches with it.
        metadata: More metadata.
        removal_policy: ``DESTROY`` is honoured only with the context flag
            ``mlgov:allowDataRemoval``; the version is retained otherwise.

    Raises:
        ConstructError: An argument cannot be used; the message says what to change.

    Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-sagemaker-modelpackage.html

    Cost: none; the artifact costs what S3 costs.

    Example:
        ``docs/examples/registry.py`` is a complete app.
    """

    CONTROLS: ClassVar[tuple[str, ...]] = CONTROLS

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        registry: ModelRegistry,
        image: ContainerImage,
        model_data: ModelData,
        model_data_version: str,
        encryption_key: kms.IKey,
        origin: str,
        data_version: str,
        code_commit: str,
        card: ModelCardContent | None = None,
        reports: ModelReports | None = None,
        description: str | None = None,
        content_types: Sequence[str] = ("text/csv",),
        response_types: Sequence[str] = ("text/csv",),
        serving_instance_types: Sequence[str] = SERVING_TYPES,
        batch_instance_types: Sequence[str] = BATCH_TYPES,
        metadata: Mapping[str, str] | None = None,
        removal_policy: RemovalPolicy = RemovalPolicy.RETAIN,
    ) -> None:
        said = {
            **(metadata or {}),
            "mlgov:code-commit": code_commit,
            "mlgov:data-version": data_version,
            "mlgov:image": image.uri,
            "mlgov:model-data-version": model_data_version,
            "mlgov:origin": origin,
            "mlgov:project": registry.project,
        }
        _check_sources(scope, construct_id, image, model_data)
        _check_texts(scope, construct_id, said, description, card)
        super().__init__(scope, construct_id)
        effective = effective_removal_policy(scope, construct_id, removal_policy)
        properties = model_package_properties(
            model_package_group_name=registry.model_package_group_name,
            image=image.uri,
            model_data_url=model_data.url,
            metadata=said,
            key_arn=encryption_key.key_arn,
            content_types=content_types,
            response_types=response_types,
            serving_instance_types=serving_instance_types,
            batch_instance_types=batch_instance_types,
            card=card.version_document() if card else None,
            metrics=reports.metrics() if reports else None,
            description=description,
        )
        resource = sagemaker.CfnModelPackage(self, "Resource", **properties)
        # SageMaker refuses tags of a version, and an app may tag everything.
        resource.add_property_deletion_override("Tags")
        resource.override_logical_id(f"{Stack.of(self).get_logical_id(resource)}{_fingerprint(self, properties)}")
        resource.apply_removal_policy(effective)
        claim(resource, self.CONTROLS, {"MLG-MLO-14": removal_relaxation(effective)})
        resource.node.add_dependency(registry.resource)
        self.registry = registry
        self._resource = resource

    @property
    def model_package_arn(self) -> str:
        """The ARN of the version; SageMaker serves it when it is approved."""
        return self._resource.ref


def _fingerprint(scope: Construct, properties: Mapping[str, Any]) -> str:
    """What tells one content from another, in the few letters that a logical id has room for."""
    content = json.dumps(Stack.of(scope).resolve(dict(properties)), sort_keys=True)
    return hashlib.sha256(content.encode()).hexdigest()[:8]


def _check_sources(scope: Construct, construct_id: str, image: ContainerImage, model_data: ModelData) -> None:
    if not image.is_pinned:
        raise ConstructError(
            scope,
            construct_id,
            f"image {image.uri!r} is named by a tag, which can be moved",
            "Name it by its digest, @sha256:...",
        )
    if not Token.is_unresolved(model_data.key) and not model_data.key.endswith(".tar.gz"):
        raise ConstructError(
            scope,
            construct_id,
            f"model_data {model_data.key!r} is no archive",
            "Use the key of one .tar.gz archive: a version is one model.",
        )


def _check_texts(
    scope: Construct,
    construct_id: str,
    metadata: Mapping[str, str],
    description: str | None,
    card: ModelCardContent | None,
) -> None:
    for name, value in metadata.items():
        if not Token.is_unresolved(value) and not METADATA.fullmatch(value):
            raise ConstructError(
                scope,
                construct_id,
                f"metadata {name} cannot be {value!r}",
                "Use 1 to 256 letters, digits, spaces and _ . : / = + - @.",
            )
    if description is not None and not Token.is_unresolved(description) and len(description) > LONGEST_DESCRIPTION:
        raise ConstructError(
            scope,
            construct_id,
            f"description has {len(description)} characters, more than {LONGEST_DESCRIPTION}",
            "Say more in the card.",
        )
    if card is not None and (problem := next(card.problems(), None)):
        raise ConstructError(scope, construct_id, problem, "SageMaker refuses it: write it, or write less.")
