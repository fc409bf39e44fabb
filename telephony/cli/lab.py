"""``telephony lab``: start, stop and list labs. Parses and prints; ``workshop.lab`` does the work."""

import json
from collections.abc import Callable
from typing import Annotated, TypeVar

import typer
from rich.console import Console
from rich.table import Table

from telephony.errors import LabError, TelephonyError
from telephony.workshop.lab import Lab, LabOptions, lab_down, lab_down_all, lab_list, lab_up
from telephony.workshop.lab.model import lab_json

lab_app = typer.Typer(
    name="lab",
    no_args_is_help=True,
    help="Labs of real Asterisk instances for demonstrations and tests: start, stop, list.",
)

Result = TypeVar("Result")
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON and nothing else.")]


@lab_app.command()
def up(
    seats: Annotated[int, typer.Option(min=1, max=200, help="Number of seats, each with a registered phone.")] = 6,
    carrier: Annotated[
        str | None, typer.Option(help="HOST:PORT of your own carrier; default: the simulated one (world).")
    ] = None,
    second_carrier: Annotated[
        str | None, typer.Option(help="HOST:PORT of a second trunk, named second; world: the simulated carrier.")
    ] = None,
    database: Annotated[str | None, typer.Option(help="Database URL; default: SQLite.")] = None,
    lab_id: Annotated[str | None, typer.Option("--id", help="Name of the lab; default: random.")] = None,
    as_json: AsJson = False,
) -> None:
    """Start a lab and wait until it works.

    Examples:
      telephony lab up

      telephony lab up --seats 12 --id demo --json

      telephony lab up --carrier 127.0.0.1:5099 --second-carrier world
    """
    options = LabOptions(
        seats=seats, carrier=carrier, second_carrier=second_carrier, database=database, lab_id=lab_id, has_warden=True
    )
    lab = _reporting(lambda report: lab_up(options, report), as_json=as_json)
    if as_json:
        typer.echo(json.dumps(lab_json(lab), indent=2))
    else:
        _show(lab)


@lab_app.command()
def down(
    lab_id: Annotated[str | None, typer.Argument(help="Name of the lab; optional if there is only one.")] = None,
    is_all: Annotated[bool, typer.Option("--all", help="Stop every lab, incomplete ones too.")] = False,
    as_json: AsJson = False,
) -> None:
    """Stop a lab and remove its processes, network rules and folder.

    Examples:
      telephony lab down demo

      telephony lab down --all
    """
    names = _reporting(lambda _: _end(lab_id, is_all=is_all), as_json=True)
    if as_json:
        typer.echo(json.dumps({"ended": list(names)}, indent=2))
    else:
        typer.echo(f"stopped: {', '.join(names)}" if names else "there was no lab to stop")


@lab_app.command()
def status(as_json: AsJson = False) -> None:
    """List the labs of this host.

    Examples:
      telephony lab status

      telephony lab status --json
    """
    rows = lab_list()
    if as_json:
        typer.echo(json.dumps(rows, indent=2))
        return
    table = Table("lab", "state", "running", "folder")
    for row in rows:
        table.add_row(row["lab_id"], row["state"], row["running"], row["folder"])
    Console().print(table if rows else "no lab")


def _end(lab_id: str | None, *, is_all: bool) -> tuple[str, ...]:
    if is_all:
        return lab_down_all()
    there = [row["lab_id"] for row in lab_list()]
    if lab_id is None:
        if len(there) != 1:
            raise LabError(f"there are {len(there)} labs; give a name or --all: {', '.join(there)}")
        lab_id = there[0]
    return (lab_id,) if lab_down(lab_id) else ()


def _reporting(work: Callable[[Callable[[str], None]], Result], *, as_json: bool) -> Result:
    console = Console(stderr=True)
    try:
        if as_json:
            return work(lambda _: None)
        with console.status("starting") as line:
            return work(line.update)
    except TelephonyError as error:
        console.print(f"lab: {error}", markup=False, highlight=False, soft_wrap=True)
        raise typer.Exit(error.exit_status) from None


def _show(lab: Lab) -> None:
    table = Table("what", "where", title=f"lab {lab.lab_id}, Asterisk {lab.asterisk}")
    table.add_row("settings", str(lab.settings))
    table.add_row(
        "controller", f"FastAGI {lab.controller_host}:{lab.agi_port}, web {lab.controller_host}:{lab.web_port}"
    )
    for instance in lab.instances:
        places = ", ".join(f"{what} {where}" for what, where in instance.addresses.items())
        table.add_row(f"{instance.name} ({instance.pid})", places)
    table.add_row("carrier", lab.carrier)
    table.add_row("seats", f"1 to {len(lab.seats)}, phones registered")
    table.add_row("network rules", lab.firewall_table or f"not applied: {lab.firewall_note}")
    Console().print(table)


if __name__ == "__main__":
    lab_app()
