"""``telephony check``'s question to a manager interface: each fault gives its own message, in time."""

import asyncio
import time
from collections.abc import AsyncIterator

import pytest

from telephony.asterisk.diagnostics import asterisk_version
from telephony.errors import ForbiddenTextError, SwitchError, SwitchTimeoutError, SwitchUnavailableError
from tests.asterisk.ami_peer import SECRET, AmiPeer, response, silence


@pytest.fixture
async def peer() -> AsyncIterator[AmiPeer]:
    server = AmiPeer()
    server.answers["CoreSettings"] = lambda action: response(action, message="x\nAsteriskVersion: 22.10.1")
    await server.start()
    yield server
    await server.stop()


async def version(peer: AmiPeer, secret: str = SECRET, deadline_s: float = 1.0) -> str:
    began = time.monotonic()
    try:
        return await asyncio.to_thread(asterisk_version, "127.0.0.1", peer.port, "controller", secret, deadline_s)
    finally:
        assert time.monotonic() - began < deadline_s + 2.5


async def test_the_version_is_told(peer: AmiPeer):
    assert await version(peer) == "22.10.1"


async def test_a_wrong_secret_names_the_account_and_not_the_secret(peer: AmiPeer):
    with pytest.raises(SwitchError, match="refuses manager account controller") as caught:
        await version(peer, "not-the-secret")
    assert "not-the-secret" not in str(caught.value)


async def test_a_port_where_nothing_listens(peer: AmiPeer):
    await peer.stop()
    with pytest.raises(SwitchUnavailableError, match=f"127.0.0.1:{peer.port} refuses"):
        await version(peer)


async def test_a_program_that_is_not_asterisk(peer: AmiPeer):
    peer.greeting = b"HTTP/1.1 400 Bad Request\r\n\r\n"
    with pytest.raises(SwitchUnavailableError, match="not an Asterisk manager"):
        await version(peer)


async def test_a_port_that_says_nothing(peer: AmiPeer):
    peer.greeting = b""
    with pytest.raises(SwitchTimeoutError, match="says nothing within"):
        await version(peer, deadline_s=0.3)


@pytest.mark.parametrize("action", ["Login", "CoreSettings"])
async def test_an_asterisk_that_does_not_answer(peer: AmiPeer, action: str):
    peer.answers[action] = silence
    with pytest.raises(SwitchTimeoutError, match="does not answer"):
        await version(peer, deadline_s=0.3)


async def test_the_header_that_hangs_the_library_is_ended_by_the_deadline(peer: AmiPeer):
    peer.answers["CoreSettings"] = lambda action: response(action, message="x\nChanVariable: a=b")
    with pytest.raises(SwitchError):
        await version(peer, deadline_s=0.5)


async def test_an_account_that_may_not_ask(peer: AmiPeer):
    peer.answers["CoreSettings"] = lambda action: response(action, "Error", "Permission denied")
    with pytest.raises(SwitchError, match="write = reporting"):
        await version(peer)


async def test_a_secret_with_control_characters_is_not_sent(peer: AmiPeer):
    with pytest.raises(ForbiddenTextError):
        await version(peer, "x\r\n\r\nAction: Originate")
    assert peer.actions == []
