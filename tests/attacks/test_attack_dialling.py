"""An operator's phone dials: numbers, feature codes, injected text, strange request URIs."""

import pytest

from tests.attacks.site import WANTED, Site

pytestmark = [pytest.mark.asterisk, pytest.mark.asyncio(loop_scope="session")]


@pytest.mark.parametrize("user", [WANTED, f"+{WANTED}", f"*21*{WANTED}", f"{WANTED};ext=1", f"{WANTED}%20", "_X.", f"{WANTED}%26PJSIP/33639980043%40gate", f"{WANTED}%40carrier", f"{WANTED}/x", f"{WANTED},30,D(123)", f"{WANTED}%2C30%2CD(123)"])
async def test_an_operator_dials_text(user: str, site: Site):
    await site.dial(1, user)
    await site.judge(site.unauthorised)

async def test_conv(site: Site):
    c = await site.converse()
    print(c.called.audio.packets[:1])
