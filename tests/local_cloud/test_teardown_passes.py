"""The code of the Studio teardown, pass by pass, against the local cloud."""

from __future__ import annotations

import http.server
import json
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from mlgov_constructs.workspace.studio.teardown import handler as function
from tests.local_cloud.conftest import Cloud
from tests.local_cloud.studio import Studio, eventually, refusal

VAULT = "homes"
PASSES = 60


class Teardown:
    """A teardown of a domain, which a test drives."""

    def __init__(self, studio: Studio, **target: str) -> None:
        file_system = studio.describe()["HomeEfsFileSystemId"]
        self.studio, self.file_system = studio, file_system
        self.clients = function.Clients(lambda name, config: studio.cloud.client(name))
        self.state: dict[str, Any] = {
            "Target": {
                "DomainId": studio.id,
                "FileSystemId": file_system,
                "FileSystemArn": f"arn:aws:elasticfilesystem:us-east-1:123456789012:file-system/{file_system}",
                "VpcId": studio.vpc,
                "DeleteFileSystem": "false",
                "RequestId": "request",
                **target,
            },
            "Deadline": time.time() + 60,
        }
        self.stages: list[str] = []

    def run_pass(self) -> dict[str, Any]:
        self.state = function.run_pass(self.state, self.clients, time.time())
        self.stages.append(self.state["Stage"])
        return self.state

    def run(self) -> None:
        for _ in range(PASSES):
            if self.run_pass()["Done"]:
                return
            time.sleep(0.1)
        raise AssertionError(f"not done after {PASSES} passes: {self.state['Waiting']}")

    def waiting(self) -> str:
        return "; ".join(self.state["Waiting"])

    def mount_targets(self) -> list[Any]:
        found: list[Any] = self.studio.efs.describe_mount_targets(FileSystemId=self.file_system)["MountTargets"]
        return found

    def file_system_exists(self) -> bool:
        return self.studio.file_system_exists(self.file_system)

    def delete_vpc(self) -> None:
        for subnet in self.studio.subnets:
            self.studio.ec2.delete_subnet(SubnetId=subnet)
        self.studio.ec2.delete_vpc(VpcId=self.studio.vpc)


@pytest.fixture
def studio(cloud: Cloud) -> Studio:
    return Studio(cloud)


def test_everything_goes_in_order_and_the_vpc_can_be_deleted(studio: Studio) -> None:
    for person in ("ada", "bob"):
        studio.add_profile(person)
        studio.add_space(f"{person}-space", person)
        studio.add_app(f"{person}-space")
    teardown = Teardown(studio)
    assert refusal(studio.ec2.delete_subnet, SubnetId=studio.subnets[0]) == "DependencyViolation"
    teardown.run()
    order = list(dict.fromkeys(teardown.stages))
    assert order[:4] == ["end_apps", "delete_spaces", "delete_profiles", "delete_domain"]
    assert studio.is_gone()
    assert teardown.file_system_exists()
    assert teardown.mount_targets() == []
    assert studio.groups() == {}
    teardown.delete_vpc()


def test_an_app_that_is_stuck_is_waited_for_by_name(studio: Studio) -> None:
    studio.add_profile("ada")
    studio.add_space("ada-space", "ada")
    studio.add_app("ada-space")
    studio.cloud.local.delay("sagemaker:DeleteApp", looks=8)
    teardown = Teardown(studio)
    for _ in range(5):
        teardown.run_pass()
        time.sleep(0.1)
    assert teardown.stages == ["end_apps"] * 5
    assert teardown.waiting() == "app JupyterLab/default of ada-space (Deleting)"
    teardown.run()
    assert studio.is_gone()


