"""Stops this notebook instance when nobody has worked on it for a while.

It runs on the instance, as root, from a systemd timer. It asks the local Jupyter server what
is going on and, if nothing is, stops the instance through the SageMaker API, which it reaches
through the VPC endpoint. It needs Python's standard library and the AWS command line of the
instance, downloads nothing, and takes region and partition from the ARN of the instance.

Usage: idle_stop.py MINUTES
"""

from __future__ import annotations

import json
import logging
import ssl
import subprocess
import sys
import urllib.request
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

JUPYTER = "https://localhost:8443/api"
METADATA = Path("/opt/ml/metadata/resource-metadata.json")
PATIENCE = 10  # seconds that Jupyter has to answer
BUSY = ("busy", "starting", "restarting")

log = logging.getLogger("idle-stop")


def ask(path: str) -> Any:
    """Return what the Jupyter server of this instance answers; its certificate is self-signed."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    with urllib.request.urlopen(f"{JUPYTER}/{path}", timeout=PATIENCE, context=context) as answer:  # noqa: S310
        return json.load(answer)


def moment(text: str) -> datetime:
    """Read a time as Jupyter writes it; the Python of the instance knows no ``Z``."""
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def last_work(kernels: list[dict[str, Any]], terminals: list[dict[str, Any]], started: str) -> datetime | None:
    """Return when something was last run, or ``None`` while something runs.

    An open browser tab is no work: only kernels and terminals count.
    """
    if any(kernel["execution_state"] in BUSY for kernel in kernels):
        return None
    return max(moment(text) for text in (started, *(work["last_activity"] for work in (*kernels, *terminals))))


def is_idle(now: datetime, minutes: int) -> bool:
    """Say whether nothing has been run for so many minutes; what cannot be asked counts as work."""
    try:
        since = last_work(ask("kernels"), ask("terminals"), ask("status")["started"])
    except (OSError, ValueError, KeyError) as error:
        log.warning("Jupyter gives no answer, so the instance is left running: %s", error)
        return False
    return since is not None and now - since >= timedelta(minutes=minutes)


def stop() -> None:
    """Stop this instance."""
    arn = json.loads(METADATA.read_text(encoding="utf-8"))["ResourceArn"]
    region, name = arn.split(":")[3], arn.rpartition("/")[2]
    command = ["aws", "sagemaker", "stop-notebook-instance", "--region", region, "--notebook-instance-name", name]
    log.info("Stopping %s, which is idle", name)
    subprocess.run(command, check=True)


def main(arguments: list[str]) -> None:
    """Stop the instance if it is idle."""
    logging.basicConfig(level=logging.INFO, format="%(name)s: %(message)s")
    if is_idle(datetime.now(timezone.utc), int(arguments[0])):  # noqa: UP017 - Python 3.9 on the instance
        stop()


if __name__ == "__main__":
    main(sys.argv[1:])
