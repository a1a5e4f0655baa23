"""AWS Security Hub."""

from typing import Any

from mlgov_constructs.local_cloud.resource_types.resource_type import (
    Call,
    Properties,
    ResourceType,
    dropped_tags,
    tag_map,
)

_SERVICE = "securityhub"


class Hub(ResourceType):
    """The hub of an account and region."""

    type_name = "AWS::SecurityHub::Hub"
    properties = ("AutoEnableControls", "ControlFindingGenerator", "EnableDefaultStandards", "Tags")
    tags = "map"

    def create(self, call: Call) -> str:
        """Enables Security Hub."""
        call.invoke(
            _SERVICE,
            "EnableSecurityHub",
            Tags=tag_map(call.properties.get("Tags")) or None,
            **call.pick("ControlFindingGenerator", "EnableDefaultStandards"),
        )
        return str(call.invoke(_SERVICE, "DescribeHub")["HubArn"])

    def configure(self, call: Call, physical_id: str, old: Properties) -> None:
        """Sets what becomes of new controls, and tags."""
        if settings := call.pick("AutoEnableControls", "ControlFindingGenerator"):
            call.invoke(_SERVICE, "UpdateSecurityHubConfiguration", **settings)
        _retag(call, physical_id, old)

    def attributes(self, call: Call, physical_id: str) -> dict[str, Any]:
        """Returns the ARN and when the account subscribed."""
        return {"ARN": physical_id, "SubscribedAt": str(call.invoke(_SERVICE, "DescribeHub")["SubscribedAt"])}

    def delete(self, call: Call, physical_id: str) -> None:
        """Disables Security Hub."""
        call.invoke(_SERVICE, "DisableSecurityHub")


class Standard(ResourceType):
    """A standard that the account is checked against."""

    type_name = "AWS::SecurityHub::Standard"
    create_only = ("StandardsArn",)
    properties = create_only

    def create(self, call: Call) -> str:
        """Enables the standard."""
        wanted = [{"StandardsArn": call.properties["StandardsArn"]}]
        answer = call.invoke(_SERVICE, "BatchEnableStandards", StandardsSubscriptionRequests=wanted)
        return str(answer["StandardsSubscriptions"][0]["StandardsSubscriptionArn"])

    def attributes(self, call: Call, physical_id: str) -> dict[str, Any]:
        """Returns the ARN of the subscription."""
        return {"StandardsSubscriptionArn": physical_id}

    def delete(self, call: Call, physical_id: str) -> None:
        """Disables the standard."""
        call.invoke(_SERVICE, "BatchDisableStandards", StandardsSubscriptionArns=[physical_id])


class AutomationRule(ResourceType):
    """An automation rule."""

    type_name = "AWS::SecurityHub::AutomationRule"
    properties = (
        "Actions",
        "Criteria",
        "Description",
        "IsTerminal",
        "RuleName",
        "RuleOrder",
        "RuleStatus",
        "Tags",
    )
    tags = "map"

    def create(self, call: Call) -> str:
        """Creates the rule."""
        tags = tag_map(call.properties.get("Tags")) or None
        return str(call.invoke(_SERVICE, "CreateAutomationRule", Tags=tags, **call.without("Tags"))["RuleArn"])

    def configure(self, call: Call, physical_id: str, old: Properties) -> None:
        """Changes criteria, actions and tags."""
        if not old:
            return
        item = {"RuleArn": physical_id, **call.without("Tags")}
        call.invoke(_SERVICE, "BatchUpdateAutomationRules", UpdateAutomationRulesRequestItems=[item])
        _retag(call, physical_id, old)

    def attributes(self, call: Call, physical_id: str) -> dict[str, Any]:
        """Returns ARN and times."""
        (rule,) = call.invoke(_SERVICE, "BatchGetAutomationRules", AutomationRulesArns=[physical_id])["Rules"]
        return {"RuleArn": physical_id, "CreatedAt": str(rule["CreatedAt"]), "UpdatedAt": str(rule["UpdatedAt"])}

    def delete(self, call: Call, physical_id: str) -> None:
        """Deletes the rule."""
        call.invoke(_SERVICE, "BatchDeleteAutomationRules", AutomationRulesArns=[physical_id])


class FindingAggregator(ResourceType):
    """The aggregator of findings of other regions."""

    type_name = "AWS::SecurityHub::FindingAggregator"
    properties = ("RegionLinkingMode", "Regions")

    def create(self, call: Call) -> str:
        """Creates the aggregator."""
        return str(call.invoke(_SERVICE, "CreateFindingAggregator", **call.properties)["FindingAggregatorArn"])

    def configure(self, call: Call, physical_id: str, old: Properties) -> None:
        """Changes the regions."""
        if old:
            call.invoke(_SERVICE, "UpdateFindingAggregator", FindingAggregatorArn=physical_id, **call.properties)

    def attributes(self, call: Call, physical_id: str) -> dict[str, Any]:
        """Returns ARN and region."""
        found = call.invoke(_SERVICE, "GetFindingAggregator", FindingAggregatorArn=physical_id)
        return {"FindingAggregatorArn": physical_id, "FindingAggregationRegion": found["FindingAggregationRegion"]}

    def delete(self, call: Call, physical_id: str) -> None:
        """Deletes the aggregator."""
        call.invoke(_SERVICE, "DeleteFindingAggregator", FindingAggregatorArn=physical_id)


