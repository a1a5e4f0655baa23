"""Sessions of roles that a service assumes: what the machines of SageMaker would call with.

No machine runs here, so who plays one calls `LocalCloud.session_of`, which posts to ``/_mlgov/sessions``.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from mlgov_constructs.local_cloud import enforcement
from mlgov_constructs.local_cloud.errors import ServiceError

PATH = "/_mlgov/sessions"


async def handle_request(
    method: str, path: str, headers: Mapping[str, str], body: bytes, query: Mapping[str, Any]
) -> tuple[int, dict[str, str], bytes]:
    """Answers with credentials of a role, if it trusts the service."""
    told = json.loads(body)
    try:
        credentials = enforcement.session_of(told["role_arn"], assumed_by=told["service"])
    except ServiceError as error:
        return 400, {}, error.message.encode()
    return 200, {"Content-Type": "application/json"}, json.dumps(asdict(credentials)).encode()
