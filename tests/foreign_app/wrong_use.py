"""What a team gets wrong that no type checker finds, or without one: what is said, and what is left in the tree."""

from __future__ import annotations

import json
from collections.abc import Callable

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from constructs import Construct

from mlgov_constructs.cost import IdleDetector, SpendingAnomalies
from mlgov_constructs.governance import EnabledControls
from mlgov_constructs.mlops import ModelRegistry
from mlgov_constructs.monitoring import MonitoringResources
from mlgov_constructs.preparation import FeatureDatabase
from mlgov_constructs.serving import DataCapture, Model
from mlgov_constructs.training import TrainingImage

stack = cdk.Stack(cdk.App(), "Wrong", env=cdk.Environment(region="us-east-1"))
# Everything exists already, and is imported.
key = kms.Key.from_key_arn(stack, "Key", "arn:aws:kms:us-east-1:111122223333:key/12345678")
role = iam.Role.from_role_arn(stack, "Role", "arn:aws:iam::111122223333:role/theirs")
boundary = iam.ManagedPolicy.from_managed_policy_name(stack, "Boundary", "boundary")
vpc = ec2.Vpc.from_vpc_attributes(stack, "Vpc", vpc_id="vpc-1", availability_zones=["us-east-1a"])
count = cdk.CfnParameter(stack, "Count", type="Number").value_as_number
registry = ModelRegistry(stack, "Registry", project="churn")
registry.grant_register(role)

WRONG: dict[str, Callable[[Construct], object]] = {
    "a text for a list": lambda scope: SpendingAnomalies(scope, "X", encryption_key=key, projects="churn"),
    "a plain VPC": lambda scope: Model(scope, "X", vpc=vpc, role=role, project="churn", model_package_arn="arn"),
    "the ARN of a key": lambda scope: TrainingImage(scope, "X", encryption_key=key.key_arn),
    "a name for a bucket": lambda _: DataCapture("captured"),
    "a number of a parameter": lambda _: MonitoringResources(instance_count=count),
    "yes for True": lambda scope: IdleDetector(
        scope, "X", encryption_key=key, permissions_boundary=boundary, stop="yes"
    ),
    "a missing argument": lambda scope: FeatureDatabase(scope, "X", project="churn"),
    "an unknown argument": lambda scope: FeatureDatabase(scope, "X", project="churn", buket="b"),
    "a unit that is none": lambda scope: EnabledControls(scope, "X", organization_id="o-exampleorg1", unit_ids=["u"]),
    "an approver who registers": lambda _: registry.grant_approve(role),
    "a grant to a service": lambda _: registry.grant_read(iam.ServicePrincipal("lambda.amazonaws.com")),
}


def main() -> None:
    """Print what each of them says."""
    said = {}
    for number, (name, use) in enumerate(WRONG.items()):
        scope = Construct(stack, f"Case{number}")
        try:
            use(scope)
        except (TypeError, ValueError) as error:
            said[name] = f"{type(error).__name__}: {error}"
        assert not scope.node.children, name
    print(json.dumps(said))


if __name__ == "__main__":
    main()
