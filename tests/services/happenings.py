"""What can happen to a site, at any time: crashes, lost links, a database that comes and goes, people who answer.

What was promised to be called back stands in a book of its own, so that a controller cannot forget it together with
its books.
"""

import asyncio
import contextlib
from datetime import datetime, timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from telephony.domain.calls.attempts import CallState, Result
from telephony.domain.calls.outcomes import Outcome
from telephony.domain.campaigns.campaigns import CampaignState
from telephony.domain.leads.callbacks import CallbackState, CallbackWish
from telephony.domain.leads.retries import RetryPlan, RetryRule
from telephony.errors import InputError, StoreError, SwitchError
from telephony.ids import AttemptId, ChannelId, SeatNumber
from tests.scenes.controller_on_doubles import ControllerOnDoubles
from tests.virtual_time import VirtualLoop, passes

LEADS, SEATS = 12, 2
PLAN = RetryPlan(
    {
        Outcome.BUSY: RetryRule(timedelta(seconds=5), 1),
        Outcome.NO_ANSWER: RetryRule(timedelta(seconds=20), 2),
        Result.NOT_TODAY: RetryRule(timedelta(seconds=10), 1),
    },
    most_tries=3,
)
SELDOM = (True, False, False, False)
"""Most of the time everything is there: or nobody is ever called, and nothing is proved."""
PROMISED_IN = timedelta(seconds=15)
seat_numbers = st.integers(1, SEATS)
which = st.integers(0, 5)


