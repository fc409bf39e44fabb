"""``telephony list``: import lists of leads into a campaign; show, approve, revoke, pause, mix and recycle them."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from telephony.app.wiring.services import Services
from telephony.cli.loading import announce, show_lines
from telephony.cli.second_person import AsAccount, PasswordStdin, password_of, second_person
from telephony.cli.session import AsJson, current_user, emit, format_time, print_json, print_table, with_workbench
from telephony.domain.leads.leads import LeadList
from telephony.errors import InputError
from telephony.ids import ListId
from telephony.services.lists.importer import ImportReport

list_app = typer.Typer(
    name="list", no_args_is_help=True, help="Lists of leads: import, show, approve, revoke, pause, mix, recycle."
)
CampaignName = Annotated[str, typer.Option(help="Name of the campaign.", show_default=False)]


@list_app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="CSV file: UTF-8, UTF-16 or Windows-1252; comma, semicolon or tab.")],
    campaign: CampaignName,
    name: Annotated[str | None, typer.Option(help="Name of the list; default: the file's.")] = None,
    as_json: AsJson = False,
) -> None:
    """Import a list of leads. Every row is accepted, rejected with a reason, or a duplicate.

    Example: telephony list import config/examples/leads-300.csv --campaign "Satisfaction fibre"
    """
    console = Console(stderr=True)
    with Progress(
        TextColumn("rows"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(),
        console=console, transient=True, disable=as_json or not console.is_terminal,
    ) as bar:  # fmt: skip
        task = bar.add_task("rows", total=None)

        def progress(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total or None)

        async def work(bench: Services) -> ImportReport:
            into = await bench.store.campaigns.by_name(campaign)
            list_name = name or file.resolve().name
            return await bench.lists.load_file(
                file,
                campaign=into,
                name=list_name,
                by=current_user(),
                progress=progress,
                before=None if as_json else announce,
            )

        report = with_workbench(work)
    if as_json:
        print_json(report)
    else:
        _show(report)


def _show(report: ImportReport) -> None:
    row = report.list
    typer.echo(
        f"list {row.list_id}: {row.rows_read} rows read = {row.accepted} accepted + {row.rejected} to fix"
        f" + {row.duplicates} duplicates ({report.encoding}, separator {report.separator!r})"
    )
    show_lines(report)
    if row.accepted:
        typer.echo(f"next: a second person approves it with telephony list approve {row.list_id} --as USERNAME")
    rows = [(reason, count) for reason, count in sorted(report.reasons.items())]
    if rows:
        print_table("rows not accepted", ("reason", "rows"), rows, "")
    examples = [(row.row, row.reason, row.text) for row in report.examples]
    if examples:
        print_table("examples", ("line", "reason", "fix"), examples, "")


@list_app.command()
def show(campaign: CampaignName, as_json: AsJson = False) -> None:
    """Show the lists of a campaign.

    Example: telephony list show --campaign "Satisfaction fibre"
    """

    async def work(bench: Services) -> list[LeadList]:
        chosen = await bench.store.campaigns.by_name(campaign)
        return list(await bench.store.leads.lists(chosen.campaign_id))

    lists = with_workbench(work)
    if as_json:
        print_json(lists)
        return
    rows = [
        (
            row.list_id,
            row.name,
            row.rows_read,
            row.accepted,
            row.rejected,
            row.duplicates,
            format_time(row.loaded_at),
            row.loaded_by,
            row.share or "",
            _state(row),
        )
        for row in lists
    ]
    columns = ("id", "name", "rows", "accepted", "to fix", "duplicates", "loaded", "by", "share", "state")
    print_table(f"lists of {campaign}", columns, rows, "no list yet; import one with telephony list import")


def _state(row: LeadList) -> str:
    if row.withdrawn_at is not None:
        return f"revoked by {row.withdrawn_by}: {row.withdrawal_reason}"
    if row.paused_at is not None:
        return f"paused by {row.paused_by}"
    return f"approved by {row.approved_by}" if row.approved_at else "pending approval"


ListNumber = Annotated[int, typer.Argument(help="Number of the list, from `list show`.", show_default=False)]


@list_app.command()
def approve(
    list_id: ListNumber, username: AsAccount, from_stdin: PasswordStdin = False, as_json: AsJson = False
) -> None:
    """Approve a list as the second person. Nobody approves a list they imported.

    Example: telephony list approve 3 --as l.petit
    """
    password = password_of(username, from_stdin=from_stdin)

    async def work(bench: Services) -> LeadList:
        return await bench.whitelist.approve_list(ListId(list_id), await second_person(bench, username, password))

    done = with_workbench(work)
    emit(
        done,
        f"list {list_id}: {done.accepted} leads approved by {done.approved_by}, loaded by {done.loaded_by}",
        as_json=as_json,
    )


@list_app.command()
def revoke(
    list_id: ListNumber,
    reason: Annotated[str, typer.Option(help="Why; no telephone number.", show_default=False)],
    as_json: AsJson = False,
) -> None:
    """Revoke a list. Its leads are no longer called, and calls to them end within seconds.

    Example: telephony list revoke 3 --reason "the client sent the wrong file"
    """
    done = with_workbench(
        lambda bench: bench.whitelist.withdraw_list(ListId(list_id), reason=reason, by=current_user())
    )
    emit(done, f"list {list_id} is revoked: its leads are no longer called", as_json=as_json)


@list_app.command()
def pause(list_id: ListNumber, as_json: AsJson = False) -> None:
    """Pause a list. Its leads are not called until it is resumed; calls in progress go on.

    Example: telephony list pause 3
    """
    done = with_workbench(lambda bench: bench.leads.pause_list(ListId(list_id), current_user()))
    emit(done, f"list {list_id} is paused", as_json=as_json)


@list_app.command()
def resume(list_id: ListNumber, as_json: AsJson = False) -> None:
    """Resume a paused list.

    Example: telephony list resume 3
    """
    done = with_workbench(lambda bench: bench.leads.resume_list(ListId(list_id), current_user()))
    emit(done, f"list {list_id} is resumed", as_json=as_json)


@list_app.command()
def mix(
    shares: Annotated[list[str], typer.Argument(help="LIST=SHARE, each share 0 to 100.", show_default=False)],
    as_json: AsJson = False,
) -> None:
    """Set the shares by which a campaign's lists are called. Lists with share 0 come last, oldest first.

    Example: telephony list mix 3=70 4=30
    """
    by_list = dict(_share(text) for text in shares)
    done = with_workbench(lambda bench: bench.leads.mix(by_list, current_user()))
    if as_json:
        print_json(done)
    else:
        print_table("shares", ("list", "name", "share"), [(row.list_id, row.name, row.share) for row in done], "")


def _share(text: str) -> tuple[ListId, int]:
    list_id, _, share = text.partition("=")
    if not list_id.isdecimal() or not share.isdecimal():
        raise InputError(f"{text!r} is not a share: write LIST=SHARE, e.g. 3=70")
    return ListId(int(list_id)), int(share)


@list_app.command()
def recycle(
    list_id: ListNumber,
    outcome: Annotated[list[str], typer.Option(help="Outcome or result of the leads to call again; may be repeated.")],
    as_json: AsJson = False,
) -> None:
    """Queue a list's finished leads with these outcomes again.

    Example: telephony list recycle 3 --outcome no_answer --outcome busy
    """
    count = with_workbench(lambda bench: bench.leads.recycle(ListId(list_id), outcome, current_user()))
    emit({"list_id": list_id, "recycled": count}, f"list {list_id}: {count} leads are queued again", as_json=as_json)
