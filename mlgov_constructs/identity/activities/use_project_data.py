"""Read and write the data of a project."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from mlgov_constructs.aws_tokens import aws_tokens
from mlgov_constructs.identity.activities.activity import Activity, Statement
from mlgov_constructs.identity.activities.duty import Duty

OBJECT_WRITE = (
    "s3:AbortMultipartUpload",
    "s3:DeleteObject",
    "s3:ListMultipartUploadParts",
    "s3:PutObject",
    "s3:PutObjectTagging",
)
OBJECT_CHANGE = (
    "s3:AbortMultipartUpload",
    "s3:DeleteObject",
    "s3:DeleteObjectVersion",
    "s3:PutObject",
    "s3:PutObjectTagging",
)
OBJECT_READ = ("s3:GetObject", "s3:GetObjectTagging", "s3:GetObjectVersion")


@dataclass(frozen=True)
class UseProjectData(Activity):
    """Read, and unless told otherwise write, what lies under the prefix of a project.

    Attributes:
        project: The project; its data lies under ``<project>/``.
        bucket_arn: The bucket, of raw, curated or feature data, or of artifacts.
        key_arn: The key of the bucket, if it has one of its own.
        read_only: Whether writing is left out.
        kept: Folders of the project that are read and never written, whatever else is granted, for
            example ``("pipelines/churn-weekly",)``: where the models lie that others approve.

    Example:
        ``UseProjectData("churn", bucket.bucket_arn, key.key_arn, read_only=True).statements()``
    """

    duties: ClassVar[frozenset[Duty]] = frozenset({Duty.READ_DATA})
    project: str
    bucket_arn: str
    key_arn: str | None = None
    read_only: bool = False
    kept: Sequence[str] = ()

    def statements(self) -> list[Statement]:
        """Return the policy statements, in JSON."""
        tokens = aws_tokens()
        look = ["s3:GetBucketLocation"] if self.read_only else ["s3:GetBucketLocation", "s3:ListBucketMultipartUploads"]
        objects = OBJECT_READ if self.read_only else sorted((*OBJECT_READ, *OBJECT_WRITE))
        under_prefix = {"StringLike": {"s3:prefix": f"{self.project}/*"}}
        # No Sid: a role has these statements for many buckets, and the CDK merges those alike.
        statements: list[Statement] = [
            {"Effect": "Allow", "Action": "s3:ListBucket", "Resource": self.bucket_arn, "Condition": under_prefix},
            {"Effect": "Allow", "Action": look, "Resource": self.bucket_arn},
            {"Effect": "Allow", "Action": list(objects), "Resource": f"{self.bucket_arn}/{self.project}/*"},
        ]
        if self.kept:
            kept = [f"{self.bucket_arn}/{self.project}/{folder}/*" for folder in self.kept]
            statements.append({"Effect": "Deny", "Action": list(OBJECT_CHANGE), "Resource": kept})
        if self.key_arn is not None:
            use = ["kms:Decrypt", "kms:DescribeKey"]
            statements.append(
                {
                    "Effect": "Allow",
                    "Action": use if self.read_only else [*use, "kms:Encrypt", "kms:GenerateDataKey"],
                    "Resource": self.key_arn,
                    "Condition": {"StringEquals": {"kms:ViaService": f"s3.{tokens.region}.{tokens.url_suffix}"}},
                }
            )
        return statements
