"""What an operator and a campaign do in preview mode, for the tests of it: lay leads, look, press.

What is asserted of it stays with the tests in ``test_previews`` and ``test_previews_crash``.
"""

from telephony.domain.dialing_options import DialMode
from telephony.domain.operators import OperatorState
from telephony.domain.permits import DialPermit
from telephony.domain.previews import Preview
from telephony.ids import CampaignId, LeadId, PreviewId
from tests.services.virtual_time import until
from tests.services.whole_site import Site


async def preview(house: Site, leads: int = 5, name: str = "Preview", first: int = 0) -> CampaignId:
    """Make a running preview campaign."""
    return (await house.campaign(leads, name, first=first, mode=DialMode.PREVIEW)).campaign_id


def lies(house: Site, seat: int = 1) -> LeadId | None:
    """Return the lead that lies before a seat's operator."""
    offer = house.parts.preview.offers.of(house.operator(seat))
    return offer.lead.lead_id if offer is not None else None


async def offered(house: Site, seat: int = 1) -> LeadId:
    """Wait until a lead lies before a seat's operator."""
    await until(f"offered at {seat}", lambda: lies(house, seat) is not None)
    found = lies(house, seat)
    assert found is not None
    assert house.state(seat) is OperatorState.PREVIEW
    return found


async def looking(house: Site, leads: int = 5) -> LeadId:
    """Return the first lead of a new preview campaign, once it lies before seat 1."""
    await preview(house, leads)
    await house.log_in(1)
    return await offered(house)


def read(house: Site, seat: int = 1) -> PreviewId:
    """Which offer the operator reads; 0, which none is, when nothing lies before them."""
    offer = house.parts.preview.offers.of(house.operator(seat))
    return offer.preview.preview_id if offer is not None else PreviewId(0)


async def press(house: Site, seat: int = 1) -> None:
    """Press call."""
    await house.parts.preview.desk.call(house.operator(seat), read(house, seat))


async def pressed(house: Site, seat: int = 1) -> DialPermit:
    """Press call, and return the permit that left."""
    count = len(house.dialled) + 1
    await press(house, seat)
    return (await house.dials(count))[-1]


def offers(house: Site) -> list[Preview]:
    """Return every offer that was ever made."""
    return list(house.tables.previews.values())


def last(house: Site) -> Preview:
    """Return the latest offer."""
    return offers(house)[-1]
