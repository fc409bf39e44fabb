"""Turns the dialer's events into what ``Ringing`` and ``Serving`` learn; stores what is needed between two events.

Events may be lost, repeated or out of order, so they are not trusted alone: ``reconcile`` compares what is stored with
the view, which is right about who is on the line now.
"""

from collections.abc import Mapping, Sequence

from telephony.domain.pacing.interface import Dial, Kind, View
from telephony.domain.pacing.predicting.ringing import Ringing
from telephony.domain.pacing.predicting.serving import Serving


class Learner:
    """Follows calls and operators by their events, and by the view where an event is missing."""

    def __init__(self, view: View) -> None:
        self._view = view
        self.ringing = Ringing(view.ring_timeout)
        self.serving = Serving()
        self._dials: dict[int, Dial] = {}
        self._rung: set[int] = set()
        self._over: set[int] = set()
        self._gone: dict[int, tuple[float, bool]] = {}
        self._reconciled_at = view.now
        self._talking: dict[int, float] = {}
        self._wrapping: dict[int, float] = {}
        self.withdrawn: dict[int, float] = {}
        """Cancelled calls, and when: their end shows nothing about people."""

    def record_event(self, t: float, kind: int, call: int, agent: int) -> None:
        """Learn from one event."""
        match kind:
            case Kind.DIAL:
                self._dialled(call)
            case Kind.RING:
                self._rang(t, call)
            case Kind.ANSWER:
                self._answered(t, call)
            case Kind.HUMAN | Kind.MACHINE | Kind.NOANSWER | Kind.FAIL:
                self._ended(t, kind, call)
            case Kind.CONNECT:
                self._talking[agent] = t
            case Kind.TALKEND | Kind.READY | Kind.OFF:
                self._operator(t, kind, agent)
            case _:
                pass

    def _dialled(self, call: int) -> None:
        seen = self._seen(call)
        if seen is not None and call not in self._over:
            self._dials[call] = seen

    def _seen(self, call: int) -> Dial | None:
        """Return a dial according to the view."""
        seen = self._view.inflight.get(call)
        return None if seen is None else Dial(*seen)

    def _rang(self, t: float, call: int) -> None:
        dial, seen = self._dials.get(call), self._seen(call)
        if dial is None:
            return
        if dial.rang_at is None:
            known = seen.rang_at if seen is not None else None
            self._dials[call] = dial._replace(rang_at=t if known is None else known)
        if dial.dialled_at is not None and call not in self._rung:
            self._rung.add(call)
            self.ringing.rang(t - dial.dialled_at)

    def _answered(self, t: float, call: int) -> None:
        dial, seen = self._dials.get(call), self._seen(call)
        if dial is not None and dial.answered_at is None:
            known = seen.answered_at if seen is not None else None
            self._dials[call] = dial._replace(answered_at=t if known is None else known)

    def _ended(self, t: float, kind: int, call: int) -> None:
        dial = self._forgotten(call)
        if dial is None:
            return
        rung, verdict = self._lasted(dial, t)
        if self.withdrawn.pop(call, None) is not None and kind != Kind.HUMAN:
            self.ringing.was_withdrawn(rung)
            return
        match kind:
            case Kind.HUMAN:
                self.ringing.became_person(rung, verdict)
            case Kind.MACHINE:
                self.ringing.became_machine(rung, verdict)
            case Kind.NOANSWER:
                self.ringing.rang_out()
            case _:
                self.ringing.did_fail()

    def _lasted(self, dial: Dial, t: float) -> tuple[float, float]:
        """Return how long a dial rang, and how long it was answered, seconds."""
        dialled, rang, answered = dial
        began = rang if rang is not None else (dialled or t) + self.ringing.setup_s
        rung = max(0.0, (t if answered is None else answered) - began)
        return rung, 0.0 if answered is None else t - answered

    def _forgotten(self, call: int) -> Dial | None:
        self._rung.discard(call)
        self._gone.pop(call, None)
        dial = self._dials.pop(call, None)
        if dial is not None:
            self._over.add(call)
        return dial

    def _operator(self, t: float, kind: int, agent: int) -> None:
        talked_since = self._talking.pop(agent, None)
        wrapped_since = self._wrapping.pop(agent, None)
        if kind == Kind.TALKEND:
            if talked_since is not None:
                self.serving.talk.ended(t - talked_since)
            self._wrapping[agent] = t
        elif wrapped_since is not None:
            self.serving.wrap.ended(t - wrapped_since)
            self.serving.returned(is_ready=kind == Kind.READY)

    # What the view shows

    def reconcile(self, t: float, inflight: Mapping[int, Sequence[float | None]]) -> None:
        """Learn from the view what no event reported.

        Args:
            t: the present time.
            inflight: its dials in flight, including those with a reserved operator.
        """
        self._over &= inflight.keys()
        between = (self._reconciled_at + t) / 2
        for call in [dial for dial in self._dials if dial not in inflight]:
            if call in self._gone:
                self._vanished(call, *self._gone[call])
            else:  # its event may still be on its way
                self._gone[call] = (self.withdrawn.get(call, between), call in self._view.waiting)
        for call, seen in inflight.items():
            self._gone.pop(call, None)
            if call not in self._over:
                self._dials[call] = Dial(*seen)
        self._reconciled_at = t
        self._serving(self._view)

    def _vanished(self, call: int, t: float, is_person: bool) -> None:
        """Learn a dial that left the view about ``t`` without an event: its end is unknown."""
        dial = self._forgotten(call)
        self.withdrawn.pop(call, None)
        if dial is None:
            return
        rung, verdict = self._lasted(dial, t)
        if is_person:
            self.ringing.became_person(rung, verdict)
        elif dial.rang_at is not None and dial.answered_at is None:
            self.ringing.was_withdrawn(rung)

    def _serving(self, view: View) -> None:
        """Follow operators by the view's start times of talking, wrap-up and being free."""
        for agent, since in list(self._talking.items()):
            if view.talking.get(agent) != since:
                del self._talking[agent]
                if view.wrapping.get(agent, since) > since:
                    self.serving.talk.ended(view.wrapping[agent] - since)
        for agent, since in list(self._wrapping.items()):
            if view.wrapping.get(agent) != since:
                del self._wrapping[agent]
                if view.free.get(agent, since) > since:
                    self.serving.wrap.ended(view.free[agent] - since)
                    self.serving.returned(is_ready=True)
        self._talking.update(view.talking)
        self._wrapping.update(view.wrapping)


def ages(since: Mapping[int, float], t: float) -> list[float]:
    """Return how long each of these has lasted, seconds."""
    return [max(0.0, t - began) for began in since.values()]
