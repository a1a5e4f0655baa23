"""Runs the packs of cdk-nag over an app and reads what they report."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aws_cdk as cdk
from cdk_nag import AwsSolutionsChecks, HIPAASecurityChecks, NIST80053R5Checks, PCIDSS321Checks

from stacks.ledger.acknowledgments import Acknowledged

PACKS = (AwsSolutionsChecks, NIST80053R5Checks, HIPAASecurityChecks, PCIDSS321Checks)
PACK_NAMES = ("AwsSolutions", "NIST.800.53.R5", "HIPAA.Security", "PCI.DSS.321")
CONTEXT = {"@aws-cdk/core:failSynthOnValidationErrors": False}


@dataclass(frozen=True, order=True)
class NagFinding:
    """A rule of a pack that a construct breaks.

    Attributes:
        pack: The pack.
        rule: The rule, with its finding in brackets where it has several.
        construct_path: The construct.
    """

    pack: str
    rule: str
    construct_path: str

    @property
    def id(self) -> str:
        """The id by which the finding is acknowledged."""
        return f"{self.pack}::{self.rule}"


@dataclass(frozen=True)
class NagReport:
    """What all packs said of an app.

    Attributes:
        packs: The packs that reported.
        findings: What stands.
        acknowledged: What somebody accepted, as the ledger needs it to find unused entries.
    """

    packs: tuple[str, ...]
    findings: tuple[NagFinding, ...]
    acknowledged: tuple[Acknowledged, ...]


def run_packs(build: Callable[[cdk.App], object], outdir: Path, context: Mapping[str, Any] | None = None) -> NagReport:
    """Build an app, run the four packs at its synthesis and read their report.

    Args:
        build: What creates the stacks and applies the ledger.
        outdir: Where the cloud assembly goes.
        context: The context of the app, such as that of ``cdk.json``.
    """
    app = cdk.App(outdir=str(outdir), context={**(context or {}), **CONTEXT}, analytics_reporting=False)
    build(app)
    cdk.Validations.of(app).add_plugins(*(pack(app) for pack in PACKS))
    app.synth()
    return read_report(outdir / "validation-report.json")


def read_report(report: Path) -> NagReport:
    """Read the validation report of a cloud assembly, as far as the packs wrote it."""
    plugins = [
        plugin
        for plugin in json.loads(report.read_text(encoding="utf-8"))["pluginReports"]
        if plugin["pluginName"] in PACK_NAMES
    ]
    findings = [
        NagFinding(plugin["pluginName"], violation["ruleName"], construct["constructPath"])
        for plugin in plugins
        for violation in plugin.get("violations") or ()
        for construct in violation["violatingConstructs"]
    ]
    acknowledged = [
        Acknowledged(violation["acknowledgedId"], violation["acknowledgedAt"])
        for plugin in plugins
        for violation in plugin.get("suppressedViolations") or ()
    ]
    return NagReport(
        packs=tuple(plugin["pluginName"] for plugin in plugins),
        findings=tuple(sorted(findings)),
        acknowledged=tuple(acknowledged),
    )
