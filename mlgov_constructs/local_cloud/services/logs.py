"""CloudWatch Logs: the emulator's, with the operations that set a log group's key."""

import json
from collections.abc import Mapping
from typing import Any

from ministack.services import cloudwatch_logs

from mlgov_constructs.local_cloud import moto_bridge

_JSON = {"Content-Type": "application/x-amz-json-1.1"}


async def handle_request(
    method: str, path: str, headers: Mapping[str, str], body: bytes, query: Mapping[str, Any]
) -> moto_bridge.Answer:
    """Answers a Logs request."""
    operation = moto_bridge.operation(headers, body)
    if operation not in ("AssociateKmsKey", "DisassociateKmsKey"):
        answer: moto_bridge.Answer = await cloudwatch_logs.handle_request(method, path, headers, body, query)
        return answer
    parameters = json.loads(body)
    group = cloudwatch_logs._log_groups.get(parameters.get("logGroupName", ""))
    if group is None:
        return moto_bridge.error("ResourceNotFoundException", "The specified log group does not exist.")
    group["kmsKeyId"] = parameters.get("kmsKeyId")
    return 200, dict(_JSON), b"{}"
