"""``telephony bench``: figures as ratios to a floor measured in the same run."""

import asyncio
import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console

from telephony.cli.bench.leads import leads
from telephony.cli.bench.pacing import pacing
from telephony.cli.bench.proof import proof
from telephony.cli.bench.shared import shared
from telephony.cli.prove import progress
from telephony.cli.session import AsJson, print_json, print_table
from telephony.domain.pacing.predictive import Predictive
from telephony.errors import InputError
from telephony.workshop.bench.calls import Step, bench_calls
from telephony.workshop.bench.gate import BYTES, P99_MS, READY_S, GateFigures, bench_gate
from telephony.workshop.bench.load_500 import LATE_MS, LOOP_SHARE, CrowdFigures, bench_crowd
from telephony.workshop.bench.load_500_exchange import People

FASTEST: Final = 1000
"""New calls per second; no machine with one Asterisk begins so many."""

bench_app = typer.Typer(name="bench", no_args_is_help=True, help="Benchmarks, each beside a floor of the same run.")
bench_app.command()(pacing)
bench_app.command()(leads)
bench_app.command()(shared)
bench_app.command()(proof)


@bench_app.command()
def calls(
    rates: Annotated[str, typer.Option(help="New calls per second, rising, separated by commas.")] = "5,10,20,30",
    seconds: Annotated[float, typer.Option(min=5, max=300, help="How long each rate is held, seconds.")] = 20,
    as_json: AsJson = False,
) -> None:
    """New calls per second through pbx and gate with recording, and CPU per call beside Asterisk's, in one run.

    Example: telephony bench calls --rates 10,20,40 --seconds 30
    """
    asked = _rates(rates)
    console = Console(stderr=True)
    with console.status("starting") as line:
        steps = asyncio.run(bench_calls(asked, seconds, line.update))
    if as_json:
        print_json([dataclasses.asdict(one) | {"ratio": one.ratio, "holds": one.holds} for one in steps])
        return
    _show(steps)


def _rates(text: str) -> list[float]:
    try:
        rates = [float(rate) for rate in text.split(",")]
    except ValueError as error:
        raise InputError("--rates takes numbers separated by commas, e.g. 5,10,20") from error
    if not all(0 < rate <= FASTEST for rate in rates):  # what is no number neither
        raise InputError(f"--rates takes more than 0 and at most {FASTEST} new calls per second, e.g. 5,10,20")
    return rates


@bench_app.command()
def gate(
    numbers: Annotated[int, typer.Option(help="Numbers on approved lists.")] = 10_000_000,
    rate: Annotated[float, typer.Option(min=1, max=1000, help="Questions per second.")] = 50,
    seconds: Annotated[float, typer.Option(min=2, max=600, help="How long, seconds.")] = 20,
    database: Annotated[str | None, typer.Option(help="URL of an empty PostgreSQL database; default: SQLite.")] = None,
    keep: Annotated[Path | None, typer.Option(help="SQLite file to make, or to use again.")] = None,
    as_json: AsJson = False,
) -> None:
    """One decision at the gate with millions of numbers: time, memory per number, start; exit status 1 under a mark.

    Examples:
      telephony bench gate --numbers 1000000

      telephony bench gate --keep /var/tmp/numbers.db --rate 100
    """
    with progress() as report:
        found = asyncio.run(bench_gate(numbers, rate, seconds, database, keep, report))
    if as_json:
        print_json(dataclasses.asdict(found) | {"bytes_per_number": found.bytes_per_number, "holds": found.holds})
    else:
        _show_gate(found)
    if not found.holds:
        raise typer.Exit(1)


@bench_app.command()
def crowd(
    operators: Annotated[int, typer.Option(min=1, max=999, help="Operators on the floor.")] = 500,
    lines: Annotated[int, typer.Option(min=1, max=2000, help="Most simultaneous calls.")] = 1500,
    seconds: Annotated[float, typer.Option(min=2, max=3600, help="How long, once the floor is busy, seconds.")] = 60,
    answer_rate: Annotated[float, typer.Option(min=0.01, max=1, help="Share of dials that a person answers.")] = 0.25,
    talk: Annotated[float, typer.Option(min=1, max=600, help="Mean conversation, seconds.")] = 60,
    as_json: AsJson = False,
) -> None:
    """Hundreds of operators on one controller, against a switch in memory: event loop and lateness of decisions.

    Example: telephony bench crowd --operators 500 --lines 1500
    """
    console = Console(stderr=True)
    with console.status("starting") as line:
        people = People(answer_rate, talk_s=talk)
        found = asyncio.run(bench_crowd(operators, lines, seconds, people, Predictive(), line.update))
    if as_json:
        print_json(dataclasses.asdict(found) | {"holds": found.holds})
    else:
        _show_crowd(found)
    if not found.holds:
        raise typer.Exit(1)


