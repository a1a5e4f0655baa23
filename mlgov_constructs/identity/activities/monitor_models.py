"""Monitor models."""

from __future__ import annotations

from dataclasses import dataclass

from mlgov_constructs.aws_tokens import aws_tokens
from mlgov_constructs.identity.activities.activity import Activity, Statement, allow
from mlgov_constructs.identity.activities.conditions import of_project, tagged
from mlgov_constructs.identity.job_environment import JobEnvironment


@dataclass(frozen=True)
class MonitorModels(Activity):
    """Schedule the monitoring of models as isolated, encrypted, tagged jobs, and see what it finds.

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
        schedules = aws_tokens().arn("sagemaker", "monitoring-schedule/*")
        network, key = self.environment.network_condition(), self.environment.key_arn
        condition = {
            **network,
            **tagged(self.project),
            "ArnEquals": {"sagemaker:OutputKmsKeyArn": key, "sagemaker:VolumeKmsKeyArn": key},
            "Bool": {"sagemaker:InterContainerTrafficEncryption": "true", "sagemaker:NetworkIsolation": "true"},
        }
        follow = (
            "sagemaker:DescribeMonitoringSchedule",
            "sagemaker:StartMonitoringSchedule",
            "sagemaker:StopMonitoringSchedule",
        )
        return [
            allow("ScheduleMonitoring", "sagemaker:CreateMonitoringSchedule", schedules, condition),
            allow("FollowMonitoring", follow, schedules, of_project(self.project)),
            # CloudWatch knows no resource for its metrics.
            allow("SeeMetrics", ("cloudwatch:GetMetricData", "cloudwatch:ListMetrics"), "*"),
        ]
