"""Takes a SageMaker Studio domain down, one pass at a time.

Deployed as inline code of two functions, so it uses the standard library and boto3 alone. A state machine calls it
again until nothing is left; every pass looks at what is there and does what can be done next, so a pass may be
lost, repeated, or run by a second teardown.
"""

import json
import os
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

Document = dict[str, Any]
Waiting = list[str]

CONFIG = Config(retries={"mode": "standard", "total_max_attempts": 8})  # waits between attempts are random
ABSENT = {"FileSystemNotFound", "InvalidGroup.NotFound", "MountTargetNotFound", "ResourceNotFound"}
BUSY = {"DependencyViolation", "FileSystemInUse", "ResourceInUse"}
THROTTLED = {"RequestLimitExceeded", "ThrottlingException", "Throttling", "TooManyRequests", "TooManyRequestsException"}
BACKUP_FAILED = {"ABORTED", "ABORTING", "EXPIRED", "FAILED", "PARTIAL"}
GROUP_NAMES = ("security-group-for-inbound-nfs-", "security-group-for-outbound-nfs-")
LONGEST_REASON = 1000
# A stack is deleted, or its creation is undone. An update that drops the teardown alone must not end the domain.
GOING = {"DELETE_IN_PROGRESS", "ROLLBACK_IN_PROGRESS"}


class TeardownError(Exception):
    """What keeps the teardown from going on, for the person who deletes the stack."""


class Clients:
    """The services that a pass calls."""

    def __init__(self, make: Callable[..., Any] | None = None) -> None:
        make = make or boto3.client
        self.sagemaker, self.efs, self.ec2, self.backup = (
            make(name, config=CONFIG) for name in ("sagemaker", "efs", "ec2", "backup")
        )


def attempt(call: Callable[..., Any], **parameters: Any) -> str:
    """Calls an operation; returns an empty string, or what stands in its way for now."""
    try:
        call(**parameters)
    except ClientError as error:
        code = str(error.response["Error"]["Code"])
        if code in ABSENT:
            return ""
        if code not in BUSY | THROTTLED:
            raise
        return code
    return ""


def pages(client: Any, operation: str, member: str, **parameters: Any) -> Iterator[Document]:
    """Yields what a list or a description has; nothing when its parent is gone."""
    try:
        for page in client.get_paginator(operation).paginate(**parameters):
            yield from page[member]
    except ClientError as error:
        if error.response["Error"]["Code"] not in ABSENT:
            raise


def end_apps(target: Document, clients: Clients) -> Waiting:
    """Ends every app of the domain; one that has ended is listed as Deleted for a day."""
    waiting = []
    for app in pages(clients.sagemaker, "list_apps", "Apps", DomainIdEquals=target["DomainId"]):
        if app["Status"] == "Deleted":
            continue
        keys = ("DomainId", "UserProfileName", "SpaceName", "AppType", "AppName")
        named = {key: app[key] for key in keys if app.get(key)}
        why = "" if app["Status"] == "Deleting" else attempt(clients.sagemaker.delete_app, **named)
        owner = app.get("SpaceName") or app.get("UserProfileName")
        waiting.append(told(f"app {app['AppType']}/{app['AppName']} of {owner}", app["Status"], why))
    return waiting


def delete_spaces(target: Document, clients: Clients) -> Waiting:
    """Deletes every space of the domain."""
    return delete_each(target, clients, "Space")


def delete_profiles(target: Document, clients: Clients) -> Waiting:
    """Deletes every user profile of the domain, those made outside CloudFormation included."""
    return delete_each(target, clients, "UserProfile")


def delete_each(target: Document, clients: Clients, noun: str) -> Waiting:
    """Deletes every space, or every user profile."""
    domain, waiting = target["DomainId"], []
    plural, delete = {
        "Space": ("spaces", clients.sagemaker.delete_space),
        "UserProfile": ("user_profiles", clients.sagemaker.delete_user_profile),
    }[noun]
    for found in pages(clients.sagemaker, f"list_{plural}", f"{noun}s", DomainIdEquals=domain):
        name, status = found[f"{noun}Name"], found["Status"]
        why = "" if status == "Deleting" else attempt(delete, **{"DomainId": domain, f"{noun}Name": name})
        waiting.append(told(f"{noun} {name}", status, why))
    return waiting