class Happenings(RuleBasedStateMachine):
    """One site, and everything that can happen to it; what must hold is left to who inherits it."""

    @initialize()
    def open(self) -> None:
        self.runner = asyncio.Runner(loop_factory=VirtualLoop)
        self.site = self.run(self._made())
        self.phones: dict[int, ChannelId] = {}
        self.promised: dict[AttemptId, datetime] = {}
        self.cut: set[AttemptId] = set()
        """Calls nobody had answered when the controller crashed: unless somebody does, they are no call at a person."""
        for seat in range(1, SEATS + 1):
            self.log_in(seat)
        for is_mine in (True, False):  # else chance seldom comes to a call that was promised
            self.wait(1.0)
            self.promise(0, is_mine)

    async def _made(self) -> ControllerOnDoubles:
        made = ControllerOnDoubles()
        await made.people(SEATS)
        await made.campaign(LEADS, plan=PLAN)
        await made.start()
        return made

    def run(self, work: Any) -> Any:
        return self.runner.run(work)

    def is_running(self) -> bool:
        return self.site.controller is not None

    def live(self) -> list[AttemptId]:
        """Every call that has a trunk leg now."""
        calls = self.site.exchange.calls
        return [attempt_id for attempt_id, call in calls.items() if call.trunk in self.site.exchange.gate.live]

    def call(self, index: int) -> AttemptId | None:
        """A call that has a trunk leg now."""
        live = self.live()
        return live[index % len(live)] if live else None

    @rule(seconds=st.sampled_from([0.0, 0.01, 0.3, 1.0, 2.5, 12.0, 30.0]))
    def wait(self, seconds: float) -> None:
        self.run(passes(seconds))

    @rule(seat=seat_numbers)
    def log_in(self, seat: int) -> None:
        if self.phones.get(seat) in self.site.exchange.switch.live:
            return
        channel = self.run(self.site.exchange.log_in(seat))
        if channel is not None:
            self.phones[seat] = channel

    @rule(seat=seat_numbers)
    def phone_goes(self, seat: int) -> None:
        async def go() -> None:
            if seat in self.phones:
                self.site.exchange.switch.end(self.phones.pop(seat))

        self.run(go())

    @rule(index=which, is_early=st.booleans())
    def ring(self, index: int, is_early: bool) -> None:
        async def go() -> None:
            attempt = self.call(index)
            if attempt is not None and is_early:
                self.site.exchange.play_early(attempt)
            elif attempt is not None:
                self.site.exchange.ring(attempt)

        self.run(go())

    @rule(index=which)
    def answer(self, index: int) -> None:
        async def go() -> None:
            attempt = self.call(index)
            if attempt is not None and not self.site.exchange.switch.live[ChannelId(attempt)].is_up:
                self.site.task(self._answered(attempt))
                await asyncio.sleep(0)  # so that the answer comes before the next step, and is not waited for

        self.run(go())

    async def _answered(self, attempt: AttemptId) -> None:
        """The dialplan after an answer; a leg that went meanwhile is no longer joined to anything."""
        try:
            await self.site.exchange.answer(attempt)
        except KeyError:
            assert ChannelId(attempt) not in self.site.exchange.switch.live

    @rule(index=which, result=st.sampled_from(Result), is_mine=st.booleans())
    @precondition(is_running)
    def conversation(self, index: int, result: Result, is_mine: bool) -> None:
        """A whole one, as most are: answered, ended, its result chosen."""
        self.answer(index)
        self.wait(1.0)
        self.end(index, "no_answer")
        self.wait(1.0)
        for seat in range(1, SEATS + 1):
            self.choose(seat, result, is_mine)

    @rule(index=which, is_mine=st.booleans())
    @precondition(is_running)
    def promise(self, index: int, is_mine: bool) -> None:
        """A conversation in which the person asks to be called back."""
        self.conversation(index, Result.CALL_BACK, is_mine)

    @rule(stage=st.sampled_from(["dialled", "rings", "answered"]))
    @precondition(lambda self: self.is_running() and self.has_promised())
    def crash_in_a_callback(self, stage: str) -> None:
        """The worst time: the call that was promised is under way."""
        for _ in range(30):
            index = self.callback_under_way()
            if index is not None:
                break
            self.end(0, "no_answer")
            self.wait(1.0)
        else:
            return
        if stage == "rings":
            self.ring(index, is_early=False)
        elif stage == "answered":
            self.answer(index)
        self.crash(stays_down=False)

    def has_promised(self) -> bool:
        return any(callback.state is CallbackState.OPEN for callback in self.site.tables.callbacks.values())

    def callback_under_way(self) -> int | None:
        """Which of the living calls was promised to somebody."""
        waiting = {
            callback.lead_id for callback in self.site.tables.callbacks.values() if callback.state is CallbackState.OPEN
        }
        return next(
            (
                at
                for at, attempt_id in enumerate(self.live())
                if self.site.tables.attempts[attempt_id].lead_id in waiting
            ),
            None,
        )

    @rule(index=which, how=st.sampled_from(["busy", "no_answer", "hang_up"]))
    def end(self, index: int, how: str) -> None:
        async def go() -> None:
            attempt = self.call(index)
            if attempt is None:
                return
            is_up = self.site.exchange.switch.live[ChannelId(attempt)].is_up
            getattr(self.site.exchange, "hang_up" if is_up else how)(attempt)

        self.run(go())

    @rule(seat=seat_numbers, result=st.sampled_from(Result), is_mine=st.booleans())
    @precondition(is_running)
    def choose(self, seat: int, result: Result, is_mine: bool) -> None:
        async def go() -> None:
            operator, at = self.site.operator(seat), self.site.clock.now() + PROMISED_IN
            wish = CallbackWish(at, "Europe/Paris", operator if is_mine else None, at + PROMISED_IN)
            call = self.site.parts.calls.seats.seats[SeatNumber(seat)].row.attempt_id
            with contextlib.suppress(InputError, StoreError):
                await self.site.parts.screens.results.choose(operator, result, wish)
                if call is not None and result is Result.CALL_BACK:
                    self.promised[call] = at
                elif call is not None:
                    self.promised.pop(call, None)

        self.run(go())

    @rule(node=st.sampled_from(["pbx", "gate"]), stays_away=st.sampled_from(SELDOM))
    def link_lost(self, node: str, stays_away: bool) -> None:
        async def go() -> None:
            self._link(node).lose_link()
            if not stays_away:
                await passes(1)
                self._link(node).restore_link()

        self.run(go())

    @rule(node=st.sampled_from(["pbx", "gate"]))
    def link_back(self, node: str) -> None:
        async def go() -> None:
            if not self._link(node).is_connected:
                self._link(node).restore_link()

        self.run(go())

    def _link(self, node: str) -> Any:
        return self.site.exchange.switch if node == "pbx" else self.site.exchange.gate

    @rule(is_away=st.sampled_from(SELDOM))
    def database(self, is_away: bool) -> None:
        self.site.watched.is_away = is_away

    @rule(is_unanswered=st.booleans())
    def next_order_fails(self, is_unanswered: bool) -> None:
        if is_unanswered:
            self.site.exchange.switch.is_next_unanswered = True
        else:
            self.site.exchange.switch.next_error = SwitchError("refused")

    @rule(is_paused=st.sampled_from(SELDOM))
    def campaign(self, is_paused: bool) -> None:
        state = CampaignState.PAUSED if is_paused else CampaignState.RUNNING

        async def go() -> None:
            store = self.site.fake.store
            for campaign in await store.campaigns.all():
                if campaign.state is not state:
                    await store.campaigns.set_state(campaign.campaign_id, state, "test", self.site.clock.now())

        self.run(go())

    @rule(stays_down=st.sampled_from(SELDOM))
    @precondition(is_running)
    def crash(self, stays_down: bool) -> None:
        rows = self.site.tables.attempts.values()
        self.cut |= {row.attempt_id for row in rows if row.state is not CallState.ENDED and row.answered_at is None}
        self.run(self.site.crash())
        if not stays_down:
            self.start()

    @rule(stays_down=st.sampled_from(SELDOM))
    @precondition(is_running)
    def stop(self, stays_down: bool) -> None:
        self.site.watched.is_away = False
        self.run(self.site.stop())
        if not stays_down:
            self.start()

    @rule()
    @precondition(lambda self: not self.is_running())
    def start(self) -> None:
        self.site.watched.is_away = False
        self.run(self.site.start())
