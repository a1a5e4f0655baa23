"""Step Functions: the emulator's, with the tracing of a state machine, which it forgets."""

import json
from collections.abc import Mapping
from typing import Any

from ministack.services import stepfunctions

from mlgov_constructs.local_cloud import moto_bridge

_OFF = {"enabled": False}


async def handle_request(
    method: str, path: str, headers: Mapping[str, str], body: bytes, query: Mapping[str, Any]
) -> moto_bridge.Answer:
    """Answers a Step Functions request."""
    answer: moto_bridge.Answer = await stepfunctions.handle_request(method, path, headers, body, query)
    operation = moto_bridge.operation(headers, body)
    if answer[0] == 200 and operation in ("CreateStateMachine", "UpdateStateMachine"):
        asked = json.loads(body)
        arn = asked.get("stateMachineArn") or json.loads(answer[2])["stateMachineArn"]
        machine = stepfunctions._state_machines[arn]
        machine["tracingConfiguration"] = asked.get("tracingConfiguration") or machine.get("tracingConfiguration", _OFF)
    return answer
