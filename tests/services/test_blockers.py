"""Blockers: one object, one order; a check that is missing is an error of the program (I3)."""

from dataclasses import replace

import pytest

from telephony.app.wiring.parts import call_observers, seat_observers
from telephony.domain.campaigns.campaigns import Campaign, CampaignState
from telephony.domain.text.reason import Reason
from telephony.services.rules.blockers import CAMPAIGN, NOT_RUNNING, SITE, Blocker, Blockers
from telephony.workshop.bench.unblocked import unblocked
from tests.scenes.controller_on_doubles import controller_on_doubles
from tests.virtual_time import virtual


class Says:
    """A check that blocks with its own name."""

    def __init__(self, name: str) -> None:
        self.reason: Reason | None = Reason(name)

    def blocking_reason(self, campaign: Campaign | None = None) -> Reason | None:
        return self.reason


def test_checks_are_asked_in_one_order_the_first_that_blocks_is_said():
    site_checks = {blocker: Says(blocker) for blocker in SITE}
    campaign_checks = {blocker: Says(blocker) for blocker in CAMPAIGN}
    blockers = Blockers(site_checks, campaign_checks)
    said = []
    for check in [*site_checks.values(), *campaign_checks.values()]:
        reason = blockers.call(None)  # type: ignore[arg-type]  # these checks do not look at it
        assert reason is not None
        said.append(reason.code)
        check.reason = None
    assert said == [
        "links",
        "recorder",
        "single_controller",
        "watch",
        "liveness",
        "database",
        "lock",
        "running",
        "carriers",
        "holds",
    ]
    assert said == list(Blocker)
    assert blockers.call(None) is None  # type: ignore[arg-type]


@pytest.mark.parametrize("missing", list(Blocker))
def test_nothing_is_open_because_a_check_is_missing(missing: Blocker):
    site_checks = {blocker: Says(blocker) for blocker in SITE if blocker is not missing}
    campaign_checks = {blocker: Says(blocker) for blocker in CAMPAIGN if blocker is not missing}
    with pytest.raises(ValueError, match=missing):
        Blockers(site_checks, campaign_checks)


def test_what_blocks_is_told_by_name():
    assert unblocked().blocking(None) == {}  # type: ignore[arg-type]


@virtual
async def test_a_campaign_that_does_not_run_is_blocked_whatever_else_is_in_order():
    async with controller_on_doubles(leads=1) as site:
        (campaign,) = site.tables.campaigns.values()
        blockers = site.parts.calls.blockers
        assert blockers.call(campaign) is None
        paused = replace(campaign, state=CampaignState.PAUSED)
        assert blockers.call(paused) == NOT_RUNNING
        assert list(blockers.blocking(paused)) == [Blocker.RUNNING]


@virtual
async def test_observers_hear_in_this_order():
    """The seat follows its call before the pacer steps; who waits for an operator is served when all know."""
    async with controller_on_doubles() as site:
        calls = [type(observer).__name__ for observer in call_observers(site.parts)]
        seats = [type(observer).__name__ for observer in seat_observers(site.parts)]
        assert calls == [
            "ResultsDue",
            "Seats",
            "SeatRouter",
            "FloorCounts",
            "Floor",
            "LiveView",
            "TrunkCapacity",
            "Failover",
            "Recorder",
        ]
        assert seats == ["PreviewLoop", "Floor", "LiveView", "DeskFeed", "SeatRouter"]
