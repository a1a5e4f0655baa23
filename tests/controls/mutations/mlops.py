"""Faults of model package groups and pipelines."""

from __future__ import annotations

from tests.controls.mutations.faults import Change, Json, Mutation, Resource, each, statement_added, with_value, without

GROUP, PIPELINE = "AWS::SageMaker::ModelPackageGroup", "AWS::SageMaker::Pipeline"
CARD, VERSION = "AWS::SageMaker::ModelCard", "AWS::SageMaker::ModelPackage"
POLICY = "Properties/ModelPackageGroupPolicy/Statement"
IMAGE = "Properties/InferenceSpecification/Containers/*/Image"
EVERYBODY = {"Effect": "Allow", "Principal": "*", "Action": "sagemaker:DescribeModelPackage", "Resource": "*"}
ALL_BUT_ONE = {
    **{name: said for name, said in EVERYBODY.items() if name != "Principal"},
    "NotPrincipal": {"AWS": "111122223333"},
}
ISOLATION, ENCRYPTION = '"EnableNetworkIsolation":true', '"EnableInterContainerTrafficEncryption":true'


def rewritten(old: str, new: str) -> Change:
    """Replace a text wherever it stands in the definition of a pipeline, which is a text in parts."""

    def change(resource: Resource) -> None:
        definition = resource["Properties"]["PipelineDefinition"]
        definition["PipelineDefinitionBody"] = replaced(definition["PipelineDefinitionBody"], old, new)

    return each(change)


def is_in_template(pipeline: Resource) -> bool:
    """Whether the definition of a pipeline with isolated jobs is there to be read."""
    return ISOLATION in str(pipeline["Properties"]["PipelineDefinition"].get("PipelineDefinitionBody"))


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
    Mutation("MLG-MLO-01", "is shared with all but one", GROUP, statement_added(POLICY, ALL_BUT_ONE), is_shared),
    Mutation("MLG-MLO-01", "has a statement alone", GROUP, with_value(POLICY, EVERYBODY), is_shared),
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
    Mutation("MLG-MLO-08", "has no key", CARD, without("Properties/SecurityConfig")),
    Mutation(
        "MLG-MLO-08",
        "has the key of AWS",
        CARD,
        with_value("Properties/SecurityConfig/KmsKeyId", "alias/aws/sagemaker"),
    ),
    Mutation("MLG-MLO-09", "is approved by its template", CARD, with_value("Properties/ModelCardStatus", "Approved")),
    Mutation(
        "MLG-MLO-09",
        "has a card that its template approves",
        VERSION,
        with_value("Properties/ModelCard/ModelCardStatus", "Approved"),
    ),
    Mutation("MLG-MLO-10", "goes with its stack", CARD, with_value("DeletionPolicy", "Delete")),
    Mutation("MLG-MLO-10", "goes when it is replaced", CARD, without("UpdateReplacePolicy")),
    Mutation("MLG-MLO-10", "has no tags", CARD, without("Properties/Tags")),
    Mutation("MLG-MLO-10", "has another tag", CARD, with_value("Properties/Tags/*/Key", "project")),
    Mutation(
        "MLG-MLO-11", "is approved by its template", VERSION, with_value("Properties/ModelApprovalStatus", "Approved")
    ),
    Mutation("MLG-MLO-11", "is in no group", VERSION, without("Properties/ModelPackageGroupName")),
    Mutation("MLG-MLO-12", "has an image by its tag", VERSION, with_value(IMAGE, "registry.example.org/churn:1")),
    Mutation("MLG-MLO-12", "has no image", VERSION, without(IMAGE)),
    Mutation("MLG-MLO-12", "has no container", VERSION, without("Properties/InferenceSpecification")),
    Mutation("MLG-MLO-13", "has no metadata", VERSION, without("Properties/CustomerMetadataProperties")),
    *(
        Mutation(
            "MLG-MLO-13",
            f"does not say its {name}",
            VERSION,
            without(f"Properties/CustomerMetadataProperties/mlgov:{name}"),
        )
        for name in ("data-version", "code-commit", "image")
    ),
    Mutation("MLG-MLO-14", "has no key", VERSION, without("Properties/SecurityConfig")),
    Mutation(
        "MLG-MLO-14",
        "has the key of AWS",
        VERSION,
        with_value("Properties/SecurityConfig/KmsKeyId", "alias/aws/sagemaker"),
    ),
    Mutation("MLG-MLO-14", "goes with its stack", VERSION, with_value("DeletionPolicy", "Delete")),
    Mutation("MLG-MLO-14", "goes when it is replaced", VERSION, without("UpdateReplacePolicy")),
)
