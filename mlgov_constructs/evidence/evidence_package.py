"""The folder that an auditor gets: each form of the evidence, and the hashes that hold them together."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from mlgov_constructs.cli.check_result import CheckResult
from mlgov_constructs.cli.sarif_report import sarif_report
from mlgov_constructs.evidence.cloud_assembly import EvidenceError
from mlgov_constructs.evidence.csv_tables import csv_tables
from mlgov_constructs.evidence.evidence import Evidence
from mlgov_constructs.evidence.json_document import json_document
from mlgov_constructs.evidence.ksi_document import ksi_document
from mlgov_constructs.evidence.page import html_page

SUMS = "SHA256SUMS"
Writer = Callable[[Evidence], Mapping[str, str]]


def _sarif(evidence: Evidence) -> Mapping[str, str]:
    names = [template.name for template in evidence.templates]
    findings = sorted(evidence.findings, key=lambda finding: names.index(finding.template.as_posix()))
    result = CheckResult(
        controls=tuple(each.control for each in evidence.controls),
        templates=tuple(map(Path, names)),
        findings=tuple(findings),
    )
    return {"findings.sarif": sarif_report(result) + "\n"}


def _oscal(evidence: Evidence) -> Mapping[str, str]:
    # Imported here: trestle takes a while to load, and the other formats do without it.
    from mlgov_constructs.evidence.oscal import oscal_documents  # noqa: PLC0415

    return oscal_documents(evidence)


#: What makes the files of each format.
FORMATS: dict[str, Writer] = {
    "html": lambda evidence: {"index.html": html_page(evidence)},
    "json": lambda evidence: {"evidence.json": json_document(evidence)},
    "csv": csv_tables,
    "sarif": _sarif,
    "oscal": _oscal,
    "ksi": lambda evidence: {"ksi.json": ksi_document(evidence)},
}


def check_output(output: Path) -> None:
    """Refuse a folder that holds anything but an earlier evidence.

    Args:
        output: Where the evidence shall go.

    Raises:
        EvidenceError: It is a file, or holds what the evidence would destroy.
    """
    if not output.exists():
        return
    if not output.is_dir():
        msg = f"{output}: is no folder. Name one that is empty or does not exist."
        raise EvidenceError(msg)
    ours = {SUMS, *_listed(output / SUMS)}
    others = sorted(str(each.relative_to(output)) for each in output.rglob("*") if not each.is_dir())
    foreign = [name for name in others if name not in ours]
    if foreign:
        msg = (
            f"{output}: holds {foreign[0]}, which is not of an earlier evidence. "
            f"Name a folder that is empty or does not exist."
        )
        raise EvidenceError(msg)


def write_package(evidence: Evidence, output: Path, formats: Iterable[str] = FORMATS) -> list[str]:
    """Write the evidence into a folder, all of it or nothing; an earlier evidence there is replaced.

    Args:
        evidence: The evidence.
        output: The folder.
        formats: The forms to write; all when omitted.

    Returns:
        The names of the files.

    Raises:
        EvidenceError: The folder holds something else, or cannot be written.
    """
    check_output(output)
    files = {name: text for each in formats for name, text in FORMATS[each](evidence).items()}
    files[SUMS] = "".join(
        f"{hashlib.sha256(text.encode()).hexdigest()}  {name}\n" for name, text in sorted(files.items())
    )
    # Beside the folder, so that it can be renamed into its place.
    whole = output.resolve()
    fresh, earlier = (whole.with_name(f".{whole.name}.{os.getpid()}.{part}") for part in ("new", "old"))
    try:
        fresh.mkdir(parents=True)
        for name, text in files.items():
            (fresh / name).write_text(text, encoding="utf-8")
        if whole.exists():
            whole.rename(earlier)
        fresh.rename(whole)
        shutil.rmtree(earlier, ignore_errors=True)
    except OSError as error:
        if earlier.exists() and not whole.exists():
            earlier.rename(whole)
        msg = f"{output}: cannot be written: {error.strerror}"
        raise EvidenceError(msg) from error
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    return sorted(files)


def _listed(sums: Path) -> set[str]:
    """The files that a list of hashes names."""
    try:
        lines = sums.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return set()
    return {line.partition("  ")[2] for line in lines}
