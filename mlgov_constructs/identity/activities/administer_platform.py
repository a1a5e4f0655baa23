"""Administer the platform."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from mlgov_constructs.aws_tokens import aws_tokens
from mlgov_constructs.identity.activities.activity import Activity, Statement, allow
from mlgov_constructs.identity.activities.duty import Duty
from mlgov_constructs.identity.activities.no_data import no_data


@dataclass(frozen=True)
class AdministerPlatform(Activity):
    """Look after the stacks, the catalogue and what runs, and see no data.

    Stacks are changed by their deployment, not by hand: here they are seen, and rolled back.

    Example:
        ``AdministerPlatform().statements()``
    """

    duties: ClassVar[frozenset[Duty]] = frozenset({Duty.ADMINISTER_PLATFORM})

    def statements(self) -> list[Statement]:
        """Return the policy statements, in JSON."""
        tokens = aws_tokens()
        stacks = tokens.arn("cloudformation", "stack/*")
        see = (
            "cloudformation:DescribeStackEvents",
            "cloudformation:DescribeStackResources",
            "cloudformation:DescribeStacks",
            "cloudformation:GetTemplate",
        )
        recover = (
            "cloudformation:CancelUpdateStack",
            "cloudformation:ContinueUpdateRollback",
            "cloudformation:DetectStackDrift",
        )
        stop = (
            "sagemaker:DescribeNotebookInstance",
            "sagemaker:DescribeProcessingJob",
            "sagemaker:DescribeTrainingJob",
            "sagemaker:StopNotebookInstance",
            "sagemaker:StopProcessingJob",
            "sagemaker:StopTrainingJob",
        )
        running = [
            tokens.arn("sagemaker", f"{kind}/*") for kind in ("notebook-instance", "processing-job", "training-job")
        ]
        catalogue = (
            "servicecatalog:DescribeProvisionedProduct",
            "servicecatalog:ListPortfolios",
            "servicecatalog:ScanProvisionedProducts",
            "servicecatalog:SearchProductsAsAdmin",
            "servicecatalog:TerminateProvisionedProduct",
        )
        lists = (
            "cloudformation:ListStacks",
            "sagemaker:ListNotebookInstances",
            "sagemaker:ListProcessingJobs",
            "sagemaker:ListTrainingJobs",
        )
        everybody = {"StringEquals": {"servicecatalog:accountLevel": "self"}}
        return [
            allow("SeeStacks", (*see, *recover), stacks),
            allow("SeeAlarms", "cloudwatch:DescribeAlarms", tokens.arn("cloudwatch", "alarm:*")),
            allow("SeeProducts", "servicecatalog:DescribeProductAsAdmin", tokens.arn("catalog", "product/*")),
            allow("StopWork", stop, running),
            allow("LookAfterProducts", catalogue, "*", everybody),
            # These list, and know no resource.
            allow("ListEverything", lists, "*"),
            no_data(),
        ]
