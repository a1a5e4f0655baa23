"""What it takes to ask a model from a job of a pipeline."""

from __future__ import annotations

from mlgov_constructs.aws_tokens import aws_tokens
from mlgov_constructs.identity import JobEnvironment
from mlgov_constructs.identity.activities import RunJobs, Statement
from mlgov_constructs.identity.activities.conditions import of_project
from mlgov_constructs.monitoring.shadow_endpoint import shadow_endpoint_statements


def unisolated_jobs(project: str, environment: JobEnvironment) -> Statement:
    """Return what lets a pipeline start processing jobs whose containers have the network of the VPC.

    All else that jobs are held to stays: subnets, groups, keys, encryption between containers, the tag.

    Args:
        project: The project.
        environment: The network and the key of the jobs.
    """
    (run,) = (each for each in RunJobs(project, environment).statements() if each["Sid"] == "RunJobs")
    # No Sid: a pipeline may have more than one such step.
    return {
        "Effect": "Allow",
        "Action": "sagemaker:CreateProcessingJob",
        # SageMaker names the jobs of pipelines so.
        "Resource": aws_tokens().arn("sagemaker", "processing-job/pipelines-*"),
        "Condition": {**run["Condition"], "Bool": {"sagemaker:InterContainerTrafficEncryption": "true"}},
    }


def ask_models(project: str) -> list[Statement]:
    """Return what lets a job ask copies of the project's models.

    Args:
        project: The project, whose tag the models carry.
    """
    describe, *endpoints = shadow_endpoint_statements("*")
    return [{**describe, "Condition": of_project(project)}, *endpoints]
