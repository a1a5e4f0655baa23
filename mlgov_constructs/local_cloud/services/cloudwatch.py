"""CloudWatch: the emulator's, with the alarms that IAM authorizes a request on."""

from typing import Any

from ministack.core import iam_actions

from mlgov_constructs.local_cloud import enforcement

_OPERATIONS = ("DeleteAlarms", "DescribeAlarms", "ListTagsForResource", "TagResource", "UntagResource")


def install() -> None:
    """Names the alarm of a request that has a list of them or an ARN; to be called once."""
    resource_of = iam_actions.extract_resource_arn

    def extract_resource_arn(service: str, method: str, path: str, *rest: Any) -> str:
        found = str(resource_of(service, method, path, *rest))
        if service != "monitoring" or found != "*":
            return found
        headers, body, query, region, account = rest
        if arn := iam_actions._param(body, query, "ResourceARN"):
            return str(arn)
        action = iam_actions.extract_iam_action(service, method, path, headers, body, query) or ""
        if action.rpartition(":")[2] not in _OPERATIONS:
            return found
        # The first of several alarms stands for all of them.
        names = iam_actions._param(body, query, "AlarmNames", "AlarmNames.member.1") or "*"
        name = names[0] if isinstance(names, list) else names
        return f"arn:{enforcement.partition()}:cloudwatch:{region}:{account}:alarm:{name}"

    iam_actions.extract_resource_arn = extract_resource_arn
