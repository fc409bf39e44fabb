"""``telephony bench proof``: time and memory of the daily proof on a day of the largest size."""

import dataclasses
from typing import Annotated

import typer

from telephony.cli.prove import progress
from telephony.cli.session import AsJson, print_json, print_table
from telephony.workshop.bench.proof import DAY, MEMORY_MIB, SECONDS, ProofFigures, bench_proof


def proof(
    attempts: Annotated[int, typer.Option(help="Number of attempts of the day.")] = DAY, as_json: AsJson = False
) -> None:
    """Measure time and peak memory of the proof of one day. Exit status 1 if a limit is exceeded.

    Creates the day in a temporary folder (TMPDIR), about 3 KiB per attempt.

    Examples:
      telephony bench proof

      telephony bench proof --attempts 60000
    """
    with progress() as report:
        figures = bench_proof(attempts, report)
    if as_json:
        print_json(dataclasses.asdict(figures) | {"holds": figures.holds})
    else:
        _show(figures)
    if not figures.holds:
        raise typer.Exit(1)


def _show(figures: ProofFigures) -> None:
    both = (figures.proof, figures.floor)
    cells = [
        ("proof, s", *(f"{run.seconds:.1f}" for run in both), f"≤ {SECONDS:g}"),
        ("CPU, s", *(f"{run.cpu_s:.1f}" for run in both), ""),
        ("peak memory, MiB", *(f"{run.memory_mib:.0f}" for run in both), f"≤ {MEMORY_MIB:g}"),
        ("calls seen", *(str(run.calls) for run in both), str(figures.attempts)),
        ("gaps", *(str(run.gaps) for run in both), "0"),
    ]
    print_table("daily proof", ("", f"{figures.attempts} attempts", "floor: two calls", "limit"), cells, "")
    typer.echo(f"the day was created in {figures.made_s:.0f} s; database {figures.database_mib:.0f} MiB")
    typer.echo("every limit is kept" if figures.holds else "a limit is exceeded")
