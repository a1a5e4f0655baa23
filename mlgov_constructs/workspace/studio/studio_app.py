"""The kinds of app that people run in Studio."""

from __future__ import annotations

from enum import StrEnum


class StudioApp(StrEnum):
    """A kind of app, by SageMaker's name.

    Example:
        >>> StudioApp.JUPYTER_LAB.value, StudioApp.CODE_EDITOR.setting
        ('JupyterLab', 'codeEditor')
    """

    JUPYTER_LAB = "JupyterLab"
    CODE_EDITOR = "CodeEditor"

    @property
    def setting(self) -> str:
        """How the names of its settings begin."""
        return self.value[0].lower() + self.value[1:]
