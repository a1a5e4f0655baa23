"""A small catalogue: a portfolio with a notebook product, its launch role, constraints and tag options."""

from __future__ import annotations

import json
from typing import Any

from tests.local_cloud.conftest import Cloud

BUCKET = "catalog-templates"
ACCOUNT = "123456789012"


def product_template(version: str = "1") -> str:
    """A product that makes a notebook instance."""
    return json.dumps(
        {
            "Parameters": {
                "InstanceType": {
                    "Type": "String",
                    "AllowedValues": ["ml.t3.medium", "ml.t3.large"],
                    "Default": "ml.t3.medium",
                    "Description": "Size",
                },
                "Project": {"Type": "String", "AllowedPattern": "[a-z]{3,12}"},
                "Root": {"Type": "String", "Default": "Disabled"},
            },
            "Resources": {
                "Notebook": {
                    "Type": "AWS::SageMaker::NotebookInstance",
                    "Properties": {
                        "InstanceType": {"Ref": "InstanceType"},
                        "RoleArn": f"arn:aws:iam::{ACCOUNT}:role/notebook-execution",
                        "RootAccess": {"Ref": "Root"},
                        "Tags": [{"Key": "version", "Value": version}],
                    },
                }
            },
            "Outputs": {
                "Name": {"Value": {"Fn::GetAtt": ["Notebook", "NotebookInstanceName"]}, "Description": "The name"}
            },
        }
    )


def trust(*services: str, account: bool = False) -> dict[str, Any]:
    principal: dict[str, Any] = {"Service": [f"{service}.amazonaws.com" for service in services]}
    if account:
        principal["AWS"] = f"arn:aws:iam::{ACCOUNT}:root"
    statement = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}
    return {"Version": "2012-10-17", "Statement": [statement]}


def allow(*actions: str, resource: str = "*") -> dict[str, Any]:
    return {"Effect": "Allow", "Action": list(actions), "Resource": resource}


def role(name: str, assume: dict[str, Any], *statements: dict[str, Any]) -> dict[str, Any]:
    policies = [{"PolicyName": "p", "PolicyDocument": {"Version": "2012-10-17", "Statement": list(statements)}}]
    properties = {"RoleName": name, "AssumeRolePolicyDocument": assume, "Policies": policies if statements else []}
    return {"Type": "AWS::IAM::Role", "Properties": properties}


def upload(cloud: Cloud, key: str, text: str) -> str:
    """Puts a template into a bucket and returns its address."""
    s3 = cloud.client("s3")
    if BUCKET not in [item["Name"] for item in s3.list_buckets()["Buckets"]]:
        s3.create_bucket(Bucket=BUCKET)
    s3.put_object(Bucket=BUCKET, Key=key, Body=text.encode())
    return f"https://s3.us-east-1.amazonaws.com/{BUCKET}/{key}"


def version(name: str, url: str, description: str = "a version") -> dict[str, Any]:
    return {"Name": name, "Description": description, "Info": {"LoadTemplateFromURL": url}}


def catalog(*versions: dict[str, Any], launch_statements: tuple[dict[str, Any], ...]) -> dict[str, Any]:
    """The resources of the catalogue."""
    portfolio, product = {"Ref": "Portfolio"}, {"Ref": "Product"}
    both = {"PortfolioId": portfolio, "ProductId": product}
    return {
        "NotebookRole": role("notebook-execution", trust("sagemaker")),
        "LaunchRole": role("launch", trust("servicecatalog"), *launch_statements),
        "Scientist": role(
            "scientist",
            trust(account=True),
            allow("servicecatalog:*", "sagemaker:Describe*", "sagemaker:List*"),
        ),
        "Stranger": role("stranger", trust(account=True), allow("servicecatalog:*")),
        "Portfolio": {
            "Type": "AWS::ServiceCatalog::Portfolio",
            "Properties": {"DisplayName": "ML", "ProviderName": "Platform", "Tags": [{"Key": "a", "Value": "b"}]},
        },
        "Product": {
            "Type": "AWS::ServiceCatalog::CloudFormationProduct",
            "Properties": {"Name": "Notebook", "Owner": "Platform", "ProvisioningArtifactParameters": list(versions)},
        },
        "Association": {"Type": "AWS::ServiceCatalog::PortfolioProductAssociation", "Properties": both},
        "Principal": {
            "Type": "AWS::ServiceCatalog::PortfolioPrincipalAssociation",
            "Properties": {
                "PortfolioId": portfolio,
                "PrincipalARN": "arn:aws:iam:::role/scient*",
                "PrincipalType": "IAM_PATTERN",
            },
        },
        "Launch": {
            "Type": "AWS::ServiceCatalog::LaunchRoleConstraint",
            "DependsOn": "Association",
            "Properties": {**both, "RoleArn": {"Fn::GetAtt": ["LaunchRole", "Arn"]}},
        },
        "Rules": {
            "Type": "AWS::ServiceCatalog::LaunchTemplateConstraint",
            "DependsOn": "Association",
            "Properties": {
                **both,
                "Description": "No root",
                "Rules": json.dumps(
                    {
                        "NoRoot": {
                            "Assertions": [
                                {
                                    "Assert": {"Fn::Equals": [{"Ref": "Root"}, "Disabled"]},
                                    "AssertDescription": "Root access stays disabled",
                                }
                            ]
                        }
                    }
                ),
            },
        },
        "Notification": {
            "Type": "AWS::ServiceCatalog::LaunchNotificationConstraint",
            "DependsOn": "Association",
            "Properties": {**both, "NotificationArns": [{"Ref": "Topic"}]},
        },
        "Topic": {"Type": "AWS::SNS::Topic"},
        "TagUpdate": {
            "Type": "AWS::ServiceCatalog::ResourceUpdateConstraint",
            "DependsOn": "Association",
            "Properties": {**both, "TagUpdateOnProvisionedProduct": "ALLOWED"},
        },
        "CostCentre": {
            "Type": "AWS::ServiceCatalog::TagOption",
            "Properties": {"Key": "cost-centre", "Value": "42", "Active": True},
        },
        "CostCentreOnPortfolio": {
            "Type": "AWS::ServiceCatalog::TagOptionAssociation",
            "Properties": {"TagOptionId": {"Ref": "CostCentre"}, "ResourceId": portfolio},
        },
        "Share": {
            "Type": "AWS::ServiceCatalog::PortfolioShare",
            "Properties": {"PortfolioId": portfolio, "AccountId": "210987654321"},
        },
    }


def ended(cloud: Cloud, answer: dict[str, Any], credentials: dict[str, str] | None = None) -> dict[str, Any]:
    """Waits for a record to come to rest and returns it with its outputs."""
    catalogue = cloud.client("servicecatalog", credentials)
    for _ in range(2000):
        found: dict[str, Any] = catalogue.describe_record(Id=answer["RecordDetail"]["RecordId"])
        if found["RecordDetail"]["Status"] not in ("CREATED", "IN_PROGRESS"):
            return found
    raise AssertionError("the record did not come to rest")
