"""What a Studio domain must stay like, or CloudFormation replaces it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

DOMAIN = "AWS::SageMaker::Domain"
METADATA_KEY = "mlgov:domain"
RECORD_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
# The createOnlyProperties of the CloudFormation registry, with VpcId, which it names as conditional. Its
# schema of 2026 updates Tags in place; earlier ones replaced the domain (cloudformation-coverage-roadmap#1803).
CREATE_ONLY = (
    "AuthMode",
    "DomainName",
    "DomainSettings/RStudioServerProDomainSettings/DefaultResourceSpec",
    "KmsKeyId",
    "Tags",
    "VpcId",
)
LOGICAL_ID = "LogicalId"


class DomainFingerprintError(ValueError):
    """A fingerprint is damaged, missing or at odds with the app: which file, what is wrong, what to do."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One property that would replace a domain.

    Attributes:
        name: The property.
        recorded: Its value in the fingerprint, as JSON.
        current: Its value in the template, as JSON.
    """

    name: str
    recorded: str
    current: str

    def __str__(self) -> str:
        """One line for a message."""
        return f"{self.name} was {self.recorded} and is {self.current}"


@dataclass(frozen=True, slots=True)
class DomainFingerprint:
    """The recorded values of the properties whose change replaces a Studio domain.

    A replaced domain is a new one: without people, spaces and files, and where it is named
    it cannot even be created beside the old one. The values are compared as the template
    writes them, so a reference is the same as long as it refers to the same resource.
    ``mlgov studio record`` writes the file; synthesis only reads it.

    Attributes:
        name: The name of the record, which never changes.
        path: Its file.
        recorded: The values by property, or ``None`` when the domain is not recorded yet.

    Example:
        >>> DomainFingerprint.from_directory("studio/no-such-environment", "ml").recorded is None
        True
    """

    name: str
    path: Path
    recorded: Mapping[str, Any] | None = None

    @classmethod
    def from_directory(cls, folder: str | Path, name: str) -> DomainFingerprint:
        """Read the fingerprint of a domain, if it is recorded.

        Args:
            folder: The folder of one environment's fingerprints.
            name: The name of the record: lower-case letters, digits and hyphens.

        Raises:
            DomainFingerprintError: The name can be no file name, or the file is damaged.
        """
        if not RECORD_NAME.fullmatch(name):
            msg = f"Fingerprint name {name!r} can be no file name. Use lower-case letters, digits and hyphens."
            raise DomainFingerprintError(msg)
        path = Path(folder) / f"{name}.json"
        if not path.is_file():
            return cls(name, path)
        try:
            recorded = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise DomainFingerprintError(_damaged(path, str(error))) from error
        if not isinstance(recorded, dict) or set(recorded) != {LOGICAL_ID, *CREATE_ONLY}:
            raise DomainFingerprintError(_damaged(path, "it does not hold the create-only properties of a domain"))
        return cls(name, path, recorded)

    def differences(self, current: Mapping[str, Any]) -> list[Difference]:
        """Return what would replace the domain; nothing while it is not recorded.

        Args:
            current: The values of the template, as :func:`recorded_domains` returns them.
        """
        if self.recorded is None:
            return []
        return [
            Difference(name, _text(self.recorded[name]), _text(current[name]))
            for name in (LOGICAL_ID, *CREATE_ONLY)
            if _text(self.recorded[name]) != _text(current[name])
        ]


def recorded_domains(template: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Return name and current values of each domain of a template that may be recorded.

    Tags of the stack reach the domain as well; they stand in the manifest of the assembly.

    Args:
        template: The template, in the folder of its assembly.
    """
    document = json.loads(template.read_text(encoding="utf-8"))
    for logical_id, resource in document.get("Resources", {}).items():
        name = (resource.get("Metadata") or {}).get(METADATA_KEY)
        if resource["Type"] == DOMAIN and name is not None:
            properties = resource["Properties"]
            values = {path: _at(properties, path) for path in CREATE_ONLY}
            values["Tags"] = _tags(_stack_tags(template), properties.get("Tags") or [])
            yield name, {LOGICAL_ID: logical_id, **values}


def _at(properties: Mapping[str, Any], path: str) -> Any:
    value: Any = properties
    for key in path.split("/"):
        value = value.get(key) if isinstance(value, Mapping) else None
    return value


def _stack_tags(template: Path) -> Mapping[str, str]:
    manifest = template.with_name("manifest.json")
    if not manifest.is_file():
        return {}
    artifacts = json.loads(manifest.read_text(encoding="utf-8")).get("artifacts", {})
    for artifact in artifacts.values():
        properties = artifact.get("properties", {})
        if properties.get("templateFile") == template.name:
            tags: Mapping[str, str] = properties.get("tags", {})
            return tags
    return {}


def _tags(of_stack: Mapping[str, str], own: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    # A resource's own tag goes before the stack's of the same key.
    merged = {**of_stack, **{tag["Key"]: tag["Value"] for tag in own}}
    return [{"Key": key, "Value": merged[key]} for key in sorted(merged)]


def _text(value: Any) -> str:
    return json.dumps(value, sort_keys=True)


def _damaged(path: Path, what: str) -> str:
    return f"{path}: is no fingerprint of a domain: {what}. Restore the file from version control."
