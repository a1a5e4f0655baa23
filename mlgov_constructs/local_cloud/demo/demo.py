"""The demonstration: deploys an environment, works in it, reads everything back, judges it, and takes it down."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from mlgov_constructs.local_cloud.clients import Clients, Credentials
from mlgov_constructs.local_cloud.demo import report
from mlgov_constructs.local_cloud.demo.cdk_app import CdkApp
from mlgov_constructs.local_cloud.demo.cdk_cli import CdkCli
from mlgov_constructs.local_cloud.demo.environment_copy import EnvironmentCopy
from mlgov_constructs.local_cloud.demo.inventory import Inventory
from mlgov_constructs.local_cloud.demo.readback import Deployed, Section
from mlgov_constructs.local_cloud.demo.steps import Steps
from mlgov_constructs.local_cloud.demo.takedown import Takedown
from mlgov_constructs.local_cloud.demo.work import Work
from mlgov_constructs.local_cloud.errors import LocalCloudError
from mlgov_constructs.local_cloud.local_cloud import LocalCloud

STOCK = "before.json"
"""What the account held before the environment, in the demonstration's directory."""


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
        steps, file = Steps(self.console), EnvironmentCopy(self.environment, self.directory)
        app = CdkApp(steps, CdkCli(self.directory / "cdk.log"), file, self.directory)
        assembly = app.synthesize()
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
            app.bootstrap(cloud)
            before = self._take_stock(steps, clients)
            app.deploy(cloud)
            work = Work(steps, Deployed(clients, assembly.stack_names), cloud)
            sections = self._use(app, cloud, work)
            if not self.keep:
                takedown = Takedown(steps, work.deployed, before)
                work.terminate_everything()
                app.destroy(cloud)
                sections.append(takedown.look_what_is_left())
        report.show_sections(self.console, sections)
        report.show_end(self.console, app.assembly, cloud if self.keep else None)
        return [fault for section in sections for fault in section.faults]

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

    def _take_stock(self, steps: Steps, clients: Clients) -> Inventory:
        """Writes down what the account holds before the environment, and returns it."""
        with steps.step("Take stock of the account") as say:
            before = Inventory.take(clients)
            before.write(self.directory / STOCK)
            say(f"{sum(map(len, before.ids.values()))} things of {len(before.ids)} types asked for")
        return before

    def _use(self, app: CdkApp, cloud: LocalCloud, work: Work) -> list[Section]:
        work.see_the_catalogue()
        work.approve_a_model()
        work.provision_everything()
        work.try_what_is_allowed()
        self._change(app, cloud, work)
        if before := work.serving:
            work.ask_the_model()
            work.approve_a_model()
            app.change(cloud, "Serve the next version", app.file.serve(work.model_version))
            work.compare(before)
        return work.read_everything_back()

    def _change(self, app: CdkApp, cloud: LocalCloud, work: Work) -> None:
        """Publishes a new version of the notebook and serves the model, where the environment has them."""
        serves = work.model_version if app.file.has_models else 0
        changes = {
            "publish a new version of the notebook": work.new_version.ask if work.new_version else None,
            "serve the model": app.file.serve(serves) if serves else None,
        }
        made = {what: change for what, change in changes.items() if change}
        if not made:
            return
        app.change(cloud, ", ".join(made).capitalize(), *made.values())
        work.deployed = Deployed(work.deployed.clients, app.assembly.stack_names)
        work.take_new_version()
