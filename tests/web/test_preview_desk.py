"""The desk in preview mode: the lead in front, call and skip, and no digit of any number in any byte."""

import json
import re
from dataclasses import replace
from datetime import timedelta

import pytest

from telephony.domain.calls.operators import OperatorState
from telephony.domain.campaigns.dialing_options import OPTIONS
from telephony.domain.leads.leads import Lead, LeadState
from telephony.domain.leads.preview import PreviewRules, PreviewView, SkipReason, shown_lead
from telephony.domain.text.reason import Reason
from telephony.ids import CampaignId, LeadId, ListId, Number, PreviewId
from tests.scenes.pages import NOW, Pages
from tests.web.browserless import Visitor
from tests.web.conftest import Visit

NUMBER = Number("33199004127")
LEAD = Lead(
    LeadId(71), ListId(1), CampaignId(1), NUMBER, "Mme Exemple", LeadState.WAITING,
    {"ville": "Exempleville", "note": "rappeler au 01 99 00 41 27", "fin": "…41 27"},
)  # fmt: skip
RULES = PreviewRules(fields=("ville", "note", "fin"))


@pytest.fixture
async def claire(visit: Visit, pages: Pages) -> Visitor:
    visitor = await visit()
    await visitor.sign_in("claire")
    shown = shown_lead(LEAD, RULES)
    pages.desk.preview = PreviewView(
        PreviewId(5), "Satisfaction fibre", shown.name, shown.fields, NOW + timedelta(seconds=60), 3
    )
    pages.desk.put(pages.operator.operator_id, OperatorState.PREVIEW)
    return visitor


async def test_the_person_and_what_is_meant_for_operators_are_shown_with_two_acts(claire: Visitor) -> None:
    page = (await claire.get("/desk")).text
    for text in (
        "Mme Exemple",
        "Exempleville",
        "Satisfaction fibre",
        "Appeler",
        "F2",
        "Passer cette fiche",
        "encore passer 3",
    ):
        assert text in page
    assert page.count("<option") == len(SkipReason) + 1


async def test_no_byte_holds_a_number_whatever_stands_in_the_list(claire: Visitor, pages: Pages) -> None:
    pages.desk.why = Reason("preview.leaving")
    answers = [
        await claire.get("/desk"),
        await claire.get("/api/v1/desk"),
        await claire.send("/desk/call", preview="5"),
        await claire.send("/desk/skip", preview="5", reason="nonsense"),
        await claire.post_json("/api/v1/desk/skip", {"id": 5, "reason": "other"}),
    ]
    pages.desk.why = None
    answers += [
        await claire.post_json("/api/v1/desk/call", {"id": 5}),
        await claire.get("/desk"),
        await claire.get("/api/v1/desk"),
    ]
    for answer in answers:
        body = answer.text + str(dict(answer.headers))
        body = re.sub(
            r"data-(?:since|now|ends)=\"[0-9]+\"|v=[0-9a-f]+|sha384-[^\"]+|form_token\" value=\"[^\"]+", "", body
        )
        body = re.sub(
            r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.+]+|[0-9]{2}:[0-9]{2}:[0-9]{2}|(?:session|visitor)=[^;']+", "", body
        )
        assert "4127" not in re.sub(r"[\s\u00a0\u202f.]", "", body)
        assert "0199" not in body
        assert "3319" not in body


async def test_pressing_call_names_no_lead(claire: Visitor, pages: Pages) -> None:
    assert (await claire.send("/desk/call", preview="5", lead_id="99", number="0199000000")).status == 303
    assert pages.desk.pressed == 1
    page = (await claire.get("/desk")).text
    assert "Appel lancé" in page
    assert "Il vous est réservé" in page


async def test_skipping_needs_a_reason(claire: Visitor, pages: Pages) -> None:
    assert (await claire.send("/desk/skip", preview="5")).status == 409
    assert pages.desk.skipped == []
    assert (await claire.send("/desk/skip", preview="5", reason="known_person")).status == 303
    assert pages.desk.skipped == [SkipReason.KNOWN_PERSON]


