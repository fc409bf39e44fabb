"""``telephony list``: load a file of leads into a campaign, and see what became of its rows."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from telephony.app.workbench import Workbench
from telephony.cli.session import AsJson, moment, print_json, print_table, who, with_workbench
from telephony.domain.leads import LeadList
from telephony.services.lists import ImportReport

list_app = typer.Typer(name="list", no_args_is_help=True, help="Lists of leads: import, show.")
CampaignName = Annotated[str, typer.Option(help="Name of the campaign.", show_default=False)]


@list_app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="CSV file: UTF-8, UTF-16 or Windows-1252; comma, semicolon or tab.")],
    campaign: CampaignName,
    name: Annotated[str | None, typer.Option(help="Name of the list; default: the file's.")] = None,
    as_json: AsJson = False,
) -> None:
    """Load a list: every row is accepted, rejected with a reason, or a duplicate; none is lost.

    Example: telephony list import config/examples/leads-300.csv --campaign "Satisfaction fibre"
    """
    with Progress(
        TextColumn("rows"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(),
        console=Console(stderr=True), disable=as_json,
    ) as bar:  # fmt: skip
        task = bar.add_task("rows", total=None)

        def progress(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total or None)

        async def work(bench: Workbench) -> ImportReport:
            chosen = await bench.store.campaigns.by_name(campaign)
            return await bench.lists.load_file(
                file, campaign=chosen, name=name or file.name, by=who(), progress=progress
            )

        report = with_workbench(work)
    if as_json:
        print_json(report)
    else:
        _show(report)


def _show(report: ImportReport) -> None:
    one = report.list
    typer.echo(
        f"list {one.list_id}: {one.rows_read} rows read = {one.accepted} accepted + {one.rejected} to fix"
        f" + {one.duplicates} duplicates ({report.encoding}, separator {report.separator!r})"
    )
    for note in report.notes:
        typer.echo(f"note: {note}")
    rows = [(reason, count) for reason, count in sorted(report.reasons.items())]
    if rows:
        print_table("rows not taken", ("reason", "rows"), rows, "")
    examples = [(row.row, row.reason, row.text) for row in report.examples]
    if examples:
        print_table("examples", ("line", "reason", "what to do"), examples, "")


@list_app.command()
def show(campaign: CampaignName, as_json: AsJson = False) -> None:
    """Show the lists of a campaign.

    Example: telephony list show --campaign "Satisfaction fibre"
    """

    async def work(bench: Workbench) -> list[LeadList]:
        chosen = await bench.store.campaigns.by_name(campaign)
        return list(await bench.store.leads.lists(chosen.campaign_id))

    lists = with_workbench(work)
    if as_json:
        print_json(lists)
        return
    rows = [
        (one.list_id, one.name, one.rows_read, one.accepted, one.rejected, one.duplicates, moment(one.loaded_at))
        for one in lists
    ]
    columns = ("id", "name", "rows", "accepted", "to fix", "duplicates", "loaded")
    print_table(f"lists of {campaign}", columns, rows, "no list yet; load one with telephony list import")
