"""Faults of model package groups and pipelines."""

from __future__ import annotations

from tests.controls.mutations.faults import Change, Json, Mutation, Resource, each, statement_added, with_value, without

GROUP, PIPELINE = "AWS::SageMaker::ModelPackageGroup", "AWS::SageMaker::Pipeline"
POLICY = "Properties/ModelPackageGroupPolicy/Statement"
EVERYBODY = {"Effect": "Allow", "Principal": "*", "Action": "sagemaker:DescribeModelPackage", "Resource": "*"}
ISOLATION, ENCRYPTION = '"EnableNetworkIsolation":true', '"EnableInterContainerTrafficEncryption":true'


def rewritten(old: str, new: str) -> Change:
    """Replace a text wherever it stands in the definition of a pipeline, which is a text in parts."""

    def change(resource: Resource) -> None:
        definition = resource["Properties"]["PipelineDefinition"]
        definition["PipelineDefinitionBody"] = replaced(definition["PipelineDefinitionBody"], old, new)

    return each(change)


def is_in_template(pipeline: Resource) -> bool:
    """Whether the definition of a pipeline is there to be read."""
    return "PipelineDefinitionBody" in pipeline["Properties"]["PipelineDefinition"]


def replaced(value: Json, old: str, new: str) -> Json:
    """Replace a text in every text of a value."""
    if isinstance(value, dict):
        return {key: replaced(each_value, old, new) for key, each_value in value.items()}
    if isinstance(value, list):
        return [replaced(each_value, old, new) for each_value in value]
    return value.replace(old, new) if isinstance(value, str) else value


def is_shared(group: Resource) -> bool:
    """Whether a group has readers in other accounts."""
    return "ModelPackageGroupPolicy" in group["Properties"]


MLOPS = (
    Mutation("MLG-MLO-01", "is shared with everybody", GROUP, statement_added(POLICY, EVERYBODY), is_shared),
    Mutation(
        "MLG-MLO-02",
        "lets readers approve",
        GROUP,
        statement_added(POLICY, {**EVERYBODY, "Action": ["sagemaker:UpdateModelPackage"]}),
        is_shared,
    ),
    Mutation(
        "MLG-MLO-02",
        "allows all but one action",
        GROUP,
        statement_added(POLICY, {**EVERYBODY, "Action": [], "NotAction": "sagemaker:DeleteModelPackage"}),
        is_shared,
    ),
    Mutation("MLG-MLO-03", "goes with its stack", GROUP, with_value("DeletionPolicy", "Delete")),
    Mutation("MLG-MLO-03", "goes when it is replaced", GROUP, without("UpdateReplacePolicy")),
    Mutation("MLG-MLO-04", "has no tags", GROUP, without("Properties/Tags")),
    Mutation("MLG-MLO-04", "has another tag", GROUP, with_value("Properties/Tags/*/Key", "project")),
    Mutation(
        "MLG-MLO-05",
        "switches the isolation off",
        PIPELINE,
        rewritten(ISOLATION, ISOLATION.replace("true", "false")),
        is_in_template,
    ),
    Mutation(
        "MLG-MLO-05",
        "switches the encryption off",
        PIPELINE,
        rewritten(ENCRYPTION, ENCRYPTION.replace("true", "false")),
        is_in_template,
    ),
    Mutation("MLG-MLO-05", "says nothing of isolation", PIPELINE, rewritten(f"{ISOLATION},", ""), is_in_template),
    Mutation("MLG-MLO-05", "says nothing of encryption", PIPELINE, rewritten(f"{ENCRYPTION},", ""), is_in_template),
    Mutation("MLG-MLO-05", "names no subnets", PIPELINE, rewritten('"Subnets":', '"Others":'), is_in_template),
    Mutation("MLG-MLO-06", "runs all at once", PIPELINE, without("Properties/ParallelismConfiguration")),
    Mutation("MLG-MLO-07", "has no tags", PIPELINE, without("Properties/Tags")),
    Mutation("MLG-MLO-07", "has another tag", PIPELINE, with_value("Properties/Tags/*/Key", "project")),
)
