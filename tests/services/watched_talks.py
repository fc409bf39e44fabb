"""What tests of the watch, the tripwire, keys and locks do and ask alike: operators who talk, what is up, incidents."""

from telephony.domain.permits import DialPermit
from telephony.ids import ChannelId
from tests.services.whole_site import Site


async def talking(house: Site, seats: int = 1) -> list[DialPermit]:
    """Log operators in and let each talk."""
    await house.log_in(*range(1, seats + 1))
    permits = await house.dials(seats)
    for permit in permits:
        await house.exchange.answer(permit.attempt_id)
    return permits


def trunk(house: Site, permit: DialPermit) -> ChannelId:
    return house.exchange.calls[permit.attempt_id].trunk


def incidents(house: Site) -> list[str]:
    return [one.kind for one in house.tables.incidents]


def is_up(house: Site, permit: DialPermit) -> bool:
    channels = {*house.exchange.gate.live, *house.exchange.switch.live}
    return bool({trunk(house, permit), ChannelId(permit.attempt_id)} & channels)
