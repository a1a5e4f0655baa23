"""The names of packages, as CodeArtifact matches them."""

from __future__ import annotations

import re
from dataclasses import dataclass

NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
FORMAT = "pypi"


@dataclass(frozen=True, slots=True)
class PackagePattern:
    """A Python package, or all whose names begin with a word.

    CodeArtifact compares normalised names: lower case, with single hyphens.

    Attributes:
        text: A name such as ``scikit-learn``, or the beginning of names and ``~``, such as
            ``types~``, which takes ``types`` and ``types-requests`` too.

    Raises:
        ValueError: The text is neither; the message has the normalised name.

    Source:
        https://docs.aws.amazon.com/codeartifact/latest/ug/package-group-definition-syntax-matching-behavior.html

    Example:
        >>> PackagePattern("scikit-learn").group, PackagePattern("types~").group
        ('/pypi//scikit-learn$', '/pypi//types~')
    """

    text: str

    def __post_init__(self) -> None:
        name = self.text.removesuffix("~")
        if not NAME.fullmatch(name):
            normalised = re.sub(r"[-_.]+", "-", name).lower()
            fix = (
                f"CodeArtifact matches the normalised name {normalised!r}."
                if NAME.fullmatch(normalised)
                else "Name one package, or the word that names begin with and '~'."
            )
            msg = f"Package {self.text!r} cannot be matched. {fix}"
            raise ValueError(msg)

    @property
    def group(self) -> str:
        """The pattern of the package group; Python packages have no namespace, hence the two slashes."""
        suffix = "" if self.text.endswith("~") else "$"
        return f"/{FORMAT}//{self.text}{suffix}"
