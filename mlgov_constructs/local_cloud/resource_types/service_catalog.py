"""AWS Service Catalog: portfolios, products and what associates them."""

from typing import Any

from mlgov_constructs.local_cloud.resource_types.resource_type import (
    Call,
    Properties,
    ResourceType,
    dropped_tags,
)

_SERVICE = "servicecatalog"
_PRODUCT = ("Description", "Distributor", "Name", "Owner", "SupportDescription", "SupportEmail", "SupportUrl")


class Portfolio(ResourceType):
    """A portfolio."""

    type_name = "AWS::ServiceCatalog::Portfolio"
    properties = ("AcceptLanguage", "Description", "DisplayName", "ProviderName", "Tags")
    tags = "list"

    def create(self, call: Call) -> str:
        """Creates the portfolio."""
        answer = call.invoke(_SERVICE, "CreatePortfolio", Tags=call.tags or None, **call.without("Tags"))
        return str(answer["PortfolioDetail"]["Id"])

    def configure(self, call: Call, physical_id: str, old: Properties) -> None:
        """Sets names, description and tags."""
        if old:
            tags = {"AddTags": call.tags or None, "RemoveTags": dropped_tags(old, call) or None}
            call.invoke(_SERVICE, "UpdatePortfolio", Id=physical_id, **call.without("Tags"), **tags)

    def attributes(self, call: Call, physical_id: str) -> dict[str, Any]:
        """Returns the name."""
        return {"Id": physical_id, "PortfolioName": call.properties["DisplayName"]}

    def delete(self, call: Call, physical_id: str) -> None:
        """Deletes the portfolio; one that still holds something is refused."""
        call.invoke(_SERVICE, "DeletePortfolio", Id=physical_id)


class CloudFormationProduct(ResourceType):
    """A product with its versions."""

    type_name = "AWS::ServiceCatalog::CloudFormationProduct"
    properties = (
        *_PRODUCT,
        "AcceptLanguage",
        "ProvisioningArtifactParameters",
        "ReplaceProvisioningArtifacts",
        "Tags",
    )
    tags = "list"

    def create(self, call: Call) -> str:
        """Creates the product with its first version."""
        answer = call.invoke(
            _SERVICE,
            "CreateProduct",
            ProductType="CLOUD_FORMATION_TEMPLATE",
            ProvisioningArtifactParameters=_artifact(call.properties["ProvisioningArtifactParameters"][0]),
            Tags=call.tags or None,
            **call.pick("AcceptLanguage", *_PRODUCT),
        )
        return str(answer["ProductViewDetail"]["ProductViewSummary"]["ProductId"])

    def configure(self, call: Call, physical_id: str, old: Properties) -> None:
        """Sets the description and tags, adds the versions that are new and removes those that are gone."""
        wanted = call.properties["ProvisioningArtifactParameters"]
        if not old:
            self._add(call, physical_id, wanted[1:])
            return
        tags = {"AddTags": call.tags or None, "RemoveTags": dropped_tags(old, call) or None}
        call.invoke(_SERVICE, "UpdateProduct", Id=physical_id, **call.pick("AcceptLanguage", *_PRODUCT), **tags)
        self._update_versions(call, physical_id, old["ProvisioningArtifactParameters"])

    def attributes(self, call: Call, physical_id: str) -> dict[str, Any]:
        """Returns the name, and ids and names of the versions."""
        ids = self._ids(call, physical_id)
        return {
            "Id": physical_id,
            "ProductName": call.properties["Name"],
            "ProvisioningArtifactIds": ",".join(ids.values()),
            "ProvisioningArtifactNames": ",".join(ids),
        }

    def delete(self, call: Call, physical_id: str) -> None:
        """Deletes the product; one that is in a portfolio is refused."""
        call.invoke(_SERVICE, "DeleteProduct", Id=physical_id)

    @classmethod
    def _update_versions(cls, call: Call, product_id: str, before: list[dict[str, Any]]) -> None:
        wanted = call.properties["ProvisioningArtifactParameters"]
        if wanted == before:
            return
        ids = cls._ids(call, product_id)
        everything = call.flag("ReplaceProvisioningArtifacts")
        cls._add(call, product_id, [item for item in wanted if everything or not _is_among(item, before)])
        for item in before:
            artifact = {"ProductId": product_id, "ProvisioningArtifactId": ids[item.get("Name", "")]}
            if everything or not _is_among(item, wanted):
                call.invoke(_SERVICE, "DeleteProvisioningArtifact", **artifact)
            elif item not in wanted:
                text = next(other.get("Description", "") for other in wanted if _is_among(other, [item]))
                call.invoke(_SERVICE, "UpdateProvisioningArtifact", Description=text, **artifact)

    @staticmethod
    def _add(call: Call, product_id: str, artifacts: list[dict[str, Any]]) -> None:
        for item in artifacts:
            parameters = _artifact(item)
            call.invoke(_SERVICE, "CreateProvisioningArtifact", ProductId=product_id, Parameters=parameters)

    @staticmethod
    def _ids(call: Call, product_id: str) -> dict[str, str]:
        answer = call.invoke(_SERVICE, "ListProvisioningArtifacts", ProductId=product_id)
        return {item.get("Name", ""): item["Id"] for item in answer["ProvisioningArtifactDetails"]}


