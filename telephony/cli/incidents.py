"""``telephony incident``: what must not be and was found; closing it takes a cause and two persons."""

from typing import Annotated

import typer

from telephony.app.wiring.services import Services
from telephony.cli.second_person import AsAccount, PasswordStdin, password_of, second_person
from telephony.cli.session import AsJson, moment, print_json, print_table, tell, who, with_workbench
from telephony.errors import InputError
from telephony.ports.evidence.ledger import KeptIncident

incident_app = typer.Typer(name="incident", no_args_is_help=True, help="Incidents: list, show, close by two persons.")
Which = Annotated[int, typer.Argument(help="Its number, as `incident list` shows it.", show_default=False)]


@incident_app.command("list")
def list_(
    every: Annotated[bool, typer.Option("--all", help="Closed ones too.")] = False, as_json: AsJson = False
) -> None:
    """List open incidents; while one is open, no day after it proves whole.

    Example: telephony incident list --all
    """
    found = [one for one in with_workbench(lambda bench: bench.incidents.recent()) if every or one.is_open]
    if as_json:
        print_json(found)
        return
    rows = [
        (
            one.incident_id,
            moment(one.incident.opened_at),
            one.incident.kind,
            one.incident.text,
            _state(one),
        )
        for one in found
    ]
    print_table("incidents", ("id", "opened", "kind", "what", "state"), rows, "no open incident")


@incident_app.command()
def show(incident: Which, as_json: AsJson = False) -> None:
    """Show one incident.

    Example: telephony incident show 4
    """
    one = with_workbench(lambda bench: bench.incidents.get(incident))
    if as_json:
        print_json(one)
        return
    rows = [
        ("kind", one.incident.kind),
        ("about", one.incident.subject),
        ("what", one.incident.text),
        ("opened", moment(one.incident.opened_at)),
        ("cause and decision", one.close_reason),
        ("given by", f"{one.explained_by} ({one.typed_by})" if one.typed_by else one.explained_by),
        ("closed", moment(one.closed_at)),
        ("closed by", one.closed_by),
    ]
    print_table(f"incident {incident}", ("what", "value"), rows, "")


@incident_app.command()
def close(
    incident: Which,
    by: Annotated[str, typer.Option(help="Account of whoever decides.", show_default=False)],
    reason: Annotated[str, typer.Option(help="Cause and decision; no telephone number.", show_default=False)],
    as_json: AsJson = False,
) -> None:
    """Say cause and decision of one incident; it is closed once somebody else agrees with ``incident approve``.

    Example: telephony incident close 4 --by l.petit --reason "disk replaced, calls of that hour listened to"
    """

    async def work(bench: Services) -> KeptIncident:
        account = await bench.store.accounts.by_username(by)
        if account is None:
            raise InputError(f"there is no account {by}: telephony account list")
        return await bench.incidents.explain(incident, account, reason, typed_by=who())

    one = with_workbench(work)
    waits = f"incident {incident}: open until somebody else runs telephony incident approve {incident}"
    tell(one, waits, as_json=as_json)


@incident_app.command()
def approve(incident: Which, username: AsAccount, from_stdin: PasswordStdin = False, as_json: AsJson = False) -> None:
    """Agree, as the second person, to the cause somebody gave, which is shown first: the incident is closed.

    Example: telephony incident approve 4 --as s.martin
    """
    read = with_workbench(lambda bench: bench.incidents.get(incident))
    if read.close_reason and not from_stdin:
        typer.echo(f"cause, given by {read.explained_by}: {read.close_reason}", err=True)
    password = password_of(username, from_stdin=from_stdin)

    async def work(bench: Services) -> KeptIncident:
        return await bench.incidents.close(incident, await second_person(bench, username, password), read.explained_at)

    one = with_workbench(work)
    tell(one, f"incident {incident}: closed", as_json=as_json)


def _state(one: KeptIncident) -> str:
    if not one.is_open:
        return f"closed by {one.closed_by}: {one.close_reason}"
    return f"waits for a second person: {one.close_reason}" if one.explained_by else "open"
