"""How a client says that it calls from inside a VPC, since the local cloud routes no packet."""

from typing import Any

VPC_ENDPOINT_HEADER = "x-local-cloud-vpc-endpoint"


def through_endpoint(client: Any, endpoint_id: str) -> None:
    """Makes a client call as if from inside a VPC, through one of its endpoints.

    In the enforced mode the endpoint's policy is then evaluated, and conditions see ``aws:SourceVpce`` and
    ``aws:SourceVpc``. On AWS the network decides this and no client can claim it.

    Args:
        client: A boto3 client.
        endpoint_id: The endpoint, which must be one of the client's service.

    Example:
        ```python
        s3 = boto3.client("s3", endpoint_url=cloud.endpoint)
        through_endpoint(s3, "vpce-0123456789abcdef0")
        ```
    """

    def add_header(request: Any, **_: Any) -> None:
        request.headers[VPC_ENDPOINT_HEADER] = endpoint_id

    client.meta.events.register(f"before-sign.{client.meta.service_model.service_id.hyphenize()}.*", add_header)
