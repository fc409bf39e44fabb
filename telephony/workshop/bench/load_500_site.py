"""The site of the benchmark of 500 operators: settings, accounts, leads, and operators who choose results."""

import asyncio
import contextlib
from collections.abc import Collection
from datetime import UTC, datetime
from itertools import islice, product
from pathlib import Path
from typing import Any, Final

from telephony.app.wiring.parts import Parts
from telephony.domain.accounts import Role
from telephony.domain.calls.attempts import Result
from telephony.domain.calls.operators import OperatorEvent, OperatorState
from telephony.domain.campaigns.campaigns import CampaignState, NewCampaign
from telephony.domain.campaigns.dialing_options import MOST_ABANDONED, DialingOptions
from telephony.domain.evidence.proof import GateRecords
from telephony.domain.law.basis import CampaignKind
from telephony.domain.leads.leads import NewLead
from telephony.domain.trunks.routes import Route
from telephony.ids import Number, PermitId, SeatNumber
from telephony.ports.leads.leads import NewList
from telephony.ports.store import Store
from telephony.services.calls.seats import Seat
from telephony.settings import Settings
from telephony.settings.load import settings_from
from telephony.workshop.bench.desks import at_their_desks
from telephony.workshop.bench.load import PREFIXES

TRUNK: Final = "bench"
CALLER_ID: Final = "33199009999"
WRAP_UP_S: Final = 2.0
LEADS: Final = 20_000


class NoRecords:
    """The gate in memory keeps no records: none of its calls is ever lost."""

    async def of(self, _permits: Collection[PermitId], _since: datetime) -> GateRecords:
        """Return none."""
        return GateRecords(())


class Robots:
    """Operators who sit at their desks and choose a result after two seconds."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._tasks: set[asyncio.Task[Any]] = set()
        parts.calls.seats.observe(self)
        self._desks = contextlib.ExitStack()
        self._desks.enter_context(at_their_desks(parts))

    def on_seat(self, seat: Seat, _event: OperatorEvent) -> None:
        """Choose a result when one is due."""
        if seat.state is OperatorState.WRAP_UP and seat.row.operator_id is not None:
            task = asyncio.create_task(self._choose(seat))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _choose(self, seat: Seat) -> None:
        await asyncio.sleep(WRAP_UP_S)
        if seat.state is OperatorState.WRAP_UP and seat.row.operator_id is not None:
            await self._parts.screens.desk.choose_result(seat.row.operator_id, Result.COMPLETE)

    def stop(self) -> None:
        """Close the desks and cancel the tasks."""
        self._desks.close()
        for task in self._tasks:
            task.cancel()


async def fill(store: Store, operators: int) -> None:
    """Make operators, and a running campaign with its leads."""
    now = datetime.now(UTC)
    for seat in range(1, operators + 1):
        account = await store.accounts.add(f"poste{seat}", f"Poste {seat}", Role.OPERATOR, "none", now)
        await store.accounts.add_operator(account.account_id, f"Poste {seat}", SeatNumber(seat))
    routes, dialing = (Route(TRUNK, CALLER_ID),), DialingOptions(MOST_ABANDONED)
    campaign = await store.campaigns.add(
        NewCampaign("bench", "bench", CampaignKind.B2B, routes, dialing, 40, now), "bench"
    )
    numbers = (Number(f"33{prefix[1:]}{row:04d}") for row, prefix in product(range(10_000), PREFIXES))
    leads = [NewLead(number, "", {}, row + 2) for row, number in enumerate(islice(numbers, LEADS))]
    async with store.leads.load(NewList(campaign.campaign_id, "bench", "ab" * 32, "bench", now)) as load:
        for first in range(0, LEADS, 1000):
            await load.add(leads[first : first + 1000])
        loaded = await load.finish()
    await store.whitelist.approve_list(loaded.list_id, "second", now)
    await store.campaigns.set_state(campaign.campaign_id, CampaignState.RUNNING, "bench", now)


def site_settings(lines: int, operators: int, folder: Path) -> Settings:
    """Return a site's settings; none of its addresses is ever used."""

    def node(name: str, user_id: int, host: str, port: int) -> dict[str, Any]:
        folders = {part: folder / name / part for part in ("etc", "lib", "spool", "run", "log")}
        rtp = {"rtp_start": 10_000 + user_id * 100, "rtp_end": 10_099 + user_id * 100}
        ami = {"user_id": user_id, "ami_host": host, "ami_port": port, "ami_secret": "sixteen letters!"}
        return folders | rtp | ami | {"sip_host": host}

    trunk = {"name": TRUNK, "host": "127.0.0.5", "caller_ids": [CALLER_ID], "channels": lines}
    return settings_from(
        {
            "database": {"url": f"sqlite:///{folder}/load.db"},
            "pbx": node("pbx", 1, "127.0.0.2", 5038),
            "gate": node("gate", 2, "127.0.0.3", 5039) | {"sip_secret": "sixteen letters!", "trunk_host": "127.0.0.4"},
            "trunks": [trunk | {"calls_per_second": max(5.0, operators / 3)}],
            "recording": {"archive": folder / "archive", "minimum_free_mib": 1},
        }
    )
