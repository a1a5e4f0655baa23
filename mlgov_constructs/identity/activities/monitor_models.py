"""Monitor models."""

from __future__ import annotations

from dataclasses import dataclass

from mlgov_constructs.aws_tokens import aws_tokens
from mlgov_constructs.identity.activities.activity import Activity, Statement, allow
from mlgov_constructs.identity.activities.conditions import by_hand, of_project, tagged
from mlgov_constructs.identity.job_environment import JobEnvironment

# The four kinds of job definitions: how an action names them, and how an ARN does.
DEFINITIONS = {
    "DataQualityJobDefinition": "data-quality-job-definition",
    "ModelBiasJobDefinition": "model-bias-job-definition",
    "ModelExplainabilityJobDefinition": "model-explainability-job-definition",
    "ModelQualityJobDefinition": "model-quality-job-definition",
}


@dataclass(frozen=True)
class MonitorModels(Activity):
    """Define isolated, encrypted, tagged jobs that monitor models, schedule them, and see what they find.

    A schedule names a job definition, and so asks for no machines itself; one that brings a job
    of its own does, and is refused. A schedule that a stack keeps is not stopped by hand.
    ``PassRoles`` with the monitoring role is needed beside it.

    Attributes:
        project: The project.
        environment: The network and the key of monitoring jobs.

    Example:
        ``MonitorModels(project=..., environment=...).statements()``
    """

    project: str
    environment: JobEnvironment

    def statements(self) -> list[Statement]:
        """Return the policy statements, in JSON."""
        tokens = aws_tokens()
        schedules = tokens.arn("sagemaker", "monitoring-schedule/*")
        definitions = [tokens.arn("sagemaker", f"{kind}/*") for kind in DEFINITIONS.values()]
        network, key = self.environment.network_condition(), self.environment.key_arn
        tag = tagged(self.project)
        hardened = {
            **network,
            **tag,
            "ArnEquals": {"sagemaker:OutputKmsKeyArn": key, "sagemaker:VolumeKmsKeyArn": key},
            "Bool": {"sagemaker:InterContainerTrafficEncryption": "true", "sagemaker:NetworkIsolation": "true"},
        }
        define = [f"sagemaker:Create{kind}" for kind in DEFINITIONS]
        by_name = {**tag, "Null": {"sagemaker:InstanceTypes": "true"}}
        creating = {
            "StringEquals": {
                "sagemaker:TaggingAction": [*(f"Create{kind}" for kind in DEFINITIONS), "CreateMonitoringSchedule"]
            }
        }
        follow = (
            *(f"sagemaker:Describe{kind}" for kind in DEFINITIONS),
            "sagemaker:DescribeMonitoringSchedule",
            "sagemaker:StartMonitoringSchedule",
        )
        every = [*definitions, schedules]
        return [
            allow("DefineMonitoring", define, definitions, hardened),
            allow("ScheduleMonitoring", "sagemaker:CreateMonitoringSchedule", schedules, by_name),
            allow("TagNewMonitors", "sagemaker:AddTags", every, creating),
            allow("FollowMonitoring", follow, every, of_project(self.project)),
            allow("StopMonitoring", "sagemaker:StopMonitoringSchedule", schedules, by_hand(self.project)),
            # CloudWatch knows no resource for its metrics.
            allow("SeeMetrics", ("cloudwatch:GetMetricData", "cloudwatch:ListMetrics"), "*"),
        ]
