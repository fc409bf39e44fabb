"""``telephony trunk``: the site's trunks and the state of each."""

from typing import Any

import typer

from telephony.app.wiring.services import Services
from telephony.cli.session import AsJson, format_time, print_json, print_table, settings, with_workbench
from telephony.services.trunks.capacity import TrunkCapacity, TrunkState
from telephony.services.trunks.outages import Outages, breaker_bounds

trunk_app = typer.Typer(name="trunk", no_args_is_help=True, help="Trunks: list them, show their state.")


@trunk_app.command("list")
def list_(as_json: AsJson = False) -> None:
    """List the trunks of the settings.

    Example: telephony trunk list --json
    """
    trunks = settings().trunks
    if as_json:
        print_json([_listed(trunk.model_dump(exclude={"secret"})) for trunk in trunks])
        return
    rows = [
        (trunk.name, f"{trunk.host}:{trunk.port}", trunk.channels, trunk.calls_per_second, " ".join(trunk.caller_ids))
        for trunk in trunks
    ]
    print_table("trunks", ("name", "carrier", "channels", "calls/s", "caller IDs"), rows, "")


@trunk_app.command()
def state(as_json: AsJson = False) -> None:
    """Show the state of each trunk's circuit breaker, from its latest attempts.

    Example: telephony trunk state --json
    """

    async def work(bench: Services) -> list[TrunkState]:
        site = bench.settings
        trunks = TrunkCapacity(site.trunks, wall=bench.clock.now, bounds=breaker_bounds(site.breaker))
        await Outages(bench.store, trunks, bench.clock).recall()
        return [trunks.state(name) for name in trunks.names]

    states = with_workbench(work)
    if as_json:
        print_json(states)
        return
    rows = [
        (state.name, state.state, f"{state.failed} of {state.seen}", state.causes, format_time(state.until_at))
        for state in states
    ]
    print_table("trunks", ("name", "state", "failed", "causes", "next test call"), rows, "")


def _listed(trunk: dict[str, Any]) -> dict[str, Any]:
    return trunk | {"host": str(trunk["host"])}
