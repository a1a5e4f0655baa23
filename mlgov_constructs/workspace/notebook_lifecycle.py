"""What happens when a notebook instance starts: idle stop, and what a team adds."""

from __future__ import annotations

import base64
import shlex
from importlib import resources
from typing import ClassVar

from aws_cdk import Duration
from aws_cdk import aws_sagemaker as sagemaker
from constructs import Construct

from mlgov_constructs.controls import claim
from mlgov_constructs.errors import ConstructError
from mlgov_constructs.workspace.package_repository import PackageRepository
from mlgov_constructs.workspace.package_script import package_script

SHORTEST_MINUTES, LONGEST_MINUTES = 10, 24 * 60
LONGEST_CONTENT = 16_384  # of the script, in base64


class NotebookLifecycle(Construct):
    """A lifecycle configuration that stops a notebook instance when nobody works on it.

    It creates a ``AWS::SageMaker::NotebookInstanceLifecycleConfig`` with an on-start script. The
    script installs a systemd timer (Amazon Linux 2023 brings no cron) that asks the local
    Jupyter server every five minutes when a kernel or a terminal was last used, and stops the
    instance through the VPC endpoint of SageMaker. Nothing is downloaded. A busy kernel keeps
    the instance running, an open browser tab does not.

    Controls: ``MLG-WSP-07`` (idle stop).

    Args:
        scope: The parent construct.
        construct_id: The id in that scope.
        idle: Without work for this long, the instance stops; 1 hour by default, 10 minutes to 24
            hours.
        on_start: Shell commands to run as root at each start, before the timer is installed.
            They must end within 5 minutes, and they reach nothing but the VPC's endpoints.
        package_repository: Where pip and uv of the instance take packages from, before
            ``on_start`` runs; nowhere when omitted. Its role needs ``grant_read`` of it.

    Raises:
        ConstructError: ``idle`` is out of range, or the script grows over SageMaker's 16,384
            characters.

    Source: https://docs.aws.amazon.com/sagemaker/latest/dg/notebook-lifecycle-config.html

    Cost: none; it saves about 0.05 USD for each idle hour of an ``ml.t3.medium``.

    Example:
        >>> from aws_cdk import App, Stack
        >>> lifecycle = NotebookLifecycle(Stack(App(), "Workspace"), "Lifecycle", idle=Duration.minutes(30))
    """

    CONTROLS: ClassVar[tuple[str, ...]] = ("MLG-WSP-07",)

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        idle: Duration | None = None,
        on_start: str = "",
        package_repository: PackageRepository | None = None,
    ) -> None:
        minutes = 60 if idle is None else int(idle.to_minutes())
        if not SHORTEST_MINUTES <= minutes <= LONGEST_MINUTES:
            raise ConstructError(
                scope, construct_id, f"idle of {minutes} minutes is out of range", "Use 10 minutes to 24 hours."
            )
        packages = [] if package_repository is None else [package_script(package_repository)]
        script = on_start_script(minutes, "\n".join([*packages, on_start]).strip("\n"))
        content = base64.b64encode(script.encode()).decode()
        if len(content) > LONGEST_CONTENT:
            raise ConstructError(
                scope,
                construct_id,
                f"the on-start script has {len(content)} characters in base64",
                f"SageMaker takes {LONGEST_CONTENT}: keep the commands in S3 or Git and fetch them from there.",
            )
        super().__init__(scope, construct_id)
        resource = sagemaker.CfnNotebookInstanceLifecycleConfig(
            self,
            "Resource",
            on_start=[
                sagemaker.CfnNotebookInstanceLifecycleConfig.NotebookInstanceLifecycleHookProperty(content=content)
            ],
        )
        claim(resource, self.CONTROLS)
        self._name = resource.attr_notebook_instance_lifecycle_config_name

    @property
    def notebook_instance_lifecycle_config_name(self) -> str:
        """The name that a notebook instance refers to."""
        return self._name


def on_start_script(idle_minutes: int, commands: str = "") -> str:
    """Return the shell script that runs at each start.

    Args:
        idle_minutes: Minutes without work after which the instance stops.
        commands: Shell commands to run before.
    """
    package = resources.files(__package__).joinpath("lifecycle")
    idle_stop = package.joinpath("idle_stop.py").read_text(encoding="utf-8")
    install = package.joinpath("on_start.sh").read_text(encoding="utf-8")
    return "\n".join(
        [
            "#!/bin/bash",
            "set -eu",
            *([commands] if commands else []),
            f"IDLE_MINUTES={idle_minutes}",
            f"IDLE_STOP={shlex.quote(idle_stop)}",
            install,
        ]
    )
