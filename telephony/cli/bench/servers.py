"""``telephony bench``: benchmarks, as ratios to a floor measured in the same run."""

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
"""Maximum of ``--rates``, in new calls per second: more than one Asterisk can start."""

bench_app = typer.Typer(
    name="bench", no_args_is_help=True, help="Benchmarks: calls, gate, load, pacing, leads, shared team, proof."
)
bench_app.command()(pacing)
bench_app.command()(leads)
bench_app.command()(shared)
bench_app.command()(proof)


@bench_app.command()
def calls(
    rates: Annotated[str, typer.Option(help="New calls per second, rising, separated by commas.")] = "5,10,20,30",
    seconds: Annotated[float, typer.Option(min=5, max=300, help="Duration of each rate, seconds.")] = 20,
    as_json: AsJson = False,
) -> None:
    """Measure new calls per second through pbx and gate with recording, and CPU per call compared with Asterisk.

    Example: telephony bench calls --rates 10,20,40 --seconds 30
    """
    rising = _rates(rates)
    console = Console(stderr=True)
    with console.status("starting") as line:
        steps = asyncio.run(bench_calls(rising, seconds, line.update))
    if as_json:
        print_json([dataclasses.asdict(step) | {"ratio": step.ratio, "holds": step.holds} for step in steps])
        return
    _show(steps)


def _rates(text: str) -> list[float]:
    try:
        rates = [float(rate) for rate in text.split(",")]
    except ValueError as error:
        raise InputError("--rates takes numbers separated by commas, e.g. 5,10,20") from error
    if not all(0 < rate <= FASTEST for rate in rates):  # NaN neither
        raise InputError(f"--rates takes more than 0 and at most {FASTEST} new calls per second, e.g. 5,10,20")
    return rates


@bench_app.command()
def gate(
    numbers: Annotated[int, typer.Option(help="Number of telephone numbers on approved lists.")] = 10_000_000,
    rate: Annotated[float, typer.Option(min=1, max=1000, help="Permit requests per second.")] = 50,
    seconds: Annotated[float, typer.Option(min=2, max=600, help="Duration, seconds.")] = 20,
    database: Annotated[str | None, typer.Option(help="URL of an empty PostgreSQL database; default: SQLite.")] = None,
    keep: Annotated[Path | None, typer.Option(help="SQLite file to create or reuse.")] = None,
    as_json: AsJson = False,
) -> None:
    """Measure a permit decision with millions of numbers: time, memory, start. Exit status 1 if a limit is exceeded.

    Examples:
      telephony bench gate --numbers 1000000

      telephony bench gate --keep /var/tmp/numbers.db --rate 100
    """
    with progress() as report:
        figures = asyncio.run(bench_gate(numbers, rate, seconds, database, keep, report))
    if as_json:
        print_json(dataclasses.asdict(figures) | {"bytes_per_number": figures.bytes_per_number, "holds": figures.holds})
    else:
        _show_gate(figures)
    if not figures.holds:
        raise typer.Exit(1)


@bench_app.command()
def load(
    operators: Annotated[int, typer.Option(min=1, max=999, help="Number of operators.")] = 500,
    lines: Annotated[int, typer.Option(min=1, max=2000, help="Maximum simultaneous calls.")] = 1500,
    seconds: Annotated[float, typer.Option(min=2, max=3600, help="Duration once the floor is busy, seconds.")] = 60,
    answer_rate: Annotated[float, typer.Option(min=0.01, max=1, help="Share of dials answered by a person.")] = 0.25,
    talk: Annotated[float, typer.Option(min=1, max=600, help="Mean talk time, seconds.")] = 60,
    as_json: AsJson = False,
) -> None:
    """Measure one controller with hundreds of operators on an in-memory exchange. Exit status 1 if a limit is exceeded.

    Example: telephony bench load --operators 500 --lines 1500
    """
    console = Console(stderr=True)
    with console.status("starting") as line:
        people = People(answer_rate, talk_s=talk)
        figures = asyncio.run(bench_crowd(operators, lines, seconds, people, Predictive(), line.update))
    if as_json:
        print_json(dataclasses.asdict(figures) | {"holds": figures.holds})
    else:
        _show_load(figures)
    if not figures.holds:
        raise typer.Exit(1)