def test_out_of_time_it_says_what_it_waits_for_and_a_later_run_ends_it(studio: Studio) -> None:
    studio.add_profile("ada")
    studio.add_space("ada-space", "ada")
    studio.add_app("ada-space")
    teardown = Teardown(studio)
    teardown.state["Deadline"] = time.time() - 1
    with pytest.raises(function.TeardownError, match="out of time in end_apps, waiting for app JupyterLab/default"):
        teardown.run_pass()
    teardown.state["Deadline"] = time.time() + 60
    teardown.run()
    assert studio.is_gone()


@pytest.mark.parametrize("operation", ["ListApps", "DescribeDomain", "DeleteDomain"])
def test_throttling_is_waited_out(studio: Studio, operation: str) -> None:
    teardown = Teardown(studio)
    studio.cloud.local.fail(f"sagemaker:{operation}", "ThrottlingException", times=2)
    teardown.run_pass()
    assert not teardown.state["Done"]
    assert "accept more calls" in teardown.waiting() or "ThrottlingException" in teardown.waiting()
    teardown.run()
    assert studio.is_gone()


def test_calls_are_repeated_with_random_pauses_before_a_pass_gives_up() -> None:
    assert function.CONFIG.retries == {"mode": "standard", "total_max_attempts": 8}


def test_a_person_who_starts_an_app_meanwhile_only_delays_it(studio: Studio) -> None:
    studio.add_profile("ada")
    studio.add_space("ada-space", "ada")
    teardown = Teardown(studio)
    studio.add_app("ada-space")
    waiting = function.delete_spaces(teardown.state["Target"], teardown.clients)
    assert waiting == ["Space ada-space (InService: ResourceInUse)"]
    waiting = function.delete_profiles(teardown.state["Target"], teardown.clients)
    assert waiting == ["UserProfile ada (InService: ResourceInUse)"]
    teardown.run()
    assert studio.is_gone()


def test_a_space_whose_deletion_failed_is_tried_again(studio: Studio) -> None:
    studio.add_profile("ada")
    studio.add_space("ada-space", "ada")
    studio.cloud.local.delay("sagemaker:DeleteSpace", looks=1, ends_as="Delete_Failed")
    teardown = Teardown(studio)
    teardown.run()
    assert studio.is_gone()


def test_a_second_run_finds_nothing_to_do(studio: Studio) -> None:
    teardown = Teardown(studio)
    teardown.run()
    again = {**teardown.state, "Done": False}
    assert function.run_pass(again, teardown.clients, time.time())["Done"]
    teardown.delete_vpc()
    assert function.run_pass(again, teardown.clients, time.time())["Done"]


def test_a_domain_that_somebody_deleted_leaves_work_all_the_same(studio: Studio) -> None:
    teardown = Teardown(studio)
    studio.sagemaker.delete_domain(DomainId=studio.id)
    eventually(studio.is_gone, True)
    teardown.run()
    assert teardown.mount_targets() == []
    teardown.delete_vpc()


def test_the_file_system_goes_only_when_both_keys_are_turned(studio: Studio) -> None:
    teardown = Teardown(studio, DeleteFileSystem="true")
    teardown.run()
    assert not teardown.file_system_exists()
    teardown.delete_vpc()
    assert function.run_pass({**teardown.state, "Done": False}, teardown.clients, time.time())["Done"]


def test_a_recovery_point_is_made_once_before_the_file_system_goes(studio: Studio) -> None:
    backup = studio.cloud.client("backup")
    backup.create_backup_vault(BackupVaultName=VAULT)
    role = "arn:aws:iam::123456789012:role/backup"
    teardown = Teardown(studio, DeleteFileSystem="true", BackupVaultName=VAULT, BackupRoleArn=role)
    teardown.run()
    arn = teardown.state["Target"]["FileSystemArn"]
    jobs = [job for job in backup.list_backup_jobs()["BackupJobs"] if job["ResourceArn"] == arn]
    assert [(job["State"], job["BackupVaultName"]) for job in jobs] == [("COMPLETED", VAULT)]
    assert not teardown.file_system_exists()