def _show_crowd(found: CrowdFigures) -> None:
    cells = [
        ("event loop's thread, share of one core", f"{found.loop_share:.1%}", f"< {LOOP_SHARE:.0%}"),
        ("whole controller, share of one core", f"{found.process_share:.1%}", ""),
        (
            "pacing decision, ms late, p99 / latest",
            f"{found.late_p99_ms:.1f} / {found.late_max_ms:.1f}",
            f"≤ {LATE_MS:g}",
        ),
        ("dial ordered to dial made, ms, p50 / p99", f"{found.order_p50_ms:.1f} / {found.order_p99_ms:.1f}", ""),
        ("pacing decision, CPU µs", f"{found.step_us:.0f}", ""),
        ("permit question to answer, ms, p99", f"{found.verdict_p99_ms:.1f}", ""),
        ("answered call to its seat, ms, p50 / p99", f"{found.route_p50_ms:.1f} / {found.route_p99_ms:.1f}", ""),
        ("longest that the loop kept anybody waiting, ms", f"{found.beat_max_ms:.1f}", ""),
        ("the same of a process that only waits, ms", f"{found.machine_max_ms:.1f}", "floor"),
        ("new calls per second", f"{found.dials / found.seconds:.1f}", ""),
        ("most simultaneous calls", str(found.most_calls), ""),
        ("operators in conversation", f"{found.talking:.1%}", ""),
        ("abandoned", f"{found.abandoned:.2%}", ""),
        ("memory, MiB", f"{found.memory_mib:.0f}", ""),
    ]
    print_table(f"crowd: {found.operators} operators for {found.seconds:.0f} s", ("", "measured", "mark"), cells, "")
    typer.echo("every mark is kept" if found.holds else "a mark is not kept")


def _show_gate(found: GateFigures) -> None:
    loads = (found.gate, found.small, found.floor)
    cells = [
        ("decision, ms, p50", *(f"{one.p50_ms:.2f}" for one in loads), ""),
        ("decision, ms, p99", *(f"{one.p99_ms:.2f}" for one in loads), f"≤ {P99_MS:g}"),
        ("decision, ms, longest", *(f"{one.max_ms:.2f}" for one in loads), ""),
        ("questions", *(str(one.asked) for one in loads), ""),
        ("of these refused", *(str(one.refused) for one in loads), ""),
        ("wrong answers", *(str(one.wrong) for one in loads), "0"),
        ("CPU ms per question", *(f"{one.cpu_ms:.2f}" for one in loads), ""),
        ("memory, MiB", *(f"{one.memory_mib:.1f}" for one in loads), ""),
        ("memory per number, bytes", f"{found.bytes_per_number:.2f}", "", "", f"≤ {BYTES:g}"),
        ("start to ready, s", *(f"{one.ready_s:.2f}" for one in loads), f"≤ {READY_S:g}"),
    ]
    columns = ("", f"{found.numbers} numbers", "few numbers", "floor: no database", "mark")
    print_table(f"gate: {found.rate:g} questions/s, one in ten forged or a replay", columns, cells, "")
    typer.echo(f"one synced write on this disk, ms: p50 {found.sync_p50_ms:.2f}, p99 {found.sync_p99_ms:.2f}")
    if found.fill_s:
        typer.echo(f"numbers filled in within {found.fill_s:.0f} s; database {found.database_mib:.0f} MiB")
    typer.echo("every mark is kept" if found.holds else "a mark is not kept")


def _show(steps: list[Step]) -> None:
    rows: list[tuple[str, Callable[[Step], str]]] = [
        ("reached, new calls/s", lambda one: f"{one.reached:.1f}"),
        ("calls", lambda one: str(one.calls)),
        ("failed", lambda one: str(one.failures)),
        ("answer to operator, ms, p50 / p99", lambda one: f"{one.connect_p50_ms:.0f} / {one.connect_p99_ms:.0f}"),
        ("controller, CPU ms per call", lambda one: f"{one.controller_ms:.1f}"),
        ("pbx + gate, CPU ms per call", lambda one: f"{one.pbx_ms:.1f} + {one.gate_ms:.1f}"),
        ("controller / (pbx + gate)", lambda one: f"{one.ratio:.2f}"),
        ("world (the load), CPU ms per call", lambda one: f"{one.world_ms:.1f}"),
        ("controller's memory, MiB", lambda one: f"{one.controller_mib:.0f}"),
        ("machine idle", lambda one: f"{one.idle:.0%}"),
        ("at most 0.1 % failed", lambda one: "yes" if one.holds else "no"),
    ]
    columns = ("new calls per second asked for", *(f"{one.rate:g}" for one in steps))
    cells = [(title, *(say(one) for one in steps)) for title, say in rows]
    print_table("calls: 3 in 10 answer and talk 2-3.9 s; every leg is recorded", columns, cells, "nothing was measured")
    best = max((one.rate for one in steps if one.holds), default=0)
    typer.echo(f"sustained at 0.1 % failures: {best:g} new calls/s")
