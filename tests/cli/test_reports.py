"""The formats for programs: JSON and SARIF."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
from click.testing import Result

from mlgov_constructs.controls import CATALOGUE

Run = Callable[..., Result]

TEXT = {"type": "object", "required": ["text"], "properties": {"text": {"type": "string", "minLength": 1}}}
LEVEL = {"enum": ["none", "note", "warning", "error"]}
# The required properties of SARIF 2.1.0 (OASIS, errata 01) for the objects that are written.
SARIF = {
    "type": "object",
    "additionalProperties": False,
    "required": ["version", "runs"],
    "properties": {
        "$schema": {"type": "string", "format": "uri"},
        "version": {"const": "2.1.0"},
        "runs": {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "required": ["tool"],
                "properties": {
                    "tool": {
                        "required": ["driver"],
                        "properties": {
                            "driver": {
                                "required": ["name", "semanticVersion", "rules"],
                                "properties": {
                                    "rules": {
                                        "type": "array",
                                        "uniqueItems": True,
                                        "items": {
                                            "required": [
                                                "id",
                                                "shortDescription",
                                                "fullDescription",
                                                "help",
                                                "helpUri",
                                            ],
                                            "properties": {
                                                "shortDescription": TEXT,
                                                "fullDescription": TEXT,
                                                "help": TEXT,
                                                "helpUri": {"type": "string", "pattern": "^https://"},
                                                "defaultConfiguration": {"properties": {"level": LEVEL}},
                                            },
                                        },
                                    }
                                },
                            }
                        },
                    },
                    "invocations": {"items": {"required": ["executionSuccessful"]}},
                    "artifacts": {"items": {"required": ["location"]}, "uniqueItems": True},
                    "results": {
                        "type": "array",
                        "items": {
                            "required": ["message", "ruleId", "ruleIndex", "level", "locations", "suppressions"],
                            "properties": {
                                "message": TEXT,
                                "level": LEVEL,
                                "suppressions": {
                                    "type": "array",
                                    "items": {
                                        "required": ["kind"],
                                        "properties": {"kind": {"enum": ["inSource", "external"]}},
                                    },
                                },
                                "locations": {
                                    "items": {
                                        "required": ["physicalLocation"],
                                        "properties": {
                                            "physicalLocation": {
                                                "required": ["artifactLocation", "region"],
                                                "properties": {
                                                    "artifactLocation": {"required": ["uri"]},
                                                    "region": {
                                                        "required": ["startLine"],
                                                        "properties": {"startLine": {"type": "integer", "minimum": 1}},
                                                    },
                                                },
                                            }
                                        },
                                    }
                                },
                            },
                        },
                    },
                },
            },
        },
    },
}


def sarif_of(result: Result) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(result.stdout)
    jsonschema.validate(document, SARIF)
    return document["runs"][0]


def test_json_fields_are_stable(mlgov: Run, folder: Path) -> None:
    document = json.loads(mlgov("check", "faulty.json", "good.json", "--format", "json").output)
    assert list(document) == ["schemaVersion", "summary", "templates", "controls", "findings", "errors"]
    assert document["schemaVersion"] == 1
    assert document["summary"] == {
        "templates": 2,
        "controls": len(CATALOGUE),
        "findings": 1,
        "bySeverity": {"critical": 0, "high": 1, "medium": 0, "low": 0},
        "deviations": 1,
        "errors": 0,
    }
    assert document["templates"] == ["faulty.json", "good.json"]
    failure, deviation = document["findings"]
    assert failure == {
        "control": "MLG-NET-01",
        "title": "No way to the internet",
        "severity": "high",
        "status": "failed",
        "template": "faulty.json",
        "line": 3,
        "logicalId": "Gateway",
        "resourceType": "AWS::EC2::InternetGateway",
        "constructPath": "Trial/Vpc/Gateway",
        "messages": ["A gateway, peering connection or elastic address leads out of the VPC"],
        "claimed": False,
        "reason": "",
        "fix": CATALOGUE["MLG-NET-01"].fix,
        "source": CATALOGUE["MLG-NET-01"].source,
    }
    assert deviation["status"] == "deviation"
    assert deviation["reason"] == "Open for a classroom, RISK-7"


def test_sarif_results(mlgov: Run, folder: Path) -> None:
    run = sarif_of(mlgov("check", "faulty.json", "--format", "sarif"))
    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == list(CATALOGUE)
    failure, deviation = run["results"]
    assert rules[failure["ruleIndex"]]["id"] == failure["ruleId"] == "MLG-NET-01"
    assert failure["level"] == "error"
    assert failure["suppressions"] == []
    assert failure["locations"] == [
        {
            "physicalLocation": {"artifactLocation": {"uri": "faulty.json"}, "region": {"startLine": 3}},
            "logicalLocations": [{"name": "Gateway", "fullyQualifiedName": "Trial/Vpc/Gateway", "kind": "resource"}],
        }
    ]
    assert deviation["suppressions"] == [{"kind": "inSource", "justification": "Open for a classroom, RISK-7"}]
    assert run["artifacts"] == [{"location": {"uri": "faulty.json"}}]


def test_sarif_rules_carry_severity_and_mappings(mlgov: Run, folder: Path) -> None:
    run = sarif_of(mlgov("check", "good.json", "--format", "sarif", "--control", "MLG-NET-03"))
    (rule,) = run["tool"]["driver"]["rules"]
    assert rule["helpUri"] == CATALOGUE["MLG-NET-03"].source
    assert rule["properties"]["security-severity"] == "5.5"
    assert "securityhub:EC2.6" in rule["properties"]["tags"]
    assert run["results"] == []


def test_sarif_fingerprints_outlive_a_move(mlgov: Run, folder: Path) -> None:
    def fingerprints() -> list[str]:
        run = sarif_of(mlgov("check", "faulty.json", "--format", "sarif"))
        return [result["partialFingerprints"]["mlgov/v1"] for result in run["results"]]

    before = fingerprints()
    (folder / "faulty.json").write_text("\n\n\n" + (folder / "faulty.json").read_text())
    assert fingerprints() == before
    assert len(set(before)) == len(before)


def test_sarif_names_what_was_not_checked(mlgov: Run, folder: Path) -> None:
    (folder / "broken.json").write_text("{")
    (invocation,) = sarif_of(mlgov("check", "broken.json", "--format", "sarif"))["invocations"]
    assert invocation["executionSuccessful"] is False
    assert invocation["toolExecutionNotifications"][0]["message"]["text"].startswith("broken.json: ")


def test_sarif_names_a_template_outside_the_working_folder_in_full(
    mlgov: Run, folder: Path, tmp_path_factory: Any
) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere") / "a b.json"
    elsewhere.write_text((folder / "faulty.json").read_text())
    result = sarif_of(mlgov("check", elsewhere, "--format", "sarif"))["results"][0]
    uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert uri == elsewhere.resolve().as_uri()
    assert "%20" in uri
