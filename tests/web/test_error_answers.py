"""An error answer is never content: what htmx did not get is a marked sentence, and every form asks by htmx."""

import json
import re

import pytest

from telephony.domain.calls.operators import OperatorState
from telephony.web.http.rendering import TEMPLATES
from tests.scenes.pages import Pages
from tests.web.conftest import Visit

HTMX = {"HX-Request": "true"}
FORM = re.compile(r"<form [^>]*method=\"post\"[^>]*>")


def test_every_form_keeps_its_page_when_it_is_refused() -> None:
    forms = [form for path in sorted(TEMPLATES.glob("*.html")) for form in FORM.findall(path.read_text())]
    assert len(forms) > 15
    assert [form for form in forms if "hx-post=" not in form and 'hx-boost="true"' not in form] == []


def test_no_error_answer_is_swapped_into_a_page() -> None:
    config = re.search(r"htmx-config\" content='([^']+)'", (TEMPLATES / "base.html").read_text())
    assert config is not None
    *others, rest = json.loads(config[1])["responseHandling"]
    assert rest == {"code": "...", "swap": False, "error": True}
    assert [other["code"] for other in others if other["swap"]] == ["[23].."]


@pytest.mark.parametrize(
    ("who", "path", "form", "status"),
    [
        ("compliance", "/incidents/1/close", {"reason": " "}, 422),
        ("compliance", "/proofs", {"day": "nonsense"}, 422),
        ("compliance", "/no-such-page", {}, 404),
        ("manager", "/campaigns/1/mode", {"mode": "warp"}, 409),
        ("claire", "/desk/result", {"result": "complete"}, 409),
        ("claire", "/campaigns/1/start", {}, 403),
    ],
)
@pytest.mark.parametrize("boosted", [False, True])
async def test_what_htmx_did_not_get_is_one_marked_sentence(
    pages: Pages, visit: Visit, who: str, path: str, form: dict[str, str], status: int, boosted: bool
) -> None:
    pages.desk.put(pages.operator.operator_id, OperatorState.READY)
    visitor = await visit()
    await visitor.sign_in(who)
    headers = HTMX | ({"HX-Boosted": "true"} if boosted else {})
    data = {"form_token": visitor.form_token, **form}
    answer = await visitor.ask("POST", path, data=data, headers=headers)
    assert answer.status == status
    assert answer.headers["X-Problem"] == "said"
    assert re.fullmatch(r"<p>[^<>]{15,}</p>\n?", answer.text)


async def test_a_sentence_names_the_field_it_is_about(pages: Pages, visit: Visit) -> None:
    recording_id = await pages.recording()
    visitor = await visit()
    await visitor.sign_in("compliance")
    data = {"form_token": visitor.form_token, "reason": "check", "note": "x"}
    answer = await visitor.ask("POST", f"/recordings/{recording_id}/reason", data=data, headers=HTMX)
    assert (answer.status, answer.headers["X-Problem-Field"]) == (422, "note")


async def test_a_whole_page_is_sent_elsewhere_by_htmx_too(pages: Pages, visit: Visit) -> None:
    visitor = await visit()
    await visitor.sign_in("supervisor")
    headers = HTMX | {"HX-Boosted": "true"}
    answer = await visitor.ask("POST", "/lock", data={"form_token": visitor.form_token}, headers=headers)
    assert (answer.status, answer.headers["HX-Redirect"]) == (204, "/floor")
