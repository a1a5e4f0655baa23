"""The app of a team that installed mlgov-constructs from an index and has never seen its repository.

It does what users do: hands our constructs to functions that know those of aws-cdk-lib alone,
makes a class of its own out of one, composes others, and spreads them over stacks.
"""

from __future__ import annotations

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct

from mlgov_constructs.controls import ControlRules
from mlgov_constructs.identity import JobEnvironment, JobRole, JobType, PermissionsBoundary
from mlgov_constructs.network import EndpointCompleteness, EndpointService, IIsolatedVpc, IsolatedVpc
from mlgov_constructs.protection import DataClass, DataKey, GovernedBucket
from mlgov_constructs.workspace import NotebookInstance

PROJECT = "churn"


class FeatureBucket(GovernedBucket):
    """The team's own kind of bucket: one that always holds curated data."""

    def __init__(
        self, scope: Construct, construct_id: str, *, encryption_key: kms.IKey, endpoint: ec2.IVpcEndpoint
    ) -> None:
        super().__init__(
            scope,
            construct_id,
            encryption_key=encryption_key,
            data_class=DataClass.CURATED,
            vpc_endpoints=[endpoint],
        )

    def features_of(self, project: str) -> str:
        """The address of a project's features."""
        return self.s3_url_for_object(f"{project}/features")


class Network(cdk.Stack):
    """The network, the key and the boundary that the other stacks share."""

    def __init__(self, scope: Construct, construct_id: str) -> None:
        super().__init__(scope, construct_id)
        self.boundary = PermissionsBoundary(self, "Boundary")
        self.key = DataKey(self, "Key", alias=f"{PROJECT}/data")
        self.key.allow_cloud_watch_logs()
        self.vpc = IsolatedVpc(self, "Vpc", cidr="10.30.0.0/20", encryption_key=self.key)
        self.s3_endpoint: ec2.IVpcEndpoint = self.vpc.require(EndpointService.S3, by=self)


class Data(cdk.Stack):
    """The features, and the loader that writes them."""

    def __init__(self, scope: Construct, construct_id: str, *, network: Network) -> None:
        super().__init__(scope, construct_id)
        self.features = FeatureBucket(self, "Features", encryption_key=network.key, endpoint=network.s3_endpoint)
        loader = iam.Role(self, "Loader", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
        self.features.grant_read_write(loader)
        self.loader_group = loader_group(self, network.vpc)
        cdk.CfnOutput(self, "FeaturesUrl", value=self.features.features_of(PROJECT))


class Workspace(cdk.Stack):
    """One notebook that reads the features."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        vpc: IIsolatedVpc,
        key: kms.IKey,
        boundary: iam.IManagedPolicy,
        features: s3.IBucket,
    ) -> None:
        super().__init__(scope, construct_id)
        role = JobRole(
            self,
            "Role",
            job=JobType.NOTEBOOK,
            project=PROJECT,
            permissions_boundary=boundary,
            environment=JobEnvironment(vpc=vpc, encryption_key=key),
        )
        self.notebook = NotebookInstance(self, "Notebook", vpc=vpc, encryption_key=key, role=role)
        features.grant_read(self.notebook)


def loader_group(scope: Construct, vpc: ec2.IVpc) -> ec2.SecurityGroup:
    """A function of the team's that knows no VPC but that of aws-cdk-lib."""
    return ec2.SecurityGroup(scope, "LoaderGroup", vpc=vpc, allow_all_outbound=False)


def tag_buckets(scope: Construct) -> None:
    """Another one, for which a governed bucket is a bucket like any other."""
    for construct in scope.node.find_all():
        if isinstance(construct, s3.Bucket):
            cdk.Tags.of(construct).add("team:bucket", construct.node.id)


def main() -> None:
    """Three stacks, checked by the rules of every control."""
    app = cdk.App()
    cdk.Validations.of(app).add_plugins(ControlRules(), EndpointCompleteness())
    network = Network(app, "Network")
    data = Data(app, "Data", network=network)
    Workspace(
        app,
        "Workspace",
        vpc=network.vpc,
        key=network.key,
        boundary=network.boundary,
        features=data.features,
    )
    iam.PermissionsBoundary.of(app).apply(network.boundary)
    tag_buckets(data)
    app.synth()


if __name__ == "__main__":
    main()
