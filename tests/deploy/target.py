"""A local cloud that the real CDK command line deploys to."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mlgov_constructs.local_cloud import LocalCloud
from mlgov_constructs.local_cloud.clients import Clients, Credentials
from mlgov_constructs.local_cloud.demo.cdk_cli import CdkCli

_NUMBERS = itertools.count(1)


@dataclass(frozen=True)
class Target:
    """A local cloud, and the command line that leads there."""

    cloud: LocalCloud
    folder: Path

    @property
    def clients(self) -> Clients:
        """Clients that call as the account."""
        certificate = self.cloud.environment().get("AWS_CA_BUNDLE")
        return Clients(self.cloud.endpoint, self.cloud.region, Credentials("test"), certificate)

    def client(self, service: str) -> Any:
        return self.clients.client(service)

    def cdk(self, *arguments: str) -> str:
        """Runs the command line and returns what it wrote."""
        lines: list[str] = []
        environment = self.cloud.environment()
        log = self.folder / f"cdk-{next(_NUMBERS)}.log"
        CdkCli(log).run(*arguments, environment=environment, on_line=lines.append)
        return "".join(lines)

    def deploy(self, assembly: Path) -> str:
        """Deploys every stack of an assembly."""
        everything = ("deploy", "--all", "--require-approval", "never", "--concurrency", "4")
        return self.cdk(*everything, "--asset-parallelism", "--app", str(assembly))

    def deploy_only(self, assembly: Path, *stacks: str) -> str:
        """Deploys some stacks of an assembly."""
        exclusively = ("deploy", *stacks, "--exclusively", "--require-approval", "never")
        return self.cdk(*exclusively, "--app", str(assembly))

    def stack(self, name: str) -> dict[str, Any]:
        found: dict[str, Any] = self.client("cloudformation").describe_stacks(StackName=name)["Stacks"][0]
        return found
