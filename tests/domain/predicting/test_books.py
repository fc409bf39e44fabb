"""The view decides what is on the line: a call gone without an event risks nothing, and is learned as unknown."""

from telephony.domain.pacing.interface import Kind
from telephony.domain.pacing.predicting.books import Books
from telephony.domain.pacing.predicting.learner import Learner
from tests.domain.test_pacing import Documented


def test_a_call_that_left_the_view_without_an_event_risks_nothing_more():
    view = Documented()
    books = Books(view)
    view.inflight[7] = [0.0, None, None]
    books.ask(0.5)
    assert books.left(7, 0.4) == 0.5
    assert books.expected() == 0.2
    del view.inflight[7]
    assert books.expected() == 0.0


def test_a_dial_told_twice_is_booked_once():
    view = Documented()
    books = Books(view)
    view.inflight[7] = [0.0, None, None]
    for _ in range(2):
        books.ask(0.5)
        books.left(7, 0.4)
    assert books.expected() == books.foreseen == 0.2


def test_a_cancelled_call_that_is_gone_without_an_event_is_learned_once_as_unknown():
    view = Documented()
    learner = Learner(view)
    view.inflight[7] = [0.0, 2.0, None]
    learner.record_event(0.0, Kind.DIAL, 7, -1)
    learner.withdrawn[7] = 18.0
    del view.inflight[7]
    for t in (20.0, 25.0, 30.0):
        learner.reconcile(t, view.inflight)
    learner.record_event(31.0, Kind.NOANSWER, 7, -1)
    assert learner.ringing.people.seen == 1
    assert not learner.withdrawn
