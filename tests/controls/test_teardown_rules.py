"""The rules of state machines, on templates that pass and templates that fail."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from mlgov_constructs.controls import Status
from tests.controls.engines import engine

GET_ATT = {"Fn::GetAtt": ["Other", "Arn"]}
HARDENED: dict[str, Any] = {
    "EncryptionConfiguration": {"Type": "CUSTOMER_MANAGED_KMS_KEY", "KmsKeyId": GET_ATT},
    "LoggingConfiguration": {
        "Level": "ALL",
        "Destinations": [{"CloudWatchLogsLogGroup": {"LogGroupArn": GET_ATT}}],
    },
    "TracingConfiguration": {"Enabled": True},
}
CONTROLS = ("MLG-STU-20", "MLG-STU-21", "MLG-STU-22")


def findings(control: str, properties: dict[str, Any], kind: str = "StepFunctions::StateMachine") -> list[str | None]:
    template = {"Resources": {"Subject": {"Type": f"AWS::{kind}", "Properties": properties}}}
    found = engine(control).check_text(json.dumps(template))
    return [finding.logical_id for finding in found if finding.status is Status.FAILED]


def changed(path: str, value: Any) -> dict[str, Any]:
    properties = copy.deepcopy(HARDENED)
    *above, last = path.split("/")
    container = properties
    for key in above:
        container = container[key]
    if value is None:
        del container[last]
    else:
        container[last] = value
    return properties


@pytest.mark.parametrize("control", CONTROLS)
def test_what_is_hardened_passes(control: str) -> None:
    assert findings(control, HARDENED) == []
    assert findings(control, {}, "S3::Bucket") == []


@pytest.mark.parametrize(
    ("control", "path", "value"),
    [
        ("MLG-STU-20", "EncryptionConfiguration", None),
        ("MLG-STU-20", "EncryptionConfiguration/Type", "AWS_OWNED_KEY"),
        ("MLG-STU-20", "EncryptionConfiguration/KmsKeyId", None),
        ("MLG-STU-21", "LoggingConfiguration", None),
        ("MLG-STU-21", "LoggingConfiguration/Level", "ERROR"),
        ("MLG-STU-21", "LoggingConfiguration/Destinations", None),
        ("MLG-STU-21", "LoggingConfiguration/Destinations", []),
        ("MLG-STU-22", "TracingConfiguration", None),
        ("MLG-STU-22", "TracingConfiguration/Enabled", False),
        ("MLG-STU-22", "TracingConfiguration/Enabled", "false"),
    ],
)
def test_a_fault_fails(control: str, path: str, value: Any) -> None:
    assert set(findings(control, changed(path, value))) == {"Subject"}


def test_a_boolean_may_be_written_as_text() -> None:
    assert findings("MLG-STU-22", changed("TracingConfiguration/Enabled", "true")) == []