class PortfolioProductAssociation(ResourceType):
    """A product's place in a portfolio."""

    type_name = "AWS::ServiceCatalog::PortfolioProductAssociation"
    properties = ("AcceptLanguage", "PortfolioId", "ProductId", "SourcePortfolioId")
    create_only = properties

    def create(self, call: Call) -> str:
        """Associates the product with the portfolio."""
        call.invoke(_SERVICE, "AssociateProductWithPortfolio", **call.properties)
        return f"{call.properties['ProductId']}|{call.properties['PortfolioId']}"

    def delete(self, call: Call, physical_id: str) -> None:
        """Takes the product out of the portfolio."""
        call.invoke(_SERVICE, "DisassociateProductFromPortfolio", **call.without("SourcePortfolioId"))


class PortfolioPrincipalAssociation(ResourceType):
    """Who may use a portfolio."""

    type_name = "AWS::ServiceCatalog::PortfolioPrincipalAssociation"
    properties = ("AcceptLanguage", "PortfolioId", "PrincipalARN", "PrincipalType")
    create_only = properties

    def create(self, call: Call) -> str:
        """Associates the principal with the portfolio."""
        call.invoke(_SERVICE, "AssociatePrincipalWithPortfolio", **call.properties)
        return f"{call.properties['PortfolioId']}|{call.properties['PrincipalARN']}"

    def delete(self, call: Call, physical_id: str) -> None:
        """Takes the principal from the portfolio."""
        call.invoke(_SERVICE, "DisassociatePrincipalFromPortfolio", **call.properties)


class PortfolioShare(ResourceType):
    """A portfolio's share with an account."""

    type_name = "AWS::ServiceCatalog::PortfolioShare"
    properties = ("AcceptLanguage", "AccountId", "PortfolioId", "ShareTagOptions")
    create_only = ("AccountId", "PortfolioId")

    def create(self, call: Call) -> str:
        """Shares the portfolio."""
        call.invoke(_SERVICE, "CreatePortfolioShare", **call.properties)
        return f"{call.properties['PortfolioId']}|{call.properties['AccountId']}"

    def configure(self, call: Call, physical_id: str, old: Properties) -> None:
        """Sets whether tag options are shared too."""
        if old:
            options = {"ShareTagOptions": call.flag("ShareTagOptions")}
            call.invoke(_SERVICE, "UpdatePortfolioShare", **call.without("ShareTagOptions"), **options)

    def delete(self, call: Call, physical_id: str) -> None:
        """Ends the share."""
        call.invoke(_SERVICE, "DeletePortfolioShare", **call.without("ShareTagOptions"))


class AcceptedPortfolioShare(ResourceType):
    """The acceptance of a portfolio that another account shares."""

    type_name = "AWS::ServiceCatalog::AcceptedPortfolioShare"
    properties = ("AcceptLanguage", "PortfolioId")
    create_only = properties

    def create(self, call: Call) -> str:
        """Accepts the share."""
        call.invoke(_SERVICE, "AcceptPortfolioShare", **call.properties)
        return str(call.properties["PortfolioId"])

    def delete(self, call: Call, physical_id: str) -> None:
        """Gives the share up."""
        call.invoke(_SERVICE, "RejectPortfolioShare", **call.properties)


class TagOption(ResourceType):
    """A tag that a portfolio or a product prescribes."""

    type_name = "AWS::ServiceCatalog::TagOption"
    properties = ("Active", "Key", "Value")
    create_only = ("Key", "Value")

    def create(self, call: Call) -> str:
        """Creates the tag option."""
        return str(call.invoke(_SERVICE, "CreateTagOption", **call.without("Active"))["TagOptionDetail"]["Id"])

    def configure(self, call: Call, physical_id: str, old: Properties) -> None:
        """Sets whether it is active."""
        if call.flag("Active", default=True) != bool(old.get("Active", True)):
            call.invoke(_SERVICE, "UpdateTagOption", Id=physical_id, Active=call.flag("Active", default=True))

    def attributes(self, call: Call, physical_id: str) -> dict[str, Any]:
        """Returns the id."""
        return {"Id": physical_id}

    def delete(self, call: Call, physical_id: str) -> None:
        """Deletes the tag option."""
        call.invoke(_SERVICE, "DeleteTagOption", Id=physical_id)


class TagOptionAssociation(ResourceType):
    """A tag option's hold on a portfolio or a product."""

    type_name = "AWS::ServiceCatalog::TagOptionAssociation"
    properties = ("ResourceId", "TagOptionId")
    create_only = properties

    def create(self, call: Call) -> str:
        """Associates the tag option."""
        call.invoke(_SERVICE, "AssociateTagOptionWithResource", **call.properties)
        return f"{call.properties['TagOptionId']}|{call.properties['ResourceId']}"

    def delete(self, call: Call, physical_id: str) -> None:
        """Takes the tag option away."""
        call.invoke(_SERVICE, "DisassociateTagOptionFromResource", **call.properties)


def _artifact(item: dict[str, Any]) -> dict[str, Any]:
    return {
        "Type": "CLOUD_FORMATION_TEMPLATE",
        **item,
        "Info": {key: str(value) for key, value in item["Info"].items()},
    }


def _is_among(item: dict[str, Any], others: list[dict[str, Any]]) -> bool:
    """Tells whether a version of the same name and template is among ``others``."""
    return any(item.get("Name") == other.get("Name") and item["Info"] == other["Info"] for other in others)
