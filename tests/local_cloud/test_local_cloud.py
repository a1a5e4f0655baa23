"""The local cloud as a process: where it listens, what it tells, and that nothing of it stays."""

from __future__ import annotations

import os
import re
import socket
from pathlib import Path

import pytest
from click.testing import CliRunner

from mlgov_constructs.local_cloud import LIMITS, LocalCloud, LocalCloudError
from mlgov_constructs.local_cloud.commands import local
from tests.local_cloud.conftest import Cloud


def group_members(group: int) -> list[int]:
    """The living processes of a process group."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                if os.getpgid(int(entry.name)) == group:
                    found.append(int(entry.name))
            except ProcessLookupError:
                continue
    return found


def listening_addresses(pids: list[int]) -> set[str]:
    """The local addresses, as the kernel writes them, on which any of the processes listens."""
    inodes = set()
    for pid in pids:
        for handle in Path(f"/proc/{pid}/fd").iterdir():
            try:
                inodes.update(re.findall(r"socket:\[(\d+)\]", str(handle.readlink())))
            except FileNotFoundError:
                continue
    lines = [
        line.split()
        for table in ("tcp", "tcp6", "udp", "udp6")
        for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]
    ]
    return {line[1] for line in lines if line[9] in inodes and line[3] in ("0A", "07")}


def test_it_listens_on_the_loopback_interface_only(cloud: Cloud) -> None:
    assert cloud.local.pid
    addresses = listening_addresses(group_members(cloud.local.pid))
    assert addresses == {f"0100007F:{cloud.local.port:04X}"}


def test_stop_leaves_no_process_and_no_secret(tmp_path: Path) -> None:
    local_cloud = LocalCloud(port=0, directory=tmp_path, enforced=True)
    local_cloud.start()
    pid = local_cloud.pid
    assert pid
    assert group_members(pid)
    assert (tmp_path / "key.pem").stat().st_mode & 0o077 == 0
    local_cloud.stop()
    assert group_members(pid) == []
    assert [item.name for item in tmp_path.iterdir()] == ["server.log"]


def test_a_taken_port_is_told(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(LocalCloudError, match=f"Port {port} of 127.0.0.1 is taken"):
            LocalCloud(port=port, directory=tmp_path).start()


def test_a_second_start_is_refused(cloud: Cloud) -> None:
    with pytest.raises(LocalCloudError, match="runs already"):
        LocalCloud(port=0, directory=cloud.local.directory).start()


def test_a_process_file_of_another_process_is_not_trusted(tmp_path: Path) -> None:
    (tmp_path / "process.json").write_text(f'{{"pid": {os.getpid()}, "port": 1}}')
    local_cloud = LocalCloud(directory=tmp_path)
    assert local_cloud.pid is None
    local_cloud.stop()  # does not end this process


def test_the_environment_leads_clients_here(cloud: Cloud) -> None:
    environment = cloud.local.environment()
    assert environment["AWS_ENDPOINT_URL"] == f"http://127.0.0.1:{cloud.local.port}"
    assert environment["CDK_DEFAULT_ACCOUNT"] == cloud.client("sts").get_caller_identity()["Account"]
    assert "AWS_CA_BUNDLE" not in environment


def test_reset_empties_it(tmp_path: Path) -> None:
    with LocalCloud(port=0, directory=tmp_path) as local_cloud:
        fresh = Cloud(local_cloud)
        key = {"NotebookInstanceName": "n", "InstanceType": "ml.t3.medium"}
        fresh.client("sagemaker").create_notebook_instance(**key, RoleArn="arn:aws:iam::123456789012:role/r12")
        fresh.client("servicecatalog").create_portfolio(DisplayName="p", ProviderName="q", IdempotencyToken="t")
        fresh.client("ec2").create_vpc(CidrBlock="10.3.0.0/16")
        fresh.stack(Bucket={"Type": "AWS::S3::Bucket"})
        before = len(fresh.client("ec2").describe_vpcs()["Vpcs"])
        local_cloud.reset()
        assert fresh.client("sagemaker").list_notebook_instances()["NotebookInstances"] == []
        assert fresh.client("servicecatalog").list_portfolios()["PortfolioDetails"] == []
        assert len(fresh.client("ec2").describe_vpcs()["Vpcs"]) == before - 1
        assert fresh.client("s3").list_buckets()["Buckets"] == []
        assert fresh.client("cloudformation").describe_stacks()["Stacks"] == []


def test_the_limits_name_what_matters() -> None:
    subjects = {limit.subject for limit in LIMITS}
    assert {"Network isolation", "SageMaker", "Quotas", "Timing", "Encryption"} <= subjects


def test_the_guide_names_every_limit() -> None:
    guide = (Path(__file__).parents[2] / "docs" / "local-cloud.md").read_text(encoding="utf-8").lower()
    assert [limit.subject for limit in LIMITS if limit.subject.lower() not in guide] == []


class TestCommands:
    """``mlgov local``."""

    def run(self, directory: Path, *arguments: str) -> tuple[int, str]:
        result = CliRunner().invoke(local, [*arguments, "--directory", str(directory)])
        return result.exit_code, result.output

    def test_up_status_env_down(self, tmp_path: Path) -> None:
        try:
            code, text = self.run(tmp_path, "up", "--port", "0")
            assert code == 0, text
            assert all(limit.text in text for limit in LIMITS)
            assert "answers" in self.run(tmp_path, "status")[1]
            assert "export AWS_ENDPOINT_URL=http://127.0.0.1:" in self.run(tmp_path, "env")[1]
            cloud = Cloud(LocalCloud.from_directory(tmp_path))
            cloud.client("s3").create_bucket(Bucket="kept")
            assert "as it was" in self.run(tmp_path, "up", "--keep-state")[1]
            assert [item["Name"] for item in cloud.client("s3").list_buckets()["Buckets"]] == ["kept"]
            assert "emptied" in self.run(tmp_path, "up")[1]
            assert cloud.client("s3").list_buckets()["Buckets"] == []
            code, text = self.run(tmp_path, "up", "--enforced")
            assert (code, text.count("\n")) == (1, 1)
        finally:
            code, text = self.run(tmp_path, "down")
        assert (code, text) == (0, "The local cloud is stopped.\n")

    def test_without_one_that_runs(self, tmp_path: Path) -> None:
        assert self.run(tmp_path, "status") == (1, "Error: No local cloud runs here. Start one: mlgov local up\n")
        assert self.run(tmp_path, "down") == (0, "No local cloud runs here.\n")
        code, text = self.run(tmp_path, "env")
        assert (code, text.count("\n")) == (1, 1)
        assert "mlgov local up" in text
