"""``telephony demo``: dial a campaign through the gate on three Asterisk instances, with robot operators."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from telephony.cli.session import AsJson, plain, print_json
from telephony.domain.campaigns.dialing_options import DialMode
from telephony.errors import InputError
from telephony.workshop.demo.run import DemoOptions, demonstrate
from telephony.workshop.demo.shift import Shift
from telephony.workshop.demo.shift_run import play


def demo(
    seats: Annotated[int, typer.Option(min=1, max=24, help="Number of robot operators.")] = 6,
    leads: Annotated[
        Path | None, typer.Option(help="CSV file of leads; default: config/examples/leads-300.csv.")
    ] = None,
    keep: Annotated[bool, typer.Option("--keep", help="Leave everything running at the end.")] = False,
    crash_at: Annotated[
        float | None,
        typer.Option(min=1, max=3600, help="Kill the controller (SIGKILL) after N seconds and start it again."),
    ] = None,
    minutes: Annotated[
        float | None, typer.Option(min=0.5, max=60, help="Run a shift of N minutes and compare it with its simulation.")
    ] = None,
    answer_rate: Annotated[
        float, typer.Option(min=0.05, max=0.9, help="With --minutes: share of dials answered.")
    ] = 0.25,
    mode: Annotated[DialMode, typer.Option(help="With --minutes: dialing mode.")] = DialMode.PREDICTIVE,
    seed: Annotated[int, typer.Option(help="With --minutes: random seed.")] = 1,
    as_json: AsJson = False,
) -> None:
    """Dial the example campaign and check the result. The last line is DEMO OK … or DEMO FAILED: reason.

    Examples:
      telephony demo

      telephony demo --keep

      telephony demo --crash-at 40

      telephony demo --seats 12 --minutes 10 --answer-rate 0.25

      telephony demo --json
    """
    console = Console(stderr=as_json)
    if minutes is not None and crash_at is not None:
        raise InputError("--minutes and --crash-at exclude each other: leave one out")
    if minutes is not None:
        shift = Shift(seats, minutes, answer_rate, seed, mode)
        as_data = (lambda figures, faults: print_json(plain(figures) | {"faults": faults})) if as_json else None
        raise typer.Exit(asyncio.run(play(shift, console, as_data, keep=keep)))
    options = DemoOptions(seats=seats, leads=leads, keep=keep, crash_at_s=crash_at)
    raise typer.Exit(asyncio.run(demonstrate(options, console, print_json if as_json else None)))
