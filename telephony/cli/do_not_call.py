"""``telephony opposition``: lists of numbers that are never called, plain or as digests, and their withdrawal."""

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from telephony.app.wiring.services import Services
from telephony.cli.loading import announce, show_lines
from telephony.cli.second_person import AsAccount, PasswordStdin, password_of, second_person
from telephony.cli.session import AsJson, moment, plain, print_json, print_table, tell, who, with_workbench
from telephony.domain.law.do_not_call import DoNotCallRemoval
from telephony.services.rules.do_not_call import DoNotCallReport

opposition_app = typer.Typer(
    name="opposition", no_args_is_help=True, help="Opposition lists: numbers that are never called."
)

Enforcement = Annotated[int, typer.Argument(help="Number of the withdrawal.", show_default=False)]


@opposition_app.command("import")
def import_(
    file: Annotated[
        Path,
        typer.Argument(help="CSV with a telephone column, or numbers or digests (MD5, SHA-1, SHA-256) one a line."),
    ],
    name: Annotated[str, typer.Option(help="Name of the list; default: the file's.")] = "",
    client: Annotated[str, typer.Option(help="Only calls for this company; default: everybody's.")] = "",
    known: Annotated[list[str] | None, typer.Option(help="A number that stands on it: proves its digests.")] = None,
    as_json: AsJson = False,
) -> None:
    """Load a list: from now on none of its numbers is called. Exit status 1 when a row could not be read.

    It is 1 as well when no campaign calls for the company: its name may be misspelt, and then nobody is protected.

    Digests bind only without salt: where nothing shows that they do, the file is refused until a number that stands on
    it is given with --known.

    Example: telephony opposition import objections.txt --client "Alpha Télécom"
    """
    console = Console(stderr=True)
    with Progress(
        TextColumn("numbers"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(),
        console=console, transient=True, disable=as_json or not console.is_terminal,
    ) as bar:  # fmt: skip
        task = bar.add_task("numbers", total=None)

        def progress(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total)

        async def work(bench: Services) -> DoNotCallReport:
            return await bench.do_not_call.load(
                file, name=name, client_company=client, by=who(), known=known or (), progress=progress,
                before=None if as_json else announce,
            )  # fmt: skip

        report = with_workbench(work)
    if as_json:
        print_json(report)
    else:
        _show(report)
    raise typer.Exit(0 if report.is_whole else 1)


def _show(report: DoNotCallReport) -> None:
    one = report.list
    typer.echo(f"opposition list {one.list_id} ({one.name}): {one.entries} numbers of {report.read} lines")
    show_lines(report)
    if report.digests:
        shown = (
            f"{report.proven} of them proved to bind" if report.proven else "nothing shows that they bind: give --known"
        )
        typer.echo(f"{report.digests} of them are digests, {shown}")
    if report.unreadable:
        examples = ", ".join(map(str, report.examples))
        typer.echo(f"{report.unreadable} lines are neither a number nor a digest, e.g. line {examples}: mend them")


@opposition_app.command("list")
def list_(as_json: AsJson = False) -> None:
    """Show the opposition lists.

    Example: telephony opposition list
    """
    found = with_workbench(lambda bench: bench.do_not_call.all())
    if as_json:
        print_json(found)
        return
    rows = [
        (
            one.list_id,
            one.name,
            one.client_company or "everybody",
            one.entries,
            one.loaded_by,
            moment(one.loaded_at),
            moment(one.withdrawn_at) if one.withdrawn_at else "",
        )
        for one in found
    ]
    columns = ("id", "name", "binds calls for", "numbers", "loaded by", "loaded", "withdrawn")
    print_table("opposition lists", columns, rows, "none")


@opposition_app.command()
def withdraw(
    list_id: Annotated[int, typer.Argument(help="Number of the list.", show_default=False)],
    reason: Annotated[str, typer.Option(help="Why; it goes into the ledger, without a number.", show_default=False)],
    entry: Annotated[str, typer.Option(help="Only this number, or digest; default: the whole list.")] = "",
    as_json: AsJson = False,
) -> None:
    """Ask that a list, or one number of it, binds no more; nothing changes before somebody else has approved.

    Example: telephony opposition withdraw 2 --entry "01 99 00 41 27" --reason "signed a new consent, letter 311"
    """
    one = with_workbench(lambda bench: bench.do_not_call.ask_withdrawal(list_id, by=who(), reason=reason, entry=entry))
    agrees = f"somebody else agrees with telephony opposition approve {one.withdrawal_id}"
    tell(_as_data(one), f"withdrawal {one.withdrawal_id} waits, {_what(one)} binds on: {agrees}", as_json=as_json)


@opposition_app.command()
def approve(
    withdrawal: Enforcement, username: AsAccount, from_stdin: PasswordStdin = False, as_json: AsJson = False
) -> None:
    """Agree to a withdrawal, as the second person: it takes effect at once.

    Example: telephony opposition approve 1 --as l.petit
    """
    password = password_of(username, from_stdin=from_stdin)

    async def work(bench: Services) -> DoNotCallRemoval:
        return await bench.do_not_call.approve_withdrawal(withdrawal, await second_person(bench, username, password))

    one = with_workbench(work)
    tell(_as_data(one), f"{_what(one)} binds no more, approved by {username}", as_json=as_json)


@opposition_app.command()
def drop(withdrawal: Enforcement, as_json: AsJson = False) -> None:
    """Give a withdrawal up that nobody has approved yet: the list binds on.

    Example: telephony opposition drop 1
    """
    one = with_workbench(lambda bench: bench.do_not_call.drop_withdrawal(withdrawal, who()))
    tell(_as_data(one), f"withdrawal {withdrawal} is dropped: {_what(one)} binds on", as_json=as_json)


@opposition_app.command()
def withdrawals(as_json: AsJson = False) -> None:
    """Show every withdrawal there ever was: who asked, who agreed, and why.

    Example: telephony opposition withdrawals
    """
    found = with_workbench(lambda bench: bench.do_not_call.withdrawals())
    if as_json:
        print_json([_as_data(one) for one in found])
        return
    rows = [
        (
            one.withdrawal_id,
            one.list_id,
            one.shown or "whole list",
            one.asked_by,
            moment(one.asked_at),
            one.approved_by or (f"dropped by {one.dropped_by}" if one.dropped_by else "waits"),
            one.reason,
        )
        for one in found
    ]
    columns = ("id", "list", "what", "asked by", "asked", "approved by", "reason")
    print_table("withdrawals of opposition", columns, rows, "none: every list binds")


def _what(one: DoNotCallRemoval) -> str:
    return f"{one.shown} on opposition list {one.list_id}" if one.entry else f"opposition list {one.list_id}"


def _as_data(one: DoNotCallRemoval) -> dict[str, Any]:
    return {**plain(one), "entry": one.shown}