@pytest.mark.parametrize("state", ["FAILED", "EXPIRED", "ABORTED"])
def test_without_its_recovery_point_the_file_system_stays(
    studio: Studio, state: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Broken:
        def start_backup_job(self, **_: Any) -> dict[str, str]:
            return {"BackupJobId": "job"}

        def describe_backup_job(self, **_: Any) -> dict[str, str]:
            return {"State": state, "StatusMessage": "the vault is locked"}

    teardown = Teardown(studio, DeleteFileSystem="true", BackupVaultName=VAULT, BackupRoleArn="role")
    monkeypatch.setattr(teardown.clients, "backup", Broken())
    with pytest.raises(function.TeardownError, match=r"the vault is locked\. The file system is untouched"):
        teardown.run()
    assert teardown.file_system_exists()
    assert len(teardown.mount_targets()) == 2


def test_a_backup_that_runs_is_waited_for(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    states = iter(["CREATED", "RUNNING", "COMPLETED"])
    started: list[dict[str, str]] = []

    class Slow:
        def start_backup_job(self, **asked: str) -> dict[str, str]:
            started.append(asked)
            return {"BackupJobId": "job"}

        def describe_backup_job(self, **_: Any) -> dict[str, str]:
            return {"State": next(states)}

    teardown = Teardown(studio, BackupVaultName=VAULT, BackupRoleArn="role")
    monkeypatch.setattr(teardown.clients, "backup", Slow())
    while "back_up" not in teardown.stages:
        teardown.run_pass()
        time.sleep(0.1)
    assert teardown.waiting() == f"backup of {teardown.file_system} (CREATED)"
    teardown.run_pass()
    assert teardown.waiting() == f"backup of {teardown.file_system} (RUNNING)"
    monkeypatch.setattr(teardown.clients, "backup", Slow())
    teardown.run_pass()
    assert len(started) == 1
    assert started[0]["IdempotencyToken"] == "request"


def test_other_groups_of_the_vpc_stay(studio: Studio) -> None:
    group = studio.ec2.create_security_group(GroupName="workload", Description="ours", VpcId=studio.vpc)["GroupId"]
    Teardown(studio).run()
    assert [each["GroupId"] for each in studio.groups().values()] == [group]


def test_a_group_in_use_is_waited_for(studio: Studio) -> None:
    teardown = Teardown(studio)
    inbound = studio.groups()[f"security-group-for-inbound-nfs-{studio.id}"]["GroupId"]
    interface = studio.ec2.create_network_interface(SubnetId=studio.subnets[0], Groups=[inbound])["NetworkInterface"]
    while "delete_security_groups" not in teardown.stages:
        teardown.run_pass()
        time.sleep(0.1)
    assert teardown.waiting() == f"security group {inbound} (in use: DependencyViolation)"
    studio.ec2.delete_network_interface(NetworkInterfaceId=interface["NetworkInterfaceId"])
    teardown.run()
    assert studio.groups() == {}


def test_an_error_that_time_does_not_heal_ends_the_pass(studio: Studio) -> None:
    studio.cloud.local.fail("sagemaker:ListApps", "AccessDeniedException")
    with pytest.raises(ClientError, match="AccessDeniedException"):
        Teardown(studio).run_pass()


class Receiver:
    """Takes the answers that CloudFormation would take."""

    def __init__(self) -> None:
        self.answers: list[dict[str, Any]] = []
        answers = self.answers

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_PUT(self) -> None:
                answers.append(json.loads(self.rfile.read(int(self.headers["content-length"]))))
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                """Stay quiet."""

        self.server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    def request(self, kind: str, **more: Any) -> dict[str, Any]:
        return {
            "RequestType": kind,
            "StackId": "stack",
            "RequestId": "request",
            "LogicalResourceId": "Teardown",
            "ResponseURL": f"http://127.0.0.1:{self.server.server_port}/",
            "ResourceProperties": {"ServiceToken": "token", "DomainId": "d-abc", "LongestWaitSeconds": "3300"},
            **more,
        }

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    yield receiver
    receiver.stop()


def test_a_creation_is_answered_at_once(receiver: Receiver) -> None:
    function.handler(receiver.request("Create"), None)
    (answer,) = receiver.answers
    assert (answer["Status"], answer["PhysicalResourceId"]) == ("SUCCESS", "teardown-of-d-abc")
    assert "ResponseURL" not in answer


def test_an_update_keeps_the_id_so_that_a_replaced_domain_stays(receiver: Receiver) -> None:
    function.handler(receiver.request("Update", PhysicalResourceId="teardown-of-d-old"), None)
    (answer,) = receiver.answers
    assert (answer["Status"], answer["PhysicalResourceId"]) == ("SUCCESS", "teardown-of-d-old")


@pytest.mark.parametrize("status", ["UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", "UPDATE_ROLLBACK_IN_PROGRESS"])
def test_a_stack_that_is_only_updated_keeps_its_domain(
    receiver: Receiver, status: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("boto3.client", lambda name, config: Stacks(status))
    function.handler(receiver.request("Delete", PhysicalResourceId="before"), None)
    (answer,) = receiver.answers
    assert answer["Status"] == "SUCCESS"
    assert answer["Reason"] == f"The domain stays: its stack is not deleted but in {status}."


class Stacks:
    """CloudFormation with one stack."""

    def __init__(self, status: str) -> None:
        self.status = status

    def describe_stacks(self, StackName: str) -> dict[str, Any]:  # noqa: N803 - the API's name
        return {"Stacks": [{"StackStatus": self.status}]}


def test_a_deletion_that_cannot_start_is_answered(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("boto3.client", lambda name, config: Stacks("DELETE_IN_PROGRESS"))
    monkeypatch.delenv("STATE_MACHINE_ARN", raising=False)
    function.handler(receiver.request("Delete", PhysicalResourceId="before"), None)
    (answer,) = receiver.answers
    assert (answer["Status"], answer["PhysicalResourceId"]) == ("FAILED", "before")
    assert "could not be started" in answer["Reason"]


@pytest.mark.parametrize(
    ("failure", "reason"),
    [
        ({"Error": "TeardownError", "Cause": json.dumps({"errorMessage": "out of time"})}, "out of time"),
        ({"Error": "States.Timeout", "Cause": "no answer"}, "States.Timeout: no answer"),
    ],
)
def test_a_failure_is_answered_with_its_reason(receiver: Receiver, failure: dict[str, str], reason: str) -> None:
    request = function.request_of(receiver.request("Delete", PhysicalResourceId="before"))
    function.handler({"Request": request, "Failure": failure}, None)
    (answer,) = receiver.answers
    assert answer["Status"] == "FAILED"
    assert reason in answer["Reason"]


def test_the_end_is_answered(receiver: Receiver) -> None:
    request = function.request_of(receiver.request("Delete", PhysicalResourceId="before"))
    function.handler({"Request": request, "Done": True}, None)
    assert [answer["Status"] for answer in receiver.answers] == ["SUCCESS"]


def test_a_request_that_comes_twice_starts_one_run(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STATE_MACHINE_ARN", "machine")
    started: list[dict[str, str]] = []

    class States:
        def start_execution(self, **asked: str) -> None:
            started.append(asked)
            if len(started) > 1:
                raise ClientError({"Error": {"Code": "ExecutionAlreadyExists", "Message": ""}}, "StartExecution")

    for _ in range(2):
        function.begin(receiver.request("Delete", PhysicalResourceId="before"), States(), 100.0)
    assert {each["name"] for each in started} == {"d-abc-request"}
    state = json.loads(started[0]["input"])
    assert state["Deadline"] == 3400.0
    assert "ServiceToken" not in state["Target"]
    assert state["Request"]["ResponseURL"]