async def test_a_refusal_is_said_in_the_readers_language(claire: Visitor, pages: Pages) -> None:
    pages.desk.why = Reason("preview.no_line")
    answer = await claire.send("/desk/call", preview="5")
    assert answer.status == 409
    assert "Aucune ligne libre" in answer.text
    answer = await claire.post_json("/api/v1/desk/call", {"id": 5})
    assert (answer.status, answer.json["code"]) == (409, "preview.no_line")
    assert pages.desk.pressed == 0


async def test_the_page_is_drawn_anew_when_another_lead_lies_there(claire: Visitor, pages: Pages) -> None:
    page = await claire.get("/desk")
    poll = page.text.partition('hx-get="')[2].partition('"')[0]
    assert (await claire.get(poll, headers={"HX-Request": "true"})).status == 204
    assert pages.desk.preview is not None
    pages.desk.preview = replace(pages.desk.preview, preview_id=PreviewId(6), name="M. Autre")
    assert "M. Autre" in (await claire.get(poll, headers={"HX-Request": "true"})).text


async def test_both_forms_name_the_lead_that_is_shown(claire: Visitor) -> None:
    page = (await claire.get("/desk")).text
    assert page.count('name="preview" value="5"') == 2


@pytest.mark.parametrize("read", ["4", "", "five", "5.0", "\u0665\u0665", "9" * 5000])
async def test_a_press_for_another_lead_calls_and_skips_nobody(claire: Visitor, pages: Pages, read: str) -> None:
    answers = [
        await claire.send("/desk/call", preview=read),
        await claire.send("/desk/skip", preview=read, reason="other"),
        await claire.post_json("/api/v1/desk/call", {"id": read}),
        await claire.post_json("/api/v1/desk/skip", {"id": read, "reason": "other"}),
    ]
    assert {answer.status for answer in answers} == {409}
    assert all("fiche" in answer.text for answer in answers)
    assert (pages.desk.pressed, pages.desk.skipped) == (0, [])


async def test_a_press_that_names_no_lead_calls_nobody(claire: Visitor, pages: Pages) -> None:
    answers = [
        await claire.send("/desk/call"),
        await claire.send("/desk/skip", reason="other"),
        await claire.post_json("/api/v1/desk/call", {}),
        await claire.post_json("/api/v1/desk/skip", {"reason": "other"}),
    ]
    assert [answer.status for answer in answers] == [409] * 4
    assert all("Lisez d’abord la fiche" in answer.text for answer in answers)
    assert (pages.desk.pressed, pages.desk.skipped) == (0, [])


async def test_the_api_tells_the_same(claire: Visitor, pages: Pages) -> None:
    seen = (await claire.get("/api/v1/desk")).json
    assert (seen["state"], seen["preview"]["name"], seen["preview"]["fields"]) == (
        "preview",
        "Mme Exemple",
        {"ville": "Exempleville"},
    )
    assert seen["skip_reasons"] == [str(skip_reason) for skip_reason in SkipReason]
    after = (await claire.post_json("/api/v1/desk/call", {"id": 5})).json
    assert (after["state"], after["is_calling"], after["preview"]) == ("reserved", True, None)


async def test_a_forged_press_calls_nothing(claire: Visitor, pages: Pages) -> None:
    claire.form_token = "made-up"
    assert (await claire.send("/desk/call", preview="5")).status == 403
    assert pages.desk.pressed == 0


async def test_the_supervisor_sees_skips_on_the_floor(visit: Visit, pages: Pages) -> None:
    first, *others = pages.floor.view().seats
    seat = replace(first, state=OperatorState.PREVIEW, skips=4)
    await pages.floor.draw(replace(pages.floor.view(), seats=(seat, *others)))
    visitor = await visit()
    await visitor.sign_in("supervisor")
    page = (await visitor.get("/floor")).text
    assert "4 passées" in page
    assert "Lecture" in page
    assert (await visitor.get("/api/v1/floor")).json["seats"][0]["skips"] == 4


