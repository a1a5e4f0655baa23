"""The template of a project that a platform administrator launches."""

from __future__ import annotations

from collections.abc import Sequence

from aws_cdk import CfnCondition, CfnResource, Fn, RemovalPolicy, Token
from aws_cdk import aws_budgets as budgets
from aws_cdk import aws_glue as glue
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sagemaker as sagemaker
from aws_cdk import aws_ssm as ssm
from constructs import Construct

from mlgov_constructs.aws_tokens import aws_tokens
from mlgov_constructs.catalog.product_parameter import PROJECT, WORK, ProductParameter
from mlgov_constructs.catalog.product_template import ProductTemplate
from mlgov_constructs.catalog.project.workspace_references import referenced_environment, ssm_value
from mlgov_constructs.cost.budget_properties import CONTROLS as BUDGET_CONTROLS
from mlgov_constructs.cost.budget_properties import budget_properties
from mlgov_constructs.identity import PROJECT_PATTERN, JobEnvironment, JobRole, JobType
from mlgov_constructs.identity.activities import UseProjectData
from mlgov_constructs.mlops.model_package_group_properties import CONTROLS as REGISTRY_CONTROLS
from mlgov_constructs.mlops.model_package_group_properties import model_package_group_properties
from mlgov_constructs.preparation.feature_group_properties import offline_prefix
from mlgov_constructs.preparation.offline_store_rights import offline_store_statements
from mlgov_constructs.protection import DataClass, GovernedBucket
from mlgov_constructs.workspace import ParameterNames

MONEY, PLATFORM = "Money", "Set by the platform"
JOBS = (
    JobType.TRAINING,
    JobType.PROCESSING,
    JobType.NOTEBOOK,
    JobType.PIPELINE,
    JobType.HOSTING,
    JobType.MONITORING,
    JobType.FEATURE_STORE,
)
SHARED_DATA = (DataClass.RAW, DataClass.CURATED, DataClass.ARTIFACTS)
LARGEST_BUDGET = 1_000_000
EMAIL_PATTERN = r"^[^@\s]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$"
COST_CENTER_PATTERN = "^[A-Za-z0-9 _.:/=+@-]{1,128}$"


