"""What is accepted of the policies of roles: wildcards, and the ceiling above them all."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from constructs import IConstruct

from stacks.ledger.accepting import WILDCARD, accept_wildcards, in_packs, resource_of
from stacks.ledger.acknowledgments import Acknowledgment
from stacks.ledger.policy_wildcards import flat
from stacks.ledger.reading import Template, actions_of, allowed_statements, of_type, reads, resources_of, text_of
from stacks.ml_environment import MlEnvironment

LOG_GROUPS = ("Endpoints/*", "LabelingJobs", "NotebookInstances", "ProcessingJobs", "TrainingJobs", "studio")
NAMED_BY_PEOPLE = (
    "app",
    "endpoint",
    "endpoint-config",
    "experiment",
    "experiment-trial",
    "experiment-trial-component",
    "feature-group",
    "hyper-parameter-tuning-job",
    "labeling-job",
    "model",
    "model-package",
    "model-package-group",
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
    workspace, notebook = environment.workspace, environment.catalog.notebook
    personas = workspace.personas
    project = workspace.notebook_role.project
    stores = [role for role in (environment.data.feature_store_role, environment.data.tracking_role) if role]
    roles = [
        *workspace.job_roles.values(),
        *stores,
        workspace.data_scientist,
        *personas.values(),
    ]
    watchers = [personas["auditor"], personas["platform-administrator"]]
    doers = [role for role in roles if role not in watchers]
    launch_role = notebook.launch_role
    return [
        accept_wildcards(
            [*roles, launch_role],
            ["network-interface/*"],
            "SageMaker makes interfaces whose ids nobody knows before; the subnets they lie in are named.",
            _interfaces_are_bound_to_subnets,
        ),
        accept_wildcards(
            list(workspace.job_roles.values()),
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
            [f"/{project}/*", f"/{project}/feature-store/*", f"/{project}/mlflow/*"],
            "The objects of the project lie under its prefix, and nothing else does.",
            _objects_are_bound_to_a_prefix,
        ),
        accept_wildcards(
            [*doers, launch_role],
            [*(f":{kind}/*" for kind in NAMED_BY_PEOPLE), "/<sagemaker:DomainId>/*"],
            "Names are chosen by people; the tag of the project or the conditions on the request bind each action.",
            _named_by_people_but_conditioned,
        ),
        *_of_models_and_features(environment, roles),
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
            [*roles, launch_role],
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
            [workspace.data_scientist],
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
            [launch_role],
            [":stack/SC-*", f"{workspace.parameter_names.prefix}/*"],
            "Service Catalog names the stacks of products SC-*, and the product reads its workspace's parameters.",
            lambda template: all(
                action.startswith(("cloudformation:", "ssm:GetParameter"))
                for statement in allowed_statements(template)
                if flat(statement["Resource"]).endswith((":stack/SC-*", "/workspace/*"))
                for action in actions_of(statement)
            ),
        ),
    ]


def _of_models_and_features(
    environment: MlEnvironment, roles: Iterable[IConstruct]
) -> Iterator[Acknowledgment[MlEnvironment]]:
    endings = (
        [f":table/{environment.data.feature_database.database_name}/*"] if environment.data.feature_store_role else []
    )
    if environment.registry:
        endings.append(f":model-package/{environment.registry.registry.model_package_group_name}/*")
    if endings:
        yield accept_wildcards(
            roles,
            endings,
            "The versions of one model and the tables of one database, which are named; nothing else lies below them.",
            lambda template: all(
                flat(each).count("*") == 1
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
    return action.partition(":")[2].startswith(("Describe", "Stop"))
