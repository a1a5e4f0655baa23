"""The one place where a model is hardened."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from aws_cdk import CfnTag

from mlgov_constructs.identity import PROJECT_TAG

CONTROLS = ("MLG-SRV-01", "MLG-SRV-02", "MLG-SRV-03", "MLG-SRV-04", "MLG-SRV-10")


def model_properties(
    *,
    project: str,
    role_arn: str,
    container: Mapping[str, Any],
    subnet_ids: Sequence[str],
    security_group_ids: Sequence[str],
    model_name: str | None = None,
    network_isolation: bool = True,
) -> dict[str, Any]:
    """Return every property of a hardened model, as ``CfnModel`` takes them.

    ``Model`` and the template of the endpoint product both use it, so a provisioned model is
    hardened as one that a stack creates. Values may be tokens and dynamic references.

    Args:
        project: The project, which becomes a tag.
        role_arn: The role of the model.
        container: The container, as :func:`package_container` and :func:`image_container` make it.
        subnet_ids: The isolated subnets, of two availability zones or more; none leaves the VPC, a
            recorded relaxation of the caller.
        security_group_ids: The security groups.
        model_name: A name; CloudFormation makes one when omitted, and a change needs a new one.
        network_isolation: ``False`` lets the container call out; a recorded relaxation of the caller.
    """
    return {
        "model_name": model_name,
        "execution_role_arn": role_arn,
        "primary_container": dict(container),
        "enable_network_isolation": network_isolation,
        "vpc_config": (
            {"subnets": list(subnet_ids), "securityGroupIds": list(security_group_ids)} if subnet_ids else None
        ),
        "tags": [CfnTag(key=PROJECT_TAG, value=project)],
    }


def package_container(model_package_arn: str, environment: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Return the container of a registered model package, which names image and artifact itself.

    Args:
        model_package_arn: The ARN of the version.
        environment: Environment variables of the container; no secrets.
    """
    container: dict[str, Any] = {"modelPackageName": model_package_arn}
    return container | ({"environment": dict(environment)} if environment else {})


def image_container(
    image: str,
    *,
    access: str,
    model_data_url: str | None = None,
    credentials_arn: str | None = None,
    environment: Mapping[str, str] | None = None,
    multi_model: bool = False,
    model_cache: bool = True,
) -> dict[str, Any]:
    """Return the container of an image and an artifact.

    Args:
        image: The image with its digest.
        access: ``Platform`` or ``Vpc``: over which network the image is pulled.
        model_data_url: The artifact; the image holds the model when omitted.
        credentials_arn: The function that has the credentials of a private registry.
        environment: Environment variables of the container; no secrets.
        multi_model: Whether the artifact is a prefix of many, loaded when they are asked for.
        model_cache: Whether those stay in memory.
    """
    config: dict[str, Any] = {"repositoryAccessMode": access}
    if credentials_arn is not None:
        config["repositoryAuthConfig"] = {"repositoryCredentialsProviderArn": credentials_arn}
    container: dict[str, Any] = {"image": image, "imageConfig": config}
    if model_data_url is not None:
        container["modelDataUrl"] = model_data_url
    if environment:
        container["environment"] = dict(environment)
    if multi_model:
        container["mode"] = "MultiModel"
        if not model_cache:
            container["multiModelConfig"] = {"modelCacheSetting": "Disabled"}
    return container
