"""A campaign over leads that differ: the same people for every order, every lead tried, the seed decides everything."""

from dataclasses import replace

import pytest

from telephony.simulation.baselines import BASELINES
from telephony.simulation.lead_campaigns import LEAD_CAMPAIGNS
from telephony.simulation.lead_days import Campaign, CampaignResult, run_campaign
from telephony.simulation.lead_orders import LEARNED, LIST, ORDERS, TRUE
from telephony.simulation.people import FIRST_HOUR, HOURLY, People, Population
from telephony.simulation.scenarios import HOUR

SMALL = replace(
    LEAD_CAMPAIGNS[0],
    day=replace(LEAD_CAMPAIGNS[0].day, operators=5, windows=((0.0, HOUR), (8 * HOUR, 10 * HOUR))),
    leads=900,
    days=2,
)


def lived(order: str, campaign: Campaign = SMALL, seed: int = 1) -> CampaignResult:
    return replace(run_campaign(campaign, BASELINES["progressive"], seed, ORDERS[order]), choice_ns=0)


@pytest.fixture(scope="module")
def results() -> dict[str, CampaignResult]:
    return {order: lived(order) for order in ORDERS}


@pytest.mark.slow
def test_the_learned_choice_tries_every_lead_and_reaches_more_people(results: dict[str, CampaignResult]):
    learned, listed = results[LEARNED], results[LIST]
    assert learned.tried == learned.leads
    assert learned.contacts >= listed.contacts
    assert learned.dials_per_contact < listed.dials_per_contact
    assert results[TRUE].dials_per_contact < learned.dials_per_contact


def test_counts_add_up(results: dict[str, CampaignResult]):
    for result in results.values():
        assert result.contacts < result.dials <= 4 * result.leads
        assert result.choices == result.dials
        assert 0 < result.utilisation < 1
        assert result.contacts_per_hour == pytest.approx(3600 * result.contacts / result.logged_s)
        assert result.abandoned == 0


@pytest.mark.slow
def test_the_seed_decides_everything(results: dict[str, CampaignResult]):
    assert lived(LEARNED) == results[LEARNED] != lived(LEARNED, seed=2)


def test_a_short_list_ends_with_nobody_left_out_and_the_same_people_reached():
    short = replace(SMALL, leads=120)
    ended = [lived(order, short) for order in (LIST, LEARNED)]
    assert [campaign_result.tried for campaign_result in ended] == [120, 120]
    assert ended[1].contacts >= ended[0].contacts


def test_people_answer_as_their_classes_do():
    only = Population({("mobile", "customers"): 1.0}, {("mobile", "customers"): (0, 1, 0, 0, 0, 0)})
    people = People(only, 4000, seed=1)
    for hour in (10, 19):
        mean = sum(people.chance(lead, hour) for lead in range(4000)) / 4000
        assert mean == pytest.approx(HOURLY["worker"][hour - FIRST_HOUR], abs=0.03)
