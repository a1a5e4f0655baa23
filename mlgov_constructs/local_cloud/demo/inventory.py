"""Everything that an account holds, asked of each service by itself and not of CloudFormation."""

import json
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from mlgov_constructs.local_cloud.clients import Clients
from mlgov_constructs.local_cloud.demo.kinds import KINDS


@dataclass(frozen=True, slots=True)
class Inventory:
    """What an account holds.

    Args:
        ids: The ids of all there are of a type, by the type.
    """

    ids: Mapping[str, tuple[str, ...]]

    @classmethod
    def take(cls, clients: Clients) -> Self:
        """Asks every service what the account holds.

        Args:
            clients: Who asks; it must be an administrator, who sees everything.
        """
        with ThreadPoolExecutor(max_workers=4) as executor:
            found = executor.map(lambda kind: tuple(kind.ids(clients)), KINDS)
            return cls({kind.type_name: ids for kind, ids in zip(KINDS, found, strict=True)})

    @classmethod
    def read(cls, file: Path) -> Self:
        """Reads an inventory that was written down.

        Args:
            file: Where.
        """
        return cls({name: tuple(ids) for name, ids in json.loads(file.read_text(encoding="utf-8")).items()})

    def write(self, file: Path) -> None:
        """Writes it down.

        Args:
            file: Where.
        """
        file.write_text(json.dumps({name: list(ids) for name, ids in self.ids.items()}, indent=1), encoding="utf-8")

    def since(self, before: "Inventory") -> dict[str, list[str]]:
        """Returns what there is now and was not before, by its type.

        Args:
            before: What there was.
        """
        new = {name: [each for each in ids if each not in before.ids[name]] for name, ids in self.ids.items()}
        return {name: ids for name, ids in new.items() if ids}
