"""Runs the real CDK command line; what it writes goes to a file."""

import os
import shutil
import signal
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

from mlgov_constructs.local_cloud.errors import LocalCloudError

_LOCAL = Path("node_modules/.bin/cdk")
_TAIL = 25
_QUIET = {"CDK_DISABLE_CLI_TELEMETRY": "true", "CI": "true", "NODE_NO_WARNINGS": "1", "NO_COLOR": "1"}


class CdkCli:
    """The CDK command line of the working directory, or else that of ``npx``.

    Args:
        log_file: Where everything that it writes is appended.

    Raises:
        LocalCloudError: There is none.
    """

    def __init__(self, log_file: Path) -> None:
        self.log_file = log_file
        self._command = _find()

    def run(
        self, *arguments: str, environment: Mapping[str, str], on_line: Callable[[str], object] | None = None
    ) -> None:
        """Runs a command and waits for it.

        The user's own AWS settings are kept out: ``environment`` alone says which cloud is meant.

        Args:
            arguments: What stands behind ``cdk``.
            environment: Variables that lead to the cloud.
            on_line: Called with each line that it writes.

        Raises:
            LocalCloudError: It failed; the message has the end of what it wrote.
        """
        direct = {"NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"}
        nothing = {"AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull}
        own = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        self.log_file.parent.mkdir(parents=True, exist_ok=True)
        with self.log_file.open("a", encoding="utf-8", buffering=1) as log:
            log.write(f"\n$ cdk {' '.join(arguments)}\n")
            start = log.tell()
            process = subprocess.Popen(
                [*self._command, *arguments],
                env=own | _QUIET | direct | nothing | dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                start_new_session=True,
            )
            try:
                for line in process.stdout or ():
                    log.write(line)
                    if on_line:
                        on_line(line)
                code = process.wait()
            except BaseException:
                _end(process)
                raise
        if code:
            with self.log_file.open(encoding="utf-8") as log:
                log.seek(start)
                tail = "".join(log.readlines()[-_TAIL:]).rstrip()
            command = f"cdk {arguments[0]}"
            raise LocalCloudError(f"{command} failed with exit code {code}; {self.log_file} ends with:\n{tail}")


def _find() -> list[str]:
    if _LOCAL.exists():
        return [str(_LOCAL)]
    if npx := shutil.which("npx"):
        return [npx, "cdk"]
    raise LocalCloudError(f"There is no CDK command line: {_LOCAL} is missing. Install Node.js 20 and run: npm ci")


def _end(process: "subprocess.Popen[str]") -> None:
    """Ends the command line and the app that it may have started."""
    try:
        os.killpg(process.pid, signal.SIGTERM)
    except ProcessLookupError:
        return
    process.wait()
