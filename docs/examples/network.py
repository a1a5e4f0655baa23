"""A team's own app: an isolated VPC whose endpoints follow from what its constructs call.

Run it with `cdk synth -a "python docs/examples/network.py"`.
"""

from aws_cdk import App, Stack, Validations
from aws_cdk import aws_iam as iam

from mlgov_constructs.controls import ControlRules
from mlgov_constructs.identity import PermissionsBoundary
from mlgov_constructs.network import EndpointCompleteness, EndpointService, IsolatedVpc, ServiceResource

app = App()
Validations.of(app).add_plugins(ControlRules(), EndpointCompleteness())

stack = Stack(app, "Network")
iam.PermissionsBoundary.of(stack).apply(PermissionsBoundary(stack, "Boundary"))
vpc = IsolatedVpc(
    stack,
    "Vpc",
    cidr="10.20.0.0/20",
    organization_id="o-exampleorg1",
    service_resources=[ServiceResource.ECR_LAYERS, ServiceResource.SAGEMAKER_JUMPSTART],
)
vpc.require(EndpointService.S3, by=stack)
vpc.require(EndpointService.SAGEMAKER_RUNTIME, by=stack, actions=["sagemaker:InvokeEndpoint"])

app.synth()
