"""``telephony check``: is this installation able to run, what is wrong, how to mend it."""

import asyncio
from typing import Annotated

import typer

from telephony.app.checkup import FIREWALL_TABLE, Level, check_up
from telephony.cli.session import AsJson, print_json, print_table, settings


def check(
    firewall_table: Annotated[str, typer.Option(help="Name of the nftables table to look for.")] = FIREWALL_TABLE,
    as_json: AsJson = False,
) -> None:
    """Look at everything once; exit status 1 when something must be mended.

    Example: telephony --config /etc/telephony/telephony.toml check
    """
    findings = asyncio.run(check_up(settings(), firewall_table))
    if as_json:
        print_json(findings)
    else:
        rows = [(one.level, one.what, one.says, one.mend) for one in findings]
        print_table("check", ("", "what", "found", "what to do"), rows, "")
    if any(one.level is Level.FAILURE for one in findings):
        raise typer.Exit(1)
