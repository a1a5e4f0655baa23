"""How a provisioned product runs its stack, and what came of it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from botocore.exceptions import ClientError

from mlgov_constructs.local_cloud.errors import ServiceError
from mlgov_constructs.local_cloud.services.json_service import Request
from mlgov_constructs.local_cloud.services.service_catalog import own
from mlgov_constructs.local_cloud.services.service_catalog.store import ProvisionedProduct, Record, now

_NO_CHANGE = "No updates are to be performed"

# What a stack's final status means for the record and for the provisioned product.
_OUTCOMES = {
    "CREATE_COMPLETE": ("SUCCEEDED", "AVAILABLE"),
    "CREATE_FAILED": ("FAILED", "ERROR"),
    "DELETE_COMPLETE": ("SUCCEEDED", "TERMINATED"),
    "DELETE_FAILED": ("FAILED", "TAINTED"),
    "ROLLBACK_COMPLETE": ("FAILED", "ERROR"),
    "ROLLBACK_FAILED": ("FAILED", "ERROR"),
    "UPDATE_COMPLETE": ("SUCCEEDED", "AVAILABLE"),
    "UPDATE_FAILED": ("FAILED", "TAINTED"),
    "UPDATE_ROLLBACK_COMPLETE": ("FAILED", "TAINTED"),
    "UPDATE_ROLLBACK_FAILED": ("FAILED", "TAINTED"),
}


def client(provisioned: ProvisionedProduct, request: Request) -> Any:
    """Returns the CloudFormation client that runs the stack: as the launch role, or else as the caller."""
    if provisioned.launch_role:
        clients = own.clients_as(provisioned.launch_role, assumed_by="servicecatalog")
    else:
        clients = own.clients_as(request.caller.role_arn or "", assumed_by=None)
    return clients.client("cloudformation")


@contextmanager
def recorded(provisioned: ProvisionedProduct, record: Record) -> Iterator[None]:
    """Writes a refusal of CloudFormation into the record, where Service Catalog tells of it."""
    try:
        yield
    except ClientError as error:
        details = error.response["Error"]
        if _NO_CHANGE in details["Message"]:
            record.status, provisioned.status = "SUCCEEDED", "AVAILABLE"
        else:
            _fail(provisioned, record, details["Code"], details["Message"])
    except ServiceError as error:
        _fail(provisioned, record, error.code, error.message)
    record.updated = now()


def outcome(provisioned: ProvisionedProduct) -> tuple[str, str, str]:
    """Returns what the stack's status means for record and provisioned product, and the reason of a failure.

    While the stack changes, the first is ``IN_PROGRESS``.
    """
    cloudformation = own.clients().client("cloudformation")
    stack = cloudformation.describe_stacks(StackName=provisioned.stack_id)["Stacks"][0]
    record_status, status = _OUTCOMES.get(stack["StackStatus"], ("IN_PROGRESS", "UNDER_CHANGE"))
    reason = _first_failure(cloudformation, provisioned.stack_id) if record_status == "FAILED" else ""
    return record_status, status, reason


def outputs(provisioned: ProvisionedProduct) -> list[dict[str, str]]:
    """Returns the stack's outputs, with its ARN as Service Catalog names it."""
    if not provisioned.stack_id:
        return []
    cloudformation = own.clients().client("cloudformation")
    stack = cloudformation.describe_stacks(StackName=provisioned.stack_id)["Stacks"][0]
    arn = {
        "OutputKey": "CloudformationStackARN",
        "OutputValue": provisioned.stack_id,
        "Description": "The ARN of the launched Cloudformation Stack",
    }
    names = ("OutputKey", "OutputValue", "Description")
    return [arn, *({name: item.get(name, "") for name in names} for item in stack.get("Outputs", []))]


def _fail(provisioned: ProvisionedProduct, record: Record, code: str, message: str) -> None:
    record.status = "FAILED"
    record.errors = [{"Code": code, "Description": message}]
    provisioned.status = "TAINTED" if provisioned.successful_record_id else "ERROR"
    provisioned.status_message = message


def _first_failure(cloudformation: Any, stack_id: str) -> str:
    """Returns the first failure of the stack's last operation (events come last first)."""
    reason = ""
    for event in cloudformation.describe_stack_events(StackName=stack_id)["StackEvents"]:
        if event["ResourceStatus"].endswith("_FAILED"):
            reason = f"{event['LogicalResourceId']}: {event.get('ResourceStatusReason', '')}"
        started = event["ResourceStatus"] in ("CREATE_IN_PROGRESS", "UPDATE_IN_PROGRESS", "DELETE_IN_PROGRESS")
        if started and event["PhysicalResourceId"] == stack_id:
            break
    return reason
