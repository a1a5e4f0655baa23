"""Mistakes of a user; each must give exactly the error that ends its line."""

from __future__ import annotations

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2

from mlgov_constructs.network import IsolatedVpc
from mlgov_constructs.protection import DataKey, GovernedBucket
from mlgov_constructs.workspace import NotebookInstance

stack = cdk.Stack(cdk.App(), "Mistakes")
key = DataKey(stack, "Key")
plain_vpc = ec2.Vpc(stack, "PlainVpc")

IsolatedVpc(stack, "Zones", max_azs="2")  # E: arg-type
IsolatedVpc(stack, "Nat", nat_gateways=1)  # E: call-arg
GovernedBucket(stack, "NoKey")  # E: call-arg
GovernedBucket(stack, "KeyByArn", encryption_key=key.key_arn)  # E: arg-type
GovernedBucket(stack, "NoReason", encryption_key=key, access_logging=False)  # E: arg-type
NotebookInstance(stack, "Notebook", vpc=plain_vpc, encryption_key=key, role=key)  # E: arg-type arg-type
key.allow_cloudwatch_logs()  # E: attr-defined
