"""Faults of the repositories of training images."""

from __future__ import annotations

import json

from tests.controls.mutations.faults import Mutation, with_value, without

REPOSITORY = "AWS::ECR::Repository"
POLICY = "Properties/RepositoryPolicyText"
PULL = {"Effect": "Allow", "Action": "ecr:BatchGetImage"}
LIFECYCLE = "Properties/LifecyclePolicy"


def lifecycle(status: str) -> dict[str, str]:
    """A lifecycle policy with one rule."""
    rule = {"rulePriority": 1, "selection": {"tagStatus": status, "countNumber": 30}, "action": {"type": "expire"}}
    return {"LifecyclePolicyText": json.dumps({"rules": [rule]})}


TRAINING = (
    Mutation(
        "MLG-TRN-01", "admits everybody", REPOSITORY, with_value(POLICY, {"Statement": [{**PULL, "Principal": "*"}]})
    ),
    Mutation(
        "MLG-TRN-01",
        "admits everybody by ARN",
        REPOSITORY,
        with_value(POLICY, {"Statement": [{**PULL, "Principal": {"AWS": "*"}}]}),
    ),
    Mutation("MLG-TRN-02", "is deleted with the stack", REPOSITORY, with_value("DeletionPolicy", "Delete")),
    Mutation("MLG-TRN-02", "says nothing of deletion", REPOSITORY, without("DeletionPolicy")),
    Mutation("MLG-TRN-02", "is deleted when replaced", REPOSITORY, with_value("UpdateReplacePolicy", "Delete")),
    Mutation("MLG-TRN-03", "removes old images", REPOSITORY, with_value(LIFECYCLE, lifecycle("any"))),
    Mutation("MLG-TRN-03", "removes images with a tag", REPOSITORY, with_value(LIFECYCLE, lifecycle("tagged"))),
)
