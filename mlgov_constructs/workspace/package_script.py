"""The commands that lead pip and uv of an instance or a Studio app to a package repository."""

from __future__ import annotations

import shlex
from importlib import resources

from mlgov_constructs.workspace.package_repository import PackageRepository


def package_script(repository: PackageRepository) -> str:
    """Return shell commands that lead pip and uv to a repository.

    ``NotebookLifecycle(package_repository=...)`` runs them; a lifecycle configuration of Studio
    has them as its content, after a line ``#!/bin/bash``. They install the command ``keyring``,
    which pip and uv ask for a password, so no token is stored anywhere and none grows old.

    Args:
        repository: The repository; who runs the commands needs ``grant_read`` of it.
    """
    folder = resources.files(__package__).joinpath("lifecycle")
    program = folder.joinpath("package_index.py").read_text(encoding="utf-8")
    install = folder.joinpath("packages.sh").read_text(encoding="utf-8")
    return "\n".join(
        [
            f"PACKAGE_DOMAIN={shlex.quote(repository.domain_name)}",
            f"PACKAGE_REPOSITORY={shlex.quote(repository.repository_name)}",
            f"PACKAGE_INDEX={shlex.quote(program)}",
            install,
        ]
    )
