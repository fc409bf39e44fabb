"""Permits forged, replayed, raced, expired, borrowed and dressed up, by a stolen pbx with the link's password.

A number revoked between permit and ring is attacked where revocation is tested:
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
from tests.scenes.attacked_site import WANTED, AttackedSite

pytestmark = [pytest.mark.asterisk, pytest.mark.attack, pytest.mark.asyncio(loop_scope="session")]


class Till:
    """Gives permits on either site: real ones, or what the naive gate believes."""

    def __init__(self, attacked_site: AttackedSite, office: PermitOffice | None) -> None:
        self._site = attacked_site
        self._office = office
        self._numbers = iter(NUMBERS)

    async def give(self, life: timedelta = timedelta(minutes=2), gate: str = "gate") -> tuple[str, str]:
        if self._office is None:
            return forged(), next(self._numbers)
        return await self._office.give(life, gate)


@pytest_asyncio.fixture(loop_scope="session")
async def till(attacked_site: AttackedSite, tmp_path: Path) -> AsyncIterator[Till]:
    if attacked_site.is_naive:
        yield Till(attacked_site, None)
        return
    host, port = attacked_site.lab.controller_host, attacked_site.lab.agi_port
    async with attacked_site.controller.dead(), permit_office(attacked_site.settings, tmp_path, host, port) as office:
        yield Till(attacked_site, office)


async def use(
    attacked_site: AttackedSite, thief: SipPeer, permit: str, number: str, headers: list[str] | None = None
) -> Call:
    """Call the gate under a permit; the header is what the naive gate reads the number from."""
    headers = [f"X-Number: {number}", *(headers or [])]
    return await attacked_site.call(
        thief, attacked_site.at_gate(permit), attacked_site.gate, attacked_site.link, headers, wait_s=2
    )


def invites(attacked_site: AttackedSite, number: str) -> int:
    return sum(
        1 for request in attacked_site.carrier.requests if request.method == "INVITE" and request.number == number
    )


async def test_a_permit_that_nobody_gave(attacked_site: AttackedSite, till: Till):
    await use(attacked_site, await attacked_site.stolen_pbx(), forged(), WANTED)
    await attacked_site.judge(attacked_site.unauthorised)


async def test_a_permit_used_a_second_time(attacked_site: AttackedSite, till: Till):
    attacked_site.carrier.default = refuse
    thief = await attacked_site.stolen_pbx()
    permit, number = await till.give()
    first = await use(attacked_site, thief, permit, number)
    assert first.status >= 400
    await use(attacked_site, thief, permit, number)
    await attacked_site.judge(lambda: invites(attacked_site, number) > 1)
    assert invites(attacked_site, number) >= 1


async def test_a_permit_used_after_it_has_expired(attacked_site: AttackedSite, till: Till):
    permit, number = await till.give(timedelta(seconds=-1))
    await use(attacked_site, await attacked_site.stolen_pbx(), permit, number)
    await attacked_site.judge(lambda: invites(attacked_site, number))


async def test_a_permit_for_another_gate(attacked_site: AttackedSite, till: Till):
    permit, number = await till.give(gate="gate2")
    await use(attacked_site, await attacked_site.stolen_pbx(), permit, number)
    await attacked_site.judge(lambda: invites(attacked_site, number))


@pytest.mark.measures
async def test_a_permit_used_by_a_thousand_calls_at_once(attacked_site: AttackedSite, till: Till):
    """Over SIP, with the link's password; the naive gate needs no thousand to give way."""
    count = 24 if attacked_site.is_naive else 1000
    permit, number = await till.give()
    thieves = [await attacked_site.stolen_pbx() for _ in range(20)]
    heard = [await thief.new_audio() for thief in thieves]
    begun = [
        thieves[value % 20].start_call(
            attacked_site.at_gate(permit),
            attacked_site.gate,
            heard[value % 20],
            auth=attacked_site.link,
            headers=[f"X-Number: {number}"],
        )
        for value in range(count)
    ]
    _, pending = await asyncio.wait([task for _, task in begun], timeout=60)
    for task in pending:
        task.cancel()
    await attacked_site.judge(lambda: invites(attacked_site, number) > 1)
    assert invites(attacked_site, number) >= 1
    if not attacked_site.is_naive:
        statuses = Counter(call.status for call, _ in begun)
        assert statuses[200] == 1, statuses
        assert statuses[501] >= 900, statuses  # refused by the gate; some may have come while it had no time for them


