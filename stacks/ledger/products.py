"""What is accepted of the launch roles of Studio and of projects."""

from __future__ import annotations

from collections.abc import Iterator

from mlgov_constructs.catalog import StudioProduct
from stacks.ledger.accepting import WILDCARD, accept_wildcards, policies_of, resource_of
from stacks.ledger.acknowledgments import Acknowledgment
from stacks.ledger.policy_wildcards import wildcards
from stacks.ledger.reading import Template, actions_of, allowed_statements, of_type, reads, text_of
from stacks.ml_environment import MlEnvironment

STUDIO_KINDS = (":space/", ":user-profile/")
# What a project consists of, beside its roles.
OF_A_PROJECT = (":database/features_*", ":model-package-group/*-models", "/projects/*", ":policy/SC-*", ":s3:::sc-*")
ROLES = (":stack/SC-*", "/workspace/*")


def of_the_products(environment: MlEnvironment) -> Iterator[Acknowledgment[MlEnvironment]]:
    """Return what is accepted of the roles that launch Studio's products and projects."""
    for product in environment.catalog.products:
        if isinstance(product, StudioProduct):
            policies = policies_of(product.launch_role)
            found = [each for policy in policies for each in wildcards(policy) if any(k in each for k in STUDIO_KINDS)]
            yield accept_wildcards(
                [product.launch_role],
                found,
                "People name their profiles and spaces; the domain is named, and the tag of the project is demanded.",
                _of_the_domain_and_conditioned,
            )
    projects = environment.catalog.projects
    if projects is None:
        return
    prefix = environment.settings.project_prefix
    owned = [*OF_A_PROJECT, *ROLES, f":role/{prefix}-*", f":budget/{prefix}-*"]
    yield accept_wildcards(
        [projects.launch_role],
        owned,
        "What a project holds is named after it, with a beginning or an ending that nothing else has; "
        "a role is made under the boundary only.",
        _roles_are_made_under_the_boundary,
    )
    yield accept_wildcards(
        [projects.launch_role],
        ["*"],
        "These actions look, or are bound by a condition; the service authorization reference gives them no resource.",
        lambda template: all(
            "Condition" in statement or all(reads(action) for action in actions_of(statement))
            for statement in allowed_statements(template)
            if statement["Resource"] == "*"
        ),
        exact="*",
    )
    ceiling = projects.node.find_child("LaunchRoleCeiling")
    yield Acknowledgment(
        ids=tuple(f"{WILDCARD}[Resource::{each}]" for policy in policies_of(ceiling) for each in wildcards(policy)),
        constructs=lambda _: [resource_of(ceiling)],
        reason="A permissions boundary grants nothing: it is the ceiling of what the launch role may be granted.",
        holds=lambda template: all(
            not any(policy["Properties"].get(key) for key in ("Roles", "Users", "Groups"))
            for name, policy in of_type(template, "AWS::IAM::ManagedPolicy")
            if "Ceiling" in name
        ),
    )


def _of_the_domain_and_conditioned(template: Template) -> bool:
    return all(
        statement.get("Condition") or all(reads(action) for action in actions_of(statement))
        for statement in allowed_statements(template)
        if any(kind in text_of(statement["Resource"]) for kind in STUDIO_KINDS)
    )


def _roles_are_made_under_the_boundary(template: Template) -> bool:
    return all(
        "iam:PermissionsBoundary" in text_of(statement.get("Condition", {}))
        for statement in allowed_statements(template)
        if {"iam:CreateRole", "iam:PutRolePermissionsBoundary"} & {*actions_of(statement)}
    )
