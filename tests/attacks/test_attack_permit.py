"""Permits forged, replayed, raced, expired, borrowed and dressed up, by a stolen pbx with the link's password.

A number withdrawn between permit and ring is attacked where withdrawal is proved:
``tests/asterisk/test_withdrawal_live.py::test_a_number_withdrawn_between_permit_and_gate_sends_no_invite``.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
import pytest_asyncio

from telephony.wire.verdict_key import verdict_key
from tests.attacks.peers.controller import ask_verdict
from tests.attacks.peers.peer import Call, SipPeer, refuse
from tests.attacks.permits import NUMBERS, PermitOffice, forged, permit_office
from tests.attacks.site import WANTED, Site

pytestmark = [pytest.mark.asterisk, pytest.mark.attack, pytest.mark.asyncio(loop_scope="session")]


class Till:
    """Gives permits on either site: real ones, or what the naive gate believes."""

    def __init__(self, site: Site, office: PermitOffice | None) -> None:
        self._site = site
        self._office = office
        self._numbers = iter(NUMBERS)

    async def give(self, life: timedelta = timedelta(minutes=2), gate: str = "gate") -> tuple[str, str]:
        if self._office is None:
            return forged(), next(self._numbers)
        return await self._office.give(life, gate)


@pytest_asyncio.fixture(loop_scope="session")
async def till(site: Site, tmp_path: Path) -> AsyncIterator[Till]:
    if site.is_naive:
        yield Till(site, None)
        return
    host, port = site.lab.controller_host, site.lab.agi_port
    async with site.controller.dead(), permit_office(site.settings, tmp_path, host, port) as office:
        yield Till(site, office)


async def use(site: Site, thief: SipPeer, permit: str, number: str, headers: list[str] | None = None) -> Call:
    """Call the gate under a permit; the header is what the naive gate reads the number from."""
    headers = [f"X-Number: {number}", *(headers or [])]
    return await site.call(thief, site.at_gate(permit), site.gate, site.link, headers, wait_s=2)


def invites(site: Site, number: str) -> int:
    return sum(1 for one in site.carrier.requests if one.method == "INVITE" and one.number == number)


async def test_a_permit_that_nobody_gave(site: Site, till: Till):
    await use(site, await site.stolen_pbx(), forged(), WANTED)
    await site.judge(site.unauthorised)


async def test_a_permit_used_a_second_time(site: Site, till: Till):
    site.carrier.default = refuse
    thief = await site.stolen_pbx()
    permit, number = await till.give()
    first = await use(site, thief, permit, number)
    assert first.status >= 400
    await use(site, thief, permit, number)
    await site.judge(lambda: invites(site, number) > 1)
    assert invites(site, number) >= 1


async def test_a_permit_used_after_it_has_expired(site: Site, till: Till):
    permit, number = await till.give(timedelta(seconds=-1))
    await use(site, await site.stolen_pbx(), permit, number)
    await site.judge(lambda: invites(site, number))


async def test_a_permit_for_another_gate(site: Site, till: Till):
    permit, number = await till.give(gate="gate2")
    await use(site, await site.stolen_pbx(), permit, number)
    await site.judge(lambda: invites(site, number))


@pytest.mark.measures
async def test_a_permit_used_by_a_thousand_calls_at_once(site: Site, till: Till):
    """Over SIP, with the link's password; the naive gate needs no thousand to give way."""
    count = 24 if site.is_naive else 1000
    permit, number = await till.give()
    thieves = [await site.stolen_pbx() for _ in range(20)]
    heard = [await thief.new_audio() for thief in thieves]
    begun = [
        thieves[one % 20].start_call(
            site.at_gate(permit), site.gate, heard[one % 20], auth=site.link, headers=[f"X-Number: {number}"]
        )
        for one in range(count)
    ]
    _, pending = await asyncio.wait([task for _, task in begun], timeout=60)
    for task in pending:
        task.cancel()
    await site.judge(lambda: invites(site, number) > 1)
    assert invites(site, number) >= 1
    if not site.is_naive:
        statuses = Counter(call.status for call, _ in begun)
        assert statuses[200] == 1, statuses
        assert statuses[501] >= 900, statuses  # refused by the gate; some may have come while it had no time for them


def dressed(site: Site) -> list[list[str]]:
    """Return headers that try to change where a permitted call goes, or who it seems to come from."""
    carrier = f"{site.carrier.address[0]}:{site.carrier.address[1]}"
    wanted = f"<sip:{WANTED}@{carrier}>"
    return [
        [f"P-Asserted-Identity: {wanted}"],
        [f"P-Preferred-Identity: {wanted}"],
        [f"Remote-Party-ID: {wanted};party=calling;privacy=off"],
        ["Privacy: id", f"P-Asserted-Identity: {wanted}"],
        [f"Diversion: {wanted};reason=unconditional"],
        [f"History-Info: {wanted};index=1"],
        [f"Referred-By: {wanted}"],
        [f"P-Called-Party-ID: {wanted}"],
        [f"Route: <sip:{carrier};lr>"],
        [f"Record-Route: <sip:{carrier};lr>"],
        [f"Path: <sip:{carrier};lr>"],
        [f"Contact: {wanted}"],
        [f"Reply-To: {wanted}"],
        [f"Alert-Info: {wanted}"],
        [f"Call-Info: {wanted};purpose=call-completion"],
        [f"X-Canon: {WANTED}", f"CANON: {WANTED}", f"X-Asterisk-CANON: {WANTED}"],
        [f"User-to-User: {WANTED}"],
        [f"X-Forwarded: {WANTED}\n X-More: {WANTED}"],
    ]


async def test_a_valid_permit_with_forged_headers(site: Site, till: Till):
    site.carrier.default = refuse
    thief = await site.stolen_pbx()
    tricks = dressed(site)
    assert len(tricks) == 18
    given = [await till.give() for _ in tricks]
    site.allowed |= {number for _, number in given}
    await asyncio.gather(
        *(use(site, thief, permit, number, trick) for (permit, number), trick in zip(given, tricks, strict=True))
    )
    arrived = [one for one in site.carrier.requests if one.method == "INVITE"]
    assert len(arrived) >= 12  # the tricks are not merely refused by the parser

    def is_changed() -> bool:
        return bool(site.unauthorised()) or any(
            WANTED in one.text or f"sip:{site.lab.caller_ids[0]}@" not in one.header("from") for one in arrived
        )

    await site.judge(is_changed)


async def test_the_number_of_a_permit_is_told_to_a_stolen_pbx(site: Site, till: Till):
    thief = await site.stolen_pbx()
    permit, number = await till.give()
    call = await use(site, thief, permit, number)
    await call.try_request("OPTIONS")
    heard = "".join(one.text for one in [*call.heard, *thief.requests])
    # The naive gate trusts and sends identities; the number called is one of them.
    await site.judge(lambda: number in heard, naive="closed")
    assert call.status == 200


async def test_a_thousand_uses_of_one_permit_at_once_are_one_use(tmp_path: Path, site: Site):
    if site.is_naive:
        return  # nothing consumes anything there
    async with permit_office(site.settings, tmp_path, "127.0.0.1", 0) as office:
        permit, number = await office.give()
        key = verdict_key(site.settings.gate.ami_secret.get_secret_value())
        asked = (ask_verdict(("127.0.0.1", office.desk.port), permit, key, f"gate-{count}") for count in range(1000))
        answers = await asyncio.gather(*asked, return_exceptions=True)
        numbers = [one["CANON"] for one in answers if isinstance(one, dict) and "CANON" in one]
        assert numbers == [number]
