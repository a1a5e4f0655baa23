"""Tests in a real browser: collected only where ``MLGOV_BROWSER`` names one, as ``make browser`` does."""

from __future__ import annotations

import os

# Neither a browser nor its driver is needed to develop everything else.
collect_ignore_glob = [] if os.environ.get("MLGOV_BROWSER") else ["*"]
