"""Events that SageMaker sends to EventBridge when a state changes."""

import json
from collections.abc import Mapping
from typing import Any

from ministack.services import eventbridge


def tell(detail_type: str, arn: str, detail: Mapping[str, Any]) -> None:
    """Sends an event to the default bus, whose rules deliver it as far as the emulator has their targets.

    Args:
        detail_type: What changed, for example ``SageMaker Model Package State Change``.
        arn: The resource.
        detail: What the event says.
    """
    entry = {
        "Source": "aws.sagemaker",
        "DetailType": detail_type,
        "Resources": [arn],
        "Detail": json.dumps(detail, default=str),
    }
    eventbridge._put_events({"Entries": [entry]}, allow_aws_source=True)
