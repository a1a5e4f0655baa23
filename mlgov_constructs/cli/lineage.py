"""``mlgov lineage``: what models were made of, who approved them, and where they serve."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from mlgov_constructs.cli.lineage_answer import LineageAnswer, LineageError

FOUND, NOTHING = 0, 1


@click.command()
@click.argument("folder", required=False, type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--package", metavar="ARN", help="What a registered version was made of, and where it serves.")
@click.option("--endpoint", metavar="NAME", help="What an endpoint serves, and what watches over it.")
@click.option("--data-version", metavar="VERSION", help="Which endpoints serve a model trained on these data.")
@click.option("--model", metavar="GROUP", help="All versions of a model, with approver and date.")
@click.option("--query", metavar="NAME", help="Any other saved query, for example endpoints-without-monitor.")
@click.option("--list", "lists", is_flag=True, help="Say which saved queries there are.")
@click.option("--work-group", default="mlgov-lineage", show_default=True, help="The Athena workgroup of the inventory.")
@click.option("--region", help="The region of the inventory; that of the AWS configuration when omitted.")
@click.option("--profile", help="The profile of the AWS configuration.")
@click.option("--timeout", type=click.FloatRange(min=1), default=60, show_default=True, help="Seconds to wait.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.pass_context
def lineage(
    context: click.Context,
    *,
    folder: Path | None,
    package: str | None,
    endpoint: str | None,
    data_version: str | None,
    model: str | None,
    query: str | None,
    lists: bool,
    work_group: str,
    region: str | None,
    profile: str | None,
    timeout: float,
    form: str,
) -> None:
    """Ask the inventory what models were made of, who approved them, and where they serve.

    The question goes to Athena, or with FOLDER to files that were downloaded from the bucket of
    the inventory; then nothing is sent anywhere.

    Exit code: 0 when something was found, 1 when nothing was, 2 when the question could not be
    asked.
    """
    if lists:
        _list()
        return
    questions = {
        "version": package,
        "endpoint": endpoint,
        "endpoints-of-data-version": data_version,
        "versions-of-model": model,
    }
    name, parameter = _question(query, questions)
    try:
        answer = (
            _from_files(folder, name, parameter)
            if folder
            else _from_athena(work_group, name, parameter, timeout, {"region_name": region, "profile_name": profile})
        )
    except LineageError as error:
        raise click.UsageError(str(error)) from error
    if form == "json":
        click.echo(answer.as_json())
    elif answer.rows:
        click.echo(answer.as_text())
    else:
        asked = f" of {parameter}" if parameter else ""
        click.echo(f"The inventory knows nothing{asked} ({name}).", err=True)
    context.exit(FOUND if answer.rows else NOTHING)


def _list() -> None:
    from mlgov_constructs.mlops.lineage.lineage_query import lineage_queries  # noqa: PLC0415 - loads the CDK

    for each in lineage_queries().values():
        click.echo(f"{each.name:28}{each.description}{f' ({each.parameter})' if each.parameter else ''}")


def _question(query: str | None, questions: dict[str, str | None]) -> tuple[str, str | None]:
    asked = [(name, value) for name, value in questions.items() if value is not None]
    if len(asked) + (query is not None) != 1:
        msg = "Ask one question: --package, --endpoint, --data-version, --model or --query; --list tells the queries."
        raise click.UsageError(msg)
    return asked[0] if asked else (query or "", None)


def _from_files(folder: Path, name: str, parameter: str | None) -> LineageAnswer:
    from mlgov_constructs.cli.lineage_files import ask_files  # noqa: PLC0415 - loads the CDK
    from mlgov_constructs.mlops.lineage.lineage_query import lineage_queries  # noqa: PLC0415 - loads the CDK

    query = lineage_queries().get(name)
    if query is None:
        msg = f"There is no saved query {name!r}; --list tells them."
        raise LineageError(msg)
    if query.parameter and parameter is None:
        msg = f"The query {name!r} asks for the {query.parameter}: use the option for it, see --help."
        raise LineageError(msg)
    return ask_files(folder, query, parameter)


def _from_athena(
    work_group: str, name: str, parameter: str | None, timeout: float, session: dict[str, Any]
) -> LineageAnswer:
    try:
        import boto3  # noqa: PLC0415 - an extra
        from botocore.exceptions import BotoCoreError  # noqa: PLC0415 - an extra

        from mlgov_constructs.cli.lineage_athena import ask_athena  # noqa: PLC0415 - an extra
    except ModuleNotFoundError as error:
        msg = (
            f"To ask Athena this command needs {error.name}. Run: pip install boto3; or download the inventory and "
            "pass its folder."
        )
        raise LineageError(msg) from error
    try:
        athena = boto3.Session(**session).client("athena")
    except BotoCoreError as error:
        msg = f"{error} Use --region and --profile, or AWS_REGION and AWS_PROFILE."
        raise LineageError(msg) from error
    return ask_athena(athena, work_group, name, parameter, timeout=timeout)
