"""What a project may not begin once its budget is spent."""

from __future__ import annotations

from typing import Any

# New work only. What reads, saves, stops, deletes and scales down is absent on purpose, and so is
# UpdateEndpoint: without new configurations it can only go back to one that was there.
STOPPED_ACTIONS = (
    # Machines of people.
    "sagemaker:CreateApp",
    "sagemaker:CreateNotebookInstance",
    "sagemaker:StartNotebookInstance",
    "sagemaker:CreateMlflowTrackingServer",
    "sagemaker:StartMlflowTrackingServer",
    # Jobs, also those of kinds that come later, and what starts them.
    "sagemaker:Create*Job",
    "sagemaker:CreateAutoMLJobV2",
    "sagemaker:CreateCluster",
    "sagemaker:UpdateCluster",
    "sagemaker:CreateTrainingPlan",
    "sagemaker:CreateMonitoringSchedule",
    "sagemaker:StartMonitoringSchedule",
    "sagemaker:StartPipelineExecution",
    "sagemaker:RetryPipelineExecution",
    "glue:CreateSession",
    "glue:StartJobRun",
    # Machines that answer.
    "sagemaker:CreateEndpoint",
    "sagemaker:CreateEndpointConfig",
    "sagemaker:CreateInferenceComponent",
    "sagemaker:CreateInferenceExperiment",
    "sagemaker:StartInferenceExperiment",
    # Products, whose launch roles are no roles of the project.
    "servicecatalog:CreateProvisionedProductPlan",
    "servicecatalog:ExecuteProvisionedProductPlan",
    "servicecatalog:ProvisionProduct",
    "servicecatalog:UpdateProvisionedProduct",
)


def stop_statement() -> dict[str, Any]:
    """Return the statement that refuses new work and nothing else.

    Example:
        >>> stop_statement()["Effect"]
        'Deny'
    """
    return {"Sid": "NoNewWork", "Effect": "Deny", "Action": list(STOPPED_ACTIONS), "Resource": "*"}
