"""Sizes, and wiring in which every name exists before it is used and no answer about safety is a default.

Each rule has its closed list of what does not keep it yet. A list only shrinks: what keeps the rule again is taken off.
"""

from collections.abc import Iterable
from textwrap import dedent

import pytest

from tests.house.limits import (
    defaulted_callables,
    large_classes,
    long_functions,
    long_modules,
    set_from_outside,
    unbuilt,
    unsafe_defaults,
    wide_constructors,
)
from tests.house.sources import Source, sources

SAFETY = {
    "telephony.domain.rules.decision:DialFacts": (
        "is_list_in_force",
        "can_record",
        "locked",
        "is_watched",
        "is_list_paused",
        "is_operator_gone",
    ),
    "telephony.services.rules.blockers:Blockers": ("site", "campaign"),
    "telephony.services.rules.rule_facts:RuleFacts": ("caller_ids", "policy", "blockers"),
    "telephony.services.rules.rule_facts:AskedCall": ("is_guaranteed", "is_operator_gone"),
    "telephony.services.rules.permits:Gate": ("facts", "keys", "operators"),
    "telephony.services.rules.readiness:Links": ("links",),
    "telephony.services.rules.readiness:RecordingRoom": ("minimum_free_mib",),
    "telephony.services.rules.readiness:SingleController": ("lock",),
    "telephony.services.rules.decisions:Decisions": ("trunks", "facts", "failover"),
    "telephony.services.dialing.dialer:Dialer": ("blockers", "holds"),
    "telephony.services.dialing.launcher:Launcher": ("blockers", "health", "decider"),
    "telephony.services.dialing.lead_decider:LeadDecider": ("decisions", "blockers", "refused"),
    "telephony.services.preview.offering:LeadOffering": ("decisions", "blockers", "spare"),
    "telephony.services.preview.review:OfferReview": ("decisions", "blockers"),
    "telephony.services.preview.desk:PreviewActions": ("review", "pressed"),
    "telephony.services.preview.pressed_calls:PressedCalls": ("decisions", "blockers"),
    "telephony.services.dialing.lead_feed:LeadFeed": ("clocks", "blockers", "deferred", "modes"),
    "telephony.services.floor.site_status:SiteStatus": ("blockers", "room"),
    "telephony.app.wiring.calls:call_parts": ("single",),
    "telephony.app.wiring.parts:build": ("single",),
    "telephony.app.wiring.parts:wire": ("single",),
}
"""Parameters that answer "may anything leave now?", by class (its constructor) or function."""


def modules(*parts: str) -> list[Source]:
    return [source for source in sources() if source.is_in(*parts)]


def hold(broken: Iterable[str], exceptions: str) -> None:
    """Hold a rule, but for its exceptions, one a line."""
    names, known = set(broken), {line.strip() for line in exceptions.splitlines() if line.strip()}
    assert not names - known, f"these break the rule: {sorted(names - known)}"
    assert not known - names, f"these keep the rule now, take them off the list: {sorted(known - names)}"


def test_no_module_is_longer_than_300_lines():
    exceptions = """
    """
    hold(long_modules(sources()), exceptions)


def test_no_function_is_longer_than_50_lines():
    exceptions = """
    """
    hold(long_functions(sources()), exceptions)


def test_no_class_has_more_than_25_methods():
    hold(large_classes(sources()), "")


def test_no_written_constructor_has_more_than_8_parameters():
    hold(wide_constructors(sources()), "")


def test_the_composition_root_names_nothing_that_is_not_built_yet():
    hold(unbuilt(modules("app")), "")


def test_every_object_has_its_parts_from_its_constructor():
    hold(set_from_outside(modules("app", "services"), sources()), "")


def test_no_answer_about_safety_is_a_default():
    hold(unsafe_defaults(sources(), SAFETY), "")


def test_nothing_else_that_is_asked_answers_by_default():
    """A parameter that is asked and was forgotten is an error, not an answer; None says that nobody is asked."""
    exceptions = """
        telephony.services.trunks.capacity:TrunkCapacity wall
    """
    safety = {f"{where} {name}" for where, names in SAFETY.items() for name in names}
    hold((name for name in defaulted_callables(modules("app", "services")) if name not in safety), exceptions)


# Each rule refuses what it is there for


def sample(text: str, module: str = "telephony.app.sample") -> list[Source]:
    return [Source(module, dedent(text))]