class ProjectTemplate(ProductTemplate):
    """A template with everything that one project has of its own.

    Controls: ``MLG-IDN-01`` to ``MLG-IDN-03`` (roles), ``MLG-CST-01`` and ``MLG-CST-02`` (budget),
    ``MLG-MLO-01`` to ``MLG-MLO-04`` (registry), ``MLG-PRE-05`` (feature database), and those of a
    ``GovernedBucket``; each by the code of the construct.

    Args:
        scope: The stack of the product.
        construct_id: The id in that scope.
        product_id: What the version files call the product.
        version: The version, for example ``v1``.
        names: Where the workspace is written down.
        name_prefix: What the names of the roles and of the budget begin with.
        zones: How many subnets the workspace has.

    Example:
        ``ProjectProduct`` creates it.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        product_id: str,
        version: str,
        names: ParameterNames,
        name_prefix: str,
        zones: int,
    ) -> None:
        super().__init__(
            scope,
            construct_id,
            product_id=product_id,
            version=version,
            description="A project: roles, budget, registry, feature database, and a bucket of its own if wanted",
            names=names,
            parameters=_parameters(names),
        )
        self._prefix = name_prefix
        self._tags = {"mlgov:owner": self.text("OwnerEmail"), "mlgov:cost-center": self.text("CostCenter")}
        # Fn::Sub around it: cdk-nag, which reads ARNs of it, takes no Fn::Join over what is no list.
        self._database_name = Fn.sub("features_${Words}", {"Words": Fn.join("_", Fn.split("-", self.project))})
        boundary = iam.ManagedPolicy.from_managed_policy_arn(
            self, "Boundary", ssm_value(names.permissions_boundary_arn)
        )
        # A boundary that the app applies lies in another stack, which a template cannot refer to.
        iam.PermissionsBoundary.of(self).apply(boundary)
        environment = referenced_environment(self, names, zones)
        roles = {job: self._role(job, environment, boundary) for job in JOBS}
        started = [roles[JobType.TRAINING], roles[JobType.PROCESSING]]
        for job in (JobType.NOTEBOOK, JobType.PIPELINE):
            roles[job].grant_run_jobs(environment, started)
        self._let_store_features(roles[JobType.FEATURE_STORE], environment)
        self._bucket(environment, [role for job, role in roles.items() if job is not JobType.FEATURE_STORE])
        self._budget()
        self._feature_database()
        group = self._registry()
        self._write_down("ModelPackageGroupName", names.model_package_group_name("${Project}"), group)
        for job, role in roles.items():
            name = names.job_role_arn("${Project}", job)
            self._write_down(f"{_title(job)}RoleArn", name, role.role_arn)
            self._freeze_role(role)
        self.output("DataPrefix", f"{self.project}/", "Where the data of the project lies in each bucket")
        self.output("NotebookRoleName", roles[JobType.NOTEBOOK].role_name, "The role of the project's notebooks")
        self.output("TrainingRoleName", roles[JobType.TRAINING].role_name, "The role of the project's training jobs")
        self.output("ModelPackageGroup", group, "Where the models of the project are registered")
        self.output("FeatureDatabaseName", self._database_name, "The database of the project's features, for Athena")

    def _role(self, job: JobType, environment: JobEnvironment, boundary: iam.IManagedPolicy) -> JobRole:
        role = JobRole(
            self,
            f"{_title(job)}Role",
            job=job,
            project=self.project,
            permissions_boundary=boundary,
            environment=environment if job.runs_in_vpc else None,
            role_name=f"{self._prefix}-{self.project}-{job.value}",
        )
        if job is not JobType.FEATURE_STORE:
            for data_class in SHARED_DATA:
                bucket_arn = _bucket_arn(self._shared(data_class))
                role.allow(UseProjectData(self.project, bucket_arn, environment.key_arn).statements())
        return role

    def _shared(self, data_class: DataClass) -> str:
        return self.text(_bucket_parameter(data_class))

    def _let_store_features(self, role: JobRole, environment: JobEnvironment) -> None:
        role.allow(
            offline_store_statements(
                project=self.project,
                bucket_arn=_bucket_arn(self._shared(DataClass.CURATED)),
                bucket_key_arn=environment.key_arn,
                database=self._database_name,
            )
        )

    def _freeze_role(self, role: JobRole) -> None:
        for child in role.node.find_all():
            if isinstance(child, iam.CfnRole):
                self.govern(child, (), tags=self._tags)
            elif isinstance(child, iam.CfnManagedPolicy):
                self.govern(child, (), tag_form=None)

    def _bucket(self, environment: JobEnvironment, roles: Sequence[JobRole]) -> None:
        wanted = CfnCondition(self, "HasOwnBucket", expression=Fn.condition_equals(self.text("OwnBucket"), "yes"))
        logs = s3.Bucket.from_bucket_name(self, "AccessLogs", ssm_value(self.names.access_log_bucket_name))
        bucket = GovernedBucket(
            self,
            "Bucket",
            encryption_key=environment.encryption_key,
            data_class=DataClass.CURATED,
            access_log_bucket=logs,
        )
        rights = iam.ManagedPolicy(
            self,
            "BucketRights",
            roles=list(roles),
            document=iam.PolicyDocument.from_json(
                {
                    "Version": "2012-10-17",
                    "Statement": UseProjectData(self.project, bucket.bucket_arn, environment.key_arn).statements(),
                }
            ),
        )
        for construct in (bucket, rights):
            for child in construct.node.find_all():
                if isinstance(child, CfnResource):
                    child.cfn_options.condition = wanted
        resource = bucket.node.default_child
        assert isinstance(resource, s3.CfnBucket)  # noqa: S101 - s3.Bucket always has it
        # Not the path of the construct, which would change what is published when the app changes.
        resource.add_property_override("LoggingConfiguration.LogFilePrefix", f"{self.project}/")
        self.govern(resource, (), tags=self._tags)
        self.output("BucketName", Token.as_string(Fn.condition_if(wanted.logical_id, bucket.bucket_name, "none")), _OWN)

    def _budget(self) -> None:
        limit = self.number("MonthlyBudget")
        wanted = CfnCondition(
            self,
            "HasBudget",
            expression=Fn.condition_and(
                Fn.condition_not(Fn.condition_equals(limit, 0)),
                # AWS Budgets does not exist there.
                Fn.condition_not(Fn.condition_equals(aws_tokens().partition, "aws-us-gov")),
            ),
        )
        budget = budgets.CfnBudget(
            self,
            "Budget",
            **budget_properties(
                project=self.project,
                monthly_limit=limit,
                subscribers=[{"subscriptionType": "EMAIL", "address": self.text("OwnerEmail")}],
                budget_name=f"{self._prefix}-{self.project}",
            ),
        )
        budget.cfn_options.condition = wanted
        self.govern(budget, BUDGET_CONTROLS, tag_form=None)

    def _feature_database(self) -> None:
        bucket = self._shared(DataClass.CURATED)
        database = glue.CfnDatabase(
            self,
            "FeatureDatabase",
            catalog_id=aws_tokens().account,
            database_input=glue.CfnDatabase.DatabaseInputProperty(
                name=self._database_name,
                description=f"Features of project {self.project}",
                location_uri=f"s3://{bucket}/{offline_prefix(self.project)}",
            ),
        )
        database.apply_removal_policy(RemovalPolicy.RETAIN)
        self.govern(database, ("MLG-PRE-05",), tag_form=None)

    def _registry(self) -> str:
        name = f"{self.project}-models"
        group = sagemaker.CfnModelPackageGroup(
            self, "Models", **model_package_group_properties(project=self.project, model_package_group_name=name)
        )
        group.apply_removal_policy(RemovalPolicy.RETAIN)
        self.govern(group, REGISTRY_CONTROLS, tags=self._tags)
        return name

    def _write_down(self, construct_id: str, name: str, value: str) -> None:
        parameter = ssm.CfnParameter(self, construct_id, name=Fn.sub(name), type="String", value=value)
        self.govern(parameter, (), tags=self._tags, tag_form="map")


_OWN = "The bucket of the project alone, if one was wanted"


def _bucket_arn(name: str) -> str:
    return aws_tokens().arn("s3", name, region="", account="")


def _title(job: JobType) -> str:
    return "".join(part.title() for part in job.value.split("-"))


def _bucket_parameter(data_class: DataClass) -> str:
    return f"{data_class.value.title()}Bucket"


def _parameters(names: ParameterNames) -> tuple[ProductParameter, ...]:
    return (
        ProductParameter(
            PROJECT,
            "Project",
            WORK,
            "The name of the project; it becomes a tag, a prefix and a part of names, and never changes",
            allowed_pattern=f"^{PROJECT_PATTERN}$",
            constraint_description="Use 2 to 31 lower-case letters, digits and hyphens, beginning with a letter",
        ),
        ProductParameter(
            "OwnerEmail",
            "Owner",
            WORK,
            "The e-mail address of who answers for the project; the budget writes to it",
            allowed_pattern=EMAIL_PATTERN,
            constraint_description="Give an e-mail address",
            max_length=50,
        ),
        ProductParameter(
            "OwnBucket",
            "Own bucket",
            WORK,
            "Whether the project gets a bucket of its own beside its prefix in the shared ones; it stays for ever",
            allowed_values=["no", "yes"],
            default="no",
        ),
        ProductParameter(
            "CostCenter",
            "Cost centre",
            MONEY,
            "Who pays; it becomes a tag",
            allowed_pattern=COST_CENTER_PATTERN,
            constraint_description="Use up to 128 letters, digits, spaces and _.:/=+@-",
        ),
        ProductParameter(
            "MonthlyBudget",
            "Monthly budget in USD",
            MONEY,
            "The owner is told at 50, 80 and 100 per cent of it, and when it is forecast to be spent; 0 for none",
            type="Number",
            min_value=0,
            max_value=LARGEST_BUDGET,
        ),
        # Not references in place: scanners cannot read one within the pattern of a policy. The launch
        # role reads the parameters of the workspace and no others, so no other bucket can be named.
        *(
            ProductParameter(
                _bucket_parameter(data_class),
                f"Bucket of {data_class.value} data",
                PLATFORM,
                "Where the name of the shared bucket is written down; leave it as it is",
                type="AWS::SSM::Parameter::Value<String>",
                default=names.bucket_name(data_class),
            )
            for data_class in SHARED_DATA
        ),
    )
