"""Leads pip and uv to the private package repository, and answers when they ask for its password.

It is installed as the command ``keyring``, which pip and uv run when an index asks for a password.
So no token is ever written down: one is asked of CodeArtifact when it is needed, with the rights
of whoever installs. It needs Python's standard library and the AWS command line.

Usage:
    keyring get INDEX aws                            print a token for an index of CodeArtifact
    keyring configure FOLDER DOMAIN REPOSITORY       write pip.conf and uv/uv.toml into a folder
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

METADATA = Path("/opt/ml/metadata/resource-metadata.json")
HOST = re.compile(r"(?P<domain>[a-z][a-z0-9-]*)-(?P<owner>\d{12})\.d\.codeartifact\.(?P<region>[a-z0-9-]+)\.")
USER = "aws"
SECONDS = "900"  # a token outlives an installation, and is worth little to a thief

PIP = "[global]\nindex-url = {index}\nkeyring-provider = subprocess\ndisable-pip-version-check = true\n"
UV = 'keyring-provider = "subprocess"\n\n[[index]]\nurl = "{index}"\ndefault = true\n'


def aws(*arguments: str) -> str:
    """Return what the AWS command line answers."""
    command = ["aws", "codeartifact", *arguments, "--output", "text"]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def region() -> str:
    """Return the region of this instance or app."""
    named = os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION")
    return named or json.loads(METADATA.read_text(encoding="utf-8"))["ResourceArn"].split(":")[3]


def token(index: str) -> str | None:
    """Return a token for an index, or ``None`` when it is none of CodeArtifact."""
    host = HOST.match(index.partition("://")[2].rpartition("@")[2] if "://" in index else index)
    if host is None:
        return None
    named = ("--domain", host["domain"], "--domain-owner", host["owner"], "--region", host["region"])
    lifetime = ("--duration-seconds", SECONDS)
    return aws("get-authorization-token", *named, *lifetime, "--query", "authorizationToken")


def configure(folder: Path, domain: str, repository: str, owner: str | None = None) -> None:
    """Write the settings of pip and uv."""
    named = ["--domain", domain, "--repository", repository, "--format", "pypi", "--region", region()]
    if owner is not None:
        named += ["--domain-owner", owner]
    endpoint = aws("get-repository-endpoint", *named, "--query", "repositoryEndpoint")
    index = endpoint.replace("://", f"://{USER}@", 1).rstrip("/") + "/simple/"
    for path, text in ((folder / "pip.conf", PIP), (folder / "uv" / "uv.toml", UV)):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.format(index=index), encoding="utf-8")
        path.chmod(0o644)


def main(arguments: list[str]) -> int:
    """Do what is asked; pip and uv take every other answer than 0 as having no password."""
    if arguments[:1] == ["configure"]:
        folder, *named = arguments[1:]
        configure(Path(folder), *named)
        return 0
    if arguments[:1] == ["get"] and arguments[2:] == [USER] and (password := token(arguments[1])):
        sys.stdout.write(f"{password}\n")
        return 0
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
