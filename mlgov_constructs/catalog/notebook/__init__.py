"""The product *notebook*."""

from __future__ import annotations

from mlgov_constructs.catalog.notebook.notebook_launch_role import NotebookLaunchRole
from mlgov_constructs.catalog.notebook.notebook_product import NotebookProduct
from mlgov_constructs.catalog.notebook.notebook_template import NotebookTemplate

__all__ = ["NotebookLaunchRole", "NotebookProduct", "NotebookTemplate"]
