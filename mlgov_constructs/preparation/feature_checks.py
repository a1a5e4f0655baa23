"""What is refused before a feature group exists."""

from __future__ import annotations

from collections.abc import Sequence

from aws_cdk import Token
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct

from mlgov_constructs.errors import ConstructError
from mlgov_constructs.identity import JobRole, JobType
from mlgov_constructs.preparation.feature import FEATURE_NAME, LONGEST_NAME, Feature, FeatureType
from mlgov_constructs.preparation.feature_group_properties import MOST_FEATURES

LONGEST_DESCRIPTION = 128
EVENT_TIMES = (FeatureType.STRING, FeatureType.FRACTIONAL)


def check_name(scope: Construct, construct_id: str, name: str | None) -> None:
    """Refuse a name that no feature group can have.

    Raises:
        ConstructError: The name has another form.
    """
    if name is not None and (len(name) > LONGEST_NAME or not FEATURE_NAME.fullmatch(name)):
        raise ConstructError(
            scope,
            construct_id,
            f"feature_group_name {name!r} is no name of a feature group",
            "Use up to 64 letters, digits, '-' and '_', a letter or digit first and last, known at synthesis.",
        )


def check_features(
    scope: Construct, construct_id: str, *, features: Sequence[Feature], record_identifier: str, event_time: str
) -> None:
    """Refuse features that Feature Store or its table cannot take.

    Args:
        scope: The parent of the feature group.
        construct_id: Its id.
        features: Its features.
        record_identifier: The feature that names a record.
        event_time: The feature that says when a record was true.

    Raises:
        ConstructError: What was found, and what to do.
    """
    if not 1 <= len(features) <= MOST_FEATURES:
        raise ConstructError(
            scope, construct_id, f"{len(features)} features are no feature group", f"Give 1 to {MOST_FEATURES:,}."
        )
    # The table knows no difference between capital and small letters, nor between '-' and '_'.
    columns = [feature.name.lower().replace("-", "_") for feature in features]
    if twice := next((column for column in columns if columns.count(column) > 1), None):
        raise ConstructError(
            scope,
            construct_id,
            f"features holds two that are one column, {twice!r}",
            "Name features so that they differ by more than case, '-' and '_'.",
        )
    types = {feature.name: feature.type for feature in features}
    for argument, name in (("record_identifier", record_identifier), ("event_time", event_time)):
        if name not in types:
            raise ConstructError(
                scope,
                construct_id,
                f"{argument} {name!r} is none of the features",
                "Add it to features, or name one of them.",
            )
    if record_identifier == event_time:
        raise ConstructError(
            scope,
            construct_id,
            f"record_identifier and event_time are both {event_time!r}",
            "A record needs a name and a time: use two features.",
        )
    if types[event_time] not in EVENT_TIMES:
        raise ConstructError(
            scope,
            construct_id,
            f"event_time {event_time!r} is {types[event_time].value}",
            "Make it a string (ISO 8601) or fractional (seconds since 1970).",
        )


def check_description(scope: Construct, construct_id: str, description: str | None) -> None:
    """Refuse a description that is too long.

    Raises:
        ConstructError: It is longer than 128 characters.
    """
    if description is not None and not Token.is_unresolved(description) and len(description) > LONGEST_DESCRIPTION:
        raise ConstructError(
            scope,
            construct_id,
            f"the description has {len(description)} characters",
            f"SageMaker takes {LONGEST_DESCRIPTION}.",
        )


def check_role(scope: Construct, construct_id: str, role: iam.IRole, project: str) -> None:
    """Refuse a job role that is for other work or another project.

    Raises:
        ConstructError: It is.
    """
    if not isinstance(role, JobRole):
        return
    if role.job is not JobType.FEATURE_STORE:
        raise ConstructError(
            scope,
            construct_id,
            f"the role is for {role.job.value}, not for the feature store",
            "Give a JobRole with job=JobType.FEATURE_STORE.",
        )
    if role.project != project:
        raise ConstructError(
            scope,
            construct_id,
            f"the role is of project {role.project!r}, the database of {project!r}",
            "Give role and database of one project.",
        )


def check_bucket_key(scope: Construct, construct_id: str, bucket: s3.IBucket) -> kms.IKey:
    """Return the key of the bucket, which the offline store is encrypted with.

    Raises:
        ConstructError: The bucket has none.
    """
    if bucket.encryption_key is None:
        raise ConstructError(
            scope,
            construct_id,
            f"bucket {bucket.node.path} has no customer managed key",
            "Use a GovernedBucket; import one with Bucket.from_bucket_attributes(encryption_key=...).",
        )
    return bucket.encryption_key
