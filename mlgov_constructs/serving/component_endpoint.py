"""An endpoint whose instances are shared by the models of several inference components."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sagemaker as sagemaker
from constructs import Construct

from mlgov_constructs.argument_types import checked_arguments
from mlgov_constructs.aws_tokens import aws_tokens
from mlgov_constructs.controls import Relaxation, claim
from mlgov_constructs.errors import ConstructError
from mlgov_constructs.identity import PROJECT_TAG, JobRole, JobType
from mlgov_constructs.identity.grants import rights_of
from mlgov_constructs.identity.project import set_deployed_tags
from mlgov_constructs.instance_types import has_local_storage
from mlgov_constructs.network import IIsolatedVpc
from mlgov_constructs.serving.component_properties import component_ground_properties, shared_variant_properties
from mlgov_constructs.serving.data_capture import DataCapture
from mlgov_constructs.serving.endpoint_base import EndpointBase
from mlgov_constructs.serving.endpoint_checks import check_capacity, check_capture, check_subnets
from mlgov_constructs.serving.endpoint_properties import endpoint_config_properties, endpoint_properties
from mlgov_constructs.serving.endpoint_scaling import EndpointScaling
from mlgov_constructs.serving.instance_types import INSTANCE_TYPES, check_instance_type
from mlgov_constructs.serving.serving_services import require_serving_services

CONFIG_CONTROLS = ("MLG-SRV-05", "MLG-SRV-06", "MLG-SRV-07", "MLG-SRV-10", "MLG-SRV-14", "MLG-SRV-15")
ENDPOINT_CONTROLS = ("MLG-SRV-08", "MLG-SRV-09", "MLG-SRV-10")
INVOKE = ("sagemaker:InvokeEndpoint", "sagemaker:InvokeEndpointWithResponseStream")
BY_COMPONENT = Relaxation(
    "Versions change in the inference components, each of which is replaced copy by copy and goes back by an alarm "
    "of its own"
)


@checked_arguments
class ComponentEndpoint(EndpointBase):
    """Instances in the isolated subnets, without a model of their own, for :class:`InferenceComponent`.

    It creates an endpoint configuration that isolates every container from the network and names
    the role, the subnets and the key, and an endpoint. SageMaker adds and removes instances as the
    copies of the components need them.

    Controls: ``MLG-SRV-05`` to ``MLG-SRV-08``, ``MLG-SRV-10``, ``MLG-SRV-14`` and ``MLG-SRV-15``. It
    deviates from ``MLG-SRV-09``: updates are guarded where they happen, in the components.

    Args:
        scope: The parent construct.
        construct_id: The id in that scope.
        vpc: The VPC; the instances are in all of its isolated subnets.
        role: The role of the containers, a ``JobRole`` of type ``HOSTING``.
        encryption_key: The key of the volumes.
        data_capture: Where requests and answers are kept.
        endpoint_name: A name; one made of the construct's path when omitted.
        instance_type: The type, ``ml.m5.xlarge`` by default.
        allowed_instance_types: The types that may be used; a list of common ones by default.
        instance_count: How many instances at the start, and at least; 2 by default.
        max_instances: How many at most; twice ``instance_count`` by default.
        single_instance: Run one instance only, for a sandbox.
        local_storage: Use instances whose disks take no key.
        no_data_capture: Keep nothing of requests and answers.
        guarded_by_component: Why the endpoint itself names no alarm.

    Raises:
        ConstructError: An argument cannot be used; the message says what to change.

    Source: https://docs.aws.amazon.com/sagemaker/latest/dg/realtime-endpoints-deploy-models.html

    Cost:
        Its instances: two ``ml.m5.xlarge`` cost about 336 USD a month, for all components together.

    Example:
        ``docs/examples/serving_variants.py`` is a complete app.
    """

    CONTROLS: ClassVar[tuple[str, ...]] = tuple(sorted({*CONFIG_CONTROLS, *ENDPOINT_CONTROLS}))

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        vpc: IIsolatedVpc,
        role: JobRole,
        encryption_key: kms.IKey,
        data_capture: DataCapture | None = None,
        endpoint_name: str | None = None,
        instance_type: str = "ml.m5.xlarge",
        allowed_instance_types: Sequence[str] = INSTANCE_TYPES,
        instance_count: int = 2,
        max_instances: int | None = None,
        single_instance: Relaxation | None = None,
        local_storage: Relaxation | None = None,
        no_data_capture: Relaxation | None = None,
        guarded_by_component: Relaxation = BY_COMPONENT,
    ) -> None:
        if role.job is not JobType.HOSTING:
            raise ConstructError(
                scope, construct_id, f"role is for {role.job.value}", "Give the endpoint a JobRole of type HOSTING."
            )
        check_instance_type(
            scope, construct_id, instance_type, allowed_instance_types, local_storage=local_storage, scales=True
        )
        subnet_ids = [subnet.subnet_id for subnet in vpc.isolated_subnets]
        check_subnets(scope, construct_id, len(subnet_ids))
        limits = EndpointScaling(max_capacity=max_instances)
        check_capacity(scope, construct_id, instance_count, limits, single_instance)
        check_capture(scope, construct_id, data_capture, no_data_capture)
        group = vpc.workload_security_group
        super().__init__(
            scope,
            construct_id,
            project=role.project,
            role=role,
            connections=ec2.Connections(security_groups=[group]),
            endpoint_name=endpoint_name,
            invoke_actions=INVOKE,
        )
        require_serving_services(vpc, by=self)
        keyless = has_local_storage(instance_type)
        config = sagemaker.CfnEndpointConfig(
            self,
            "Config",
            **endpoint_config_properties(
                project=self.project,
                kms_key_id=None if keyless else encryption_key.key_arn,
                variant=shared_variant_properties(
                    instance_type=instance_type,
                    instance_count=instance_count,
                    max_instances=max_instances or 2 * instance_count,
                ),
                capture=None if data_capture is None else self._capture(data_capture),
                components=component_ground_properties(
                    role_arn=role.role_arn, subnet_ids=subnet_ids, security_group_ids=[group.security_group_id]
                ),
            ),
        )
        claim(
            config,
            CONFIG_CONTROLS,
            {
                "MLG-SRV-05": local_storage if keyless else None,
                "MLG-SRV-06": single_instance if instance_count == 1 else None,
                "MLG-SRV-07": no_data_capture,
            },
        )
        endpoint = sagemaker.CfnEndpoint(
            self,
            "Resource",
            **endpoint_properties(
                project=self.project,
                endpoint_name=self._name,
                endpoint_config_name=config.attr_endpoint_config_name,
                scales=False,
            ),
        )
        claim(endpoint, ENDPOINT_CONTROLS, {"MLG-SRV-09": guarded_by_component})
        for resource in (config, endpoint):
            set_deployed_tags(resource, self.project)
        endpoint.node.add_dependency(rights_of(role))
        self._endpoint = endpoint

    @property
    def deployed_name(self) -> str:
        """The name of the endpoint, for what must wait until it exists."""
        return self._endpoint.attr_endpoint_name

    def grant_invoke(self, grantee: iam.IGrantable) -> iam.Grant:
        """Let a principal ask every component of this endpoint for predictions.

        Args:
            grantee: The principal; :meth:`InferenceComponent.grant_invoke` admits to one of them.
        """
        components = aws_tokens().arn("sagemaker", "inference-component/*")
        return iam.Grant.add_to_principal(
            grantee=grantee,
            actions=list(INVOKE),
            # SageMaker asks for the right to both. Whose component it is says its tag.
            resource_arns=[self.endpoint_arn, components],
            conditions={"StringEquals": {f"aws:ResourceTag/{PROJECT_TAG}": self.project}},
        )