def _show_load(figures: CrowdFigures) -> None:
    cells = [
        ("event loop's thread, share of one core", f"{figures.loop_share:.1%}", f"< {LOOP_SHARE:.0%}"),
        ("whole controller, share of one core", f"{figures.process_share:.1%}", ""),
        (
            "pacing decision, ms late, p99 / latest",
            f"{figures.late_p99_ms:.1f} / {figures.late_max_ms:.1f}",
            f"≤ {LATE_MS:g}",
        ),
        ("dial order to originate, ms, p50 / p99", f"{figures.order_p50_ms:.1f} / {figures.order_p99_ms:.1f}", ""),
        ("pacing decision, CPU µs", f"{figures.step_us:.0f}", ""),
        ("permit request to answer, ms, p99", f"{figures.verdict_p99_ms:.1f}", ""),
        ("answered call to its seat, ms, p50 / p99", f"{figures.route_p50_ms:.1f} / {figures.route_p99_ms:.1f}", ""),
        ("longest event loop delay, ms", f"{figures.beat_max_ms:.1f}", ""),
        ("the same in an idle process, ms", f"{figures.machine_max_ms:.1f}", "floor"),
        ("new calls per second", f"{figures.dials / figures.seconds:.1f}", ""),
        ("peak simultaneous calls", str(figures.most_calls), ""),
        ("operators in conversation", f"{figures.talking:.1%}", ""),
        ("abandoned", f"{figures.abandoned:.2%}", ""),
        ("memory, MiB", f"{figures.memory_mib:.0f}", ""),
    ]
    print_table(
        f"load: {figures.operators} operators for {figures.seconds:.0f} s", ("", "measured", "limit"), cells, ""
    )
    typer.echo("every limit is kept" if figures.holds else "a limit is exceeded")


def _show_gate(figures: GateFigures) -> None:
    loads = (figures.gate, figures.small, figures.floor)
    cells = [
        ("decision, ms, p50", *(f"{load.p50_ms:.2f}" for load in loads), ""),
        ("decision, ms, p99", *(f"{load.p99_ms:.2f}" for load in loads), f"≤ {P99_MS:g}"),
        ("decision, ms, longest", *(f"{load.max_ms:.2f}" for load in loads), ""),
        ("requests", *(str(load.requests) for load in loads), ""),
        ("refused", *(str(load.refused) for load in loads), ""),
        ("wrong answers", *(str(load.wrong) for load in loads), "0"),
        ("CPU ms per request", *(f"{load.cpu_ms:.2f}" for load in loads), ""),
        ("memory, MiB", *(f"{load.memory_mib:.1f}" for load in loads), ""),
        ("memory per number, bytes", f"{figures.bytes_per_number:.2f}", "", "", f"≤ {BYTES:g}"),
        ("start to ready, s", *(f"{load.ready_s:.2f}" for load in loads), f"≤ {READY_S:g}"),
    ]
    columns = ("", f"{figures.numbers} numbers", "few numbers", "floor: no database", "limit")
    print_table(f"gate: {figures.rate:g} requests/s, one in ten forged or replayed", columns, cells, "")
    typer.echo(f"one synced write to this disk, ms: p50 {figures.sync_p50_ms:.2f}, p99 {figures.sync_p99_ms:.2f}")
    if figures.fill_s:
        typer.echo(f"numbers loaded in {figures.fill_s:.0f} s; database {figures.database_mib:.0f} MiB")
    typer.echo("every limit is kept" if figures.holds else "a limit is exceeded")


def _show(steps: list[Step]) -> None:
    rows: list[tuple[str, Callable[[Step], str]]] = [
        ("reached, new calls/s", lambda step: f"{step.reached:.1f}"),
        ("calls", lambda step: str(step.calls)),
        ("failed", lambda step: str(step.failures)),
        ("answer to operator, ms, p50 / p99", lambda step: f"{step.connect_p50_ms:.0f} / {step.connect_p99_ms:.0f}"),
        ("controller, CPU ms per call", lambda step: f"{step.controller_ms:.1f}"),
        ("pbx + gate, CPU ms per call", lambda step: f"{step.pbx_ms:.1f} + {step.gate_ms:.1f}"),
        ("controller / (pbx + gate)", lambda step: f"{step.ratio:.2f}"),
        ("world (the load), CPU ms per call", lambda step: f"{step.world_ms:.1f}"),
        ("controller's memory, MiB", lambda step: f"{step.controller_mib:.0f}"),
        ("host idle", lambda step: f"{step.idle:.0%}"),
        ("at most 0.1 % failed", lambda step: "yes" if step.holds else "no"),
    ]
    columns = ("new calls per second requested", *(f"{step.rate:g}" for step in steps))
    cells = [(title, *(say(step) for step in steps)) for title, say in rows]
    print_table("calls: 3 in 10 answer and talk 2-3.9 s; all legs recorded", columns, cells, "no measurement")
    best = max((step.rate for step in steps if step.holds), default=0)
    typer.echo(f"sustained at 0.1 % failures: {best:g} new calls/s")
