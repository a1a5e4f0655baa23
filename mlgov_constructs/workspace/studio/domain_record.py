"""Recording the fingerprint of a Studio domain: an explicit act, never a side effect of synthesis."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mlgov_constructs.workspace.studio.domain_fingerprint import (
    DomainFingerprint,
    DomainFingerprintError,
    recorded_domains,
)


@dataclass(frozen=True, slots=True)
class DomainRecord:
    """What became of the fingerprint of a domain.

    Attributes:
        name: The name of the record.
        path: Its file.
        is_new: Whether it was written now; ``False`` when it said the same before.
    """

    name: str
    path: Path
    is_new: bool


def record(assembly: str | Path, folder: str | Path, *, replace: bool = False) -> list[DomainRecord]:
    """Write the fingerprint of every Studio domain in a synthesized app.

    Everything is checked before anything is written.

    Args:
        assembly: The output of ``cdk synth``, for example ``cdk.out``.
        folder: The folder of the fingerprints.
        replace: Whether a fingerprint that says otherwise is overwritten.

    Returns:
        What was written and what was there before, by name.

    Raises:
        DomainFingerprintError: The assembly has no domain, two share a name, or a recorded one
            would be replaced.

    Example:
        ``record("cdk.out", "studio/sandbox")`` writes ``studio/sandbox/ml.json``.
    """
    found: dict[str, dict[str, Any]] = {}
    for template in sorted(Path(assembly).rglob("*.template.json")):
        for name, current in recorded_domains(template):
            if name in found:
                msg = f"{assembly}: two Studio domains are recorded as {name!r}. Give each its own fingerprint name."
                raise DomainFingerprintError(msg)
            found[name] = current
    if not found:
        msg = f"{assembly}: holds no Studio domain to record. Run cdk synth first, and name its output folder."
        raise DomainFingerprintError(msg)
    before = {name: DomainFingerprint.from_directory(folder, name) for name in sorted(found)}
    for name, fingerprint in before.items():
        if (differences := fingerprint.differences(found[name])) and not replace:
            msg = f"{fingerprint.path}: the domain would be replaced: {differences[0]}. Undo it, or add --replace."
            raise DomainFingerprintError(msg)
    records = []
    for name, fingerprint in before.items():
        is_new = fingerprint.recorded is None or bool(fingerprint.differences(found[name]))
        if is_new:
            _write(fingerprint.path, found[name])
        records.append(DomainRecord(name, fingerprint.path, is_new))
    return records


def _write(path: Path, values: dict[str, Any]) -> None:
    """Write a file whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.draft")
    draft.write_text(json.dumps(values, indent=2, sort_keys=True) + "\n", encoding="utf-8", newline="\n")
    draft.replace(path)
