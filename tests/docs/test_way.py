"""The way of one lead in docs/architecture.md is the code's: each step is a call, to a type its caller names."""

from dataclasses import replace

import pytest

from tests.docs.way import STEPS, Step, missing

FILL = next(step for step in STEPS if step.callee.endswith("LeadDecider.fill"))


@pytest.mark.parametrize("step", STEPS, ids=lambda step: f"{step.caller} {step.callee}")
def test_each_step_stands_in_the_sources(step: Step):
    assert missing(step) == ""


@pytest.mark.parametrize(
    "changes",
    [
        {"caller": "services.dialing.launcher:Launcher.run"},
        {"caller": "services.dialing.launcher:Launcher._nowhere"},
        {"callee": "services.dialing.lead_feed:LeadFeed.next"},
        {"callee": "services.dialing.lead_decider:LeadDecider.nothing"},
    ],
)
def test_a_step_that_does_not_stand_there_is_told(changes: dict[str, str]):
    assert missing(FILL) == ""
    assert missing(replace(FILL, **changes)) != ""
