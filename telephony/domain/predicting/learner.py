"""Turns the dialer's events into what ``Ringing`` and ``Serving`` learn; keeps what is needed between two events."""

from collections.abc import Mapping

from telephony.domain.pacing_interface import Kind, View
from telephony.domain.predicting.ringing import Ringing
from telephony.domain.predicting.serving import Serving


class Learner:
    """Follows calls and operators by their events alone."""

    def __init__(self, view: View) -> None:
        """Begin with a live view."""
        self._view = view
        self.ringing = Ringing(view.ring_timeout)
        self.serving = Serving()
        self._dials: dict[int, list[float | None]] = {}
        self._talking: dict[int, float] = {}
        self._wrapping: dict[int, float] = {}
        self.withdrawn: set[int] = set()
        """Calls that were asked to be hung up: their end says nothing about people."""

    def happened(self, t: float, kind: int, call: int, agent: int) -> None:
        """Learn from one event."""
        match kind:
            case Kind.DIAL:
                dial = self._view.inflight.get(call)
                if dial is not None:
                    self._dials[call] = dial
            case Kind.RING:
                self._rang(t, call)
            case Kind.ANSWER:
                dial = self._dials.get(call)
                if dial is not None and dial[2] is None:
                    dial[2] = t
            case Kind.HUMAN | Kind.MACHINE | Kind.NOANSWER | Kind.FAIL:
                self._ended(t, kind, call)
            case Kind.CONNECT:
                self._talking[agent] = t
            case Kind.TALKEND | Kind.READY | Kind.OFF:
                self._operator(t, kind, agent)
            case _:
                pass

    def _rang(self, t: float, call: int) -> None:
        dial = self._dials.get(call)
        if dial is not None and dial[0] is not None:
            self.ringing.rang(t - dial[0])

    def _ended(self, t: float, kind: int, call: int) -> None:
        dial = self._dials.pop(call, None)
        if dial is None:
            return
        dialled, rang, answered = dial
        began = rang if rang is not None else (dialled or t) + self.ringing.setup_s
        rung = max(0.0, (t if answered is None else answered) - began)
        verdict = 0.0 if answered is None else t - answered
        if call in self.withdrawn:
            self.withdrawn.discard(call)
            if kind != Kind.HUMAN:
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


def ages(since: Mapping[int, float], t: float) -> list[float]:
    """Return how long each has lasted, seconds."""
    return [max(0.0, t - one) for one in since.values()]
