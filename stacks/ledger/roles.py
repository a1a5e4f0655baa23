"""What is accepted of the policies of roles: wildcards, and the ceiling above them all."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from constructs import IConstruct

from stacks.ledger.accepting import WILDCARD, accept_wildcards, in_packs, policies_of, resource_of
from stacks.ledger.acknowledgments import Acknowledgment
from stacks.ledger.policy_wildcards import flat, wildcards
from stacks.ledger.reading import Template, actions_of, allowed_statements, of_type, reads, resources_of, text_of
from stacks.ml_environment import MlEnvironment

LOG_GROUPS = ("Endpoints/*", "LabelingJobs", "NotebookInstances", "ProcessingJobs", "TrainingJobs", "studio")
NAMED_BY_PEOPLE = (
    "app",
    "artifact",
    "data-quality-job-definition",
    "endpoint",
    "endpoint-config",
    "experiment",
    "experiment-trial",
    "experiment-trial-component",
    "feature-group",
    "hyper-parameter-tuning-job",
    "inference-component",
    "labeling-job",
    "model",
    "model-bias-job-definition",
    "model-card",
    "model-explainability-job-definition",
    "model-package",
    "model-package-group",
    "model-quality-job-definition",
    "monitoring-schedule",
    "notebook-instance",
    "pipeline",
    "processing-job",
    "space",
    "training-job",
    "user-profile",
)
RESOURCELESS = ("sagemaker-mlflow:AccessUI",)  # beside what lists and describes
WATCHED = ("configuration-recorder", "key", "policy", "product", "role", "stack", "trail")


def of_the_boundary(environment: MlEnvironment) -> Iterator[Acknowledgment[MlEnvironment]]:
    """Return what is accepted of the permissions boundary."""
    boundary = environment.foundation.permissions_boundary
    actions = [f"{WILDCARD}[Action::{action}]" for action in boundary.admitted_actions if "*" in action]
    resources = [f"{WILDCARD}[Resource::{each}]" for each in ("*", "arn:<AWS::Partition>:iam::<AWS::AccountId>:role/*")]
    yield Acknowledgment(
        ids=(*actions, *resources, *in_packs("IAMPolicyNoStatementsWithFullAccess")),
        constructs=lambda _: [resource_of(boundary)],
        reason="A permissions boundary grants nothing: it is the ceiling of what other policies may grant.",
        holds=lambda template: all(
            not any(policy["Properties"].get(key) for key in ("Roles", "Users", "Groups"))
            for name, policy in of_type(template, "AWS::IAM::ManagedPolicy")
            if name.startswith("PermissionsBoundary")
        ),
    )


def of_the_roles(environment: MlEnvironment) -> list[Acknowledgment[MlEnvironment]]:
    """Return what is accepted of the roles of people, jobs and products."""
    workspace = environment.workspace
    personas = workspace.personas
    project = workspace.notebook_role.project
    stores = [role for role in (environment.data.feature_store_role, environment.data.tracking_role) if role]
    roles = [
        *workspace.job_roles.values(),
        *stores,
        workspace.data_scientist,
        workspace.pipeline_start_role,
        *personas.values(),
        *_roles_of_projects(environment),
        *(each for each in (environment.mlops, environment.serving, environment.inventory) if each),
        *([environment.governance.idle] if environment.governance.idle else []),
    ]
    watchers = [personas["auditor"], personas["platform-administrator"]]
    doers = [role for role in roles if role not in watchers]
    launch_roles = [product.launch_role for product in environment.catalog.products]
    return [
        accept_wildcards(
            [*roles, *launch_roles],
            ["network-interface/*"],
            "SageMaker makes interfaces whose ids nobody knows before; the subnets they lie in are named.",
            _interfaces_are_bound_to_subnets,
        ),
        accept_wildcards(
            roles,
            [f"/aws/sagemaker/{group}:*" for group in LOG_GROUPS],
            "SageMaker names one log stream for each job; the log group is named.",
            lambda template: (
                {
                    action.partition(":")[0]
                    for statement in allowed_statements(template)
                    if ":log-group:" in flat(statement["Resource"])
                    for action in actions_of(statement)
                }
                == {"logs"}
            ),
        ),
        accept_wildcards(
            roles,
            [
                *(f"/{owner}{part}/*" for owner in (project, "<Project>") for part in _folders(environment)),
                *(f"/lineage/{part}/*" for part in ("results", "tables")),
            ],
            "The objects of the project lie under its prefix, and nothing else does.",
            _objects_are_bound_to_a_prefix,
        ),
        accept_wildcards(
            [*doers, *launch_roles],
            [
                *(f":{kind}/*" for kind in NAMED_BY_PEOPLE),
                "/<sagemaker:DomainId>/*",
                f":feature-group/{project}-*",
                *_apps_of_the_domain(environment),
            ],
            "Names are chosen by people; the tag of the project or the conditions on the request bind each action.",
            _named_by_people_but_conditioned,
        ),
        *_of_models_and_features(environment, [*roles, *launch_roles]),
        accept_wildcards(
            watchers,
            [*(f":{kind}/*" for kind in (*NAMED_BY_PEOPLE, *WATCHED)), ":alarm:*", ":s3:::*"],
            "Auditors and administrators see and stop the work of every project; a deny keeps data from them.",
            _watchers_see_no_data,
        ),
        accept_wildcards(
            personas.values(),
            [":budget/*"],
            "Budgets are only viewed, and every budget of the account is for those who answer for costs.",
            lambda template: all(
                reads(action)
                for statement in allowed_statements(template)
                if ":budget/*" in flat(statement["Resource"])
                for action in actions_of(statement)
            ),
        ),
        accept_wildcards(
            [*roles, *launch_roles],
            [":*"],
            "These actions list or describe, or know no resource; the service authorization reference gives them none.",
            lambda template: all(
                "Condition" in statement or all(reads(each) or each in RESOURCELESS for each in actions_of(statement))
                for statement in allowed_statements(template)
                if statement["Resource"] == "*"
            ),
            exact="*",
        ),
        accept_wildcards(
            [workspace.data_scientist, personas["ml-engineer"]],
            [":product/*"],
            "A portfolio decides which products its principals see; the ids are made at deployment.",
            lambda template: all(
                action.startswith("servicecatalog:")
                for statement in allowed_statements(template)
                if ":product/*" in flat(statement["Resource"])
                for action in actions_of(statement)
            ),
        ),
        accept_wildcards(
            launch_roles,
            [":stack/SC-*", ":rule/SC-*", ":alarm:SC-*", f"{workspace.parameter_names.prefix}/*"],
            "Service Catalog names the stacks of products SC-*, and CloudFormation names what lies in them after "
            "these; the product reads its workspace's parameters.",
            lambda template: all(
                action.startswith(("cloudformation:", "cloudwatch:", "events:", "ssm:GetParameter"))
                for statement in allowed_statements(template)
                if flat(statement["Resource"]).endswith((":stack/SC-*", ":rule/SC-*", ":alarm:SC-*", "/workspace/*"))
                for action in actions_of(statement)
            ),
        ),
        accept_wildcards(
            launch_roles,
            [":scalable-target/*", ":alarm:*"],
            "The id of a scalable target is made by AWS; alarms are described there, and no more.",
            lambda template: all(
                reads(action) or action.startswith("application-autoscaling:")
                for statement in allowed_statements(template)
                if text_of(statement["Resource"]).endswith((':scalable-target/*"]]}', ':alarm:*"]]}'))
                for action in actions_of(statement)
            ),
        ),
    ]


def _apps_of_the_domain(environment: MlEnvironment) -> list[str]:
    """Return the apps of the Studio domain, whose id lies in another stack."""
    idle = environment.governance.idle
    policies = policies_of(idle) if idle else []
    return [resource for policy in policies for resource in wildcards(policy) if ":app/{" in resource]


def _folders(environment: MlEnvironment) -> list[str]:
    """Return the folders of a project that one service or one job writes to."""
    monitor = environment.serving.monitor if environment.serving else None
    reports = [f"/monitoring/{monitor.monitoring_schedule_name}"] if monitor else []
    return ["", "/feature-store", "/mlflow", "/data-capture", *reports]


def _roles_of_projects(environment: MlEnvironment) -> list[IConstruct]:
    template = environment.catalog.node.try_find_child("ProjectTemplate")
    return [template] if template else []


def _of_models_and_features(
    environment: MlEnvironment, roles: Sequence[IConstruct]
) -> Iterator[Acknowledgment[MlEnvironment]]:
    # A project that is provisioned has the name of its database joined from the words of its own.
    database = environment.data.feature_database.database_name
    endings = [f":table/{database}/*", "}]/*"] if environment.data.feature_store_role else []
    if environment.inventory:
        endings.append(f":table/{environment.inventory.lineage.database_name}/*")
    if environment.registry:
        endings.append(f":model-package/{environment.registry.registry.model_package_group_name}/*")
    if endings:
        yield accept_wildcards(
            roles,
            endings,
            "The versions of one model and the tables of one database, which are named; nothing else lies below them.",
            lambda template: all(
                flat(each).endswith("/*") and flat(each).count("*") == 1
                for statement in allowed_statements(template)
                for each in resources_of(statement)
                if ":model-package/" in flat(each) or ":table/" in flat(each)
            ),
        )


def _watchers_see_no_data(template: Template) -> bool:
    denied = [
        policy["Properties"]["PolicyDocument"]["Statement"]
        for name, policy in of_type(template, "AWS::IAM::ManagedPolicy")
        if name.startswith(("Auditor", "PlatformAdministrator"))
    ]
    return bool(denied) and all(
        any(each["Effect"] == "Deny" and {"kms:Decrypt", "s3:GetObject"} <= set(each["Action"]) for each in statements)
        for statements in denied
    )


def _interfaces_are_bound_to_subnets(template: Template) -> bool:
    return all(
        ":subnet/" in text_of(statement["Resource"]) or "ec2:Subnet" in text_of(statement.get("Condition", {}))
        for statement in allowed_statements(template)
        if "network-interface/*" in text_of(statement["Resource"])
    )


def _objects_are_bound_to_a_prefix(template: Template) -> bool:
    for statement in allowed_statements(template):
        actions = actions_of(statement)
        if "s3:ListBucket" in actions and "s3:prefix" not in text_of(statement.get("Condition", {})):
            return False
        if "s3:GetObject" in actions and flat(statement["Resource"]).endswith((".Arn>/*", "}}/*")):
            return False
    return True


def _named_by_people_but_conditioned(template: Template) -> bool:
    return all(
        statement.get("Condition") or all(_looks_or_stops(action) for action in actions_of(statement))
        for statement in allowed_statements(template)
        if any(f":{kind}/*" in text_of(statement["Resource"]) for kind in NAMED_BY_PEOPLE)
    )


def _looks_or_stops(action: str) -> bool:
    return reads(action) or action.partition(":")[2].startswith("Stop")
