"""The table of the local cloud: one class for each CloudFormation type that it models."""

from mlgov_constructs.local_cloud.resource_types import (
    application_auto_scaling,
    athena,
    backup,
    budgets,
    cloudformation_hooks,
    cloudtrail,
    cloudwatch,
    code_artifact,
    code_commit,
    config,
    cost_explorer,
    ec2_network,
    ec2_security,
    ecr,
    events,
    feature_store,
    glue,
    iam,
    kms,
    lambda_function,
    logs,
    mlflow,
    organizations,
    s3,
    sagemaker,
    sagemaker_mlops,
    sagemaker_monitoring,
    sagemaker_registry,
    sagemaker_serving,
    scheduler,
    security_hub,
    service_catalog,
    service_catalog_constraints,
    sns,
    sqs,
    ssm,
    step_functions,
    studio,
)
from mlgov_constructs.local_cloud.resource_types.resource_type import Call, ResourceType

__all__ = ["RESOURCE_TYPES", "Call", "ResourceType"]

_MODULES = (
    application_auto_scaling,
    athena,
    backup,
    budgets,
    cloudformation_hooks,
    cloudtrail,
    cloudwatch,
    code_artifact,
    code_commit,
    config,
    cost_explorer,
    ec2_network,
    ec2_security,
    ecr,
    events,
    feature_store,
    glue,
    iam,
    kms,
    lambda_function,
    logs,
    mlflow,
    organizations,
    s3,
    sagemaker,
    sagemaker_mlops,
    sagemaker_monitoring,
    sagemaker_registry,
    sagemaker_serving,
    scheduler,
    security_hub,
    service_catalog,
    service_catalog_constraints,
    sns,
    sqs,
    ssm,
    step_functions,
    studio,
)

RESOURCE_TYPES: dict[str, ResourceType] = {
    row.type_name: row()
    for module in _MODULES
    for row in vars(module).values()
    if isinstance(row, type) and issubclass(row, ResourceType) and "type_name" in vars(row)
}
"""Every modelled type by its CloudFormation name."""
