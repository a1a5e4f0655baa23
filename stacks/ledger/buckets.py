"""What is accepted of the buckets."""

from __future__ import annotations

from collections.abc import Iterator

from aws_cdk import aws_s3 as s3
from constructs import IConstruct

from stacks.ledger.accepting import in_packs, resource_of
from stacks.ledger.acknowledgments import Acknowledgment
from stacks.ledger.reading import of_type
from stacks.ml_environment import MlEnvironment


def of_the_buckets(environment: MlEnvironment) -> Iterator[Acknowledgment[MlEnvironment]]:
    """Return what is accepted of the buckets."""
    archive = environment.foundation.log_archive
    buckets = [
        *environment.data.buckets,
        archive,
        archive.access_log_bucket,
        *_in(environment.catalog.node.try_find_child("ProjectTemplate")),
        *_in(environment.inventory),
        *_in(environment.compliance),
    ]
    yield Acknowledgment(
        ids=in_packs("S3BucketReplicationEnabled"),
        constructs=lambda _: [resource_of(bucket) for bucket in buckets],
        reason="Where copies may lie is the data owner's decision; versions and retention guard against loss.",
        holds=lambda template: all(
            bucket["Properties"]["VersioningConfiguration"]["Status"] == "Enabled"
            and bucket["DeletionPolicy"].startswith("Retain")
            for _, bucket in of_type(template, "AWS::S3::Bucket")
        ),
    )
    yield Acknowledgment(
        ids=in_packs("S3DefaultEncryptionKMS"),
        constructs=lambda _: [resource_of(archive.access_log_bucket)],
        reason="S3 delivers server access logs only to buckets whose default encryption is SSE-S3.",
        holds=lambda template: any(
            bucket["Properties"].get("LoggingConfiguration", {}).get("DestinationBucketName") == {"Ref": name}
            for name, _ in of_type(template, "AWS::S3::Bucket")
            if "AccessLogs" in name
            for _, bucket in of_type(template, "AWS::S3::Bucket")
        ),
    )


def _in(scope: IConstruct | None) -> list[IConstruct]:
    """The buckets in a scope."""
    return [each for each in scope.node.find_all() if isinstance(each, s3.Bucket)] if scope else []
