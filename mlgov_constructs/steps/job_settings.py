"""Where and as whom the jobs of a pipeline run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from mlgov_constructs.identity import PROJECT_TAG


@dataclass(frozen=True, kw_only=True)
class JobSettings:
    """The network, the key, the roles and the output of every job of a pipeline.

    Steps do not choose them: ``ModelPipeline`` takes them of its environment, and the template
    of a product of the parameters of the workspace. Values may be tokens and dynamic references.

    Attributes:
        project: The project, which becomes a tag of each job.
        subnet_ids: The isolated subnets.
        security_group_ids: The security groups.
        key_arn: The key of volumes and output.
        training_role_arn: The role of training jobs.
        processing_role_arn: The role of processing jobs.
        output_uri: Where the jobs write, ``s3://...`` without a slash at the end, under the
            project's prefix.
        tags: More tags.
        cluster_security_group_id: The group by which the machines of one job reach each other;
            jobs have one machine when omitted.

    Example:
        ``docs/examples/mlops.py`` is a complete app.
    """

    project: str
    subnet_ids: Sequence[str]
    security_group_ids: Sequence[str]
    key_arn: str
    training_role_arn: str
    processing_role_arn: str
    output_uri: str
    tags: Mapping[str, str] = field(default_factory=dict)
    cluster_security_group_id: str | None = None

    def vpc_config(self, *, machines: int = 1) -> dict[str, list[str]]:
        """Return the network of a job.

        Args:
            machines: How many machines it has.
        """
        groups = list(self.security_group_ids)
        if machines > 1 and self.cluster_security_group_id is not None:
            groups.append(self.cluster_security_group_id)
        return {"SecurityGroupIds": groups, "Subnets": list(self.subnet_ids)}

    def job_tags(self) -> list[dict[str, str]]:
        """Return the tags of a job."""
        return [{"Key": key, "Value": value} for key, value in {**self.tags, PROJECT_TAG: self.project}.items()]
