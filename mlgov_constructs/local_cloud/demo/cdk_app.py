"""The CDK app of the environment, synthesized and deployed by the real command line."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from mlgov_constructs.local_cloud.demo.assembly import Assembly
from mlgov_constructs.local_cloud.demo.cdk_cli import CdkCli
from mlgov_constructs.local_cloud.demo.environment_copy import EnvironmentCopy, Settings
from mlgov_constructs.local_cloud.demo.steps import Say, Steps
from mlgov_constructs.local_cloud.local_cloud import LocalCloud

_PROGRESS = re.compile(r"^(\S+) +\| +(\d+/\d+) \|")


@dataclass(slots=True)
class CdkApp:
    """The app, from its first synthesis to its last change.

    Args:
        steps: Where it is shown.
        cdk: The command line.
        file: The environment's file.
        directory: Where assemblies and outputs go.
        assemblies: What was synthesized so far, the newest last.
    """

    steps: Steps
    cdk: CdkCli
    file: EnvironmentCopy
    directory: Path
    assemblies: tuple[Assembly, ...] = ()

    @property
    def assembly(self) -> Assembly:
        """What was synthesized last."""
        return self.assemblies[-1]

    def synthesize(self) -> Assembly:
        """Synthesizes the environment as it is deployed first."""
        with self.steps.step("Synthesize the environment") as say:
            assembly = self._synthesize(self.file.first())
            say(f"{len(assembly.stack_names)} stacks for {assembly.region}")
        return assembly

    def bootstrap(self, cloud: LocalCloud) -> None:
        """Runs ``cdk bootstrap``.

        Args:
            cloud: Where.
        """
        places = [f"aws://{self.assembly.account}/{region}" for region in self.assembly.regions]
        with self.steps.step("cdk bootstrap") as say:
            self._run(cloud, say, "bootstrap", *places)
            say(" ".join(places))

    def deploy(self, cloud: LocalCloud) -> None:
        """Deploys every stack.

        Args:
            cloud: Where.
        """
        with self.steps.step("cdk deploy --all") as say:
            self._deploy(cloud, say, "--all")
            say(f"{len(self.assembly.stack_names)} stacks, {self.assembly.stack_names[0]} first")

    def change(self, cloud: LocalCloud, title: str, *changes: Callable[[Settings], object]) -> None:
        """Changes the environment's file and deploys the stacks that this changes, and no other.

        Args:
            cloud: Where.
            title: What is done.
            changes: Each changes what the file says.
        """
        with self.steps.step(title) as say:
            before, file = self.assembly, self.file.change(*changes)
            after = self._synthesize(file)
            stacks = after.changed_since(before)
            self._deploy(cloud, say, *(after.identifiers[stack] for stack in stacks), "--exclusively")
            say(f"cdk deploy {' '.join(stacks)}, from {file}")

    def destroy(self, cloud: LocalCloud) -> None:
        """Runs ``cdk destroy --all``.

        Args:
            cloud: Where.
        """
        with self.steps.step("cdk destroy --all --force") as say:
            self._run(cloud, say, "destroy", "--all", "--force", "--concurrency", "4")
            say(f"{len(self.assembly.stack_names)} stacks")

    def _synthesize(self, environment: Path) -> Assembly:
        count = len(self.assemblies) + 1
        directory = self.directory / ("cdk.out" if count == 1 else f"cdk.out-{count}")
        arguments = ("synth", "--quiet", "--output", str(directory), "--context", f"environment={environment}")
        self.cdk.run(*arguments, environment={})
        self.assemblies = (*self.assemblies, Assembly.read(directory))
        return self.assembly

    def _deploy(self, cloud: LocalCloud, say: Say, *arguments: str) -> None:
        outputs = ("--outputs-file", str(self.directory / "outputs.json"))
        self._run(cloud, say, "deploy", *arguments, "--concurrency", "4", *outputs, "--require-approval", "never")

    def _run(self, cloud: LocalCloud, say: Say, *arguments: str) -> None:
        app = ("--app", str(self.assembly.directory))
        self.cdk.run(*arguments, *app, environment=cloud.environment(), on_line=lambda line: _follow(line, say))


def _follow(line: str, say: Say) -> None:
    if found := _PROGRESS.match(line):
        say(f"{found[1]} {found[2]}")
