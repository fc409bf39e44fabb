"""An operator's phone dials: numbers, feature codes, injected text, strange request URIs and routes."""

import asyncio
from collections.abc import Callable

import pytest

from tests.scenes.attacked_site import WANTED, AttackedSite

pytestmark = [pytest.mark.asterisk, pytest.mark.attack, pytest.mark.asyncio(loop_scope="session")]

OTHER = "33639980043"
ARABIC = "".join(f"%D9%A{digit}" for digit in "3363998")
FULL_WIDTH = "".join(f"%EF%BC%9{digit}" for digit in "3363998")

TEXTS = {
    "number": WANTED,
    "plus": f"+{WANTED}",
    "national": "0639980042",
    "double_zero": f"00{WANTED}",
    "forwarding_code": f"*21*{WANTED}",
    "pattern_itself": "_X.",
    "arabic_digits": f"3{ARABIC}",
    "full_width_digits": f"3{FULL_WIDTH}",
    "second_destination": f"{WANTED}%40gate%26PJSIP%2F{OTHER}",
    "options_and_keys": f"{WANTED}%40gate%2C30%2CD(123456)",
    "extension_parameter": f"{WANTED};ext=1",
    "null_byte": f"{WANTED}%00",
    "bang": f"{WANTED}!",
    "caret": f"{WANTED}%5E",
}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
async def test_an_operator_dials_a_number(text: str, attacked_site: AttackedSite):
    await attacked_site.dial(1, text)
    await attacked_site.judge(attacked_site.unauthorised)


SERVICES = {"disa": "*33", "parking": "700"}


@pytest.mark.parametrize("code", SERVICES.values(), ids=SERVICES)
async def test_an_operator_dials_a_service(code: str, attacked_site: AttackedSite):
    call = await attacked_site.dial(1, code)
    await attacked_site.judge(lambda: call.status == 200)


# Not even the naive dialplan knows these; they are here so that a change is noticed.
NOWHERE = ("p" + "1" * 36, "s", "h", "i", "t", "T", "conf", "gate", "seat-1", "login%40x", "login%26PJSIP%2F" + WANTED)


async def test_an_operator_dials_special_extensions(attacked_site: AttackedSite):
    answered = [text for text in NOWHERE if (await attacked_site.dial(1, text)).status == 200]
    await attacked_site.judge(lambda: attacked_site.unauthorised() or answered, naive="closed")


def request_uris(attacked_site: AttackedSite, number: Callable[[], str]) -> dict[str, tuple[str, list[str]]]:
    """Return request URIs and Route headers that try to get past the one extension there is."""
    carrier = f"{attacked_site.carrier.address[0]}:{attacked_site.carrier.address[1]}"
    pbx = f"{attacked_site.pbx[0]}:{attacked_site.pbx[1]}"
    return {
        "carrier_host": (f"sip:{number()}@{carrier}", []),
        "carrier_host_no_user": (f"sip:{carrier}", []),
        "unknown_host": (f"sip:{number()}@192.0.2.77", []),
        "tel": (f"tel:+{number()}", []),
        "sips": (f"sips:{number()}@{pbx}", []),
        "user_phone": (f"sip:{number()}@{pbx};user=phone", []),
        "phone_context": (f"sip:{number()};phone-context=+33@{pbx}", []),
        "transport_tcp": (f"sip:{number()}@{pbx};transport=tcp", []),
        "maddr": (f"sip:{number()}@{pbx};maddr={attacked_site.carrier.address[0]}", []),
        "maddr_login": (f"sip:logi@{pbx};maddr={attacked_site.carrier.address[0]}", []),
        "received": (f"sip:logi@{pbx};received={attacked_site.carrier.address[0]}", []),
        "loose": (f"sip:{number()}@{carrier};lr", []),
        "headers_in_uri": (f"sip:logi@{pbx}?X-Number={number()}&Route=%3Csip:{carrier}%3E", []),
        "method_in_uri": (f"sip:{number()}@{pbx};method=REFER", []),
        "password_in_uri": (f"sip:{number()}:secret@{pbx}", []),
        "escaped_letters": (f"sip:%6Cogi@{pbx}", []),
        "upper_case": (f"SIP:{number()}@{pbx}", []),
        "no_port": (f"sip:{number()}@{attacked_site.pbx[0]}", []),
        "ttl": (f"sip:{number()}@{pbx};ttl=1", []),
        "gruu": (f"sip:{number()}@{pbx};gr=1", []),
        "isub": (f"tel:+{number()};isub=1", []),
        "route_carrier": (f"sip:{number()}@{pbx}", [f"Route: <sip:{carrier};lr>"]),
        "route_carrier_strict": (f"sip:logi@{pbx}", [f"Route: <sip:{number()}@{carrier}>"]),
        "route_pbx_then_carrier": (f"sip:{number()}@{carrier}", [f"Route: <sip:{pbx};lr>, <sip:{carrier};lr>"]),
        "route_gate": (
            f"sip:{number()}@{carrier}",
            [f"Route: <sip:{attacked_site.gate[0]}:{attacked_site.gate[1]};lr>"],
        ),
        "record_route": (f"sip:logi@{pbx}", [f"Record-Route: <sip:{carrier};lr>"]),
        "path": (f"sip:logi@{pbx}", [f"Path: <sip:{carrier};lr>"]),
        "two_contacts": (f"sip:logi@{pbx}", [f"Contact: <sip:{number()}@{carrier}>, <sip:x@{carrier}>"]),
        "contact_carrier": (f"sip:{number()}@{pbx}", [f"Contact: <sip:{number()}@{carrier}>"]),
        "diversion": (f"sip:logi@{pbx}", [f"Diversion: <sip:{number()}@{carrier}>;reason=unconditional"]),
        "history": (f"sip:logi@{pbx}", [f"History-Info: <sip:{number()}@{carrier}>;index=1"]),
        "alert_info": (f"sip:logi@{pbx}", [f"Alert-Info: <sip:{number()}@{carrier}>;info=auto-answer"]),
        "target_dialog": (f"sip:logi@{pbx}", ["Target-Dialog: x;local-tag=1;remote-tag=2"]),
        "join": (f"sip:{number()}@{pbx}", ["Join: x;to-tag=1;from-tag=2", "Require: join"]),
    }


async def test_an_operator_sends_strange_request_uris_and_routes(attacked_site: AttackedSite):
    phone = await attacked_site.phone(1)
    numbers = (f"336399801{count:02}" for count in range(100))
    tricks = request_uris(attacked_site, lambda: next(numbers))
    assert len(tricks) == 34
    calls = (
        attacked_site.call(phone, uri, attacked_site.pbx, attacked_site.account(1), headers, wait_s=1)
        for uri, headers in tricks.values()
    )
    await asyncio.gather(*calls)
    attacked_site.mark()
    # A dozen of them are just other ways to write a number: the naive pbx dials those.
    await attacked_site.judge(lambda: len(attacked_site.unauthorised()) >= (8 if attacked_site.is_naive else 1))
