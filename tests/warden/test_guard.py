"""The warden at work without a gate: its reports when the console's list or the network rules cannot be believed."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from telephony.errors import PeerProtocolError
from telephony.warden import guard as guard_module
from telephony.warden.guard import Guard
from telephony.warden.legs import Leg, legs_of, recording_of
from telephony.warden.settings import load_warden_settings
from telephony.wire.watch import FaultKind, WatchAnswer, WatchQuestion, WatchState
from tests.waiting import until

GOOD = "PJSIP/carrier-00000001!void!!1!Up!AppDial!(Outgoing Line)!33199000001!!!3!0!b1!gate-1.1\n"
TORN = GOOD.replace("33199000001", "33199000001\nUniqueid: gate-99.7")
SHOWN = " -- General --\n           Name: {name}\n       UniqueID: {channel}\n"


class Console:
    """The gate's console, as scripted."""

    def __init__(self) -> None:
        self.listing = ""
        self.is_swapped = False
        self.ended_all = 0

    def legs(self) -> list[Leg]:
        return legs_of(self.listing, "pbx")

    def recording(self, leg: Leg) -> str:
        other = "gate-7.7" if self.is_swapped else leg.channel
        return recording_of(SHOWN.format(name=leg.name, channel=other), leg)

    def end(self, leg: Leg) -> None:
        self.listing = ""

    def end_all(self) -> None:
        self.ended_all += 1
        self.listing = ""


class Controller:
    """Takes every question."""

    def __init__(self) -> None:
        self.asked: list[WatchQuestion] = []

    async def ask(self, question: WatchQuestion) -> WatchAnswer:
        self.asked.append(question)
        await asyncio.sleep(0.02)  # as the controller holds a quiet answer back
        return WatchAnswer(())


class Watched(Guard):
    """A guard before such a console and controller."""

    def __init__(self, path: Path) -> None:
        super().__init__(load_warden_settings(path))
        self.gate, self.heard = Console(), Controller()
        self._console, self._controller = self.gate, self.heard  # type: ignore[assignment]

    @property
    def says(self) -> WatchState:
        return self.heard.asked[-1].state


@asynccontextmanager
async def watching(folder: Path, monkeypatch: pytest.MonkeyPatch, **chosen: object) -> AsyncIterator[Watched]:
    monkeypatch.setattr(guard_module, "LOOK_S", 0.05)
    monkeypatch.setattr(guard_module, "BLIND_S", 0.5)
    monkeypatch.setattr(guard_module, "TRY_S", 0.05)
    values = {"control": folder / "gate.ctl", "monitor": folder, "pbx": "pbx", "agi_host": "127.0.0.1"}
    lines = [f'{key} = "{value}"' for key, value in (values | {"key": "k", "manager_host": "127.0.0.1"}).items()]
    numbers = {"agi_port": 1, "controller_gone_s": 30.0, "stall_s": 3.0, "manager_port": 1, "rules_required": "false"}
    lines += [f"{key} = {value}" for key, value in (numbers | chosen).items()]
    path = folder / "warden.toml"
    path.write_text("\n".join(lines))
    path.chmod(0o600)
    made = Watched(path)
    task = asyncio.create_task(made.run())
    try:
        await until(lambda: made.heard.asked and made.says is WatchState.OK, 5)
        yield made
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@pytest.fixture
async def watched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Watched]:
    async with watching(tmp_path, monkeypatch) as made:
        yield made


async def test_an_odd_console_line_makes_the_warden_blind_and_never_sees_nothing(watched: Watched):
    watched.gate.listing = TORN
    await until(lambda: watched.says is WatchState.BLIND, 5)


async def test_a_line_that_passes_for_another_channel_makes_the_warden_blind(watched: Watched):
    watched.gate.is_swapped = True
    watched.gate.listing = GOOD
    await until(lambda: watched.says is WatchState.BLIND, 5)


async def test_what_cannot_be_believed_for_long_is_ended_and_told(watched: Watched):
    watched.gate.listing = TORN
    await until(lambda: watched.gate.ended_all > 0, 5)
    await until(
        lambda: any(
            watch_question.faults and watch_question.faults[0].kind is FaultKind.UNSEEN
            for watch_question in watched.heard.asked
        ),
        5,
    )
    await until(lambda: watched.says is WatchState.OK, 5)


async def test_rules_that_are_gone_are_told_until_they_are_loaded_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, unused_tcp_port: int
):
    async with watching(tmp_path, monkeypatch, manager_port=unused_tcp_port, rules_required="true") as made:
        async with await asyncio.start_server(lambda _reader, writer: writer.close(), "127.0.0.1", unused_tcp_port):
            await until(lambda: made.says is WatchState.OPEN, 5)
        await until(lambda: made.says is WatchState.OK, 5)


def test_a_torn_line_is_a_protocol_error():
    with pytest.raises(PeerProtocolError):
        legs_of(TORN, "pbx")
