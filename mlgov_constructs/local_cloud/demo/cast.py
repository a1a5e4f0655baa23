"""Who works in the environment: each person comes in when she is needed first."""

from mlgov_constructs.local_cloud.demo.person import Person, act_as, dismiss
from mlgov_constructs.local_cloud.demo.readback import Deployed
from mlgov_constructs.local_cloud.demo.steps import Steps


class Cast:
    """The people of the demonstration, one a persona.

    Args:
        deployed: The environment.
        steps: Where it is shown when somebody comes in.
    """

    def __init__(self, deployed: Deployed, steps: Steps) -> None:
        self._deployed = deployed
        self._steps = steps
        self._people: dict[str, Person] = {}

    def __getitem__(self, persona: str) -> Person:
        """Returns the person of a persona.

        Raises:
            LocalCloudError: The environment has no such persona.
        """
        if persona not in self._people:
            with self._steps.step(f"Become {_with_article(persona)}") as say:
                self._people[persona] = act_as(self._deployed, persona)
                say(f"{self._people[persona].arn.split(':')[-1]}, with MFA")
        return self._people[persona]

    def leave(self) -> None:
        """Takes everybody's user away."""
        while self._people:
            dismiss(self._deployed.clients, self._people.popitem()[1])


def _with_article(persona: str) -> str:
    words = persona.replace("-", " ").replace("ml ", "ML ")
    return f"{'an' if words.startswith(('a', 'ML')) else 'a'} {words}"
