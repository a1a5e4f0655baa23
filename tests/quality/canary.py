"""A stage with known faults: a pack that reports less of it has gone silent."""

from __future__ import annotations

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sagemaker as sagemaker
from aws_cdk import aws_servicecatalog as servicecatalog
from constructs import Construct


class CanaryProduct(servicecatalog.ProductStack):
    """A product whose notebook is as open as one can be."""

    def __init__(self, scope: Construct, construct_id: str) -> None:
        super().__init__(scope, construct_id)
        sagemaker.CfnNotebookInstance(self, "Notebook", instance_type="ml.t3.medium", role_arn="role")


class Canary(cdk.Stage):
    """A bucket, a role and two notebooks with the faults that the packs know."""

    def __init__(self, scope: Construct, construct_id: str) -> None:
        super().__init__(scope, construct_id)
        stack = cdk.Stack(self, "stack")
        self.bucket = s3.Bucket(stack, "Bucket")
        self.role = iam.Role(
            stack,
            "Role",
            assumed_by=iam.ServicePrincipal("sagemaker.amazonaws.com"),
            managed_policies=[iam.ManagedPolicy.from_aws_managed_policy_name("ReadOnlyAccess")],
        )
        self.role.add_to_policy(iam.PolicyStatement(actions=["s3:Get*"], resources=["*"]))
        self.notebook = sagemaker.CfnNotebookInstance(
            stack, "Notebook", instance_type="ml.t3.medium", role_arn=self.role.role_arn
        )
        template = servicecatalog.CloudFormationTemplate.from_product_stack(CanaryProduct(stack, "Product"))
        servicecatalog.CloudFormationProduct(
            stack,
            "Notebooks",
            product_name="notebook",
            owner="nobody",
            product_versions=[servicecatalog.CloudFormationProductVersion(cloud_formation_template=template)],
        )


_NOTEBOOKS = ("Notebook", "Product/Notebook")
_CONFORMANCE = {
    "IAMNoInlinePolicy": ("Role/DefaultPolicy/Resource",),
    "S3BucketLoggingEnabled": ("Bucket/Resource",),
    "S3BucketPublicReadProhibited": ("Bucket/Resource",),
    "S3BucketPublicWriteProhibited": ("Bucket/Resource",),
    "S3BucketReplicationEnabled": ("Bucket/Resource",),
    "S3BucketSSLRequestsOnly": ("Bucket/Resource",),
    "S3BucketVersioningEnabled": ("Bucket/Resource",),
    "S3DefaultEncryptionKMS": ("Bucket/Resource",),
    "SageMakerNotebookInstanceKMSKeyConfigured": _NOTEBOOKS,
    "SageMakerNotebookNoDirectInternetAccess": _NOTEBOOKS,
}

#: Pack to rule to the constructs that break it, below the canary's stack.
KNOWN_FINDINGS: dict[str, dict[str, tuple[str, ...]]] = {
    "AwsSolutions": {
        "AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/ReadOnlyAccess]": ("Role/Resource",),
        "AwsSolutions-IAM5[Action::s3:Get*]": ("Role/DefaultPolicy/Resource",),
        "AwsSolutions-IAM5[Resource::*]": ("Role/DefaultPolicy/Resource",),
        "AwsSolutions-S1": ("Bucket/Resource",),
        "AwsSolutions-S10": ("Bucket/Resource",),
        "AwsSolutions-SM1": _NOTEBOOKS,
        "AwsSolutions-SM2": _NOTEBOOKS,
        "AwsSolutions-SM3": _NOTEBOOKS,
    },
    **{
        pack: {f"{pack}-{rule}": constructs for rule, constructs in _CONFORMANCE.items()}
        for pack in ("NIST.800.53.R5", "HIPAA.Security", "PCI.DSS.321")
    },
}