def delete_domain(target: Document, clients: Clients) -> Waiting:
    """Deletes the domain and leaves its file system, whatever becomes of that later."""
    domain = target["DomainId"]
    try:
        found = clients.sagemaker.describe_domain(DomainId=domain)
    except ClientError as error:
        if error.response["Error"]["Code"] in ABSENT:
            return []
        raise
    why = found.get("FailureReason", "")
    if found["Status"] != "Deleting":
        retain = {"HomeEfsFileSystem": "Retain"}
        why = attempt(clients.sagemaker.delete_domain, DomainId=domain, RetentionPolicy=retain) or why
    return [told(f"domain {domain}", found["Status"], why)]


def back_up(target: Document, clients: Clients) -> Waiting:
    """Takes a recovery point of the file system, where a vault was given."""
    vault, file_system = target.get("BackupVaultName"), target["FileSystemId"]
    if not vault or not file_systems(target, clients):
        return []
    if "BackupJobId" not in target:
        job = clients.backup.start_backup_job(
            BackupVaultName=vault,
            ResourceArn=target["FileSystemArn"],
            IamRoleArn=target["BackupRoleArn"],
            IdempotencyToken=target["RequestId"],
        )
        target["BackupJobId"] = job["BackupJobId"]
    found = clients.backup.describe_backup_job(BackupJobId=target["BackupJobId"])
    if found["State"] in BACKUP_FAILED:
        why = found.get("StatusMessage") or found["State"]
        raise TeardownError(f"the backup of {file_system} into {vault} failed: {why}. The file system is untouched.")
    return [] if found["State"] == "COMPLETED" else [f"backup of {file_system} ({found['State']})"]


def remove_mount_targets(target: Document, clients: Clients) -> Waiting:
    """Takes the file system out of the subnets, which cannot be deleted otherwise."""
    waiting = []
    identifier = target["FileSystemId"]
    for found in pages(clients.efs, "describe_mount_targets", "MountTargets", FileSystemId=identifier):
        mount_target, status = found["MountTargetId"], found["LifeCycleState"]
        delete = clients.efs.delete_mount_target
        why = "" if status == "deleting" else attempt(delete, MountTargetId=mount_target)
        waiting.append(told(f"mount target {mount_target}", status, why))
    return waiting


def delete_file_system(target: Document, clients: Clients) -> Waiting:
    """Deletes the file system if both keys were turned, else leaves it."""
    if str(target.get("DeleteFileSystem")).lower() != "true":  # CloudFormation makes texts of properties
        return []
    waiting = []
    for found in file_systems(target, clients):
        identifier, status = found["FileSystemId"], found["LifeCycleState"]
        delete = clients.efs.delete_file_system
        why = "" if status == "deleting" else attempt(delete, FileSystemId=identifier)
        waiting.append(told(f"file system {identifier}", status, why))
    return waiting


def delete_security_groups(target: Document, clients: Clients) -> Waiting:
    """Deletes the two groups of the file system; their rules name each other, so the rules go first."""
    filters = [
        {"Name": "vpc-id", "Values": [target["VpcId"]]},
        {"Name": "group-name", "Values": [f"{name}{target['DomainId']}" for name in GROUP_NAMES]},
    ]
    groups = list(pages(clients.ec2, "describe_security_groups", "SecurityGroups", Filters=filters))
    waiting = []
    for group in groups:
        rules = {"ingress": group["IpPermissions"], "egress": group["IpPermissionsEgress"]}
        for direction, permissions in rules.items():
            if permissions:
                revoke = getattr(clients.ec2, f"revoke_security_group_{direction}")
                why = attempt(revoke, GroupId=group["GroupId"], IpPermissions=permissions)
                if why:
                    waiting.append(told(f"{direction} rules of {group['GroupId']}", "in force", why))
    for group in groups:
        why = attempt(clients.ec2.delete_security_group, GroupId=group["GroupId"])
        if why:
            waiting.append(told(f"security group {group['GroupId']}", "in use", why))
    return waiting


def file_systems(target: Document, clients: Clients) -> list[Document]:
    """Returns the file system, or nothing when it is gone."""
    identifier = target["FileSystemId"]
    return list(pages(clients.efs, "describe_file_systems", "FileSystems", FileSystemId=identifier))


def told(what: str, status: str, why: str) -> str:
    """Says what is waited for."""
    return f"{what} ({status}{f': {why}' if why else ''})"


