"""Starts, watches and stops the local cloud."""

import json
import os
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from mlgov_constructs.local_cloud.certificate import write_certificate
from mlgov_constructs.local_cloud.errors import LocalCloudError

if TYPE_CHECKING:
    from mlgov_constructs.local_cloud.clients import Credentials

_HOST = "127.0.0.1"
_STOP_SECONDS = 2.0
"""How long the server may take to end by itself: it has nothing to save."""
_LOG_TAIL = 15


class LocalCloud:
    """An embedded AWS cloud on the loopback interface: a target for ``cdk deploy`` that needs no account.

    It runs in a process group of its own and keeps its state in memory, so its state goes when it stops. It
    listens on ``127.0.0.1`` only. `LIMITS` says what it cannot show.

    Args:
        port: The port; ``0`` picks a free one. Default: ``4567``.
        directory: Where log, certificate and process file go. Default: ``.local-cloud``.
        enforced: Evaluate IAM policies, and serve over TLS with a generated certificate. Default: ``False``.
        account: The account's id, 12 digits. Default: ``123456789012``.
        region: The region given to clients. Default: ``us-east-1``.
        organization: The id of the organisation that the account lies in, for conditions. Default: none.
        custom_resource_timeout: Seconds that a custom resource may take at most. Default: 120.
        transition_seconds: Seconds that a SageMaker resource is pending, updating or deleting. Default: 0.2.

    Example:
        ```python
        with LocalCloud(port=0) as cloud:
            subprocess.run(["npx", "cdk", "deploy", "--all"], env=os.environ | cloud.environment(), check=True)
        ```
    """

    def __init__(
        self,
        *,
        port: int = 4567,
        directory: Path = Path(".local-cloud"),
        enforced: bool = False,
        account: str = "123456789012",
        region: str = "us-east-1",
        organization: str | None = None,
        custom_resource_timeout: int = 120,
        transition_seconds: float = 0.2,
    ) -> None:
        self.port = port or _free_port()
        self.directory = directory
        self.enforced = enforced
        self.account = account
        self.region = region
        self.organization = organization
        self._custom_resource_timeout = custom_resource_timeout
        self._transition_seconds = transition_seconds

    @classmethod
    def from_directory(cls, directory: Path = Path(".local-cloud")) -> "LocalCloud":
        """Returns the local cloud that was started with ``directory``.

        Raises:
            LocalCloudError: None was, or the file that tells of it cannot be read.
        """
        try:
            saved = json.loads((directory / "process.json").read_text())
            names = ("port", "enforced", "account", "region", "organization")
            return cls(directory=directory, **{name: saved[name] for name in names})
        except FileNotFoundError:
            raise LocalCloudError(f"No local cloud was started with {directory}. Start one: mlgov local up") from None
        except (ValueError, KeyError) as error:
            raise LocalCloudError(f"{directory / 'process.json'} cannot be read ({error}). Remove it.") from None

    @property
    def endpoint(self) -> str:
        """The address that clients use."""
        return f"{'https' if self.enforced else 'http'}://{_HOST}:{self.port}"

    @property
    def log_file(self) -> Path:
        """What the server writes."""
        return self.directory / "server.log"

    @property
    def pid(self) -> int | None:
        """The server's process id, or ``None`` when it does not run."""
        try:
            pid = int(json.loads(self._process_file.read_text())["pid"])
        except (FileNotFoundError, ValueError, KeyError):
            return None
        return pid if _belongs_to_us(pid) else None

    def start(self, *, timeout: float = 60.0) -> None:
        """Starts the server and waits until it answers.

        Args:
            timeout: Seconds to wait.

        Raises:
            LocalCloudError: It runs already, the port is taken, or it did not answer in time.
        """
        if self.pid:
            raise LocalCloudError(f"A local cloud runs already in {self.directory}. Stop it: mlgov local down")
        if _is_taken(self.port):
            raise LocalCloudError(f"Port {self.port} of {_HOST} is taken. Choose another: mlgov local up --port N")
        self.directory.mkdir(parents=True, exist_ok=True)
        command = self._command()
        with self.log_file.open("wb") as log:
            process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, start_new_session=True
            )
        place = {"account": self.account, "region": self.region, "organization": self.organization}
        saved = {"pid": process.pid, "port": self.port, "enforced": self.enforced, **place}
        self._process_file.write_text(json.dumps(saved))
        try:
            self._wait(process, timeout)
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stops the server with everything it started, if it runs, and removes its temporary files."""
        pid = self.pid
        if pid is not None:
            _stop_group(pid)
        self._process_file.unlink(missing_ok=True)
        shutil.rmtree(self.directory / "tmp", ignore_errors=True)
        for name in ("certificate.pem", "key.pem"):
            (self.directory / name).unlink(missing_ok=True)

    def is_up(self) -> bool:
        """Tells whether the server answers."""
        try:
            self._request("GET", "/_ministack/health")
        except (OSError, ValueError):
            return False
        return True

    def reset(self) -> None:
        """Empties the cloud.

        Raises:
            LocalCloudError: The server does not answer.
        """
        try:
            self._request("POST", "/_ministack/reset")
        except OSError as error:
            raise LocalCloudError(f"The local cloud at {self.endpoint} does not answer ({error}).") from None

    def fail(self, operation: str, code: str, *, times: int = 1) -> None:
        """Makes an operation fail: for a test of what handles the failure.

        Only the services that the local cloud keeps itself can be told to, such as SageMaker.

        Args:
            operation: Service and operation, for example ``sagemaker:ListApps``.
            code: The error code, for example ``ThrottlingException``.
            times: How many calls fail.
        """
        self._put_fault(operation=operation, code=code, times=times)

    def delay(self, operation: str, *, looks: int, ends_as: str = "") -> None:
        """Holds up the next change of status that an operation starts: for a test of what waits for it.

        Args:
            operation: Service and operation, for example ``sagemaker:DeleteApp``.
            looks: How often the resource is described or listed before the change comes to its end.
            ends_as: The status that it ends in, for example ``Failed``; the ordinary one when empty.
        """
        self._put_fault(operation=operation, looks=looks, ends_as=ends_as)

    def session_of(self, role_arn: str, *, service: str) -> "Credentials":
        """Returns credentials of a role that a service assumes: for who plays a machine that does not run here.

        On AWS the service alone has them.

        Args:
            role_arn: The role.
            service: The service, for example ``sagemaker``; the role must trust it.

        Raises:
            LocalCloudError: There is no such role, or it does not trust the service.

        Example:
            ```python
            cloud.session_of("arn:aws:iam::123456789012:role/pipeline", service="sagemaker")
            ```
        """
        from mlgov_constructs.local_cloud.clients import Credentials  # noqa: PLC0415 - boto3 is slow to import

        asked = json.dumps({"role_arn": role_arn, "service": service}).encode()
        try:
            return Credentials(**json.loads(self._request("POST", "/_mlgov/sessions", asked)))
        except urllib.error.HTTPError as error:
            raise LocalCloudError(f"{error.read().decode()} by {service}.") from None

    def environment(self) -> dict[str, str]:
        """Returns the environment variables that lead AWS clients and the CDK command line to this cloud."""
        variables = {
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_DEFAULT_REGION": self.region,
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_REGION": self.region,
            "AWS_SECRET_ACCESS_KEY": "test",
            "CDK_DEFAULT_ACCOUNT": self.account,
            "CDK_DEFAULT_REGION": self.region,
        }
        if self.enforced:
            certificate = str(self._certificate.resolve())
            for name in ("AWS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE"):
                variables[name] = certificate
        return variables

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def _process_file(self) -> Path:
        return self.directory / "process.json"

    @property
    def _certificate(self) -> Path:
        return self.directory / "certificate.pem"

    def _command(self) -> list[str]:
        command = [sys.executable, "-m", "mlgov_constructs.local_cloud.server"]
        command += ["--port", str(self.port), "--account", self.account, "--region", self.region]
        command += ["--directory", str(self.directory), "--custom-resource-timeout", str(self._custom_resource_timeout)]
        command += ["--transition-seconds", str(self._transition_seconds)]
        if self.organization:
            command += ["--organization", self.organization]
        if self.enforced:
            certificate, key = write_certificate(self.directory, _HOST)
            command += ["--enforced", "--certificate", str(certificate), "--key", str(key)]
        return command

    def _wait(self, process: "subprocess.Popen[bytes]", timeout: float) -> None:
        deadline = time.monotonic() + timeout
        while not self.is_up():
            if process.poll() is not None:
                tail = "\n".join(self.log_file.read_text(errors="replace").splitlines()[-_LOG_TAIL:])
                raise LocalCloudError(f"The local cloud ended while it started; {self.log_file} ends with:\n{tail}")
            if time.monotonic() > deadline:
                raise LocalCloudError(f"The local cloud did not answer in {timeout:.0f} s; see {self.log_file}")
            time.sleep(0.05)

    def _put_fault(self, **fault: str | int) -> None:
        self._request("POST", "/_mlgov/faults", json.dumps(fault).encode())

    def _request(self, method: str, path: str, body: bytes | None = None) -> bytes:
        context = ssl.create_default_context(cafile=str(self._certificate)) if self.enforced else None
        request = urllib.request.Request(self.endpoint + path, body, method=method)  # noqa: S310 - our own address
        opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=context)
        )
        with opener.open(request, timeout=5) as response:
            content: bytes = response.read()
        return content


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((_HOST, 0))
        return int(probe.getsockname()[1])


def _is_taken(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex((_HOST, port)) == 0


def _belongs_to_us(pid: int) -> bool:
    """Tells whether ``pid`` leads a living process group that is a local cloud's (ids are used again)."""
    try:
        if os.getpgid(pid) != pid:
            return False
    except ProcessLookupError:
        return False
    commands = Path(f"/proc/{pid}/cmdline")
    return not commands.exists() or b"local_cloud.server" in commands.read_bytes()


def _stop_group(pid: int) -> None:
    """Ends the process group that ``pid`` leads, politely first, and waits until none of it is left."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(pid, number)
        except ProcessLookupError:
            return
        deadline = time.monotonic() + _STOP_SECONDS
        while time.monotonic() < deadline:
            _reap(pid)
            try:
                os.killpg(pid, 0)
            except ProcessLookupError:
                return
            time.sleep(0.05)


def _reap(pid: int) -> None:
    """Takes the exit status of a child of ours, so that it does not stay in its group as a zombie."""
    try:
        os.waitpid(pid, os.WNOHANG)
    except ChildProcessError:
        return
