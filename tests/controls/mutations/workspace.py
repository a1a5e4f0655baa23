"""Faults of notebooks."""

from __future__ import annotations

from tests.controls.mutations.faults import Mutation, with_value, without

NOTEBOOK, LIFECYCLE = "AWS::SageMaker::NotebookInstance", "AWS::SageMaker::NotebookInstanceLifecycleConfig"
WORKSPACE = (
    Mutation("MLG-WSP-01", "reaches the internet", NOTEBOOK, with_value("Properties/DirectInternetAccess", "Enabled")),
    Mutation("MLG-WSP-01", "says nothing of the internet", NOTEBOOK, without("Properties/DirectInternetAccess")),
    Mutation("MLG-WSP-02", "has no subnet", NOTEBOOK, without("Properties/SubnetId")),
    Mutation("MLG-WSP-02", "has no security group", NOTEBOOK, without("Properties/SecurityGroupIds")),
    Mutation("MLG-WSP-02", "has an empty list of groups", NOTEBOOK, with_value("Properties/SecurityGroupIds", [])),
    Mutation("MLG-WSP-03", "gives root access", NOTEBOOK, with_value("Properties/RootAccess", "Enabled")),
    Mutation("MLG-WSP-03", "says nothing of root access", NOTEBOOK, without("Properties/RootAccess")),
    Mutation(
        "MLG-WSP-04", "runs an old platform", NOTEBOOK, with_value("Properties/PlatformIdentifier", "notebook-al2-v2")
    ),
    Mutation("MLG-WSP-04", "names no platform", NOTEBOOK, without("Properties/PlatformIdentifier")),
    Mutation("MLG-WSP-05", "has no key", NOTEBOOK, without("Properties/KmsKeyId")),
    Mutation("MLG-WSP-05", "takes the key of AWS", NOTEBOOK, with_value("Properties/KmsKeyId", "alias/aws/sagemaker")),
    Mutation(
        "MLG-WSP-06", "says nothing of IMDS", NOTEBOOK, without("Properties/InstanceMetadataServiceConfiguration")
    ),
    Mutation(
        "MLG-WSP-06",
        "answers IMDSv1",
        NOTEBOOK,
        with_value("Properties/InstanceMetadataServiceConfiguration/MinimumInstanceMetadataServiceVersion", "1"),
    ),
    Mutation("MLG-WSP-07", "never stops", NOTEBOOK, without("Properties/LifecycleConfigName")),
    Mutation("MLG-WSP-07", "does nothing at the start", LIFECYCLE, without("Properties/OnStart")),
    Mutation("MLG-WSP-07", "has an empty list of scripts", LIFECYCLE, with_value("Properties/OnStart", [])),
    Mutation("MLG-WSP-07", "has no script", LIFECYCLE, without("Properties/OnStart/0/Content")),
    Mutation("MLG-WSP-08", "has no tags", NOTEBOOK, without("Properties/Tags")),
    Mutation("MLG-WSP-08", "has another tag", NOTEBOOK, with_value("Properties/Tags/*/Key", "project")),
)
