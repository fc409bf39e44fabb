"""``telephony do-not-call``: lists of numbers, plain or as digests, that are never called, and their removal."""

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from telephony.app.wiring.services import Services
from telephony.cli.loading import announce, show_lines
from telephony.cli.second_person import AsAccount, PasswordStdin, password_of, second_person
from telephony.cli.session import (
    AsJson,
    current_user,
    emit,
    format_time,
    plain,
    print_json,
    print_table,
    with_workbench,
)
from telephony.domain.law.do_not_call import DoNotCallRemoval
from telephony.services.rules.do_not_call import DoNotCallReport

do_not_call_app = typer.Typer(
    name="do-not-call", no_args_is_help=True, help="Do-not-call lists (DNC): import, list, remove."
)

Removal = Annotated[int, typer.Argument(help="Number of the removal.", show_default=False)]


@do_not_call_app.command("import")
def import_(
    file: Annotated[
        Path,
        typer.Argument(help="CSV with a telephone column, or one number or digest (MD5, SHA-1, SHA-256) per line."),
    ],
    name: Annotated[str, typer.Option(help="Name of the list; default: the file's.")] = "",
    client: Annotated[str, typer.Option(help="Apply to calls for this company only; default: all calls.")] = "",
    known: Annotated[
        list[str] | None, typer.Option(help="A number on the list, to prove that its digests match; may be repeated.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Import a do-not-call list. From now on its numbers are not called.

    Exit status 1 if a line cannot be read, or if no campaign calls for the company: its name may be misspelled.

    Salted digests never match a number. If nothing proves that the digests match, the file is refused: give a number
    on the list with --known.

    Example: telephony do-not-call import objections.txt --client "Alpha Télécom"
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
                file, name=name, client_company=client, by=current_user(), known=known or (), progress=progress,
                before=None if as_json else announce,
            )  # fmt: skip

        report = with_workbench(work)
    if as_json:
        print_json(report)
    else:
        _show(report)
    raise typer.Exit(0 if report.is_whole else 1)


def _show(report: DoNotCallReport) -> None:
    row = report.list
    typer.echo(f"do-not-call list {row.list_id} ({row.name}): {row.entries} numbers of {report.read} lines")
    show_lines(report)
    if report.digests:
        shown = (
            f"{report.proven} of them proved to match" if report.proven else "no proof that they match: give --known"
        )
        typer.echo(f"{report.digests} of them are digests, {shown}")
    if report.unreadable:
        examples = ", ".join(map(str, report.examples))
        typer.echo(f"{report.unreadable} lines are neither a number nor a digest, e.g. line {examples}: fix them")


@do_not_call_app.command("list")
def list_(as_json: AsJson = False) -> None:
    """List the do-not-call lists.

    Example: telephony do-not-call list
    """
    lists = with_workbench(lambda bench: bench.do_not_call.all())
    if as_json:
        print_json(lists)
        return
    rows = [
        (
            row.list_id,
            row.name,
            row.client_company or "all",
            row.entries,
            row.loaded_by,
            format_time(row.loaded_at),
            format_time(row.withdrawn_at) if row.withdrawn_at else "",
        )
        for row in lists
    ]
    columns = ("id", "name", "applies to calls for", "numbers", "loaded by", "loaded", "removed")
    print_table("do-not-call lists", columns, rows, "no do-not-call list")


@do_not_call_app.command()
def remove(
    list_id: Annotated[int, typer.Argument(help="Number of the list.", show_default=False)],
    reason: Annotated[str, typer.Option(help="Why; entered in the ledger. No telephone number.", show_default=False)],
    entry: Annotated[str, typer.Option(help="Remove only this number or digest; default: the whole list.")] = "",
    as_json: AsJson = False,
) -> None:
    """Request the removal of a list, or of one number on it. A second person approves it.

    Example: telephony do-not-call remove 2 --entry "01 99 00 41 27" --reason "signed a new consent, letter 311"
    """
    removal = with_workbench(
        lambda bench: bench.do_not_call.ask_withdrawal(list_id, by=current_user(), reason=reason, entry=entry)
    )
    agrees = f"a second person approves it with telephony do-not-call approve {removal.withdrawal_id}"
    emit(
        _as_data(removal),
        f"removal {removal.withdrawal_id} is pending, {_what(removal)} is still in force: {agrees}",
        as_json=as_json,
    )


@do_not_call_app.command()
def approve(removal: Removal, username: AsAccount, from_stdin: PasswordStdin = False, as_json: AsJson = False) -> None:
    """Approve a removal as the second person. It takes effect at once.

    Example: telephony do-not-call approve 1 --as l.petit
    """
    password = password_of(username, from_stdin=from_stdin)

    async def work(bench: Services) -> DoNotCallRemoval:
        return await bench.do_not_call.approve_withdrawal(removal, await second_person(bench, username, password))

    approved = with_workbench(work)
    emit(_as_data(approved), f"{_what(approved)} is removed, approved by {username}", as_json=as_json)


@do_not_call_app.command()
def cancel(removal: Removal, as_json: AsJson = False) -> None:
    """Cancel a pending removal. The list stays in force.

    Example: telephony do-not-call cancel 1
    """
    cancelled = with_workbench(lambda bench: bench.do_not_call.drop_withdrawal(removal, current_user()))
    emit(_as_data(cancelled), f"removal {removal} is cancelled: {_what(cancelled)} stays in force", as_json=as_json)


@do_not_call_app.command()
def removals(as_json: AsJson = False) -> None:
    """List all removals: who requested and approved them, and why.

    Example: telephony do-not-call removals
    """
    requests = with_workbench(lambda bench: bench.do_not_call.withdrawals())
    if as_json:
        print_json([_as_data(removal) for removal in requests])
        return
    rows = [
        (
            removal.withdrawal_id,
            removal.list_id,
            removal.shown or "whole list",
            removal.asked_by,
            format_time(removal.asked_at),
            removal.approved_by or (f"cancelled by {removal.dropped_by}" if removal.dropped_by else "pending"),
            removal.reason,
        )
        for removal in requests
    ]
    columns = ("id", "list", "what", "requested by", "requested", "approved by", "reason")
    print_table("do-not-call removals", columns, rows, "no removal: every list is in force")


def _what(removal: DoNotCallRemoval) -> str:
    return (
        f"{removal.shown} on do-not-call list {removal.list_id}"
        if removal.entry
        else f"do-not-call list {removal.list_id}"
    )


def _as_data(removal: DoNotCallRemoval) -> dict[str, Any]:
    return {**plain(removal), "entry": removal.shown}
