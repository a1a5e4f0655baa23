"""The demonstration: deploys an environment, works in it, reads everything back, judges it, and takes it down."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from mlgov_constructs.local_cloud.clients import Clients, Credentials
from mlgov_constructs.local_cloud.demo import report
from mlgov_constructs.local_cloud.demo.assembly import Assembly
from mlgov_constructs.local_cloud.demo.cdk_cli import CdkCli
from mlgov_constructs.local_cloud.demo.inventory import Inventory
from mlgov_constructs.local_cloud.demo.readback import Deployed, Section
from mlgov_constructs.local_cloud.demo.steps import Say, Steps
from mlgov_constructs.local_cloud.demo.takedown import Takedown
from mlgov_constructs.local_cloud.demo.work import Work
from mlgov_constructs.local_cloud.errors import LocalCloudError
from mlgov_constructs.local_cloud.local_cloud import LocalCloud

STOCK = "before.json"
"""What the account held before the environment, in the demonstration's directory."""
_PROGRESS = re.compile(r"^(\S+) +\| +(\d+/\d+) \|")


@dataclass(frozen=True, slots=True)
class Demo:
    """One demonstration.

    Args:
        environment: The environment's file.
        directory: Where log, assemblies and outputs go.
        port: The port of the local cloud; ``0`` picks a free one.
        keep: Leave environment and local cloud up at the end.
        console: Where everything is shown.
    """

    environment: Path
    directory: Path
    port: int
    keep: bool
    console: Console

    def run(self) -> list[str]:
        """Runs it and returns what was not as it must be.

        Raises:
            LocalCloudError: A step failed; the message says what to do.
        """
        if not self.environment.is_file():
            raise LocalCloudError(f"There is no file {self.environment}. Name one: mlgov local demo --environment FILE")
        steps = Steps(self.console)
        cdk = CdkCli(self.directory / "cdk.log")
        with steps.step("Synthesize the environment") as say:
            assembly = self._synthesize(cdk, self.environment, "cdk.out")
            say(f"{len(assembly.stack_names)} stacks for {assembly.region}")
        cloud = LocalCloud(
            port=self.port,
            directory=self.directory,
            enforced=True,
            account=assembly.account,
            region=assembly.region,
            organization=assembly.organization,
        )
        with self._running(steps, cloud):
            clients = Clients(
                cloud.endpoint, cloud.region, Credentials("test"), cloud.environment().get("AWS_CA_BUNDLE")
            )
            before = self._deploy(steps, cdk, cloud, assembly, clients)
            sections = self._use(steps, cdk, cloud, Deployed(clients, assembly.stack_names), before)
        report.show_sections(self.console, sections)
        report.show_end(self.console, assembly, cloud if self.keep else None)
        return [fault for section in sections for fault in section.faults]

    def _synthesize(self, cdk: CdkCli, environment: Path, folder: str) -> Assembly:
        directory = self.directory / folder
        arguments = ("synth", "--quiet", "--output", str(directory), "--context", f"environment={environment}")
        cdk.run(*arguments, environment={})
        return Assembly.read(directory)

    @contextmanager
    def _running(self, steps: Steps, cloud: LocalCloud) -> Iterator[None]:
        with steps.step("Start the local cloud") as say:
            cloud.start()
            say(f"{cloud.endpoint}, IAM enforced")
        try:
            yield
        finally:
            if not self.keep:
                with steps.step("Stop the local cloud"):
                    cloud.stop()

    def _deploy(self, steps: Steps, cdk: CdkCli, cloud: LocalCloud, assembly: Assembly, clients: Clients) -> Inventory:
        """Deploys everything, and returns what the account held before."""
        place = f"aws://{assembly.account}/{assembly.region}"
        with steps.step("cdk bootstrap") as say:
            arguments = ("bootstrap", place, "--app", str(assembly.directory))
            cdk.run(*arguments, environment=cloud.environment(), on_line=lambda line: _follow(line, say))
            say(place)
        with steps.step("Take stock of the account") as say:
            before = Inventory.take(clients)
            before.write(self.directory / STOCK)
            say(f"{sum(map(len, before.ids.values()))} things of {len(before.ids)} types asked for")
        with steps.step("cdk deploy --all") as say:
            self._cdk_deploy(cdk, cloud, assembly, say, "--all", "--concurrency", "4")
            say(f"{len(assembly.stack_names)} stacks, {assembly.stack_names[0]} first")
        return before

    def _use(
        self, steps: Steps, cdk: CdkCli, cloud: LocalCloud, deployed: Deployed, before: Inventory
    ) -> list[Section]:
        work = Work(steps, deployed)
        work.see_the_catalogue()
        work.provision_everything()
        work.try_what_is_allowed()
        if work.new_version:
            with steps.step("Publish a new version of the notebook") as say:
                file = work.new_version.write(self.environment, self.directory)
                assembly, stack = self._synthesize(cdk, file, "cdk.out-2"), work.catalogue_stack
                self._cdk_deploy(cdk, cloud, assembly, say, assembly.identifiers[stack], "--exclusively")
                say(f"cdk deploy {stack}, from {file}")
            work.take_new_version()
        sections = work.read_everything_back()
        if not self.keep:
            takedown = Takedown(steps, deployed, before)
            work.terminate_everything()
            takedown.destroy(cdk, cloud, self.directory / "cdk.out")
            sections.append(takedown.look_what_is_left())
        return sections

    def _cdk_deploy(self, cdk: CdkCli, cloud: LocalCloud, assembly: Assembly, say: Say, *arguments: str) -> None:
        app = ("--app", str(assembly.directory), "--outputs-file", str(self.directory / "outputs.json"))
        cdk.run(
            "deploy",
            *arguments,
            *app,
            "--require-approval",
            "never",
            environment=cloud.environment(),
            on_line=lambda line: _follow(line, say),
        )


def _follow(line: str, say: Say) -> None:
    if found := _PROGRESS.match(line):
        say(f"{found[1]} {found[2]}")
