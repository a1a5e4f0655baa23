"""What an account may hold, and how each service is asked for it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ClientError

from mlgov_constructs.local_cloud.clients import Clients


@dataclass(frozen=True, slots=True)
class Kind:
    """Something that an account may hold.

    Args:
        type_name: Its CloudFormation type.
        operation: The service and the operation that list it.
        path: Where in the answer the ids are by which CloudFormation knows it; ``[]`` is for each of a list.
        parameters: What the operation must be told.
        none: The error by which the service says that there is none, where it does so.
    """

    type_name: str
    operation: str
    path: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    none: str = ""

    def ids(self, clients: Clients) -> list[str]:
        """Returns the ids of all there are.

        Args:
            clients: Who asks.
        """
        service, operation = self.operation.split(":")
        parameters = {"AccountId": clients.account} if service == "budgets" else self.parameters
        client = clients.client(service)
        try:
            if client.can_paginate(operation):
                answer = client.get_paginator(operation).paginate(**parameters).build_full_result()
            else:
                answer = getattr(client, operation)(**parameters)
        except ClientError as error:
            if error.response["Error"]["Code"] != self.none:
                raise
            return []
        return sorted(str(found) for found in _follow(answer, self.path))


def _follow(answer: Mapping[str, Any], path: str) -> list[Any]:
    values: list[Any] = [answer]
    for step in path.split("."):
        name = step.removesuffix("[]")
        values = [value[name] for value in values if name in value]
        if name != step:
            values = [each for value in values for each in value]
    return values


KINDS = (
    Kind(
        "AWS::ApplicationAutoScaling::ScalableTarget",
        "application-autoscaling:describe_scalable_targets",
        "ScalableTargets[].ResourceId",
        {"ServiceNamespace": "sagemaker"},
    ),
    Kind("AWS::Athena::WorkGroup", "athena:list_work_groups", "WorkGroups[].Name"),
    Kind("AWS::Backup::BackupVault", "backup:list_backup_vaults", "BackupVaultList[].BackupVaultName"),
    Kind("AWS::Budgets::Budget", "budgets:describe_budgets", "Budgets[].BudgetName"),
    Kind("AWS::CE::AnomalyMonitor", "ce:get_anomaly_monitors", "AnomalyMonitors[].MonitorArn"),
    Kind("AWS::CE::AnomalySubscription", "ce:get_anomaly_subscriptions", "AnomalySubscriptions[].SubscriptionArn"),
    Kind("AWS::CE::CostCategory", "ce:list_cost_category_definitions", "CostCategoryReferences[].CostCategoryArn"),
    Kind(
        "AWS::CloudFormation::GuardHook",
        "cloudformation:list_types",
        "TypeSummaries[].TypeArn",
        {"Type": "HOOK", "Visibility": "PRIVATE"},
    ),
    Kind("AWS::CloudFormation::Stack", "cloudformation:describe_stacks", "Stacks[].StackId"),
    Kind("AWS::CloudTrail::Trail", "cloudtrail:describe_trails", "trailList[].Name"),
    Kind("AWS::CloudWatch::Alarm", "cloudwatch:describe_alarms", "MetricAlarms[].AlarmName"),
    Kind("AWS::CloudWatch::Dashboard", "cloudwatch:list_dashboards", "DashboardEntries[].DashboardName"),
    Kind("AWS::CodeArtifact::Domain", "codeartifact:list_domains", "domains[].arn"),
    Kind("AWS::CodeArtifact::Repository", "codeartifact:list_repositories", "repositories[].arn"),
    Kind("AWS::CodeCommit::Repository", "codecommit:list_repositories", "repositories[].repositoryId"),
    Kind(
        "AWS::Config::ConfigurationRecorder",
        "config:describe_configuration_recorders",
        "ConfigurationRecorders[].name",
    ),
    Kind(
        "AWS::Config::ConformancePack",
        "config:describe_conformance_packs",
        "ConformancePackDetails[].ConformancePackName",
    ),
    Kind("AWS::Config::DeliveryChannel", "config:describe_delivery_channels", "DeliveryChannels[].name"),
    Kind("AWS::EC2::FlowLog", "ec2:describe_flow_logs", "FlowLogs[].FlowLogId"),
    Kind("AWS::EC2::InternetGateway", "ec2:describe_internet_gateways", "InternetGateways[].InternetGatewayId"),
    Kind("AWS::EC2::NetworkAcl", "ec2:describe_network_acls", "NetworkAcls[].NetworkAclId"),
    Kind("AWS::EC2::NetworkInterface", "ec2:describe_network_interfaces", "NetworkInterfaces[].NetworkInterfaceId"),
    Kind("AWS::EC2::RouteTable", "ec2:describe_route_tables", "RouteTables[].RouteTableId"),
    Kind("AWS::EC2::SecurityGroup", "ec2:describe_security_groups", "SecurityGroups[].GroupId"),
    Kind("AWS::EC2::Subnet", "ec2:describe_subnets", "Subnets[].SubnetId"),
    Kind("AWS::EC2::VPC", "ec2:describe_vpcs", "Vpcs[].VpcId"),
    Kind("AWS::EC2::VPCEndpoint", "ec2:describe_vpc_endpoints", "VpcEndpoints[].VpcEndpointId"),
    Kind("AWS::ECR::Repository", "ecr:describe_repositories", "repositories[].repositoryName"),
    Kind("AWS::EFS::FileSystem", "efs:describe_file_systems", "FileSystems[].FileSystemId"),
    Kind("AWS::Events::Rule", "events:list_rules", "Rules[].Name"),
    Kind("AWS::Glue::Database", "glue:get_databases", "DatabaseList[].Name"),
    Kind("AWS::IAM::ManagedPolicy", "iam:list_policies", "Policies[].Arn", {"Scope": "Local"}),
    Kind("AWS::IAM::Role", "iam:list_roles", "Roles[].RoleName"),
    Kind("AWS::IAM::User", "iam:list_users", "Users[].UserName"),
    Kind("AWS::IAM::VirtualMFADevice", "iam:list_virtual_mfa_devices", "VirtualMFADevices[].SerialNumber"),
    Kind("AWS::KMS::Alias", "kms:list_aliases", "Aliases[].AliasName"),
    Kind("AWS::KMS::Key", "kms:list_keys", "Keys[].KeyId"),
    Kind("AWS::Lambda::Function", "lambda:list_functions", "Functions[].FunctionName"),
    Kind("AWS::Logs::LogGroup", "logs:describe_log_groups", "logGroups[].logGroupName"),
    Kind("AWS::S3::Bucket", "s3:list_buckets", "Buckets[].Name"),
    Kind("AWS::SNS::Subscription", "sns:list_subscriptions", "Subscriptions[].SubscriptionArn"),
    Kind("AWS::SNS::Topic", "sns:list_topics", "Topics[].TopicArn"),
    Kind("AWS::SQS::Queue", "sqs:list_queues", "QueueUrls[]"),
    Kind("AWS::SSM::Parameter", "ssm:describe_parameters", "Parameters[].Name"),
    Kind("AWS::SageMaker::App", "sagemaker:list_apps", "Apps[].AppName"),
    Kind(
        "AWS::SageMaker::CodeRepository",
        "sagemaker:list_code_repositories",
        "CodeRepositorySummaryList[].CodeRepositoryName",
    ),
    Kind(
        "AWS::SageMaker::DataQualityJobDefinition",
        "sagemaker:list_data_quality_job_definitions",
        "JobDefinitionSummaries[].MonitoringJobDefinitionArn",
    ),
    Kind("AWS::SageMaker::Domain", "sagemaker:list_domains", "Domains[].DomainId"),
    Kind("AWS::SageMaker::Endpoint", "sagemaker:list_endpoints", "Endpoints[].EndpointArn"),
    Kind("AWS::SageMaker::EndpointConfig", "sagemaker:list_endpoint_configs", "EndpointConfigs[].EndpointConfigArn"),
    Kind(
        "AWS::SageMaker::FeatureGroup",
        "sagemaker:list_feature_groups",
        "FeatureGroupSummaries[].FeatureGroupName",
    ),
    Kind("AWS::SageMaker::MlflowApp", "sagemaker:list_mlflow_apps", "Summaries[].Arn"),
    Kind(
        "AWS::SageMaker::MlflowTrackingServer",
        "sagemaker:list_mlflow_tracking_servers",
        "TrackingServerSummaries[].TrackingServerName",
    ),
    Kind("AWS::SageMaker::Model", "sagemaker:list_models", "Models[].ModelArn"),
    Kind(
        "AWS::SageMaker::ModelPackageGroup",
        "sagemaker:list_model_package_groups",
        "ModelPackageGroupSummaryList[].ModelPackageGroupArn",
    ),
    Kind(
        "AWS::SageMaker::MonitoringSchedule",
        "sagemaker:list_monitoring_schedules",
        "MonitoringScheduleSummaries[].MonitoringScheduleArn",
    ),
    Kind(
        "AWS::SageMaker::NotebookInstance",
        "sagemaker:list_notebook_instances",
        "NotebookInstances[].NotebookInstanceArn",
    ),
    Kind(
        "AWS::SageMaker::NotebookInstanceLifecycleConfig",
        "sagemaker:list_notebook_instance_lifecycle_configs",
        "NotebookInstanceLifecycleConfigs[].NotebookInstanceLifecycleConfigArn",
    ),
    Kind("AWS::SageMaker::Pipeline", "sagemaker:list_pipelines", "PipelineSummaries[].PipelineName"),
    Kind("AWS::SageMaker::Space", "sagemaker:list_spaces", "Spaces[].SpaceName"),
    Kind(
        "AWS::SageMaker::StudioLifecycleConfig",
        "sagemaker:list_studio_lifecycle_configs",
        "StudioLifecycleConfigs[].StudioLifecycleConfigName",
    ),
    Kind("AWS::SageMaker::UserProfile", "sagemaker:list_user_profiles", "UserProfiles[].UserProfileName"),
    Kind("AWS::SecurityHub::Hub", "securityhub:describe_hub", "HubArn", none="InvalidAccessException"),
    Kind(
        "AWS::ServiceCatalog::CloudFormationProduct",
        "servicecatalog:search_products_as_admin",
        "ProductViewDetails[].ProductViewSummary.ProductId",
    ),
    Kind(
        "AWS::ServiceCatalog::CloudFormationProvisionedProduct",
        "servicecatalog:search_provisioned_products",
        "ProvisionedProducts[].Id",
        {"AccessLevelFilter": {"Key": "Account", "Value": "self"}},
    ),
    Kind("AWS::ServiceCatalog::Portfolio", "servicecatalog:list_portfolios", "PortfolioDetails[].Id"),
    Kind("AWS::ServiceCatalog::TagOption", "servicecatalog:list_tag_options", "TagOptionDetails[].Id"),
    Kind(
        "AWS::StepFunctions::StateMachine",
        "stepfunctions:list_state_machines",
        "stateMachines[].stateMachineArn",
    ),
)
"""What the account is asked for. What a stack makes and this does not name is a fault of the demonstration."""

PARTS = frozenset(
    {
        "AWS::ApplicationAutoScaling::ScalingPolicy",
        "AWS::Athena::NamedQuery",
        "AWS::Budgets::BudgetsAction",
        "AWS::CDK::Metadata",
        "AWS::CloudFormation::CustomResource",
        "AWS::CodeArtifact::PackageGroup",
        "AWS::EC2::NetworkAclEntry",
        "AWS::EC2::SecurityGroupEgress",
        "AWS::EC2::SecurityGroupIngress",
        "AWS::EC2::SubnetNetworkAclAssociation",
        "AWS::EC2::SubnetRouteTableAssociation",
        "AWS::Glue::Table",
        "AWS::IAM::Policy",
        "AWS::Lambda::Permission",
        "AWS::Logs::MetricFilter",
        "AWS::S3::BucketPolicy",
        "AWS::SNS::TopicPolicy",
        "AWS::SQS::QueuePolicy",
        "AWS::SecurityHub::Standard",
        "AWS::ServiceCatalog::LaunchNotificationConstraint",
        "AWS::ServiceCatalog::LaunchRoleConstraint",
        "AWS::ServiceCatalog::LaunchTemplateConstraint",
        "AWS::ServiceCatalog::PortfolioPrincipalAssociation",
        "AWS::ServiceCatalog::PortfolioProductAssociation",
        "AWS::ServiceCatalog::PortfolioShare",
        "AWS::ServiceCatalog::ResourceUpdateConstraint",
        "AWS::ServiceCatalog::TagOptionAssociation",
    }
)
"""What lives in another resource and goes with it."""

ASKED_AS = {"AWS::IAM::ServiceLinkedRole": "AWS::IAM::Role"}
"""Types whose things are listed as those of another type."""
