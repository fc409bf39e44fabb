"""``telephony check``: check that the installation can run and is secure, and show how to fix what is wrong."""

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
        Path | None, typer.Option(help="Check only this folder, as the pbx's configuration; nothing needs to run.")
    ] = None,
    gate_config: Annotated[
        Path | None, typer.Option(help="Check only this folder, as the gate's configuration; nothing needs to run.")
    ] = None,
    gate_address: Annotated[
        list[str] | None, typer.Option(help="HOST:PORT of the gate, if --pbx-config is given without --gate-config.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Check the installation. Exit status 1 if something must be fixed.

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
        print_table("check", ("", "what", "finding", "fix"), _rows(findings), "")
    if any(finding.level is Level.FAILURE for finding in findings):
        raise typer.Exit(1)


def _rows(findings: Sequence[Finding]) -> list[tuple[str, str, str, str]]:
    """Return one row per finding; findings of one hole with the same fix share a row under the hole's name."""
    rows = [(finding.level.value, finding.what, finding.says, finding.mend) for finding in findings if not finding.lets]
    holes: dict[tuple[Level, str, str], list[Finding]] = {}
    for finding in findings:
        if finding.lets:
            holes.setdefault((finding.level, finding.hole, finding.mend), []).append(finding)
    for (level, hole, mend), of_hole in holes.items():
        places = "\n".join(f"{finding.what}: {finding.says}" for finding in of_hole)
        rows.append((level.value, f"{hole}\n{of_hole[0].lets}", places, mend))
    return rows
