"""The images of AWS that monitoring jobs run."""

from __future__ import annotations

from enum import StrEnum

from aws_cdk import CfnMapping, Stack, Token
from constructs import Construct

from mlgov_constructs.aws_tokens import aws_tokens
from mlgov_constructs.errors import ConstructError
from mlgov_constructs.steps import JobImage


class MonitoringImage(StrEnum):
    """An image of AWS, by the name of its repository.

    AWS keeps one registry a region and publishes their accounts with its SDK. A region without
    an account has no such image; there a monitor takes ``image_uri``.

    Sources:
        * https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-pre-built-container.html
        * https://github.com/aws/sagemaker-python-sdk/tree/v2.257.7/src/sagemaker/image_uri_config

    Example:
        >>> MonitoringImage.CLARIFY.registries["us-gov-west-1"]
        '598674086554'
    """

    ANALYZER = "sagemaker-model-monitor-analyzer"
    CLARIFY = "sagemaker-clarify-processing"

    @property
    def registries(self) -> dict[str, str]:
        """The account of the registry, by region."""
        return _REGISTRIES[self]

    def uri(self, scope: Construct, construct_id: str | None) -> str:
        """Return the image of the stack's region.

        Where the region is known only at deployment, a mapping in the template finds the account.

        Args:
            scope: The parent of the construct that runs it.
            construct_id: Its id, if it is no construct yet.

        Raises:
            ConstructError: AWS publishes no such image in the region.
        """
        account, region = self._registry(scope, construct_id)
        return f"{account}.dkr.ecr.{region}.{aws_tokens().url_suffix}/{self.value}{_TAGS[self]}"

    def job_image(self, scope: Construct) -> JobImage:
        """Return the image of the stack's region, for a step of a pipeline.

        Args:
            scope: The stack, or a construct in it, that the pipeline is in.

        Raises:
            ConstructError: AWS publishes no such image in the region.
        """
        account, _ = self._registry(scope, None)
        repository = aws_tokens().arn("ecr", f"repository/{self.value}", account=account)
        return JobImage(self.uri(scope, None), is_built_in=True, repository_arn=repository)

    def _registry(self, scope: Construct, construct_id: str | None) -> tuple[str, str]:
        """Return the account of the registry and its region."""
        stack = Stack.of(scope)
        region = stack.region
        if Token.is_unresolved(region):
            return self._mapping(stack).find_in_map(region, "Account"), aws_tokens().region
        if region not in self.registries:
            raise ConstructError(
                scope,
                construct_id,
                f"AWS publishes no account of {self.value} in region {region!r}",
                "Copy an image to a repository of yours and name that one.",
            )
        return self.registries[region], region

    def _mapping(self, stack: Stack) -> CfnMapping:
        name = f"MonitoringImage{self.name.capitalize()}"
        found = stack.node.try_find_child(name)
        if isinstance(found, CfnMapping):
            return found
        accounts = {region: {"Account": account} for region, account in self.registries.items()}
        return CfnMapping(stack, name, mapping=accounts)


_TAGS = {MonitoringImage.ANALYZER: "", MonitoringImage.CLARIFY: ":1.0"}
_REGISTRIES = {
    MonitoringImage.ANALYZER: {
        "af-south-1": "875698925577",
        "ap-east-1": "001633400207",
        "ap-northeast-1": "574779866223",
        "ap-northeast-2": "709848358524",
        "ap-northeast-3": "990339680094",
        "ap-south-1": "126357580389",
        "ap-southeast-1": "245545462676",
        "ap-southeast-2": "563025443158",
        "ap-southeast-3": "669540362728",
        "ca-central-1": "536280801234",
        "cn-north-1": "453000072557",
        "cn-northwest-1": "453252182341",
        "eu-central-1": "048819808253",
        "eu-central-2": "590183933784",
        "eu-north-1": "895015795356",
        "eu-south-1": "933208885752",
        "eu-south-2": "437450045455",
        "eu-west-1": "468650794304",
        "eu-west-2": "749857270468",
        "eu-west-3": "680080141114",
        "il-central-1": "843974653677",
        "me-central-1": "588750061953",
        "me-south-1": "607024016150",
        "sa-east-1": "539772159869",
        "us-east-1": "156813124566",
        "us-east-2": "777275614652",
        "us-west-1": "890145073186",
        "us-west-2": "159807026194",
    },
    MonitoringImage.CLARIFY: {
        "af-south-1": "811711786498",
        "ap-east-1": "098760798382",
        "ap-northeast-1": "377024640650",
        "ap-northeast-2": "263625296855",
        "ap-northeast-3": "912233562940",
        "ap-south-1": "452307495513",
        "ap-southeast-1": "834264404009",
        "ap-southeast-2": "007051062584",
        "ap-southeast-3": "705930551576",
        "ca-central-1": "675030665977",
        "cn-north-1": "122526803553",
        "cn-northwest-1": "122578899357",
        "eu-central-1": "017069133835",
        "eu-central-2": "730335477804",
        "eu-north-1": "763603941244",
        "eu-south-1": "638885417683",
        "eu-west-1": "131013547314",
        "eu-west-2": "440796970383",
        "eu-west-3": "341593696636",
        "me-south-1": "835444307964",
        "sa-east-1": "520018980103",
        "us-east-1": "205585389593",
        "us-east-2": "211330385671",
        "us-gov-west-1": "598674086554",
        "us-west-1": "740489534195",
        "us-west-2": "306415355426",
    },
}
