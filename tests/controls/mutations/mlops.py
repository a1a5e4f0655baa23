"""Faults of model package groups and pipelines."""

from __future__ import annotations

from tests.controls.mutations.faults import Mutation, statement_added, with_value, without

GROUP = "AWS::SageMaker::ModelPackageGroup"
POLICY = "Properties/ModelPackageGroupPolicy/Statement"
EVERYBODY = {"Effect": "Allow", "Principal": "*", "Action": "sagemaker:DescribeModelPackage", "Resource": "*"}
MLOPS = (
    Mutation("MLG-MLO-01", "is shared with everybody", GROUP, statement_added(POLICY, EVERYBODY)),
    Mutation(
        "MLG-MLO-02",
        "lets readers approve",
        GROUP,
        statement_added(POLICY, {**EVERYBODY, "Action": ["sagemaker:UpdateModelPackage"]}),
    ),
    Mutation(
        "MLG-MLO-02",
        "allows all but one action",
        GROUP,
        statement_added(POLICY, {**EVERYBODY, "Action": [], "NotAction": "sagemaker:DeleteModelPackage"}),
    ),
    Mutation("MLG-MLO-03", "goes with its stack", GROUP, with_value("DeletionPolicy", "Delete")),
    Mutation("MLG-MLO-03", "goes when it is replaced", GROUP, without("UpdateReplacePolicy")),
    Mutation("MLG-MLO-04", "has no tags", GROUP, without("Properties/Tags")),
    Mutation("MLG-MLO-04", "has another tag", GROUP, with_value("Properties/Tags/*/Key", "project")),
)
