"""What the local cloud says when it cannot, or will not, do a thing."""


class LocalCloudError(Exception):
    """The local cloud could not be started, stopped or reached; the message says what to do."""


class UnmodelledPropertyError(ValueError):
    """A template uses a property that the local cloud does not model.

    Raised instead of ignoring the property: a deployment that succeeds here has acted on every property.
    """

    def __init__(self, where: str, names: list[str], known: list[str]) -> None:
        plural = "properties" if len(names) > 1 else "property"
        super().__init__(
            f"{where} has the {plural} {', '.join(sorted(names))}, which the local cloud does not model "
            f"(it models: {', '.join(sorted(known))}). Remove it, or deploy to an AWS account."
        )


class ServiceError(Exception):
    """An error that a service of the local cloud answers with, as the AWS service would.

    Args:
        code: The AWS error code, for example ``ResourceNotFoundException``.
        message: The AWS error message.
        status: The HTTP status.
    """

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status