def test_sizes_are_counted():
    long = sample("x = 1\n" * 301)
    assert list(long_modules(long)) == ["telephony.app.sample"]
    assert not list(long_modules(sample("x = 1\n" * 300)))
    body = "    x = 1\n" * 50
    assert list(long_functions(sample(f"class A:\n  async def f():\n{body}"))) == ["telephony.app.sample:A.f"]
    assert not list(long_functions(sample(f"def f():\n{body[10:]}")))
    methods = "\n".join(f"    def m{number}(self): ..." for number in range(26))
    assert list(large_classes(sample(f"class A:\n{methods}"))) == ["telephony.app.sample:A"]
    assert not list(large_classes(sample(f"class A:\n{methods.partition('    def m25')[0]}")))


def test_parameters_of_written_constructors_are_counted():
    assert list(wide_constructors(sample("class A:\n    def __init__(self, a, b, c, d, e, f, g, *, h, i): ..."))) == [
        "telephony.app.sample:A"
    ]
    assert not list(wide_constructors(sample("class A:\n    def __init__(self, a, b, c, d, e, f, g, *, h): ...")))


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("def f():\n    a = A(lambda: b.x)\n    b = B()", "f b"),
        ("def f():\n    a = A(lambda: a.x)", "f a"),
        ("def f():\n    a = A(on=lambda x: g(x, b))\n    with B() as b: ...", "f b"),
        ("def f():\n    def g():\n        return b\n    a = A(g)\n    b = B()", "f b"),
        ("def f(a):\n    g = lambda: a.b\n    a.b = B()", "f a.b"),
        (
            "class C:\n    def __init__(self):\n        self.a = A(lambda: self.b.x)\n        self.b = B()",
            "C.__init__ self.b",
        ),
    ],
)
def test_a_name_that_is_not_built_yet_is_found(text: str, name: str):
    assert list(unbuilt(sample(text))) == [f"telephony.app.sample:{name}"]


@pytest.mark.parametrize(
    "text",
    [
        "def f():\n    b = B()\n    a = A(lambda: b.x)",
        "def f(b):\n    a = A(lambda: b.x)\n    b = B()",
        "def f():\n    a = A(lambda b: b.x)\n    b = B()",
        "def f():\n    a = A(b)\n    b = B()\n    c = C(lambda: b)",
    ],
)
def test_what_is_built_may_be_named(text: str):
    assert not list(unbuilt(sample(text)))


def test_parts_set_afterwards_are_found_and_records_may_be_changed():
    text = """
        @dataclass(slots=True)
        class Count:
            seen: int = 0
        @dataclass(frozen=True)
        class Fixed:
            view: View
        class Seats:
            def __init__(self):
                self.view = None
            def see(self, count: Count, other):
                count.seen += 1
                self.view = other
        def wire(seats, view):
            seats.view = view
    """
    source = sample(text)
    assert list(set_from_outside(source, source)) == ["telephony.app.sample:wire seats.view"]
    other = sample("def f(count):\n    count.seen += 1", "telephony.app.other")
    assert list(set_from_outside(other, [*source, *other])) == ["telephony.app.other:f count.seen"]
    knows = sample("from telephony.app.sample import Count\ndef f(count):\n    count.seen += 1", "telephony.app.other")
    assert not list(set_from_outside(knows, [*source, *knows]))


def test_defaults_of_safety_parameters_are_found():
    text = """
        class Gate:
            def __init__(self, store, is_watched=lambda: True, *, locked): ...
        @dataclass
        class Facts:
            can_record: bool
            locked: str = ""
        def build(is_sole=True): ...
    """
    safety = {
        "telephony.app.sample:Gate": ("is_watched", "locked", "gone"),
        "telephony.app.sample:Facts": ("can_record", "locked"),
        "telephony.app.sample:build": ("is_sole",),
        "telephony.app.nowhere:Gate": ("locked",),
    }
    assert list(unsafe_defaults(sample(text), safety)) == [
        "telephony.app.sample:Gate is_watched",
        "telephony.app.sample:Gate gone is not there",
        "telephony.app.sample:Facts locked",
        "telephony.app.sample:build is_sole",
        "telephony.app.nowhere:Gate locked is not there",
    ]


def test_answers_by_default_are_found():
    text = """
        class Gate:
            def __init__(
                self, may: Callable[[], bool] = lambda: True, why: Callable[[], str] | None = None, n: int = 0
            ): ...
        def build(may: Callable[[], bool] = always): ...
    """
    assert list(defaulted_callables(sample(text))) == [
        "telephony.app.sample:Gate may",
        "telephony.app.sample:build may",
    ]


def test_a_list_of_exceptions_only_shrinks():
    hold(["a", "b"], "a\n  b")
    with pytest.raises(AssertionError, match="break the rule: \\['c'\\]"):
        hold(["a", "c"], "a")
    with pytest.raises(AssertionError, match="take them off the list: \\['b'\\]"):
        hold(["a"], "a\n  b")
