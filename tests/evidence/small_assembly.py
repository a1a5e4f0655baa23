"""A cloud assembly in small, written by hand: one of everything that the evidence reads."""

from __future__ import annotations

import datetime
import json
from pathlib import Path
from typing import Any

TIME = datetime.datetime(2027, 3, 31, 9, 0, tzinfo=datetime.UTC)
REASON = "<b>Open</b> for a classroom, RISK-7"

NETWORK = {
    "Resources": {
        "Gateway7F": {"Type": "AWS::EC2::InternetGateway", "Metadata": {"mlgov": {"controls": ["MLG-NET-01"]}}},
        "Open3A": {
            "Type": "AWS::EC2::SecurityGroup",
            "Properties": {
                "GroupDescription": "open",
                "SecurityGroupIngress": [{"IpProtocol": "-1", "CidrIp": "0.0.0.0/0"}],
            },
            "Metadata": {"mlgov": {"deviations": [{"control": "MLG-NET-05", "reason": REASON}]}},
        },
        "Key5B": {
            "Type": "AWS::KMS::Key",
            "Properties": {"EnableKeyRotation": True, "KeyPolicy": {"Statement": []}},
            "Metadata": {
                "mlgov": {
                    "controls": ["MLG-PRT-01"],
                    "deviations": [{"control": "MLG-PRT-04", "reason": "It need not stay, RISK-8"}],
                },
                "mlgov:exceptions": [
                    {
                        "control": "SageMaker.4",
                        "resource": "*",
                        "reason": "Until launch, RISK-9",
                        "expires": "2027-03-30",
                    }
                ],
            },
            "DeletionPolicy": "Retain",
            "UpdateReplacePolicy": "Retain",
        },
        "Role9C": {
            "Type": "AWS::IAM::Role",
            "Properties": {
                "Description": "Reads",
                "AssumeRolePolicyDocument": {
                    "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}}]
                },
                "Policies": [
                    {
                        "PolicyName": "Rights",
                        "PolicyDocument": {
                            "Statement": [
                                {"Sid": "ReadTable", "Effect": "Allow", "Action": "dynamodb:GetItem", "Resource": "*"},
                                {"Effect": "Allow", "Action": ["s3:GetObject"], "Resource": "*"},
                                {"Effect": "Deny", "Action": "s3:PutObject", "Resource": "*"},
                            ]
                        },
                    }
                ],
            },
        },
    }
}
PRODUCT = {"Resources": {"Bucket1D": {"Type": "AWS::S3::Bucket"}}}
METADATA = {
    "/trial/network": [{"type": "aws:cdk:acknowledged-rules", "data": {"Pack::One": "It is so, for a reason"}}],
    "/trial/network/Vpc/Gateway": [{"type": "aws:cdk:logicalId", "data": "Gateway7F"}],
    "/trial/network/Open/Resource": [{"type": "aws:cdk:logicalId", "data": "Open3A"}],
    "/trial/network/Product/Bucket/Resource": [{"type": "aws:cdk:logicalId", "data": "Bucket1D"}],
    "/trial/network/Key": [{"type": "aws:cdk:acknowledged-rules", "data": {"Absent::Two": "Its pack did not run"}}],
}
REPORT = {
    "pluginReports": [
        {
            "pluginName": "Pack",
            "conclusion": "failure",
            "violations": [
                {
                    "ruleName": "Three",
                    "description": "Three is wanted",
                    "severity": "error",
                    "violatingConstructs": [{"constructPath": "trial/network/Key"}],
                }
            ],
            "suppressedViolations": [
                {
                    "ruleName": "One",
                    "acknowledgedId": "Pack::One",
                    "acknowledgedAt": "trial/network",
                    "violatingConstructs": [
                        {"constructPath": "trial/network/Key"},
                        {"constructPath": "trial/network/Open"},
                    ],
                }
            ],
        }
    ]
}


def manifest(**stacks: str) -> dict[str, Any]:
    """A manifest of stacks by the names of their artifacts."""
    return {
        "artifacts": {
            name: {
                "type": "aws:cloudformation:stack",
                "environment": "aws://unknown-account/eu-central-1",
                "displayName": display,
                "properties": {"templateFile": f"{name}.template.json"},
                "additionalMetadataFile": f"{name}.metadata.json",
            }
            for name, display in stacks.items()
        }
    }


def write(folder: Path, files: dict[str, Any]) -> None:
    """Write JSON files."""
    for name, content in files.items():
        (folder / name).write_text(json.dumps(content, indent=1), encoding="utf-8")


def write_assembly(folder: Path) -> None:
    """Write a cloud assembly with a stack and a product."""
    folder.mkdir()
    assets = {
        "a": {
            "source": {"path": "trialnetwork.template.json", "packaging": "file"},
            "displayName": "trial-network Template",
        },
        "b": {"source": {"path": "asset.b.json", "packaging": "file"}, "displayName": "Product/Template0"},
        "c": {
            "source": {"path": "trialProduct.product.template.json", "packaging": "file"},
            "displayName": "trial/network/Product Template",
        },
        "d": {"source": {"path": "asset.d.json", "packaging": "file"}, "displayName": "States"},
        "e": {"source": {"path": "asset.e", "packaging": "zip"}, "displayName": "Code"},
    }
    write(
        folder,
        {
            "manifest.json": manifest(trialnetwork="trial/network"),
            "trialnetwork.template.json": NETWORK,
            "trialnetwork.metadata.json": METADATA,
            "trialnetwork.assets.json": {"files": assets},
            "trialProduct.product.template.json": PRODUCT,
            # The published version, the same in another layout; a state machine; what an older synthesis left.
            "asset.b.json": {"Resources": {"Bucket1D": {"Type": "AWS::S3::Bucket"}}},
            "asset.d.json": {"StartAt": "Begin"},
            "stale.template.json": {"Resources": {"Old": {"Type": "AWS::EC2::NatGateway"}}},
            "validation-report.json": REPORT,
        },
    )
