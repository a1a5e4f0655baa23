"""A small app that a test changes: a budget, and what makes its deployment fail."""

from __future__ import annotations

from pathlib import Path

import aws_cdk as cdk
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_iam as iam

from mlgov_constructs.cost import ProjectBudget
from mlgov_constructs.protection import DataKey

STACK = "budget-app"


def synthesize(
    outdir: Path, *, limit: float, name: str = "churn-budget", broken: bool = False, unknown: bool = False
) -> Path:
    """Write the app's assembly.

    Args:
        outdir: Where.
        limit: US dollars a month.
        name: The name of the budget, which cannot change without a new budget.
        broken: Add a resource that IAM refuses, made after the budget.
        unknown: Add a type that the local cloud does not model.
    """
    app = cdk.App(outdir=str(outdir), analytics_reporting=False)
    stack = cdk.Stack(app, STACK)
    key = DataKey(stack, "Key")
    budget = ProjectBudget(stack, "Budget", project="churn", monthly_limit=limit, budget_name=name, encryption_key=key)
    if broken:
        document = {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "*", "Resource": "*"}]}
        policy = iam.CfnPolicy(stack, "Broken", policy_name="broken", roles=["nobody"], policy_document=document)
        policy.node.add_dependency(budget)
    if unknown:
        dynamodb.CfnTable(
            stack, "Unknown", key_schema=[dynamodb.CfnTable.KeySchemaProperty(attribute_name="id", key_type="HASH")]
        )
    app.synth()
    return outdir
