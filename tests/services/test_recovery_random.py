"""I4 under random fate: crashes, lost links, a database that comes and goes, people who answer at any time.

Whatever happens and whenever: no lead is dialled twice for one attempt, none is lost, none stays in progress, every
trunk leg had one used permit, and no promise of a call is dropped.
"""

from collections import Counter
from datetime import datetime
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import invariant

from telephony.domain.calls.attempts import CallState, Result
from telephony.domain.calls.operators import OperatorState
from telephony.domain.calls.outcomes import TRIED_AGAIN
from telephony.domain.evidence.ledger import first_break
from telephony.domain.leads.callbacks import Callback, CallbackState
from telephony.domain.leads.leads import PROMISED, LeadState
from telephony.errors import StoreError
from telephony.ids import ChannelId, SeatNumber
from tests.effort import cases
from tests.services.happenings import LEADS, PLAN, SEATS, Happenings
from tests.virtual_time import passes

pytestmark = pytest.mark.slow

ROUNDS = 40
"""Of a conversation a seat, 7 s each: as long as every lead may wait, and every promise."""


class Fate(Happenings):
    """What must hold whatever happens."""

    @invariant()
    def nothing_that_must_not_be(self) -> None:
        tables, exchange = self.site.tables, self.site.exchange
        assert self.site.not_durable == []
        assert self.site.controller is None or not self.site.controller.failed.done()
        assert not exchange.desk.faults or all(isinstance(fault, StoreError) for fault in exchange.desk.faults)
        dialled = Counter(permit.attempt_id for permit in self.site.dialled)
        assert set(dialled.values()) <= {1}, "an attempt was dialled twice"
        for call in exchange.calls.values():
            if call.trunk:
                assert tables.permit_states[call.permit.permit_id] == "used"
        by_lead: dict[int, list[Any]] = {}
        for row in tables.attempts.values():
            by_lead.setdefault(row.lead_id, []).append(row)
        for lead, rows in by_lead.items():
            rows.sort(key=lambda row: row.started_at)
            for row, after in pairwise(rows):
                assert after.started_at >= self.again_at(row), f"lead {lead} is called again too soon"
            endings = Counter(row.result or row.outcome for row in rows)
            for ending, rule_ in PLAN.rules.items():
                assert endings[ending] <= rule_.limit + 1, f"lead {lead} is called too often after {ending}"
            claimed = sum(1 for row in rows if row.state is not CallState.ENDED)
            assert claimed == (tables.leads[rows[-1].lead_id].state is LeadState.CLAIMED)

    def again_at(self, row: Any) -> datetime:
        """Return from when on a lead may be called again after an attempt; fails when it may not at all."""
        if row.outcome in TRIED_AGAIN:
            return row.started_at  # its end may be known by its recording's length alone
        promised = [
            callback.at for callback in self.site.tables.callbacks.values() if callback.attempt_id == row.attempt_id
        ]
        if row.result is Result.CALL_BACK and promised:
            return promised[0]
        assert (row.result or row.outcome) in PLAN.rules, f"called again after {row.result or row.outcome}"
        return row.ended_at + PLAN.rules[row.result or row.outcome].after

    @invariant()
    def no_promise_is_forgotten(self) -> None:
        tables = self.site.tables
        for attempt, at in self.promised.items():
            times = [callback.at for callback in tables.callbacks.values() if callback.attempt_id == attempt]
            assert times[-1:] == [at], f"what was promised in {attempt} stands nowhere"
        for callback in tables.callbacks.values():
            assert callback.state is CallbackState.OPEN or self.is_dealt_with(callback), (
                f"callback {callback.callback_id} was dropped"
            )
        for callback in tables.callbacks.values():
            lead = tables.leads[callback.lead_id]
            if callback.state is CallbackState.OPEN and lead.state is LeadState.WAITING:
                assert (lead.priority, lead.not_before) == (PROMISED, callback.at)
            elif callback.state is CallbackState.OPEN:
                assert lead.state is LeadState.CLAIMED, f"callback {callback.callback_id} would never be made"

    def is_dealt_with(self, promise: Callback) -> bool:
        """Return True if a call kept it, its operator took it back, or a rule cancelled it."""
        attempts, callbacks = self.site.tables.attempts, self.site.tables.callbacks
        if self.site.tables.leads[promise.lead_id].reason == "refused":
            return True
        if promise.state is CallbackState.CANCELLED:
            again = [callback for callback in callbacks.values() if callback.attempt_id == promise.attempt_id]
            return promise.attempt_id not in self.promised or again[-1] != promise
        later = [row for row in attempts.values() if row.lead_id == promise.lead_id and row.started_at >= promise.at]
        return any(
            self.site.exchange.calls[row.attempt_id].trunk and (row.result or row.outcome not in TRIED_AGAIN)
            for row in later
            if row.attempt_id in self.site.exchange.calls and (row.answered_at or row.attempt_id not in self.cut)
        )

    def teardown(self) -> None:
        if not hasattr(self, "site"):
            return
        try:
            self.every_promise_is_kept()
            self.run(self._settled())
            self.nothing_that_must_not_be()
        finally:
            self.run(self.site.stop())
            self.runner.close()

    def every_promise_is_kept(self) -> None:
        """Everything comes back, and everybody who is called answers and lets it be: then each promise is called."""
        self.site.watched.is_away = False
        if not self.is_running():
            self.start()
        for node in ("pbx", "gate"):
            self.link_back(node)
        self.campaign(is_paused=False)
        for seat in range(1, SEATS + 1):
            self.log_in(seat)
        for _ in range(ROUNDS):
            if not self.has_promised():
                return
            for index in range(len(self.live())):
                self.answer(index)
            self.wait(1.0)
            for _ in self.live():
                self.end(0, "no_answer")
            self.wait(1.0)
            for seat in range(1, SEATS + 1):
                self.choose(seat, Result.COMPLETE, is_mine=False)
            self.wait(5.0)
        never = [callback for callback in self.site.tables.callbacks.values() if callback.state is CallbackState.OPEN]
        assert not never, f"promised, and never made: {never}"

    async def _settled(self) -> None:
        """Everybody hangs up: then nothing may be left in progress."""
        site = self.site
        site.pause_all()
        await passes(5)
        for attempt, call in site.exchange.calls.items():
            if call.trunk in site.exchange.gate.live or ChannelId(attempt) in site.exchange.switch.live:
                site.exchange.end(attempt, 16)
        await passes(90)
        assert {row.state for row in site.tables.attempts.values()} <= {CallState.ENDED}
        assert site.leads(LeadState.CLAIMED) == 0
        assert sum(site.leads(state) for state in LeadState) == LEADS
        for seat in range(1, SEATS + 1):
            assert site.state(seat) not in (OperatorState.RESERVED, OperatorState.TALKING), (
                site.parts.calls.seats.seats[SeatNumber(seat)]
            )
        assert list(site.parts.calls.tracker.calls()) == []
        recorded = {row.tag.attempt_id for row in site.tables.recordings.values()}
        for attempt, call in site.exchange.calls.items():
            assert not call.trunk or attempt in recorded, f"attempt {attempt} had a trunk leg and has no recording"
        assert first_break(site.tables.ledger) is None
        assert site.parts.calls.trunks.calls("carrier") == 0, "every line was given back"


PHASES = [Phase.explicit, Phase.generate, Phase.shrink]
"""Explaining a failure, line by line, takes minutes."""
TestFate = Fate.TestCase
TestFate.settings = settings(
    max_examples=cases(40, long=150),
    stateful_step_count=50,
    suppress_health_check=list(HealthCheck),
    derandomize=True,
    phases=PHASES,
)
