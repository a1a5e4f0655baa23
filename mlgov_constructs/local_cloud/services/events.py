"""EventBridge: the emulator's, with the rule that IAM authorizes a request on."""

from typing import Any

from ministack.core import iam_actions

from mlgov_constructs.local_cloud import enforcement

_DEFAULT_BUS = "default"


def install() -> None:
    """Names the rule of a request as AWS does, without the default bus; to be called once."""
    resource_of = iam_actions.extract_resource_arn

    def extract_resource_arn(service: str, method: str, path: str, *rest: Any) -> str:
        found = str(resource_of(service, method, path, *rest))
        if service != "events":
            return found
        headers, body, query, region, account = rest
        if arn := iam_actions._param(body, query, "ResourceARN"):
            return str(arn)
        action = iam_actions.extract_iam_action(service, method, path, headers, body, query) or ""
        # The operations on targets and the listings call a rule Rule, the others Name, as they call a bus too.
        rule = iam_actions._param(body, query, "Rule") or (
            iam_actions._param(body, query, "Name") if action.endswith("Rule") else ""
        )
        if not rule:
            return found
        bus = iam_actions._param(body, query, "EventBusName") or _DEFAULT_BUS
        name = rule if bus == _DEFAULT_BUS else f"{bus}/{rule}"
        return f"arn:{enforcement.partition()}:events:{region}:{account}:rule/{name}"

    iam_actions.extract_resource_arn = extract_resource_arn
