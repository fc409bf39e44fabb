"""``telephony opposition``: lists of numbers that are never called, plain or as digests."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from telephony.app.workbench import Workbench
from telephony.cli.session import AsJson, moment, print_json, print_table, who, with_workbench
from telephony.services.opposition import OppositionReport

opposition_app = typer.Typer(
    name="opposition", no_args_is_help=True, help="Opposition lists: numbers that are never called."
)


@opposition_app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="Numbers or digests (MD5, SHA-1, SHA-256), one a line.")],
    name: Annotated[str, typer.Option(help="Name of the list; default: the file's.")] = "",
    client: Annotated[str, typer.Option(help="Only calls for this company; default: everybody's.")] = "",
    as_json: AsJson = False,
) -> None:
    """Load a list: from now on none of its numbers is called. Exit status 1 when a line could not be read.

    Example: telephony opposition import objections.txt --client "Alpha Télécom"
    """
    bar = Progress(
        TextColumn("numbers"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(),
        console=Console(stderr=True), disable=as_json,
    )  # fmt: skip
    task = bar.add_task("numbers", total=None)

    def progress(done: int, total: int) -> None:
        bar.start()  # only once there is something to load: a file that is refused is one sentence
        bar.update(task, completed=done, total=total)

    async def work(bench: Workbench) -> OppositionReport:
        return await bench.oppositions.load(file, name=name, client_company=client, by=who(), progress=progress)

    try:
        report = with_workbench(work)
    finally:
        if bar.live.is_started:
            bar.stop()
    if as_json:
        print_json(report)
    else:
        one = report.list
        typer.echo(f"opposition list {one.list_id} ({one.name}): {one.entries} numbers of {report.read} lines")
        if report.unreadable:
            lines = ", ".join(map(str, report.examples))
            typer.echo(f"{report.unreadable} lines are neither a number nor a digest, e.g. line {lines}: mend them")
    raise typer.Exit(1 if report.unreadable else 0)


@opposition_app.command("list")
def list_(as_json: AsJson = False) -> None:
    """Show the opposition lists.

    Example: telephony opposition list
    """
    found = with_workbench(lambda bench: bench.oppositions.all())
    if as_json:
        print_json(found)
        return
    rows = [
        (one.list_id, one.name, one.client_company or "everybody", one.entries, one.loaded_by, moment(one.loaded_at))
        for one in found
    ]
    print_table("opposition lists", ("id", "name", "binds calls for", "numbers", "loaded by", "loaded"), rows, "none")
