"""``telephony incident``: list, show and close incidents. Closing takes a cause and two persons."""

from typing import Annotated

import typer

from telephony.app.wiring.services import Services
from telephony.cli.second_person import AsAccount, PasswordStdin, password_of, second_person
from telephony.cli.session import AsJson, current_user, emit, format_time, print_json, print_table, with_workbench
from telephony.errors import InputError
from telephony.ports.evidence.ledger import KeptIncident

incident_app = typer.Typer(name="incident", no_args_is_help=True, help="Incidents: list, show, close by two persons.")
Which = Annotated[int, typer.Argument(help="Number of the incident, from `incident list`.", show_default=False)]


@incident_app.command("list")
def list_(
    every: Annotated[bool, typer.Option("--all", help="Include closed incidents.")] = False, as_json: AsJson = False
) -> None:
    """List open incidents. While one is open, the proof of every later day shows a gap.

    Example: telephony incident list --all
    """
    incidents = [row for row in with_workbench(lambda bench: bench.incidents.recent()) if every or row.is_open]
    if as_json:
        print_json(incidents)
        return
    rows = [
        (
            incident.incident_id,
            format_time(incident.incident.opened_at),
            incident.incident.kind,
            incident.incident.text,
            _state(incident),
        )
        for incident in incidents
    ]
    print_table("incidents", ("id", "opened", "kind", "what", "state"), rows, "no open incident")


@incident_app.command()
def show(incident: Which, as_json: AsJson = False) -> None:
    """Show one incident.

    Example: telephony incident show 4
    """
    row = with_workbench(lambda bench: bench.incidents.get(incident))
    if as_json:
        print_json(row)
        return
    rows = [
        ("kind", row.incident.kind),
        ("about", row.incident.subject),
        ("what", row.incident.text),
        ("opened", format_time(row.incident.opened_at)),
        ("cause and decision", row.close_reason),
        ("explained by", f"{row.explained_by} ({row.typed_by})" if row.typed_by else row.explained_by),
        ("closed", format_time(row.closed_at)),
        ("closed by", row.closed_by),
    ]
    print_table(f"incident {incident}", ("what", "value"), rows, "")


@incident_app.command()
def close(
    incident: Which,
    by: Annotated[str, typer.Option(help="Account of the person who decides.", show_default=False)],
    reason: Annotated[str, typer.Option(help="Cause and decision; no telephone number.", show_default=False)],
    as_json: AsJson = False,
) -> None:
    """Enter cause and decision of an incident. A second person closes it with ``incident approve``.

    Example: telephony incident close 4 --by l.petit --reason "disk replaced, calls of that hour listened to"
    """

    async def work(bench: Services) -> KeptIncident:
        account = await bench.store.accounts.by_username(by)
        if account is None:
            raise InputError(f"there is no account {by}: see telephony account list")
        return await bench.incidents.explain(incident, account, reason, typed_by=current_user())

    explained = with_workbench(work)
    message = f"incident {incident}: open until a second person runs telephony incident approve {incident}"
    emit(explained, message, as_json=as_json)


@incident_app.command()
def approve(incident: Which, username: AsAccount, from_stdin: PasswordStdin = False, as_json: AsJson = False) -> None:
    """Close an incident as the second person. Shows the cause first.

    Example: telephony incident approve 4 --as s.martin
    """
    read = with_workbench(lambda bench: bench.incidents.get(incident))
    if read.close_reason and not from_stdin:
        typer.echo(f"cause, entered by {read.explained_by}: {read.close_reason}", err=True)
    password = password_of(username, from_stdin=from_stdin)

    async def work(bench: Services) -> KeptIncident:
        return await bench.incidents.close(incident, await second_person(bench, username, password), read.explained_at)

    closed = with_workbench(work)
    emit(closed, f"incident {incident}: closed", as_json=as_json)


def _state(incident: KeptIncident) -> str:
    if not incident.is_open:
        return f"closed by {incident.closed_by}: {incident.close_reason}"
    return f"waits for a second person: {incident.close_reason}" if incident.explained_by else "open"
