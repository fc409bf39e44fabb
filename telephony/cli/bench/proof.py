"""``telephony bench proof``: time and memory of the daily proof, at the largest day there may be."""

import dataclasses
from typing import Annotated

import typer

from telephony.cli.prove import progress
from telephony.cli.session import AsJson, print_json, print_table
from telephony.workshop.bench.proof import DAY, MEMORY_MIB, SECONDS, ProofFigures, bench_proof


def proof(
    attempts: Annotated[int, typer.Option(help="Attempts of the day.")] = DAY,
    as_json: AsJson = False,
) -> None:
    """One day of calls proved: time, and the most memory the proof held; exit status 1 over a mark.

    The day is made in a temporary folder (TMPDIR), about 3 KiB an attempt.

    Examples:
      telephony bench proof

      telephony bench proof --attempts 60000
    """
    with progress() as report:
        found = bench_proof(attempts, report)
    if as_json:
        print_json(dataclasses.asdict(found) | {"holds": found.holds})
    else:
        _show(found)
    if not found.holds:
        raise typer.Exit(1)


def _show(found: ProofFigures) -> None:
    both = (found.proof, found.floor)
    cells = [
        ("proof, s", *(f"{one.seconds:.1f}" for one in both), f"≤ {SECONDS:g}"),
        ("CPU, s", *(f"{one.cpu_s:.1f}" for one in both), ""),
        ("most memory, MiB", *(f"{one.memory_mib:.0f}" for one in both), f"≤ {MEMORY_MIB:g}"),
        ("calls seen", *(str(one.calls) for one in both), str(found.attempts)),
        ("gaps", *(str(one.gaps) for one in both), "0"),
    ]
    print_table("daily proof", ("", f"{found.attempts} attempts", "floor: two calls", "mark"), cells, "")
    typer.echo(f"the day was made within {found.made_s:.0f} s; database {found.database_mib:.0f} MiB")
    typer.echo("every mark is kept" if found.holds else "a mark is not kept")
