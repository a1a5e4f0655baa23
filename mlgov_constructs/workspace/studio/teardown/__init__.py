"""The teardown of a SageMaker Studio domain."""

from mlgov_constructs.workspace.studio.teardown.studio_teardown import StudioTeardown

__all__ = ["StudioTeardown"]
