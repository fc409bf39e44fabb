"""``telephony trunk``: the site's trunks, and whether calls go out on each."""

from typing import Any

import typer

from telephony.app.wiring.services import Services
from telephony.cli.session import AsJson, moment, print_json, print_table, settings, with_workbench
from telephony.services.trunks.capacity import TrunkCapacity, TrunkState
from telephony.services.trunks.outages import Outages, breaker_bounds

trunk_app = typer.Typer(name="trunk", no_args_is_help=True, help="Trunks: what there is, and which carries calls.")


@trunk_app.command("list")
def list_(as_json: AsJson = False) -> None:
    """List the trunks of the settings.

    Example: telephony trunk list --json
    """
    trunks = settings().trunks
    if as_json:
        print_json([_listed(one.model_dump(exclude={"secret"})) for one in trunks])
        return
    rows = [
        (one.name, f"{one.host}:{one.port}", one.channels, one.calls_per_second, " ".join(one.caller_ids))
        for one in trunks
    ]
    print_table("trunks", ("name", "carrier", "channels", "calls/s", "caller IDs"), rows, "")


@trunk_app.command()
def state(as_json: AsJson = False) -> None:
    """Show whether calls go out on each trunk: the state of its breaker, read from its latest attempts.

    Example: telephony trunk state --json
    """

    async def work(bench: Services) -> list[TrunkState]:
        given = bench.settings
        trunks = TrunkCapacity(given.trunks, wall=bench.clock.now, bounds=breaker_bounds(given.breaker))
        await Outages(bench.store, trunks, bench.clock).recall()
        return [trunks.state(name) for name in trunks.names]

    states = with_workbench(work)
    if as_json:
        print_json(states)
        return
    rows = [(one.name, one.state, f"{one.failed} of {one.seen}", one.causes, moment(one.until_at)) for one in states]
    print_table("trunks", ("name", "state", "not carried", "why", "next test call"), rows, "")


def _listed(trunk: dict[str, Any]) -> dict[str, Any]:
    return trunk | {"host": str(trunk["host"])}
