"""The warden knows whether the network rules are in force by what it can reach, never by a right of its own."""

import asyncio
import socket

import pytest

from telephony.warden.rules import is_reachable


async def test_a_port_that_answers_means_that_nothing_closes_it():
    server = await asyncio.start_server(lambda _reader, writer: writer.close(), "127.0.0.1", 0)
    async with server:
        host, port = server.sockets[0].getsockname()
        assert await is_reachable(host, port)


async def test_a_port_that_refuses_proves_nothing_and_blocks_nothing():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound and not listening: refused
        assert not await is_reachable(*taken.getsockname())


async def test_a_port_that_never_answers_is_given_up(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("telephony.warden.rules._DEADLINE_S", 0.05)
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        waiting = [socket.socket() for _ in range(3)]
        for link in waiting:  # its queue is full: the next connection gets no answer
            link.setblocking(False)
            link.connect_ex(full.getsockname())
        assert not await is_reachable(*full.getsockname())
        for link in waiting:
            link.close()
