"""The demonstration: deploys an environment, uses it as a data scientist, reads everything back, and judges it."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from mlgov_constructs.local_cloud.clients import Clients, Credentials
from mlgov_constructs.local_cloud.demo import report
from mlgov_constructs.local_cloud.demo.assembly import Assembly
from mlgov_constructs.local_cloud.demo.attempts import try_as_data_scientist
from mlgov_constructs.local_cloud.demo.cdk_cli import CdkCli
from mlgov_constructs.local_cloud.demo.data_scientist import act_as_data_scientist, portfolio_role
from mlgov_constructs.local_cloud.demo.readback import READERS, Deployed, Section, read_notebook
from mlgov_constructs.local_cloud.demo.self_service import list_offers, provision
from mlgov_constructs.local_cloud.demo.steps import Say, Steps
from mlgov_constructs.local_cloud.errors import LocalCloudError
from mlgov_constructs.local_cloud.local_cloud import LocalCloud

PROVISIONED_PRODUCT = "my-first-notebook"
_PROGRESS = re.compile(r"^(\S+) +\| +(\d+/\d+) \|")


@dataclass(frozen=True, slots=True)
class Demo:
    """One demonstration.

    Args:
        environment: The environment's file; the app's own default when ``None``.
        directory: Where log, assembly and outputs go.
        port: The port of the local cloud; ``0`` picks a free one.
        keep: Leave the local cloud up at the end.
        console: Where everything is shown.
    """

    environment: Path | None
    directory: Path
    port: int
    keep: bool
    console: Console

    def run(self) -> list[str]:
        """Runs it and returns what was not as it must be.

        Raises:
            LocalCloudError: A step failed; the message says what to do.
        """
        if self.environment and not self.environment.is_file():
            raise LocalCloudError(f"There is no file {self.environment}. Name one: mlgov local demo --environment FILE")
        steps = Steps(self.console)
        cdk = CdkCli(self.directory / "cdk.log")
        assembly = self._synthesize(steps, cdk)
        cloud = LocalCloud(
            port=self.port,
            directory=self.directory,
            enforced=True,
            account=assembly.account,
            region=assembly.region,
            organization=assembly.organization,
        )
        with self._running(steps, cloud):
            self._deploy(steps, cdk, cloud, assembly)
            sections = self._use(steps, cloud, assembly)
        report.show_sections(self.console, sections)
        report.show_end(self.console, assembly, cloud if self.keep else None)
        return [fault for section in sections for fault in section.faults]

    def _synthesize(self, steps: Steps, cdk: CdkCli) -> Assembly:
        directory = self.directory / "cdk.out"
        context = ["--context", f"environment={self.environment}"] if self.environment else []
        with steps.step("Synthesize the environment") as say:
            cdk.run("synth", "--quiet", "--output", str(directory), *context, environment={})
            assembly = Assembly.read(directory)
            say(f"{len(assembly.stack_names)} stacks for {assembly.region}")
        return assembly

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

    def _deploy(self, steps: Steps, cdk: CdkCli, cloud: LocalCloud, assembly: Assembly) -> None:
        place = f"aws://{assembly.account}/{assembly.region}"
        with steps.step("cdk bootstrap") as say:
            arguments = ("bootstrap", place, "--app", str(assembly.directory))
            cdk.run(*arguments, environment=cloud.environment(), on_line=lambda line: _follow(line, say))
            say(place)
        with steps.step("cdk deploy --all") as say:
            cdk.run(
                "deploy",
                "--all",
                "--app",
                str(assembly.directory),
                "--require-approval",
                "never",
                "--concurrency",
                "4",
                "--outputs-file",
                str(self.directory / "outputs.json"),
                environment=cloud.environment(),
                on_line=lambda line: _follow(line, say),
            )
            say(f"{len(assembly.stack_names)} stacks, {assembly.stack_names[0]} first")

    def _use(self, steps: Steps, cloud: LocalCloud, assembly: Assembly) -> list[Section]:
        certificate = cloud.environment().get("AWS_CA_BUNDLE")
        administrator = Clients(cloud.endpoint, cloud.region, Credentials("test"), certificate)
        deployed = Deployed(administrator, assembly.stack_names)
        with steps.step("Become a data scientist") as say:
            role = portfolio_role(deployed)
            scientist = act_as_data_scientist(administrator, role)
            say(f"{scientist.client('sts').get_caller_identity()['Arn'].split(':')[-1]}, with MFA")
        with steps.step("See the catalogue") as say:
            offers = list_offers(scientist)
            if not offers:
                raise LocalCloudError(f"{role} sees no product, though the portfolio is open to it.")
            offer = offers[0]
            say(f"{offer.name} {offer.version} in {offer.portfolio}, {len(offer.parameters)} choices")
        with steps.step("Provision a notebook") as say:
            values = offer.defaults
            outputs = provision(scientist, offer, PROVISIONED_PRODUCT, values)
            say(", ".join(f"{name}={value}" for name, value in values.items() if value))
        notebook = outputs["NotebookName"]
        with steps.step("Try what she may and may not do"):
            tried = try_as_data_scientist(deployed, scientist, notebook)
        with steps.step("Read everything back"):
            return [*(read(deployed) for read in READERS), read_notebook(deployed, notebook), tried]


def _follow(line: str, say: Say) -> None:
    if found := _PROGRESS.match(line):
        say(f"{found[1]} {found[2]}")
