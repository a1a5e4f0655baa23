"""A workspace that products are launched into."""

from __future__ import annotations

from collections.abc import Sequence

from aws_cdk import aws_kms as kms
from aws_cdk import aws_ssm as ssm
from constructs import Construct

from mlgov_constructs.errors import ConstructError
from mlgov_constructs.identity import JobRole
from mlgov_constructs.network import IIsolatedVpc
from mlgov_constructs.workspace.notebook_lifecycle import NotebookLifecycle
from mlgov_constructs.workspace.notebook_services import require_notebook_services
from mlgov_constructs.workspace.parameter_names import ParameterNames


class WorkspaceParameters(Construct):
    """Writes down, as SSM parameters, where the notebooks of the catalogue land.

    It creates one ``AWS::SSM::Parameter`` each for subnet, security group, key and lifecycle
    configuration, and one for the notebook role of each project; and it gives the VPC the
    endpoints that notebooks call. None of the values is a secret.

    Args:
        scope: The parent construct.
        construct_id: The id in that scope.
        names: The names of the parameters.
        vpc: The VPC; the first of its isolated subnets is used.
        encryption_key: The key of volumes.
        lifecycle: The lifecycle configuration of the notebooks.
        notebook_roles: The notebook role of each project.

    Raises:
        ConstructError: Two roles are of one project.

    Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references-ssm.html

    Cost: none for standard parameters.

    Example:
        ``docs/examples/catalog.py`` is a complete app.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        names: ParameterNames,
        vpc: IIsolatedVpc,
        encryption_key: kms.IKey,
        lifecycle: NotebookLifecycle,
        notebook_roles: Sequence[JobRole],
    ) -> None:
        projects = [role.project for role in notebook_roles]
        if twice := sorted({project for project in projects if projects.count(project) > 1}):
            raise ConstructError(
                scope, construct_id, f"project {twice[0]!r} has more than one notebook role", "Give one role each."
            )
        super().__init__(scope, construct_id)
        require_notebook_services(vpc, by=self)
        self.names = names
        parameters = {
            "SubnetId": (names.subnet_id, vpc.isolated_subnets[0].subnet_id),
            "SecurityGroupId": (names.security_group_id, vpc.workload_security_group.security_group_id),
            "KeyArn": (names.key_arn, encryption_key.key_arn),
            "LifecycleConfigName": (
                names.lifecycle_config_name,
                lifecycle.notebook_instance_lifecycle_config_name,
            ),
        }
        for role in notebook_roles:
            parameters[f"NotebookRoleArn-{role.project}"] = (names.notebook_role_arn(role.project), role.role_arn)
        for parameter_id, (name, value) in parameters.items():
            ssm.CfnParameter(self, parameter_id, name=name, type="String", value=value)
