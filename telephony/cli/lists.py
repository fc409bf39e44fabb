"""``telephony list``: load a file of leads into a campaign, see what became of its rows, approve and withdraw it."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from telephony.app.wiring.services import Services
from telephony.cli.loading import announce, show_lines
from telephony.cli.second_person import AsAccount, PasswordStdin, password_of, second_person
from telephony.cli.session import AsJson, moment, print_json, print_table, tell, who, with_workbench
from telephony.domain.leads.leads import LeadList
from telephony.errors import InputError
from telephony.ids import ListId
from telephony.services.lists.importer import ImportReport

list_app = typer.Typer(
    name="list", no_args_is_help=True, help="Lists of leads: import, show, approve, withdraw, pause, mix, recycle."
)
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
    console = Console(stderr=True)
    with Progress(
        TextColumn("rows"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(),
        console=console, transient=True, disable=as_json or not console.is_terminal,
    ) as bar:  # fmt: skip
        task = bar.add_task("rows", total=None)

        def progress(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total or None)

        async def work(bench: Services) -> ImportReport:
            chosen = await bench.store.campaigns.by_name(campaign)
            called = name or file.resolve().name
            return await bench.lists.load_file(
                file, campaign=chosen, name=called, by=who(), progress=progress, before=None if as_json else announce
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
    show_lines(report)
    if one.accepted:
        typer.echo(f"next: somebody else lets it be called with telephony list approve {one.list_id} --as USERNAME")
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

    async def work(bench: Services) -> list[LeadList]:
        chosen = await bench.store.campaigns.by_name(campaign)
        return list(await bench.store.leads.lists(chosen.campaign_id))

    lists = with_workbench(work)
    if as_json:
        print_json(lists)
        return
    rows = [
        (
            one.list_id,
            one.name,
            one.rows_read,
            one.accepted,
            one.rejected,
            one.duplicates,
            moment(one.loaded_at),
            one.loaded_by,
            one.share or "",
            _state(one),
        )
        for one in lists
    ]
    columns = ("id", "name", "rows", "accepted", "to fix", "duplicates", "loaded", "by", "share", "state")
    print_table(f"lists of {campaign}", columns, rows, "no list yet; load one with telephony list import")


def _state(one: LeadList) -> str:
    if one.withdrawn_at is not None:
        return f"withdrawn by {one.withdrawn_by}: {one.withdrawal_reason}"
    if one.paused_at is not None:
        return f"paused by {one.paused_by}"
    return f"approved by {one.approved_by}" if one.approved_at else "waits for approval"


ListNumber = Annotated[int, typer.Argument(help="Number of the list, as `list show` has it.", show_default=False)]


@list_app.command()
def approve(
    list_id: ListNumber, username: AsAccount, from_stdin: PasswordStdin = False, as_json: AsJson = False
) -> None:
    """Let a list be called, as the second person: nobody approves what they loaded themselves.

    Example: telephony list approve 3 --as l.petit
    """
    password = password_of(username, from_stdin=from_stdin)

    async def work(bench: Services) -> LeadList:
        return await bench.whitelist.approve_list(ListId(list_id), await second_person(bench, username, password))

    done = with_workbench(work)
    tell(
        done,
        f"list {list_id}: {done.accepted} leads approved by {done.approved_by}, loaded by {done.loaded_by}",
        as_json=as_json,
    )


@list_app.command()
def withdraw(
    list_id: ListNumber,
    reason: Annotated[str, typer.Option(help="Why; no telephone number.", show_default=False)],
    as_json: AsJson = False,
) -> None:
    """Let none of a list's leads be called from now on; calls to them end within seconds.

    Example: telephony list withdraw 3 --reason "the client sent the wrong file"
    """
    done = with_workbench(lambda bench: bench.whitelist.withdraw_list(ListId(list_id), reason=reason, by=who()))
    tell(done, f"list {list_id} is withdrawn: nothing leaves to its leads any more", as_json=as_json)


@list_app.command()
def pause(list_id: ListNumber, as_json: AsJson = False) -> None:
    """Leave a list's leads untouched until it is resumed; calls under way go on.

    Example: telephony list pause 3
    """
    done = with_workbench(lambda bench: bench.leads.pause_list(ListId(list_id), who()))
    tell(done, f"list {list_id} is paused", as_json=as_json)


@list_app.command()
def resume(list_id: ListNumber, as_json: AsJson = False) -> None:
    """Call a paused list's leads again.

    Example: telephony list resume 3
    """
    done = with_workbench(lambda bench: bench.leads.resume_list(ListId(list_id), who()))
    tell(done, f"list {list_id} is called again", as_json=as_json)


@list_app.command()
def mix(
    shares: Annotated[list[str], typer.Argument(help="LIST=SHARE, each share 0 to 100.", show_default=False)],
    as_json: AsJson = False,
) -> None:
    """Call a campaign's lists by share; those with a share of 0 come after the others, oldest first.

    Example: telephony list mix 3=70 4=30
    """
    read = dict(_share(word) for word in shares)
    done = with_workbench(lambda bench: bench.leads.mix(read, who()))
    if as_json:
        print_json(done)
    else:
        print_table("shares", ("list", "name", "share"), [(one.list_id, one.name, one.share) for one in done], "")


def _share(word: str) -> tuple[ListId, int]:
    list_id, _, share = word.partition("=")
    if not list_id.isdecimal() or not share.isdecimal():
        raise InputError(f"{word!r} is no share; write LIST=SHARE, such as 3=70")
    return ListId(int(list_id)), int(share)


@list_app.command()
def recycle(
    list_id: ListNumber,
    outcome: Annotated[list[str], typer.Option(help="Ending whose leads are called anew; may be repeated.")],
    as_json: AsJson = False,
) -> None:
    """Call a list's finished leads anew, those that ended in one of these ways.

    Example: telephony list recycle 3 --outcome no_answer --outcome busy
    """
    count = with_workbench(lambda bench: bench.leads.recycle(ListId(list_id), outcome, who()))
    tell({"list_id": list_id, "recycled": count}, f"list {list_id}: {count} leads are called anew", as_json=as_json)
