"""What an operator and a campaign do in preview mode, for its tests: offer leads, poll, press.

What is asserted of it stays with the tests in ``test_previews`` and ``test_previews_crash``.
"""

from telephony.domain.calls.operators import OperatorState
from telephony.domain.calls.permits import DialPermit
from telephony.domain.campaigns.dialing_options import DialMode
from telephony.domain.leads.preview import Preview
from telephony.ids import CampaignId, LeadId, PreviewId
from tests.scenes.controller_on_doubles import ControllerOnDoubles
from tests.virtual_time import until


async def preview(site: ControllerOnDoubles, leads: int = 5, name: str = "Preview", first: int = 0) -> CampaignId:
    """Make a running preview campaign."""
    return (await site.campaign(leads, name, first=first, mode=DialMode.PREVIEW)).campaign_id


def lies(site: ControllerOnDoubles, seat: int = 1) -> LeadId | None:
    """Return the lead offered to a seat's operator."""
    offer = site.parts.preview.offers.of(site.operator(seat))
    return offer.lead.lead_id if offer is not None else None


async def offered(site: ControllerOnDoubles, seat: int = 1) -> LeadId:
    """Wait until a lead is offered to a seat's operator."""
    await until(f"offered at {seat}", lambda: lies(site, seat) is not None)
    lead_id = lies(site, seat)
    assert lead_id is not None
    assert site.state(seat) is OperatorState.PREVIEW
    return lead_id


async def looking(site: ControllerOnDoubles, leads: int = 5) -> LeadId:
    """Return the first lead of a new preview campaign, once it is offered to seat 1."""
    await preview(site, leads)
    await site.log_in(1)
    return await offered(site)


def read(site: ControllerOnDoubles, seat: int = 1) -> PreviewId:
    """Return the offer the operator reads, or 0, which no offer has, when there is none."""
    offer = site.parts.preview.offers.of(site.operator(seat))
    return offer.preview.preview_id if offer is not None else PreviewId(0)


async def press(site: ControllerOnDoubles, seat: int = 1) -> None:
    """Press call."""
    await site.parts.preview.desk.call(site.operator(seat), read(site, seat))


async def pressed(site: ControllerOnDoubles, seat: int = 1) -> DialPermit:
    """Press call, and return the permit that left."""
    count = len(site.dialled) + 1
    await press(site, seat)
    return (await site.dials(count))[-1]


def offers(site: ControllerOnDoubles) -> list[Preview]:
    """Return every offer that was ever made."""
    return list(site.tables.previews.values())


def last(site: ControllerOnDoubles) -> Preview:
    """Return the latest offer."""
    return offers(site)[-1]
