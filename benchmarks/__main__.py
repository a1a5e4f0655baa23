"""Prints one JSON document: ``python -m benchmarks`` or ``make bench``. It takes about a minute."""

from __future__ import annotations

import json
import os
import tempfile


def main() -> None:
    """Measure in a quiet CDK; what Node is to know must be set before it starts."""
    with tempfile.TemporaryDirectory() as output:
        # The CDK's own validation costs seconds a synthesis; `app_py_as_users_run_it` pays for it.
        os.environ.update(CDK_VALIDATION="false", CDK_OUTDIR=output, JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION="20")
        from benchmarks.report import report  # noqa: PLC0415

        print(json.dumps(report(), indent=2))


if __name__ == "__main__":
    main()
