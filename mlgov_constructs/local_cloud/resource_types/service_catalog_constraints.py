"""AWS Service Catalog: constraints on a product in a portfolio."""

import contextlib
import json
from abc import abstractmethod
from typing import Any, ClassVar

from mlgov_constructs.local_cloud.resource_types.resource_type import Call, Properties, ResourceType

_COMMON = ("AcceptLanguage", "Description", "PortfolioId", "ProductId")


class Constraint(ResourceType):
    """A constraint; its kinds differ in their parameters."""

    create_only = ("PortfolioId", "ProductId")
    constraint_type: ClassVar[str]

    @abstractmethod
    def parameters(self, call: Call) -> dict[str, Any]:
        """Returns the constraint's parameters as the API has them."""

    def create(self, call: Call) -> str:
        """Creates the constraint."""
        answer = call.invoke(
            "servicecatalog",
            "CreateConstraint",
            Type=self.constraint_type,
            Parameters=json.dumps(self.parameters(call)),
            **call.pick(*_COMMON),
        )
        return str(answer["ConstraintDetail"]["ConstraintId"])

    def configure(self, call: Call, physical_id: str, old: Properties) -> None:
        """Changes description and parameters."""
        if old:
            parameters = json.dumps(self.parameters(call))
            text = call.properties.get("Description", "")
            call.invoke("servicecatalog", "UpdateConstraint", Id=physical_id, Description=text, Parameters=parameters)

    def attributes(self, call: Call, physical_id: str) -> dict[str, Any]:
        """Returns the id."""
        return {"Id": physical_id}

    def delete(self, call: Call, physical_id: str) -> None:
        """Deletes the constraint; one that somebody took away is gone already."""
        catalog = call.client("servicecatalog")
        with contextlib.suppress(catalog.exceptions.ResourceNotFoundException):
            catalog.delete_constraint(Id=physical_id)


class LaunchRoleConstraint(Constraint):
    """The role that makes a product's resources."""

    type_name = "AWS::ServiceCatalog::LaunchRoleConstraint"
    properties = (*_COMMON, "LocalRoleName", "RoleArn")
    constraint_type = "LAUNCH"

    def parameters(self, call: Call) -> dict[str, Any]:
        """Returns the role, by ARN or by the name that it has in every account."""
        return call.pick("LocalRoleName", "RoleArn")


class LaunchTemplateConstraint(Constraint):
    """Rules on the parameters that a user may give."""

    type_name = "AWS::ServiceCatalog::LaunchTemplateConstraint"
    properties = (*_COMMON, "Rules")
    constraint_type = "TEMPLATE"

    def parameters(self, call: Call) -> dict[str, Any]:
        """Returns the rules."""
        rules = call.properties["Rules"]
        return {"Rules": json.loads(rules) if isinstance(rules, str) else rules}


class LaunchNotificationConstraint(Constraint):
    """Topics that hear of a product's stacks."""

    type_name = "AWS::ServiceCatalog::LaunchNotificationConstraint"
    properties = (*_COMMON, "NotificationArns")
    constraint_type = "NOTIFICATION"

    def parameters(self, call: Call) -> dict[str, Any]:
        """Returns the topics."""
        return call.pick("NotificationArns")


class ResourceUpdateConstraint(Constraint):
    """Whether users may change a provisioned product's tags."""

    type_name = "AWS::ServiceCatalog::ResourceUpdateConstraint"
    properties = (*_COMMON, "TagUpdateOnProvisionedProduct")
    constraint_type = "RESOURCE_UPDATE"

    def parameters(self, call: Call) -> dict[str, Any]:
        """Returns whether tags may change."""
        allowed = call.properties["TagUpdateOnProvisionedProduct"]
        return {"Version": "2.0", "Properties": {"TagUpdateOnProvisionedProduct": allowed}}


class StackSetConstraint(Constraint):
    """Accounts and regions to which a product is deployed."""

    type_name = "AWS::ServiceCatalog::StackSetConstraint"
    properties = (*_COMMON, "AccountList", "AdminRole", "ExecutionRole", "RegionList", "StackInstanceControl")
    constraint_type = "STACKSET"

    def parameters(self, call: Call) -> dict[str, Any]:
        """Returns accounts, regions and roles."""
        return {"Version": "String", "Properties": call.without(*_COMMON)}
