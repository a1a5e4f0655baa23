from __future__ import annotations

import datetime
import json
from pathlib import Path

import aws_cdk as cdk
import pytest
from aws_cdk import aws_s3 as s3

from mlgov_constructs.controls import EXCEPTIONS_KEY, ControlException, ExceptionExpiry, record_exceptions

LAST_DAY = datetime.date(2027, 3, 31)
EXCEPTION = ControlException(control="MLG-PRT-06", reason="A cache that is made anew, RISK-9", expires=LAST_DAY)


def report(folder: Path, today: datetime.date) -> list[str]:
    app = cdk.App(outdir=str(folder))
    bucket = s3.CfnBucket(cdk.Stack(app, "Stack"), "Bucket")
    record_exceptions(bucket, [EXCEPTION])
    (stack,) = app.synth().stacks
    violations = ExceptionExpiry(today).violations([Path(stack.template_full_path)])
    return [violation.description for violation in violations]


def test_the_template_carries_the_exception(tmp_path: Path) -> None:
    report(tmp_path, LAST_DAY)
    (template,) = tmp_path.glob("*.template.json")
    resource = json.loads(template.read_text(encoding="utf-8"))["Resources"]["Bucket"]
    assert resource["Metadata"][EXCEPTIONS_KEY] == [
        {
            "control": "MLG-PRT-06",
            "resource": "*",
            "reason": "A cache that is made anew, RISK-9",
            "expires": "2027-03-31",
        }
    ]


def test_it_holds_on_its_last_day(tmp_path: Path) -> None:
    assert report(tmp_path, LAST_DAY) == []


def test_it_fails_the_synthesis_the_day_after(tmp_path: Path) -> None:
    (found,) = report(tmp_path, LAST_DAY + datetime.timedelta(days=1))
    assert found == ("The exception to MLG-PRT-06 for * ended on 2027-03-31: A cache that is made anew, RISK-9")


def test_the_calendar_is_asked_when_no_day_is_given(tmp_path: Path) -> None:
    app = cdk.App(outdir=str(tmp_path))
    old = ControlException(
        control="MLG-PRT-06", reason="Long over, and never removed", expires=datetime.date(2020, 1, 1)
    )
    record_exceptions(s3.CfnBucket(cdk.Stack(app, "Stack"), "Bucket"), [old])
    (stack,) = app.synth().stacks
    assert len(list(ExceptionExpiry().violations([Path(stack.template_full_path)]))) == 1


def test_nothing_is_written_without_exceptions() -> None:
    bucket = s3.CfnBucket(cdk.Stack(cdk.App(), "Stack"), "Bucket")
    record_exceptions(bucket, [])
    assert bucket.get_metadata(EXCEPTIONS_KEY) is None


def test_a_reason_that_explains_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="does not explain it"):
        ControlException(control="MLG-PRT-06", reason="because", expires=LAST_DAY)


@pytest.mark.parametrize(("control", "resource"), [("", "*"), ("MLG-PRT-06", "")])
def test_a_control_and_a_resource_are_named(control: str, resource: str) -> None:
    with pytest.raises(ValueError, match="Name them"):
        ControlException(control=control, resource=resource, reason="A reason that explains", expires=LAST_DAY)
