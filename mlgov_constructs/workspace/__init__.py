"""Where people work: notebook instances and what products need to launch them."""

from __future__ import annotations

from mlgov_constructs.workspace.notebook_instance import NotebookInstance
from mlgov_constructs.workspace.notebook_lifecycle import NotebookLifecycle
from mlgov_constructs.workspace.notebook_services import NOTEBOOK_SERVICES, require_notebook_services
from mlgov_constructs.workspace.parameter_names import ParameterNames
from mlgov_constructs.workspace.workspace_parameters import WorkspaceParameters

__all__ = [
    "NOTEBOOK_SERVICES",
    "NotebookInstance",
    "NotebookLifecycle",
    "ParameterNames",
    "WorkspaceParameters",
    "require_notebook_services",
]