def dressed(attacked_site: AttackedSite) -> list[list[str]]:
    """Return headers that try to change where a permitted call goes, or who it seems to come from."""
    carrier = f"{attacked_site.carrier.address[0]}:{attacked_site.carrier.address[1]}"
    expected = f"<sip:{WANTED}@{carrier}>"
    return [
        [f"P-Asserted-Identity: {expected}"],
        [f"P-Preferred-Identity: {expected}"],
        [f"Remote-Party-ID: {expected};party=calling;privacy=off"],
        ["Privacy: id", f"P-Asserted-Identity: {expected}"],
        [f"Diversion: {expected};reason=unconditional"],
        [f"History-Info: {expected};index=1"],
        [f"Referred-By: {expected}"],
        [f"P-Called-Party-ID: {expected}"],
        [f"Route: <sip:{carrier};lr>"],
        [f"Record-Route: <sip:{carrier};lr>"],
        [f"Path: <sip:{carrier};lr>"],
        [f"Contact: {expected}"],
        [f"Reply-To: {expected}"],
        [f"Alert-Info: {expected}"],
        [f"Call-Info: {expected};purpose=call-completion"],
        [f"X-Canon: {WANTED}", f"CANON: {WANTED}", f"X-Asterisk-CANON: {WANTED}"],
        [f"User-to-User: {WANTED}"],
        [f"X-Forwarded: {WANTED}\n X-More: {WANTED}"],
    ]


async def test_a_valid_permit_with_forged_headers(attacked_site: AttackedSite, till: Till):
    attacked_site.carrier.default = refuse
    thief = await attacked_site.stolen_pbx()
    tricks = dressed(attacked_site)
    assert len(tricks) == 18
    given = [await till.give() for _ in tricks]
    attacked_site.allowed |= {number for _, number in given}
    await asyncio.gather(
        *(
            use(attacked_site, thief, permit, number, trick)
            for (permit, number), trick in zip(given, tricks, strict=True)
        )
    )
    arrived = [request for request in attacked_site.carrier.requests if request.method == "INVITE"]
    assert len(arrived) >= 12  # the tricks are not merely refused by the parser

    def is_changed() -> bool:
        return bool(attacked_site.unauthorised()) or any(
            WANTED in message.text or f"sip:{attacked_site.lab.caller_ids[0]}@" not in message.header("from")
            for message in arrived
        )

    await attacked_site.judge(is_changed)


async def test_the_number_of_a_permit_is_told_to_a_stolen_pbx(attacked_site: AttackedSite, till: Till):
    thief = await attacked_site.stolen_pbx()
    permit, number = await till.give()
    call = await use(attacked_site, thief, permit, number)
    await call.try_request("OPTIONS")
    heard = "".join(message.text for message in [*call.heard, *thief.requests])
    # The naive gate trusts and sends identities; the number called is one of them.
    await attacked_site.judge(lambda: number in heard, naive="closed")
    assert call.status == 200


async def test_a_thousand_uses_of_one_permit_at_once_are_one_use(tmp_path: Path, attacked_site: AttackedSite):
    if attacked_site.is_naive:
        return  # nothing consumes anything there
    async with permit_office(attacked_site.settings, tmp_path, "127.0.0.1", 0) as office:
        permit, number = await office.give()
        key = verdict_key(attacked_site.settings.gate.ami_secret.get_secret_value())
        drawn = (ask_verdict(("127.0.0.1", office.desk.port), permit, key, f"gate-{count}") for count in range(1000))
        answers = await asyncio.gather(*drawn, return_exceptions=True)
        numbers = [answer["CANON"] for answer in answers if isinstance(answer, dict) and "CANON" in answer]
        assert numbers == [number]
