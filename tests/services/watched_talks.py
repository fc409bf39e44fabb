"""What tests of the watch, the tripwire, keys and locks do and ask alike: operators who talk, what is up, incidents."""

from telephony.domain.calls.permits import DialPermit
from telephony.ids import ChannelId
from tests.scenes.controller_on_doubles import ControllerOnDoubles


async def talking(site: ControllerOnDoubles, seats: int = 1) -> list[DialPermit]:
    """Log operators in and let each talk."""
    await site.log_in(*range(1, seats + 1))
    permits = await site.dials(seats)
    for permit in permits:
        await site.exchange.answer(permit.attempt_id)
    return permits


def trunk(site: ControllerOnDoubles, permit: DialPermit) -> ChannelId:
    return site.exchange.calls[permit.attempt_id].trunk


def incidents(site: ControllerOnDoubles) -> list[str]:
    return [incident.kind for incident in site.tables.incidents]


def is_up(site: ControllerOnDoubles, permit: DialPermit) -> bool:
    channels = {*site.exchange.gate.live, *site.exchange.switch.live}
    return bool({trunk(site, permit), ChannelId(permit.attempt_id)} & channels)