async def test_every_option_of_a_campaign_is_shown_on_the_page_of_its_mode(visit: Visit, pages: Pages) -> None:
    options = {
        "mode": "power",
        "ratio": 2.5,
        "shown_name": "surname",
        "detects_machines": True,
        "first_sentence": "Hm.",
    }
    await pages.store.campaigns.change(pages.campaign.campaign_id, "x", pages.clock.now(), options)
    visitor = await visit()
    await visitor.sign_in("manager")
    french = (await visitor.get(f"/campaigns/{pages.campaign.campaign_id}/mode")).text
    section = french.partition('id="options"')[2].partition("</section>")[0]
    shown = re.findall("<dt>(.+?)</dt><dd>(.+?)</dd>", section)
    assert len(shown) == len(OPTIONS) - 1
    for row in (
        ("Plafond d’abandons par jour", "3,0\u202f%"),
        ("Mode d’appel", "Accéléré (2,5)"),
        ("Détection des répondeurs", "Oui"),
        ("Ordre d’appel", "Ordre de la liste"),
        ("Nom affiché au poste", "Civilité et nom"),
        ("Phrase d’accueil", "Hm."),
    ):
        assert row in shown


async def test_a_mode_is_changed_in_two_steps_that_say_what_it_does(visit: Visit, pages: Pages) -> None:
    visitor = await visit()
    await visitor.sign_in("manager")
    address = f"/campaigns/{pages.campaign.campaign_id}/mode"
    assert address in (await visitor.get("/floor")).text
    page = (await visitor.get(address)).text
    assert page.count('type="radio"') == 4
    assert "Accéléré (" in page
    assert "en mode accéléré" in page
    said = await visitor.send(address, mode="power", ratio="2,5")
    assert "Jusqu’à 2,5 appels" in said.text
    assert (await pages.store.campaigns.get(pages.campaign.campaign_id)).dialing.mode == "progressive"
    done = await visitor.send(address, mode="power", ratio="2.5", confirmed="yes")
    assert done.status == 303
    campaign = await pages.store.campaigns.get(pages.campaign.campaign_id)
    assert (campaign.dialing.mode, campaign.dialing.power_tenths) == ("power", 25)
    last = [entry.note async for entry in pages.store.ledger.entries()][-1]
    assert (last.kind, last.body["by"], json.loads(last.body["to"])) == (
        "campaign_changed", "manager", {"mode": "power", "power_tenths": 25},
    )  # fmt: skip
    for wrong in (
        {"mode": "faster"},
        {"mode": "power", "ratio": "9"},
        {"mode": "power", "ratio": "two"},
        *({"mode": "power", "ratio": ratio} for ratio in ("nan", "inf", "-inf", "1e400")),
    ):
        assert (await visitor.send(address, **wrong)).status == 409
        api = await visitor.post_json(f"/api/v1{address}", wrong)
        assert api.status == 409
        assert list(api.json) == ["error"]


async def test_the_api_says_the_effect_and_changes_only_when_confirmed(visit: Visit, pages: Pages) -> None:
    visitor = await visit()
    await visitor.sign_in("manager")
    address = f"/api/v1/campaigns/{pages.campaign.campaign_id}/mode"
    reply = (await visitor.post_json(address, {"mode": "preview"})).json
    assert (reply["changed"], reply["mode"]) == (False, "progressive")
    assert "presses Call" in reply["effect"]["en"]
    done = (await visitor.post_json(address, {"mode": "preview", "confirm": True})).json
    assert (done["changed"], done["mode"]) == (True, "preview")


async def test_who_may_not_run_campaigns_changes_no_mode(visit: Visit, pages: Pages, claire: Visitor) -> None:
    address = f"/campaigns/{pages.campaign.campaign_id}/mode"
    assert (await claire.get(address)).status == 403
    for username in ("supervisor", "compliance"):
        visitor = await visit()
        await visitor.sign_in(username)
        assert (await visitor.send(address, mode="power", confirmed="yes")).status == 403
    assert (await pages.store.campaigns.get(pages.campaign.campaign_id)).dialing.mode == "progressive"
