import tomllib
from collections import Counter

from telephony.domain.law.basis import CampaignKind
from telephony.domain.numbers.numbers import canonical
from telephony.workshop.lab.generate import CALLER_IDS
from tests.services import leads_300
from tests.services.test_lists import Desk

CAMPAIGN = leads_300.FILE.parent / "campaign.toml"


def numbers() -> list[str]:
    return [canonical(line.split(";")[0]) for line, _ in leads_300.rows()]


def test_the_committed_list_is_what_its_generator_makes() -> None:
    assert leads_300.FILE.read_text(encoding="utf-8") == leads_300.text()


def test_the_300_leads_are_unique_fiction_numbers() -> None:
    texts = numbers()
    assert len(texts) == len(set(texts)) == 300
    assert all(number.startswith(tuple("33" + prefix[1:] for prefix in leads_300.PREFIXES)) for number in texts)


def test_six_operators_at_one_line_each_finish_in_about_140_seconds() -> None:
    assert 800 <= sum(cost_s for _, cost_s in leads_300.rows()) <= 850


def test_the_mix_holds_every_behaviour_of_the_carrier() -> None:
    mix = Counter(ending[0] if ending[0] in "679" else ending[:2] for ending in (number[-4:] for number in numbers()))
    expected = {"9": 96, "82": 8, "80": 4, "7": 4, "6": 3, "50": 60, "52": 55, "51": 25, "54": 25, "53": 20}
    assert mix == expected
    early = [number[-2:] for number in numbers() if number[-4:-2] == "82"]
    assert all(1 <= int(seconds) <= 3 for seconds in early)


async def test_the_importer_takes_all_of_them() -> None:
    desk = await Desk().open()
    report = await desk.load(leads_300.FILE)
    assert (report.list.accepted, report.list.rejected, report.list.duplicates) == (300, 0, 0)
    assert set(desk.leads[0].fields) == {"ville", "offre"}
    assert all(" " in lead.name for lead in desk.leads)


def test_the_example_campaign_shows_a_number_that_the_lab_trunk_allows() -> None:
    campaign = tomllib.loads(CAMPAIGN.read_text(encoding="utf-8"))["campaign"]
    assert campaign["caller_id"] in CALLER_IDS
    assert CampaignKind(campaign["kind"]) is CampaignKind.SURVEY
    assert 0 <= campaign["abandon_cap"] <= 0.03
