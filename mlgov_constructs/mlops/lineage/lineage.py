"""What every model was made of, who approved it, and where it serves."""

from __future__ import annotations

from importlib import resources
from typing import Any, ClassVar

from aws_cdk import Duration, RemovalPolicy, Size
from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sns as sns
from constructs import Construct

from mlgov_constructs.argument_types import checked_arguments
from mlgov_constructs.aws_tokens import service_principal
from mlgov_constructs.controls import claim
from mlgov_constructs.errors import ConstructError
from mlgov_constructs.identity import GovernedRole, PersonaRole
from mlgov_constructs.identity.activities import Duty
from mlgov_constructs.identity.grants import give
from mlgov_constructs.inline_function import InlineFunction, write_own_log
from mlgov_constructs.mlops.lineage import rights
from mlgov_constructs.mlops.lineage.lineage_catalog import LineageCatalog
from mlgov_constructs.mlops.lineage.lineage_checks import check_key, check_limit, check_names
from mlgov_constructs.mlops.pipeline_checks import check_schedule
from mlgov_constructs.protection import DataKey, effective_removal_policy
from mlgov_constructs.protection.failure_alarm import failure_alarm

COLLECTOR_MINUTES = 15
# Their activities deny what is data in any service.
REFUSED_DATA = {Duty.AUDIT, Duty.ADMINISTER_PLATFORM}
# EventBridge tells of these within seconds; the sweep finds what they miss.
CHANGES = (
    "SageMaker Endpoint State Change",
    "SageMaker Model Building Pipeline Execution Status Change",
    "SageMaker Model Card State Change",
    "SageMaker Model Package State Change",
)


