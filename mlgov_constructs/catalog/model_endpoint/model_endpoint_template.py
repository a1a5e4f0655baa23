"""The CloudFormation template from which a data scientist serves an approved model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from aws_cdk import CfnCondition, CfnRule, CfnRuleAssertion, Fn
from aws_cdk import aws_applicationautoscaling as appscaling
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_sagemaker as sagemaker
from constructs import Construct

from mlgov_constructs.aws_tokens import aws_tokens
from mlgov_constructs.catalog.product_parameter import MACHINE, WORK, ProductParameter
from mlgov_constructs.catalog.product_template import ProductTemplate
from mlgov_constructs.controls import Relaxation
from mlgov_constructs.identity import JobType
from mlgov_constructs.protection import DataClass
from mlgov_constructs.serving.endpoint_properties import (
    ALARM_CONTROLS,
    CONFIG_CONTROLS,
    ENDPOINT_CONTROLS,
    capture_properties,
    endpoint_config_properties,
    endpoint_properties,
    error_alarm_properties,
    scalable_target_properties,
    scaling_policy_properties,
    variant_properties,
)
from mlgov_constructs.serving.model import PLATFORM_PULL
from mlgov_constructs.serving.model_properties import CONTROLS as MODEL_CONTROLS
from mlgov_constructs.serving.model_properties import model_properties, package_container
from mlgov_constructs.workspace import ParameterNames

STAGE_TAG = "mlgov:stage"
TEST, PRODUCTION = "test", "production"
ONE_INSTANCE = Relaxation("A test endpoint may run one instance; a rule of the template demands two in production")
# Keys as CloudFormation writes them: they stand in a condition, which the CDK does not translate.
CANARY = {
    "Type": "CANARY",
    "CanarySize": {"Type": "INSTANCE_COUNT", "Value": 1},
    "WaitIntervalInSeconds": 600,
}
# The API demands the wait of a deployment in one step too; the page of CloudFormation does not say so.
ALL_AT_ONCE = {"Type": "ALL_AT_ONCE", "WaitIntervalInSeconds": 0}


class ModelEndpointTemplate(ProductTemplate):
    """A template with one model of the registry behind a real-time endpoint.

    Controls: ``MLG-SRV-01`` to ``MLG-SRV-10``, by the same code as ``Model`` and ``RealTimeEndpoint``.

    Args:
        scope: The stack of the product.
        construct_id: The id in that scope.
        product_id: What the version files call the product.
        version: The version, for example ``v1``.
        names: Where the workspace is written down.
        projects: The projects that may be chosen.
        sizes: The sizes that may be chosen, with their instance types; the first is the default.
        project_sizes: The sizes that a project may choose, where it may not choose all.
        most_instances: The upper limit of the number of instances.
        data_class: The class of data whose bucket requests and answers are captured in.

    Example:
        ``ModelEndpointProduct`` creates it.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        product_id: str,
        version: str,
        names: ParameterNames,
        projects: Sequence[str],
        sizes: Mapping[str, str],
        project_sizes: Mapping[str, Sequence[str]],
        most_instances: int,
        data_class: DataClass,
    ) -> None:
        super().__init__(
            scope,
            construct_id,
            product_id=product_id,
            version=version,
            description="A model of the registry behind a real-time endpoint in the isolated network",
            names=names,
            parameters=_parameters(projects, sizes, most_instances),
        )
        self._limit_instances(most_instances)
        model = self._model()
        endpoint_name = f"{self.project}-{self.text('Name')}"
        captured = f"s3://{self.reference(names.bucket_name(data_class))}/{self.project}/data-capture"
        config = self._config(model, self.instance_type(sizes, project_sizes), captured)
        told = [self.reference(names.alarm_topic_arn)]
        alarm = cloudwatch.CfnAlarm(
            self, "ErrorAlarm", **error_alarm_properties(endpoint_name=endpoint_name, actions=told)
        )
        self.govern(alarm, ALARM_CONTROLS)
        endpoint = sagemaker.CfnEndpoint(
            self,
            "Endpoint",
            **endpoint_properties(
                project=self.project,
                endpoint_name=endpoint_name,
                endpoint_config_name=config.attr_endpoint_config_name,
                update_policy=self._update_policy(),
                alarm_names=[alarm.ref],
            ),
        )
        self.govern(endpoint, ENDPOINT_CONTROLS, tags={STAGE_TAG: self.text("Stage")})
        self._scale(endpoint)
        self._tell(endpoint)

    def _limit_instances(self, most: int) -> None:
        """Demand two instances in production, and no more to begin with than at the most."""
        counts = [str(count) for count in range(1, most + 1)]
        instances = Fn.ref("Instances")
        CfnRule(
            self,
            "ProductionSurvivesAnInstance",
            rule_condition=Fn.condition_equals(self.text("Stage"), PRODUCTION),
            assertions=[
                CfnRuleAssertion(
                    assert_=Fn.condition_contains(counts[1:], instances),
                    assert_description="In production an endpoint has 2 instances or more",
                )
            ],
        )
        for limit in counts[:-1]:
            CfnRule(
                self,
                f"AtMost{limit}",
                rule_condition=Fn.condition_equals(Fn.ref("MostInstances"), limit),
                assertions=[
                    CfnRuleAssertion(
                        assert_=Fn.condition_contains(counts[: int(limit)], instances),
                        assert_description=f"At most {limit} instances are fewer than there are to begin with",
                    )
                ],
            )

    def _model(self) -> sagemaker.CfnModel:
        names = self.names
        group = self.reference(names.model_package_group_name("${Project}"))
        model = sagemaker.CfnModel(
            self,
            "Model",
            **model_properties(
                project=self.project,
                role_arn=self.reference(names.job_role_arn("${Project}", JobType.HOSTING)),
                container=package_container(
                    aws_tokens().arn("sagemaker", f"model-package/{group}/{self.text('ModelVersion')}")
                ),
                subnet_ids=[self.reference(name) for name in names.subnet_ids()],
                security_group_ids=[self.reference(names.security_group_id)],
            ),
        )
        self.govern(model, MODEL_CONTROLS, deviations={"MLG-SRV-04": PLATFORM_PULL})
        return model

    def _config(self, model: sagemaker.CfnModel, instance_type: str, captured: str) -> sagemaker.CfnEndpointConfig:
        key = self.reference(self.names.key_arn)
        config = sagemaker.CfnEndpointConfig(
            self,
            "Config",
            **endpoint_config_properties(
                project=self.project,
                kms_key_id=key,
                variant=variant_properties(
                    model_name=model.attr_model_name,
                    instance_type=instance_type,
                    instance_count=self.number("Instances"),
                ),
                capture=capture_properties(
                    destination=captured, kms_key_id=key, percentage=self.number("CapturedPercent")
                ),
            ),
        )
        self.govern(config, CONFIG_CONTROLS, deviations={"MLG-SRV-06": ONE_INSTANCE})
        return config

    def _update_policy(self) -> dict[str, Any]:
        alone = CfnCondition(self, "OneInstance", expression=Fn.condition_equals(Fn.ref("Instances"), "1"))
        routing = Fn.condition_if(alone.logical_id, ALL_AT_ONCE, CANARY)
        return {"blueGreenUpdatePolicy": {"trafficRoutingConfiguration": routing, "terminationWaitInSeconds": 300}}

    def _scale(self, endpoint: sagemaker.CfnEndpoint) -> None:
        limits = scalable_target_properties(
            endpoint_name=endpoint.attr_endpoint_name,
            min_capacity=self.number("Instances"),
            max_capacity=self.number("MostInstances"),
        )
        target = appscaling.CfnScalableTarget(self, "ScalableTarget", **limits)
        policy = appscaling.CfnScalingPolicy(
            self,
            "ScalingPolicy",
            **scaling_policy_properties(
                scaling_target_id=target.ref,
                policy_name="requests",
                target=self.number("RequestsPerInstance"),
            ),
        )
        self.govern(target, ())
        self.govern(policy, (), tag_form=None)

    def _tell(self, endpoint: sagemaker.CfnEndpoint) -> None:
        name, region = endpoint.attr_endpoint_name, aws_tokens().region
        self.output("EndpointName", name, "The name of your endpoint")
        self.output(
            "InvokeCommand",
            f"aws sagemaker-runtime invoke-endpoint --region {region} --endpoint-name {name} "
            "--content-type text/csv --body fileb://request.csv answer.txt",
            "Ask it from a terminal of your notebook; request.csv holds one row of features",
        )
        self.output(
            "InvokeInPython",
            f"boto3.client('sagemaker-runtime').invoke_endpoint(EndpointName='{name}', ContentType='text/csv', "
            "Body=row)['Body'].read()",
            "Ask it from Python; row is a text such as '42,0.7,1'",
        )
        # Without the bucket: an output does not resolve a reference to a parameter.
        self.output(
            "CapturedData",
            f"{self.project}/data-capture/{name}",
            "Requests and answers are kept here in your project's bucket, by the hour",
        )
        self.output("EndpointUrl", self.console_url("sagemaker", f"#/endpoints/{name}"), "See how your endpoint does")


