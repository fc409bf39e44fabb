"""A do-not-call list for one company: it binds that company's calls, or says that it does not."""

import unicodedata

import pytest

from telephony.errors import InputError
from telephony.ids import Number
from telephony.services.rules.do_not_call import DoNotCallLists, DoNotCallReport
from telephony.words import english
from tests.doubles.store import FakeStore
from tests.services.test_lists import Desk, StoppedClock

NUMBER = "0199004127"


async def load(fake: FakeStore, company: str, name: str = "liste") -> DoNotCallReport:
    service = DoNotCallLists(fake.store, StoppedClock())
    return await service.load(f"Tel\n{NUMBER}\n".encode(), name=name, client_company=company, by="paul")


async def test_a_list_binds_its_company_in_whatever_form_of_unicode() -> None:
    desk = await Desk().open()
    ours = desk.campaign.client_company
    report = await load(desk.fake, unicodedata.normalize("NFD", f"{ours}\u200b"))
    assert report.is_whole
    assert await desk.fake.store.do_not_call.opposed(Number("33199004127"), ours)


async def test_a_company_that_no_campaign_calls_for_is_said() -> None:
    desk = await Desk().open()
    ours = desk.campaign.client_company
    report = await load(desk.fake, f"{ours} SAS")
    assert not report.is_whole
    (note,) = report.notes
    assert f"no campaign calls for '{ours} SAS'" in english(note)
    assert f"campaigns call for {ours!r}" in english(note)
    assert (await load(desk.fake, "")).is_whole


@pytest.mark.parametrize("unseen", ["\u200b\u3164", " ", "Soci\udce9t\udce9"])
async def test_a_company_or_a_name_that_nobody_sees_loads_nothing(unseen: str) -> None:
    fake = FakeStore()
    with pytest.raises(InputError, match="the company"):
        await load(fake, unseen)
    with pytest.raises(InputError, match="the list's name"):
        await load(fake, "", unseen)
    assert not fake.tables.do_not_call


async def test_a_number_kept_in_an_earlier_form_is_still_protected() -> None:
    fake = FakeStore()
    lists = fake.store.do_not_call
    clock = StoppedClock()
    number = await lists.begin("a", "", "", "paul", clock.now())
    await lists.oppose(number, ["262268858040"])
    assert await lists.opposed(Number("33268858040"), "Alpha")
    other = await lists.begin("b", "", "", "paul", clock.now())
    await lists.oppose(other, ["33268958040"])
    assert await lists.opposed(Number("262268958040"), "Alpha")
