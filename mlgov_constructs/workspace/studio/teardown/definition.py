"""The state machine of the teardown: a pass, a pause, again; and in every case an answer."""

from __future__ import annotations

import json
from typing import Any

from mlgov_constructs.aws_tokens import aws_tokens

PAUSE_SECONDS = 20
# Ends a run that the answer itself could not end; the passes end in time by themselves.
GRACE_SECONDS = 600
_OF_LAMBDA = (
    "Lambda.ClientExecutionTimeoutException",
    "Lambda.SdkClientException",
    "Lambda.ServiceException",
    "Lambda.TooManyRequestsException",
    "Sandbox.Timedout",
)


def definition(function_arn: str, longest_wait_seconds: int) -> str:
    """Return the definition in the Amazon States Language.

    Args:
        function_arn: The function that runs a pass, and answers.
        longest_wait_seconds: After which a pass fails that still waits.
    """
    machine = {
        "Comment": "Takes a SageMaker Studio domain down, and answers CloudFormation",
        "StartAt": "Pass",
        "TimeoutSeconds": longest_wait_seconds + GRACE_SECONDS,
        "States": {
            "Pass": {
                **_call(function_arn, _OF_LAMBDA, attempts=3),
                "OutputPath": "$.Payload",
                "Catch": [{"ErrorEquals": ["States.ALL"], "ResultPath": "$.Failure", "Next": "Answer that it failed"}],
                "Next": "Is anything left?",
            },
            "Is anything left?": {
                "Type": "Choice",
                "Choices": [{"Variable": "$.Done", "BooleanEquals": True, "Next": "Answer that it is done"}],
                "Default": "Pause",
            },
            "Pause": {"Type": "Wait", "Seconds": PAUSE_SECONDS, "Next": "Pass"},
            "Answer that it is done": {
                **_call(function_arn, ("States.ALL",), attempts=5),
                "ResultPath": None,
                "Next": "Done",
            },
            "Answer that it failed": {
                **_call(function_arn, ("States.ALL",), attempts=5),
                "ResultPath": None,
                "Next": "Failed",
            },
            "Done": {"Type": "Succeed"},
            "Failed": {"Type": "Fail", "Error": "TeardownFailed", "Cause": "See the input of the answer"},
        },
    }
    return json.dumps(machine)


def _call(function_arn: str, errors: tuple[str, ...], *, attempts: int) -> dict[str, Any]:
    return {
        "Type": "Task",
        "Resource": f"arn:{aws_tokens().partition}:states:::lambda:invoke",
        "Parameters": {"FunctionName": function_arn, "Payload.$": "$"},
        "Retry": [
            {
                "ErrorEquals": list(errors),
                "IntervalSeconds": 2,
                "BackoffRate": 2,
                "MaxAttempts": attempts,
                "JitterStrategy": "FULL",
            }
        ],
    }
