"""Results against any order of phone, call, desk, controller and link events.

Whatever happens and whenever: a conversation has one result or a result that is due and visible, an operator who owes
one gets no call, a refusal that was given stands, an answered call is known as answered, no lead stays in
progress. What must hold of leads and attempts besides is inherited.
"""

import contextlib

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import invariant, precondition, rule

from telephony.domain.calls.attempts import CallState, Result
from telephony.domain.calls.operators import OperatorState
from telephony.errors import InputError, StoreError
from telephony.ids import AttemptId, ChannelId, SeatNumber
from tests.effort import cases
from tests.services.happenings import SEATS, seat_numbers, which
from tests.services.test_recovery_random import PHASES, Fate
from tests.virtual_time import passes

pytestmark = pytest.mark.slow


class Results(Fate):
    """What is owed, and what was given, in a book of its own."""

    def open_book(self) -> dict[AttemptId, Result]:
        if not hasattr(self, "given"):
            self.given: dict[AttemptId, Result] = {}
        return self.given

    @rule(seat=seat_numbers, result=st.sampled_from(Result))
    @precondition(Fate.is_running)
    def say(self, seat: int, result: Result) -> None:
        """The operator gives the result that is due, with a phone or without."""
        self.run(self._say(seat, result))

    async def _say(self, seat: int, result: Result) -> None:
        row = self.site.parts.calls.seats.seats[SeatNumber(seat)].row
        is_due = row.state == OperatorState.WRAP_UP and row.attempt_id is not None
        try:
            await self.site.parts.screens.desk.choose_result(self.site.operator(seat), result)
        except StoreError:
            return
        except InputError:
            assert not is_due, "a result that is due was refused"
            return
        if row.attempt_id is not None:
            self.open_book()[row.attempt_id] = result

    @rule(index=which, result=st.sampled_from(Result))
    @precondition(Fate.is_running)
    def another_person_says(self, index: int, result: Result) -> None:
        async def give() -> None:
            with contextlib.suppress(StoreError):
                missing = await self.site.parts.services.results.missing()
                if missing:
                    chosen = missing[index % len(missing)].attempt_id
                    await self.site.parts.services.results.give(chosen, result, "s.martin")
                    self.open_book()[chosen] = result

        self.run(give())

    @rule(seat=seat_numbers)
    def handset_is_hung_up(self, seat: int) -> None:
        """The operator's only way to end a call: the phone goes, and the dialplan lets the called person go."""

        async def go() -> None:
            switch = self.site.exchange.switch
            for fact in [leg for leg in switch.live.values() if leg.endpoint == f"seat{seat}"]:
                switch.end(fact.channel)
            for attempt, call in self.site.exchange.calls.items():
                if call.seat == seat and ChannelId(attempt) in switch.live:
                    self.site.exchange.hang_up(attempt)

        self.run(go())

    @rule(seat=seat_numbers, comes_back=st.booleans())
    def desk_is_left(self, seat: int, comes_back: bool) -> None:
        async def leave() -> None:
            if self.site.controller is not None:
                self.site.parts.screens.desk.left(self.site.operator(seat))
            self.site.absent.add(seat)
            if comes_back:
                await passes(1)
                self.site.absent.discard(seat)
                if self.site.controller is not None:
                    self.site.sit_down()

        self.run(leave())

    @rule()
    def everybody_sits_down(self) -> None:
        async def sit() -> None:
            self.site.absent.clear()
            if self.site.controller is not None:
                self.site.sit_down()

        self.run(sit())

    @rule(index=which)
    def call_vanishes(self, index: int) -> None:
        """Remove every channel of a call without an event."""

        async def vanish() -> None:
            attempt = self.call(index)
            if attempt is None:
                return
            call, exchange = self.site.exchange.calls[attempt], self.site.exchange
            channels = (
                (exchange.switch, ChannelId(attempt)),
                (exchange.gate, call.inbound),
                (exchange.gate, call.trunk),
            )
            for link, channel in channels:
                if link.live.pop(channel, None) is not None:
                    link.ended_at[channel] = self.site.clock.now()

        self.run(vanish())

    @invariant()
    def who_owes_a_result_gets_no_call(self) -> None:
        if self.site.controller is None:
            return
        seats, due = self.site.parts.calls.seats, self.site.parts.calls.seat_duties.due
        for seat in seats.seats.values():
            if seat.state in (OperatorState.READY, OperatorState.PREVIEW):
                assert due.of(seat.row.operator_id) is None, f"seat {seat.row.seat} owes a result"

    @invariant()
    def no_result_that_was_given_is_lost(self) -> None:
        for attempt, result in self.open_book().items():
            assert self.site.tables.attempts[attempt].result is not None
            said = [entry.note for entry in self.site.tables.ledger if entry.note.kind == "result_chosen"]
            assert any(note.subject == attempt and note.body["result"] == result for note in said)

    @invariant()
    def whoever_answered_is_known_to_have_answered(self) -> None:
        answered = self.site.exchange.gate.answered_at
        for attempt, call in self.site.exchange.calls.items():
            row = self.site.tables.attempts[attempt]
            if call.trunk in answered and row.state is CallState.ENDED:
                assert row.answered_at is not None, f"attempt {attempt} was answered, and is {row.outcome}"

    def teardown(self) -> None:
        if hasattr(self, "site"):
            self.everybody_sits_down()
        super().teardown()

    async def _settled(self) -> None:
        await super()._settled()
        tables = self.site.tables
        owed = {row.attempt_id for row in tables.attempts.values() if row.connected_at and row.result is None}
        listed = {row.attempt_id for row in await self.site.parts.services.results.missing()}
        assert owed == listed, "what is owed is visible"
        await passes(3)
        for seat in range(1, SEATS + 1):
            operator = self.site.operator(seat)
            owes = any(tables.attempts[attempt_id].operator_id == operator for attempt_id in owed)
            is_asked = self.site.state(seat) is OperatorState.WRAP_UP
            assert is_asked or not owes, f"seat {seat} owes a result and is {self.site.state(seat)}"


TestResults = Results.TestCase
TestResults.settings = settings(
    max_examples=cases(12, long=150),
    stateful_step_count=50,
    suppress_health_check=list(HealthCheck),
    derandomize=True,
    deadline=None,
    phases=PHASES,
)
