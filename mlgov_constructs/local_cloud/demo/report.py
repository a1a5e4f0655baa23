"""How the demonstration shows what was read back, and how it ends."""

import re
import shlex
from collections.abc import Iterable

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from mlgov_constructs.local_cloud.demo.assembly import Assembly
from mlgov_constructs.local_cloud.demo.readback import Row, Section
from mlgov_constructs.local_cloud.limits import LIMITS
from mlgov_constructs.local_cloud.local_cloud import LocalCloud

# The CDK and CloudFormation end names with a hash and a random part, which only take room here.
_SUFFIX = re.compile(r"(?:[0-9A-Fa-f]{8})?(?<!-[0-9a-f]{4})-(?!\d{12}\b)[0-9A-Fa-f]{12,13}\b")
_GUIDE = "docs/local-cloud.md"


def show_sections(console: Console, sections: Iterable[Section]) -> None:
    """Shows what was read back, one table a section.

    Args:
        console: Where.
        sections: What was read back.
    """
    console.print("\nRead back from the services:", style="bold")
    for section in sections:
        table = Table(
            title=section.title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, pad_edge=False
        )
        for column in (*section.columns, ""):
            table.add_column(column, overflow="fold")
        for row in section.rows:
            table.add_row(*(Text(_SUFFIX.sub("…", cell)) for cell in row.cells), _judgement(row))
        console.print()
        console.print(table)


def show_end(console: Console, assembly: Assembly, cloud: LocalCloud | None) -> None:
    """Shows what the local cloud cannot show, and where to look next.

    Args:
        console: Where.
        assembly: What was deployed.
        cloud: The local cloud, if it stays up.
    """
    subjects = ", ".join(limit.subject for limit in LIMITS)
    console.print(f"\nWhat the local cloud cannot show ({_GUIDE}): {subjects}.", highlight=False)
    console.print("\nWhere to look next:", style="bold")
    for where, what in (
        (f"{assembly.directory}", "the templates that were deployed"),
        (_GUIDE, "what the local cloud proves; docs/ has a page a family of constructs"),
        ("make local-up", "a local cloud of your own, for cdk deploy, boto3 and the AWS CLI"),
        ("README.md", "deploy to AWS, publish a portfolio"),
    ):
        console.print(f"  {where:20} {what}", markup=False, highlight=False)
    if cloud:
        console.print(f"\nThe local cloud stays up at {cloud.endpoint}:", style="bold", highlight=False)
        for name, value in cloud.environment().items():
            console.print(f"export {name}={shlex.quote(value)}", markup=False, highlight=False, soft_wrap=True)
        console.print(
            f"Stop it:  mlgov local down --directory {shlex.quote(str(cloud.directory))}", markup=False, highlight=False
        )


def _judgement(row: Row) -> Text:
    return Text("; ".join(row.faults), style="red") if row.faults else Text("✓", style="green")