@checked_arguments
class Lineage(Construct):
    """An inventory of registered models and endpoints: data, run, code, image, approver, card, monitors.

    A function looks at every version in every model package group and at every endpoint of the
    account and the region, once a day, and at those that change when they change. It writes
    lines of JSON, a folder a day, into a bucket; what it wrote it cannot read. A Glue database
    has a table for versions, one for what endpoints serve, one for decisions and one for the
    sweeps, and an Athena workgroup holds saved queries over them, which ``mlgov lineage`` runs.

    Decisions come from CloudTrail, which says who approved what and when: as events within minutes
    where a trail records management events, and from its event history at the next sweep in any
    case. Where it says nothing, the last principal who changed a version counts.

    It creates a database, four tables, a workgroup with its queries, a function with its role and
    its encrypted log, three rules, and an alarm. The function lies in no VPC: the bucket must not
    be bound to VPC endpoints, or must except :attr:`collector_role`.

    Controls: ``MLG-MLO-20`` (workgroup enforced), ``MLG-MLO-21`` (results encrypted),
    ``MLG-MLO-22`` (bounded queries), ``MLG-MLO-23`` (metrics), ``MLG-MLO-24`` (results stay in the
    account), ``MLG-PRE-05`` (database retained), ``MLG-PRT-15`` (log); of the role those of
    ``GovernedRole``.

    Args:
        scope: The parent construct.
        construct_id: The id in that scope.
        bucket: The bucket of the inventory, with a customer managed key; a ``GovernedBucket`` of the
            class ``ARTIFACTS`` for example. Results of queries expire after 30 days in a bucket
            that the app owns.
        permissions_boundary: The ceiling of the role.
        failure_topic: Who is told when the collector fails. An
            :class:`~mlgov_constructs.protection.EncryptedTopic` admits CloudWatch by itself.
        prefix: Where the inventory lies in the bucket.
        database_name: The Glue database: lower-case letters, digits and underscores.
        work_group_name: The workgroup, by which ``mlgov lineage`` finds the inventory.
        scan_limit: How much one query may read: 10 MiB or more, 1 GiB by default.
        schedule: When the sweep runs; every day at 02:17 UTC when omitted. The saved queries look
            back a week.
        log_retention: How long the log is kept; one year by default.
        removal_policy: ``DESTROY`` is honoured only with the context flag
            ``mlgov:allowDataRemoval``; the database is retained otherwise. What was collected
            stays in the bucket either way.

    Raises:
        ConstructError: An argument cannot be used; the message says what to change.

    Sources:
        https://docs.aws.amazon.com/sagemaker/latest/dg/automating-sagemaker-with-eventbridge.html
        https://docs.aws.amazon.com/athena/latest/ug/partition-projection.html

    Cost:
        An alarm 0.10 USD a month, the function cents, Athena 5 USD for a TB that is read and at
        least 10 MB a query: well under 1 USD a month for hundreds of models.

    Example:
        ``docs/examples/lineage.py`` is a complete app.
    """

    LOG_GROUP_CONTROLS: ClassVar[tuple[str, ...]] = ("MLG-PRT-15",)

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        bucket: s3.IBucket,
        permissions_boundary: iam.IManagedPolicy,
        failure_topic: sns.ITopic,
        prefix: str = "lineage",
        database_name: str = "mlgov_lineage",
        work_group_name: str = "mlgov-lineage",
        scan_limit: Size | None = None,
        schedule: events.Schedule | None = None,
        log_retention: logs.RetentionDays = logs.RetentionDays.ONE_YEAR,
        removal_policy: RemovalPolicy = RemovalPolicy.RETAIN,
    ) -> None:
        limit = Size.gibibytes(1) if scan_limit is None else scan_limit
        key = check_key(scope, construct_id, bucket)
        check_names(scope, construct_id, prefix, database_name, work_group_name)
        check_limit(scope, construct_id, limit)
        if schedule is not None:
            check_schedule(scope, construct_id, schedule)
        effective = effective_removal_policy(scope, construct_id, removal_policy)
        super().__init__(scope, construct_id)
        self.database_name = database_name
        self.work_group_name = work_group_name
        self._bucket, self._key = bucket, key
        self._tables, self._results = f"{prefix}/tables", f"{prefix}/results"
        LineageCatalog(
            self,
            "Catalog",
            bucket=bucket,
            encryption_key=key,
            tables=self._tables,
            results=self._results,
            database_name=database_name,
            work_group_name=work_group_name,
            scan_limit=limit,
            removal_policy=effective,
        )
        self._log_group = self._log(log_retention)
        self._role = GovernedRole(
            self,
            "CollectorRole",
            assumed_by=iam.ServicePrincipal(service_principal("lambda")),
            description="Collects the inventory of models and endpoints",
            permissions_boundary=permissions_boundary,
            statements=[
                write_own_log(self._log_group),
                *rights.collector_statements(bucket_arn=bucket.bucket_arn, key_arn=key.key_arn, prefix=self._tables),
            ],
        )
        self._function = InlineFunction(
            self,
            "Collector",
            description="Collects the inventory of models and endpoints",
            source=resources.files(__package__).joinpath("collector.py").read_text("utf-8"),
            role=self._role,
            rights=self._role.rights,
            log_group=self._log_group,
            timeout=Duration.minutes(COLLECTOR_MINUTES),
            environment={"BUCKET": bucket.bucket_name, "PREFIX": self._tables},
        )
        self._start_on(schedule)
        failure_alarm(
            self,
            "Failures",
            description="The inventory of models and endpoints could not be collected",
            namespace="AWS/Lambda",
            metric_name="Errors",
            dimension=("FunctionName", self._function.function_name),
            topic=failure_topic,
        )

    @property
    def collector_role(self) -> GovernedRole:
        """The role of the collector, which writes to the bucket from outside the VPC."""
        return self._role

    @property
    def collector_arn(self) -> str:
        """The ARN of the function; invoked with an empty event it looks at everything at once."""
        return self._function.function_arn

    def grant_query(self, grantee: iam.IGrantable) -> None:
        """Let a principal run queries over the inventory in the workgroup.

        Who calls Athena and Glue from an isolated VPC needs ``vpc.require`` of both, and of S3.

        Args:
            grantee: The principal.

        Raises:
            ConstructError: It holds a persona that is refused all data, so the grant would be void.
        """
        principal = grantee.grant_principal
        if isinstance(principal, PersonaRole) and principal.persona.duties & REFUSED_DATA:
            raise ConstructError(
                self,
                None,
                f"the persona {principal.persona.name} is refused all data, the results of queries included",
                "Give its people a second role, of a Persona of its own, as docs/lineage.md shows.",
            )
        statements = rights.query_statements(
            bucket_arn=self._bucket.bucket_arn,
            key_arn=self._key.key_arn,
            tables=self._tables,
            results=self._results,
            database=self.database_name,
            work_group=self.work_group_name,
        )
        give(grantee, statements)

    def _log(self, retention: logs.RetentionDays) -> logs.LogGroup:
        if isinstance(self._key, DataKey):
            self._key.allow_cloud_watch_logs()
        log_group = logs.LogGroup(self, "Log", encryption_key=self._key, retention=retention)
        claim(log_group, self.LOG_GROUP_CONTROLS)
        return log_group

    def _start_on(self, schedule: events.Schedule | None) -> None:
        sweep = "cron(17 2 * * ? *)" if schedule is None else schedule.expression_string
        decided = {"modelApprovalStatus": [{"exists": True}]}
        self._rule("Sweep", "Looks at every model and endpoint", schedule_expression=sweep)
        self._rule(
            "Changes",
            "A model, a card, a run or an endpoint changed",
            event_pattern={"source": ["aws.sagemaker"], "detail-type": list(CHANGES)},
        )
        self._rule(
            "Decisions",
            "Somebody approved or rejected a version",
            event_pattern={
                "source": ["aws.sagemaker"],
                "detail-type": ["AWS API Call via CloudTrail"],
                "detail": {
                    "eventName": ["UpdateModelPackage"],
                    "errorCode": [{"exists": False}],
                    "requestParameters": decided,
                },
            },
        )

    def _rule(self, name: str, description: str, **when: Any) -> None:
        arn = self._function.function_arn
        rule = events.CfnRule(
            self,
            f"{name}Rule",
            description=description,
            targets=[events.CfnRule.TargetProperty(id="Collector", arn=arn)],
            **when,
        )
        lambda_.CfnPermission(
            self,
            f"{name}Permission",
            action="lambda:InvokeFunction",
            function_name=arn,
            principal=service_principal("events"),
            source_arn=rule.attr_arn,
        )
