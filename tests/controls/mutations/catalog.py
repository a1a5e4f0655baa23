"""Faults of the catalogue."""

from __future__ import annotations

from tests.controls.mutations.faults import (
    TEMPLATE,
    Json,
    Mutation,
    Resource,
    added,
    each,
    removed,
    with_value,
    without,
)

PORTFOLIO, PRODUCT = "AWS::ServiceCatalog::Portfolio", "AWS::ServiceCatalog::CloudFormationProduct"
CONSTRAINT, PRINCIPAL = (
    "AWS::ServiceCatalog::LaunchRoleConstraint",
    "AWS::ServiceCatalog::PortfolioPrincipalAssociation",
)
SHARE, ASSOCIATION = "AWS::ServiceCatalog::PortfolioShare", "AWS::ServiceCatalog::PortfolioProductAssociation"
STACK_SETS = "AWS::ServiceCatalog::StackSetConstraint"
EVERYONE: tuple[Json, ...] = (
    "arn:aws:iam:::role/*",
    {"Fn::Join": ["", ["arn:", {"Ref": "AWS::Partition"}, ":iam:::role/*"]]},
    {"Fn::Sub": "arn:${AWS::Partition}:iam:::role/*"},
)


def names_no_role(constraint: Resource) -> None:
    """A constraint names its role by ARN, or by the name that it has in every account."""
    for name in ("RoleArn", "LocalRoleName"):
        constraint["Properties"].pop(name, None)


CATALOG = (
    Mutation("MLG-CAT-01", "is removed", CONSTRAINT, removed),
    Mutation(
        "MLG-CAT-01",
        "second product without a role",
        PORTFOLIO,
        added({"Type": ASSOCIATION, "Properties": {"ProductId": "p"}}, accused=TEMPLATE),
    ),
    Mutation("MLG-CAT-01", "names no role", CONSTRAINT, each(names_no_role)),
    Mutation(
        "MLG-CAT-02",
        "has a version without a name",
        PRODUCT,
        without("Properties/ProvisioningArtifactParameters/*/Name"),
    ),
    *(
        Mutation(
            "MLG-CAT-02",
            f"template validation is off ({value!r})",
            PRODUCT,
            with_value("Properties/ProvisioningArtifactParameters/*/DisableTemplateValidation", value),
        )
        for value in (True, "true")
    ),
    *(
        mutation
        for everyone in EVERYONE
        for mutation in (
            Mutation("MLG-CAT-03", f"is {everyone}", PRINCIPAL, with_value("Properties/PrincipalARN", everyone)),
            Mutation(
                "MLG-CAT-03",
                f"is opened to {everyone}",
                PORTFOLIO,
                added({"Type": PRINCIPAL, "Properties": {"PrincipalARN": everyone}}),
            ),
        )
    ),
    Mutation("MLG-CAT-03", "names nobody", PRINCIPAL, without("Properties/PrincipalARN")),
    Mutation("MLG-CAT-04", "leaves the tag options", SHARE, with_value("Properties/ShareTagOptions", False)),
    Mutation("MLG-CAT-04", "says nothing of tag options", SHARE, without("Properties/ShareTagOptions")),
    Mutation(
        "MLG-CAT-04",
        "is shared without tag options",
        PORTFOLIO,
        added({"Type": SHARE, "Properties": {"AccountId": "111122223333"}}),
    ),
    Mutation("MLG-CAT-01", "names no role", STACK_SETS, without("Properties/AdminRole")),
    Mutation("MLG-CAT-01", "is removed", STACK_SETS, removed),
    *(
        Mutation("MLG-CAT-05", f"is without {name}", STACK_SETS, without(f"Properties/{name}"))
        for name in ("AdminRole", "ExecutionRole", "AccountList", "RegionList", "StackInstanceControl")
    ),
    *(
        Mutation("MLG-CAT-05", f"has no {name}", STACK_SETS, with_value(f"Properties/{name}", []))
        for name in ("AccountList", "RegionList")
    ),
    Mutation(
        "MLG-CAT-05",
        "lets users handle instances",
        STACK_SETS,
        with_value("Properties/StackInstanceControl", "ALLOWED"),
    ),
    Mutation("MLG-CAT-06", "has no description", PRODUCT, without("Properties/Description")),
    Mutation("MLG-CAT-06", "keeps silent about its cost", PRODUCT, with_value("Properties/Description", "A notebook.")),
)