STAGES: tuple[Callable[[Document, Clients], Waiting], ...] = (
    end_apps,
    delete_spaces,
    delete_profiles,
    delete_domain,
    back_up,
    remove_mount_targets,
    delete_file_system,
    delete_security_groups,
)


def run_pass(state: Document, clients: Clients, now: float) -> Document:
    """Does what can be done now, and returns what the next pass needs to know."""
    target = dict(state["Target"])
    stage, waiting = "", []
    try:
        for each in STAGES:
            stage, waiting = each.__name__, each(target, clients)
            if waiting:
                break
    except ClientError as error:
        if error.response["Error"]["Code"] not in THROTTLED:
            raise
        waiting = ["AWS to accept more calls"]
    if waiting and now > state["Deadline"]:
        left = ", ".join(waiting[:10]) + (f" and {len(waiting) - 10} more" if len(waiting) > 10 else "")
        raise TeardownError(f"out of time in {stage}, waiting for {left}. Delete the stack again to go on.")
    return {**state, "Target": target, "Stage": stage, "Waiting": waiting, "Done": not waiting}


def request_of(event: Document) -> Document:
    """Returns what an answer to CloudFormation repeats of its request.

    The physical id never changes, so a domain that takes the place of another lets the other one be.
    """
    request = {name: event[name] for name in ("StackId", "RequestId", "LogicalResourceId", "ResponseURL")}
    made = f"teardown-of-{event['ResourceProperties']['DomainId']}"
    return {**request, "PhysicalResourceId": event.get("PhysicalResourceId", made)}


def status_of_stack(event: Document, cloudformation: Any) -> str:
    """Returns what CloudFormation is doing to the stack."""
    return str(cloudformation.describe_stacks(StackName=event["StackId"])["Stacks"][0]["StackStatus"])


def begin(event: Document, states: Any, now: float) -> None:
    """Starts the state machine, which will answer CloudFormation; a second request of the same id starts nothing."""
    target = {key: value for key, value in event["ResourceProperties"].items() if key != "ServiceToken"}
    state = {
        "Request": request_of(event),
        "Target": {**target, "RequestId": event["RequestId"]},
        "Deadline": now + float(target["LongestWaitSeconds"]),
    }
    try:
        states.start_execution(
            stateMachineArn=os.environ["STATE_MACHINE_ARN"],
            name=f"{target['DomainId']}-{event['RequestId']}"[:80],
            input=json.dumps(state),
        )
    except ClientError as error:
        if error.response["Error"]["Code"] != "ExecutionAlreadyExists":
            raise


def answer(request: Mapping[str, str], status: str, reason: str = "") -> None:
    """Tells CloudFormation how it went."""
    document = {key: value for key, value in request.items() if key != "ResponseURL"}
    body = json.dumps({**document, "Status": status, "Reason": reason[:LONGEST_REASON]}).encode()
    # The address is a presigned URL that CloudFormation itself names.
    put = urllib.request.Request(request["ResponseURL"], data=body, method="PUT", headers={"content-type": ""})  # noqa: S310
    urllib.request.urlopen(put, timeout=20).close()  # noqa: S310


def reason_of(failure: Mapping[str, str]) -> str:
    """Returns why a pass failed, in words."""
    try:
        return f"Teardown of the Studio domain failed: {json.loads(failure['Cause'])['errorMessage']}"
    except (KeyError, TypeError, ValueError):
        return f"Teardown of the Studio domain failed: {failure.get('Error')}: {failure.get('Cause')}"


def handler(event: Document, _context: Any) -> Document:
    """Takes a request of CloudFormation, runs a pass, or answers the request at the end."""
    if "RequestType" not in event:
        if "Failure" in event:
            answer(event["Request"], "FAILED", reason_of(event["Failure"]))
        elif event.get("Done"):
            answer(event["Request"], "SUCCESS")
        else:
            return run_pass(event, Clients(), time.time())
        return event
    if event["RequestType"] != "Delete":
        answer(request_of(event), "SUCCESS")
        return {}
    try:
        status = status_of_stack(event, boto3.client("cloudformation", config=CONFIG))
        if status in GOING:
            begin(event, boto3.client("stepfunctions", config=CONFIG), time.time())
        else:
            answer(request_of(event), "SUCCESS", f"The domain stays: its stack is not deleted but in {status}.")
    except Exception as error:
        answer(request_of(event), "FAILED", f"The teardown of the Studio domain could not be started: {error}")
    return {}
