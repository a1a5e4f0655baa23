"""The policy simulator, in a process of its own."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from mlgov_constructs.cli.access.decision import Decision

PACKAGE = "@cloud-copilot/iam-simulate"
SCRIPT = Path(__file__).with_name("simulator.cjs")


class SimulatorMissingError(Exception):
    """Node.js or the simulator is not installed."""


class SimulationError(Exception):
    """The simulator cannot evaluate a request, or a policy has a fault."""


class Simulator:
    """Evaluates requests with all their policies as AWS does, offline.

    The simulator is no part of this library: it is what the user installed in the folder or
    in one above it, and it runs in its own process.

    Args:
        process: The process that answers; :meth:`running` makes it.

    Example:
        ``with Simulator.running(Path.cwd()) as simulator: simulator.decide(simulation)``
    """

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    @classmethod
    @contextmanager
    def running(cls, folder: Path) -> Iterator[Simulator]:
        """Run the simulator that is installed in a folder, or in one above it, and end it.

        Args:
            folder: Where to look first.

        Raises:
            SimulatorMissingError: There is no Node.js, or no simulator.
        """
        node = shutil.which("node")
        folders = (folder.resolve(), *folder.resolve().parents)
        installed = next((each for each in folders if (each / "node_modules" / PACKAGE).is_dir()), None)
        if node is None or installed is None:
            missing = "Node.js" if node is None else PACKAGE
            msg = f"needs {missing}, which is not installed here. Run: npm install --save-dev {PACKAGE}"
            raise SimulatorMissingError(msg)
        process = subprocess.Popen(
            [node, str(SCRIPT), str(installed)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        with process:
            yield cls(process)
            assert process.stdin is not None  # noqa: S101 - it is a pipe
            process.stdin.close()

    def decide(self, simulation: dict[str, Any]) -> Decision:
        """Evaluate one request.

        Args:
            simulation: The request with its policies, from :class:`Layers`.

        Returns:
            The decision and what decided it.

        Raises:
            SimulationError: The request or a policy is malformed.
        """
        pipe_in, pipe_out = self._process.stdin, self._process.stdout
        assert pipe_in is not None  # noqa: S101 - both are pipes
        assert pipe_out is not None  # noqa: S101
        pipe_in.write(json.dumps(simulation) + "\n")
        pipe_in.flush()
        answer = pipe_out.readline()
        if not answer:
            msg = "the simulator ended before it answered"
            raise SimulationError(msg)
        result = json.loads(answer)
        if result["resultType"] == "error":
            raise SimulationError(json.dumps(result["errors"]))
        principal = simulation["request"]["principal"]
        return Decision.from_result(result, by_service=not principal.startswith("arn:"))

    def decide_all(self, simulations: Iterable[dict[str, Any]]) -> list[Decision]:
        """Evaluate requests one after the other."""
        return [self.decide(simulation) for simulation in simulations]
