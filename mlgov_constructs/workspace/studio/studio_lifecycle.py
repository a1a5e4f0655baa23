"""What runs when an app of Studio starts."""

from __future__ import annotations

import base64
import hashlib

from aws_cdk import Names, Resource
from aws_cdk import aws_sagemaker as sagemaker
from constructs import Construct

from mlgov_constructs.errors import ConstructError
from mlgov_constructs.workspace.studio.studio_app import StudioApp

LONGEST_CONTENT = 16_384  # of the script, in base64
LONGEST_NAME, DIGEST = 63, 8


class StudioLifecycle(Resource):
    """A script that runs when an app starts, for example to set the package index.

    It creates a ``AWS::SageMaker::StudioLifecycleConfig``. SageMaker cannot change one, so its
    name ends in the digest of the script: a new script is a new configuration, which the
    domain refers to before the old one is deleted. It carries no tags, because a changed tag
    would replace it under the same name, which SageMaker refuses.

    Give it to a :class:`StudioDomain`; the first of each kind of app runs by default.

    Args:
        scope: The parent construct.
        construct_id: The id in that scope.
        app: The kind of app.
        script: The shell script. It must end within 5 minutes, and it reaches nothing but the
            VPC's endpoints. It runs as the user of the app, not as root.

    Raises:
        ConstructError: The script is empty, or grows over SageMaker's 16,384 characters.

    Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-sagemaker-studiolifecycleconfig.html

    Cost: none.

    Example:
        >>> from aws_cdk import App, Stack
        >>> lifecycle = StudioLifecycle(
        ...     Stack(App(), "Workspace"), "Lifecycle", app=StudioApp.JUPYTER_LAB, script="echo 'hello'"
        ... )
    """

    def __init__(self, scope: Construct, construct_id: str, *, app: StudioApp, script: str) -> None:
        content = base64.b64encode(script.encode()).decode()
        if not script.strip() or len(content) > LONGEST_CONTENT:
            raise ConstructError(
                scope,
                construct_id,
                f"the script has {len(content)} characters in base64" if script.strip() else "the script is empty",
                f"SageMaker takes {LONGEST_CONTENT}: keep the commands in S3 or Git and fetch them from there."
                if script.strip()
                else "Give the commands, or leave the lifecycle out.",
            )
        super().__init__(scope, construct_id)
        prefix = Names.unique_resource_name(self, max_length=LONGEST_NAME - DIGEST - 1, separator="-")
        digest = hashlib.sha256(f"{app.value}\n{content}".encode()).hexdigest()[:DIGEST]
        resource = sagemaker.CfnStudioLifecycleConfig(
            self,
            "Resource",
            studio_lifecycle_config_app_type=app.value,
            studio_lifecycle_config_content=content,
            studio_lifecycle_config_name=f"{prefix}-{digest}",
        )
        resource.add_property_deletion_override("Tags")
        self.app = app
        self._arn = resource.attr_studio_lifecycle_config_arn

    @property
    def studio_lifecycle_config_arn(self) -> str:
        """The ARN that settings refer to."""
        return self._arn