def _parameters(projects: Sequence[str], sizes: Mapping[str, str], most: int) -> tuple[ProductParameter, ...]:
    return (
        ProductParameter.project(projects),
        ProductParameter(
            "ModelVersion",
            "Model version",
            WORK,
            "The version in your project's registry; it must be approved",
            allowed_pattern="[1-9][0-9]{0,4}",
            constraint_description="Give the number of a version, for example 7",
        ),
        ProductParameter(
            "Name",
            "Name",
            WORK,
            "What to call it; the project goes before it",
            allowed_pattern="[a-z0-9](-?[a-z0-9]){0,29}",
            constraint_description="Use up to 30 lower-case letters, digits and single hyphens",
            max_length=30,
        ),
        ProductParameter(
            "Stage",
            "Used for",
            WORK,
            "A test may run one instance; production runs two or more",
            allowed_values=[TEST, PRODUCTION],
            default=TEST,
        ),
        ProductParameter.size(sizes, note="It cannot change later: launch another endpoint instead"),
        ProductParameter(
            "Instances",
            "Instances to begin with",
            MACHINE,
            "And at least; two survive the loss of one",
            type="Number",
            min_value=1,
            max_value=most,
            default=min(2, most),
        ),
        ProductParameter(
            "MostInstances",
            "Instances at the most",
            MACHINE,
            "Their number follows the requests up to here",
            type="Number",
            min_value=1,
            max_value=most,
            default=min(4, most),
        ),
        ProductParameter(
            "RequestsPerInstance",
            "Requests a minute and instance",
            MACHINE,
            "More than these add an instance; measure what yours bears and take about 70 %",
            type="Number",
            min_value=1,
            max_value=1_000_000,
            default=600,
        ),
        ProductParameter(
            "CapturedPercent",
            "Share of requests kept",
            MACHINE,
            "How many requests of a hundred are kept with their answers, to find drift",
            type="Number",
            min_value=1,
            max_value=100,
            default=100,
        ),
    )
