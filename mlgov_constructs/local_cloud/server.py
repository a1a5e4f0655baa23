"""The local cloud's server process: ``python -m mlgov_constructs.local_cloud.server --port 4567``.

Users start it through `LocalCloud` or ``mlgov local up``, which also stop its whole process group.
"""

import argparse
import os
import sys
from pathlib import Path

HOST = "127.0.0.1"
_WAIT_SCALE = "0.01"
"""A state machine that waits 30 seconds on AWS waits 0.3 here: what it waits for is ready sooner as well."""


def main() -> None:
    """Reads the command line, prepares the environment the emulator reads, and serves."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=4567, help="the port on the loopback interface")
    parser.add_argument("--account", default="123456789012", help="the account's id")
    parser.add_argument("--region", default="us-east-1", help="the region of unsigned requests")
    parser.add_argument("--organization", help="the id of the organisation that the account lies in")
    parser.add_argument("--directory", type=Path, default=Path(".local-cloud"), help="for temporary files")
    parser.add_argument("--enforced", action="store_true", help="evaluate IAM policies and serve over TLS")
    parser.add_argument("--certificate", type=Path, help="the certificate, with --enforced")
    parser.add_argument("--key", type=Path, help="the certificate's key, with --enforced")
    parser.add_argument("--custom-resource-timeout", type=int, default=120, help="seconds, at most")
    parser.add_argument("--transition-seconds", type=float, default=0.2, help="of a SageMaker resource's statuses")
    options = parser.parse_args()
    _prepare_environment(options)

    # The emulator reads its environment when it is imported.
    from mlgov_constructs.local_cloud import emulator  # noqa: PLC0415
    from mlgov_constructs.local_cloud.cloudformation import Settings  # noqa: PLC0415

    scheme = "https" if options.enforced else "http"
    emulator.install(
        Settings(
            endpoint=f"{scheme}://{HOST}:{options.port}",
            certificate=str(options.certificate) if options.enforced else None,
            enforced=options.enforced,
            organization=options.organization,
            custom_resource_timeout=options.custom_resource_timeout,
        ),
        transition_seconds=options.transition_seconds,
    )
    sys.argv = sys.argv[:1]  # the emulator has a command line of its own
    emulator.serve()


def _prepare_environment(options: argparse.Namespace) -> None:
    """Keeps the user's AWS settings out and tells the emulator how to run."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        del os.environ[name]
    temporary = options.directory / "tmp"
    temporary.mkdir(parents=True, exist_ok=True)
    os.environ |= {
        "AUTH": "true" if options.enforced else "false",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_EC2_METADATA_DISABLED": "true",
        "BIND_HOST": HOST,
        "GATEWAY_PORT": str(options.port),
        "IOT_MTLS_ENABLED": "0",
        "LAMBDA_EXECUTOR": "local",
        "MINISTACK_ACCOUNT_ID": options.account,
        "MINISTACK_HOST": HOST,
        "MINISTACK_REGION": options.region,
        "MOTO_ACCOUNT_ID": options.account,
        "NO_PROXY": HOST,  # functions call back to this server, never through a proxy of the user's
        "no_proxy": HOST,
        "SFN_WAIT_SCALE": _WAIT_SCALE,
        "TMPDIR": str(temporary.resolve()),
    }
    if options.enforced:
        certificate = str(options.certificate.resolve())
        os.environ |= {
            "AWS_CA_BUNDLE": certificate,
            "MINISTACK_SSL_CERT": certificate,
            "MINISTACK_SSL_KEY": str(options.key.resolve()),
            "NODE_EXTRA_CA_CERTS": certificate,
            "SSL_CERT_FILE": certificate,
            "USE_SSL": "1",
        }


if __name__ == "__main__":
    main()
