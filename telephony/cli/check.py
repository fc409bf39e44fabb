"""``telephony check``: is this installation able to run, what does it let somebody do, how to mend it."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from telephony.app.check.checkup import check_up
from telephony.app.check.findings import Finding, Level
from telephony.app.check.inspection import inspect_folders
from telephony.cli.session import AsJson, print_json, print_table, settings


def check(
    pbx_config: Annotated[
        Path | None, typer.Option(help="Judge only this folder as the operators' side; nothing needs to run.")
    ] = None,
    gate_config: Annotated[
        Path | None, typer.Option(help="Judge only this folder as the carrier's side; nothing needs to run.")
    ] = None,
    gate_address: Annotated[
        list[str] | None, typer.Option(help="HOST:PORT of the gate, when --pbx-config stands without --gate-config.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Look at everything once; exit status 1 when something must be mended.

    Examples:
      telephony --config /etc/telephony/telephony.toml check

      telephony check --pbx-config /etc/asterisk --gate-address 192.0.2.5:5070
    """
    if pbx_config is not None or gate_config is not None:
        findings = inspect_folders(pbx_config, gate_config, gate_address or ())
    else:
        findings = asyncio.run(check_up(settings()))
    if as_json:
        print_json(findings)
    else:
        print_table("check", ("", "what", "found", "what to do"), _rows(findings), "")
    if any(one.level is Level.FAILURE for one in findings):
        raise typer.Exit(1)


def _rows(findings: Sequence[Finding]) -> list[tuple[str, str, str, str]]:
    """Return one row per finding, those of one hole with one mend together under the hole's name."""
    rows = [(one.level.value, one.what, one.says, one.mend) for one in findings if not one.lets]
    holes: dict[tuple[Level, str, str], list[Finding]] = {}
    for one in findings:
        if one.lets:
            holes.setdefault((one.level, one.hole, one.mend), []).append(one)
    for (level, hole, mend), found in holes.items():
        places = "\n".join(f"{one.what}: {one.says}" for one in found)
        rows.append((level.value, f"{hole}\n{found[0].lets}", places, mend))
    return rows
