"""The ids that publishers give their rules, as far as they are known offline.

A file says where its list was taken from, when, and whether it is complete; ``also`` holds ids that
were seen elsewhere. AWS Config and cdk-nag are read out of packages that the tests need anyway.
"""

from __future__ import annotations

import gzip
import json
import re
import tarfile
import tomllib
from functools import cache
from importlib import resources
from typing import Any

FROM_FILES = ("checkov", "fedramp-ksi", "ml-lens", "nist-800-53-r5", "prowler", "securityhub", "sm-series")
NAG_RULE = re.compile(r"^\| \[?([A-Z][\w.]+-\w+)", re.MULTILINE)
NAG_EXCLUDED = re.compile(r"^### Excluded Rules.*?(?=^## )", re.MULTILINE | re.DOTALL)


@cache
def published_ids() -> dict[str, frozenset[str]]:
    """The ids of each framework that a control may name."""
    return {
        **{name: ids(published(name)) for name in FROM_FILES},
        "config": config_rules(),
        "cdk-nag": nag_rules(),
    }


def published(name: str) -> dict[str, Any]:
    """One file."""
    return tomllib.loads(resources.files(__package__).joinpath(f"{name}.toml").read_text(encoding="utf-8"))


def ids(file: dict[str, Any]) -> frozenset[str]:
    """All ids of a file."""
    return frozenset(file["ids"]).union(*(more["ids"] for more in file.get("also", ())))


def config_rules() -> frozenset[str]:
    """The managed rules of AWS Config, by the names of their pages; moto keeps the list."""
    packed = resources.files("moto").joinpath("config", "resources", "aws_managed_rules.json.gz").read_bytes()
    names = {name.lower().replace("_", "-") for name in json.loads(gzip.decompress(packed))["ManagedRules"]}
    # Their pages have another name than their identifier.
    return frozenset(names | {"cloudtrail-enabled", "multi-region-cloudtrail-enabled"})


def nag_rules() -> frozenset[str]:
    """The rules of the packs of cdk-nag, out of the page that it ships."""
    folder = resources.files("cdk_nag").joinpath("_jsii")
    (package,) = (file for file in folder.iterdir() if file.name.endswith(".tgz"))
    with resources.as_file(package) as path, tarfile.open(path) as archive:
        member = archive.extractfile("package/RULES.md")
        assert member
        return frozenset(NAG_RULE.findall(NAG_EXCLUDED.sub("", member.read().decode("utf-8"))))
