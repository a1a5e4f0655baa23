"""The demonstration's own copy of an environment's file, which is changed as a team would change it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

Settings = dict[str, Any]

_MLOPS, _SERVING = "mlops", "serving"
# What is asked for where the file says nothing of an endpoint.
_DEFAULT = {"drift_check_hours": 24}


class EnvironmentCopy:
    """A copy of an environment's file, in another folder. The file itself stays as it is.

    Args:
        environment: The environment's file.
        folder: Where the copy goes.
    """

    def __init__(self, environment: Path, folder: Path) -> None:
        self._original = environment
        self.file = folder / environment.name
        self._yaml = YAML()
        self._settings: Settings = self._load()
        self._serving: Settings = (self._settings.get(_MLOPS) or {}).get(_SERVING) or {}

    def first(self) -> Path:
        """Returns what is deployed first: the file, or a copy without its endpoint, whose model is not there yet."""
        if not self._serving:
            return self._original
        return self.change(lambda settings: settings[_MLOPS].pop(_SERVING, None))

    @property
    def has_models(self) -> bool:
        """Whether the environment makes models of its own."""
        return bool(self._settings.get(_MLOPS))

    def change(self, *changes: Callable[[Settings], object]) -> Path:
        """Changes the copy, writes it, and returns it.

        Args:
            changes: Each changes what the file says.
        """
        for change in changes:
            change(self._settings)
        self.file.parent.mkdir(parents=True, exist_ok=True)
        with self.file.open("w", encoding="utf-8") as file:
            self._yaml.dump(self._settings, file)
        return self.file

    def serve(self, version: int) -> Callable[[Settings], object]:
        """Returns the change that asks for an endpoint with a version of the model.

        Args:
            version: The version.
        """

        def change(settings: Settings) -> None:
            models = settings[_MLOPS]
            if _SERVING not in models:
                models[_SERVING] = dict(self._serving or (_DEFAULT if models.get("pipeline") else {}))
            models[_SERVING]["model_version"] = version

        return change

    def _load(self) -> Settings:
        """Returns what the file says; nothing when it cannot be read, which the app tells of better."""
        try:
            found = self._yaml.load(self._original.read_text(encoding="utf-8"))
        except YAMLError:
            return {}
        return found if isinstance(found, dict) else {}
