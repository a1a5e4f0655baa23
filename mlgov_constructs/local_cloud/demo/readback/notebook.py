"""The notebook that a data scientist provisioned."""

import base64
import re
from collections.abc import Mapping
from typing import Any

from mlgov_constructs.local_cloud.demo.readback.deployed import Deployed
from mlgov_constructs.local_cloud.demo.readback.rows import (
    equals,
    key_row,
    network_rows,
    role_row,
    sagemaker_tags,
    tags_row,
)
from mlgov_constructs.local_cloud.demo.readback.section import Row, Section, unmet

_IDLE_MINUTES = re.compile(r"^IDLE_MINUTES=(\d+)$", re.MULTILINE)


def read_notebook(deployed: Deployed, name: str) -> Section:
    """Reads back a notebook instance.

    Args:
        deployed: The environment that it must lie in.
        name: The notebook instance.
    """
    sagemaker = deployed.client("sagemaker")
    notebook = sagemaker.describe_notebook_instance(NotebookInstanceName=name)
    size = f"{notebook['VolumeSizeInGB']} GB"
    subnets = [notebook["SubnetId"]] if "SubnetId" in notebook else []
    rows = (
        Row((name, f"{notebook['InstanceType']}, {notebook['NotebookInstanceStatus']}")),
        equals("Internet access", notebook["DirectInternetAccess"], "Disabled"),
        equals("Root access", notebook["RootAccess"], "Disabled"),
        key_row(deployed, "Volume", notebook.get("KmsKeyId"), size),
        *network_rows(deployed, subnets, notebook.get("SecurityGroups", [])),
        _metadata_service(notebook),
        _lifecycle(deployed, notebook.get("NotebookInstanceLifecycleConfigName", "")),
        equals("Platform", notebook["PlatformIdentifier"], "notebook-al2023-v1"),
        role_row(deployed, notebook["RoleArn"]),
        tags_row(sagemaker_tags(deployed, notebook["NotebookInstanceArn"])),
    )
    return Section("Provisioned notebook", ("What", "Read back"), rows, {})


def _metadata_service(notebook: Mapping[str, Any]) -> Row:
    least = notebook.get("InstanceMetadataServiceConfiguration", {}).get("MinimumInstanceMetadataServiceVersion", "1")
    return Row(("Metadata service", f"version {least} or newer"), unmet({"must be version 2": least == "2"}))


def _lifecycle(deployed: Deployed, name: str) -> Row:
    if not name:
        return Row(("Lifecycle", "none"), ("must stop the notebook when it is idle",))
    described = deployed.client("sagemaker").describe_notebook_instance_lifecycle_config(
        NotebookInstanceLifecycleConfigName=name
    )
    scripts = [base64.b64decode(hook["Content"]).decode() for hook in described.get("OnStart", [])]
    minutes = [found[1] for script in scripts if (found := _IDLE_MINUTES.search(script))]
    text = f"{name}: stops after {', '.join(minutes) or '-'} idle minutes"
    return Row(("Lifecycle", text), unmet({"must stop the notebook when it is idle": bool(minutes)}))
