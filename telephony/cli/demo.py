"""``telephony demo``: a campaign through the gate, on three real Asterisk instances, with robot operators."""

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
    seats: Annotated[int, typer.Option(min=1, max=24, help="Robot operators.")] = 6,
    leads: Annotated[Path | None, typer.Option(help="CSV list; default: config/examples/leads-300.csv.")] = None,
    keep: Annotated[bool, typer.Option("--keep", help="Leave everything running at the end.")] = False,
    crash_at: Annotated[
        float | None,
        typer.Option(min=1, max=3600, help="Kill the controller (SIGKILL) after so many seconds and start it again."),
    ] = None,
    minutes: Annotated[
        float | None,
        typer.Option(min=0.5, max=60, help="Play a shift of so many minutes; compare with its simulation."),
    ] = None,
    answer_rate: Annotated[float, typer.Option(min=0.05, max=0.9, help="Of a shift: share that answers.")] = 0.25,
    mode: Annotated[DialMode, typer.Option(help="Of a shift: how calls are paced.")] = DialMode.PREDICTIVE,
    seed: Annotated[int, typer.Option(help="Of a shift: names the draw.")] = 1,
    as_json: AsJson = False,
) -> None:
    """Dial the example campaign and judge the result; the last line is DEMO OK … or DEMO FAILED: reason.

    Examples:
      telephony demo

      telephony demo --keep

      telephony demo --crash-at 40

      telephony demo --seats 12 --minutes 10 --answer-rate 0.25

      telephony demo --json
    """
    console = Console(stderr=as_json)
    if minutes is not None and crash_at is not None:
        raise InputError("a shift is played without a crash: leave out --minutes or --crash-at")
    if minutes is not None:
        shift = Shift(seats, minutes, answer_rate, seed, mode)
        tell = (lambda found, faults: print_json(plain(found) | {"faults": faults})) if as_json else None
        raise typer.Exit(asyncio.run(play(shift, console, tell, keep=keep)))
    options = DemoOptions(seats=seats, leads=leads, keep=keep, crash_at_s=crash_at)
    raise typer.Exit(asyncio.run(demonstrate(options, console, print_json if as_json else None)))