class OrganizationConfiguration(ResourceType):
    """Whether the organization is configured in one place."""

    type_name = "AWS::SecurityHub::OrganizationConfiguration"
    properties = ("AutoEnable", "AutoEnableStandards", "ConfigurationType")

    def create(self, call: Call) -> str:
        """Names it by its account; there is one."""
        return call.clients.account

    def configure(self, call: Call, physical_id: str, old: Properties) -> None:
        """Sets it."""
        kind = {"ConfigurationType": call.properties.get("ConfigurationType", "LOCAL")}
        settings = call.pick("AutoEnable", "AutoEnableStandards")
        call.invoke(_SERVICE, "UpdateOrganizationConfiguration", OrganizationConfiguration=kind, **settings)

    def attributes(self, call: Call, physical_id: str) -> dict[str, Any]:
        """Returns the account, the state and whether there is room for members."""
        found = call.invoke(_SERVICE, "DescribeOrganizationConfiguration")
        return {
            "OrganizationConfigurationIdentifier": physical_id,
            "Status": found["OrganizationConfiguration"]["Status"],
            "MemberAccountLimitReached": found["MemberAccountLimitReached"],
        }

    def delete(self, call: Call, physical_id: str) -> None:
        """Lets each account configure itself again."""
        local = {"ConfigurationType": "LOCAL"}
        call.invoke(_SERVICE, "UpdateOrganizationConfiguration", AutoEnable=False, OrganizationConfiguration=local)


class ConfigurationPolicy(ResourceType):
    """A policy of central configuration."""

    type_name = "AWS::SecurityHub::ConfigurationPolicy"
    properties = ("ConfigurationPolicy", "Description", "Name", "Tags")
    tags = "map"

    def create(self, call: Call) -> str:
        """Creates the policy."""
        tags = tag_map(call.properties.get("Tags")) or None
        return str(call.invoke(_SERVICE, "CreateConfigurationPolicy", Tags=tags, **call.without("Tags"))["Arn"])

    def configure(self, call: Call, physical_id: str, old: Properties) -> None:
        """Changes the policy and its tags."""
        if not old:
            return
        identifier = physical_id.rsplit("/", 1)[-1]
        call.invoke(_SERVICE, "UpdateConfigurationPolicy", Identifier=identifier, **call.without("Tags"))
        _retag(call, physical_id, old)

    def attributes(self, call: Call, physical_id: str) -> dict[str, Any]:
        """Returns ARN, id and times."""
        found = call.invoke(_SERVICE, "GetConfigurationPolicy", Identifier=physical_id.rsplit("/", 1)[-1])
        times = {name: str(found[name]) for name in ("CreatedAt", "UpdatedAt")}
        return {"Arn": physical_id, "Id": found["Id"], "ServiceEnabled": True, **times}

    def delete(self, call: Call, physical_id: str) -> None:
        """Deletes the policy."""
        call.invoke(_SERVICE, "DeleteConfigurationPolicy", Identifier=physical_id.rsplit("/", 1)[-1])


class PolicyAssociation(ResourceType):
    """A policy of central configuration at a target."""

    type_name = "AWS::SecurityHub::PolicyAssociation"
    create_only = ("TargetId", "TargetType")
    properties = (*create_only, "ConfigurationPolicyId")

    def create(self, call: Call) -> str:
        """Names it by its target."""
        return f"{call.properties['TargetType']}/{call.properties['TargetId']}"

    def configure(self, call: Call, physical_id: str, old: Properties) -> None:
        """Associates the policy with the target."""
        policy = call.properties["ConfigurationPolicyId"]
        call.invoke(
            _SERVICE,
            "StartConfigurationPolicyAssociation",
            ConfigurationPolicyIdentifier=policy,
            Target=_target(physical_id),
        )

    def attributes(self, call: Call, physical_id: str) -> dict[str, Any]:
        """Returns the identifier and the state."""
        found = call.invoke(_SERVICE, "GetConfigurationPolicyAssociation", Target=_target(physical_id))
        names = ("AssociationStatus", "AssociationType", "UpdatedAt")
        return {"AssociationIdentifier": physical_id, **{name: str(found[name]) for name in names}}

    def delete(self, call: Call, physical_id: str) -> None:
        """Takes the policy from the target."""
        found = call.invoke(_SERVICE, "GetConfigurationPolicyAssociation", Target=_target(physical_id))
        call.invoke(
            _SERVICE,
            "StartConfigurationPolicyDisassociation",
            ConfigurationPolicyIdentifier=found["ConfigurationPolicyId"],
            Target=_target(physical_id),
        )


def _target(physical_id: str) -> dict[str, str]:
    kind, _, identifier = physical_id.partition("/")
    members = {"ACCOUNT": "AccountId", "ORGANIZATIONAL_UNIT": "OrganizationalUnitId", "ROOT": "RootId"}
    return {members[kind]: identifier}


def _retag(call: Call, arn: str, old: Properties) -> None:
    if not old:
        return
    if removed := dropped_tags(old, call):
        call.invoke(_SERVICE, "UntagResource", ResourceArn=arn, TagKeys=removed)
    if (wanted := tag_map(call.properties.get("Tags"))) and wanted != tag_map(old.get("Tags")):
        call.invoke(_SERVICE, "TagResource", ResourceArn=arn, Tags=wanted)
