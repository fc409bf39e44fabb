"""Campaigns: creating them as the trunks allow, and changing their state and options."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final

from telephony.domain.campaigns.campaigns import Campaign, CampaignState, CampaignWish, NewCampaign
from telephony.domain.campaigns.dialing_options import DialingOptions
from telephony.domain.pacing.modes import effects_of
from telephony.domain.rules.opening import impossible
from telephony.domain.text.reason import Reason
from telephony.domain.text.visible import visible
from telephony.domain.trunks.routes import Route
from telephony.errors import InputError
from telephony.ids import CampaignId
from telephony.ports.clock import Clock
from telephony.ports.store import Store
from telephony.settings import CampaignDefaults, TrunkSettings

_NUMBER: Final = re.compile(r"[1-9][0-9]{5,14}")
_NAME_LENGTH: Final = 80


class Campaigns:
    """What campaign managers do, from the command line and from the pages."""

    def __init__(self, store: Store, clock: Clock, trunks: Sequence[TrunkSettings], defaults: CampaignDefaults) -> None:
        self._store = store
        self._clock = clock
        self._trunks = {trunk.name: trunk for trunk in trunks}
        self._defaults = defaults

    async def create(self, wish: CampaignWish, by: str) -> Campaign:
        """Create a campaign.

        Raises:
            InputError: a value is not possible; the message names it and the possible values.
            ConflictError: the name is taken.
        """
        name, client_company = wish.name.strip(), visible(wish.client_company)
        if not 1 <= len(name) <= _NAME_LENGTH or not name.isprintable():
            raise InputError(f"a campaign's name has 1 to {_NAME_LENGTH} printable characters")
        if not client_company:
            raise InputError("a campaign needs the company it calls for: give --client")
        if why := impossible(wish.kind, wish.sector):
            raise InputError(why)
        first = wish.trunk or next(iter(self._trunks))
        if wish.caller_id and ":" not in first:
            first = f"{first}:{wish.caller_id}"
        routes = self._routes([first, *wish.more_trunks], wish.shares)
        dialing = DialingOptions(self._defaults.abandon_cap).having(wish.options, is_new=True)
        new = NewCampaign(
            name=name,
            client_company=client_company,
            kind=wish.kind,
            routes=routes,
            dialing=dialing,
            wrap_up_s=self._defaults.wrap_up_s,
            created_at=self._clock.now(),
            plan=wish.plan,
            sector=wish.sector,
        )
        return await self._store.campaigns.add(new, by)

    def _routes(self, named: Sequence[str], shares: Sequence[int]) -> tuple[Route, ...]:
        """Return the named routes, each ``NAME`` or ``NAME:CALLER_ID``; InputError names one that is not possible."""
        if shares and (len(shares) != len(named) or min(shares) < 0 or not any(shares)):
            raise InputError(f"{len(named)} trunks need {len(named)} shares, 0 or more each and not all of them 0")
        routes = tuple(self._route(text, share) for text, share in zip(named, shares or [0] * len(named), strict=True))
        twice = [name for name, count in Counter(route.trunk for route in routes).items() if count > 1]
        if twice:
            raise InputError(f"trunk {twice[0]} is named twice: a campaign has one caller ID on each trunk")
        return routes

    def _route(self, text: str, share: int) -> Route:
        name, _, caller_id = text.partition(":")
        if name not in self._trunks:
            raise InputError(f"trunk {name} is not in the settings; there are: {', '.join(self._trunks)}")
        allowed = self._trunks[name].caller_ids
        shown = caller_id or (allowed[0] if allowed else "")
        if _NUMBER.fullmatch(shown) is None or shown not in allowed:
            raise InputError(
                f"that caller ID is not one the contract of trunk {name} allows; add it to trunks.caller_ids first"
            )
        return Route(name, shown, share)

    async def effects_of(self, campaign_id: CampaignId, given: Mapping[str, object]) -> Sequence[Reason]:
        """Return the effects of changing these options, to be shown before; errors as ``change``."""
        campaign = await self._store.campaigns.get(campaign_id)
        return effects_of(campaign.dialing.having(given), given)

    async def change(self, campaign_id: CampaignId, given: Mapping[str, object], by: str) -> Campaign:
        """Change how a campaign dials, also while it runs; the dialer follows within a second, calls under way go on.

        Args:
            campaign_id: the campaign.
            given: options by key, see ``telephony.domain.campaigns.dialing_options``; the others stay.
            by: who changes them.

        Raises:
            InputError: an option is unknown, may not be changed, or its value is not possible; the message names it.
        """
        return await self._store.campaigns.change(campaign_id, by, self._clock.now(), options=given)

    async def set_trunks(
        self, campaign_id: CampaignId, trunks: Sequence[str], shares: Sequence[int], by: str
    ) -> Campaign:
        """Change a campaign's routes, from its next call on.

        Args:
            campaign_id: the campaign.
            trunks: in order, each ``NAME`` or ``NAME:CALLER_ID``.
            shares: weight of each; empty: the next trunk is used when one fails.
            by: who changes them.

        Raises:
            InputError: a value is not possible; the message names it and the possible values.
        """
        if not trunks:
            raise InputError("a campaign needs a trunk: name at least one")
        routes = self._routes(trunks, shares)
        return await self._store.campaigns.change(campaign_id, by, self._clock.now(), routes=routes)

    async def all(self) -> Sequence[Campaign]:
        """Return all campaigns, oldest first."""
        return await self._store.campaigns.all()

    async def get(self, campaign_id: CampaignId) -> Campaign:
        """Return a campaign; NotFoundError when there is none."""
        return await self._store.campaigns.get(campaign_id)

    async def start(self, campaign_id: CampaignId, by: str) -> Campaign:
        """Start a campaign; InputError when it has no list that a second person has approved."""
        lists = await self._store.leads.lists(campaign_id)
        if not lists:
            raise InputError("the campaign has no list: load one with telephony list import FILE --campaign NAME")
        now = self._clock.now()
        if not any(lead_list.is_in_force(now) for lead_list in lists):
            raise InputError(
                f"no list of the campaign is approved: somebody other than {lists[-1].loaded_by} approves it"
                f" with telephony list approve {lists[-1].list_id} --as USERNAME, or on the lists page"
            )
        return await self._move(campaign_id, CampaignState.RUNNING, by)

    async def pause(self, campaign_id: CampaignId, by: str) -> Campaign:
        """Pause a campaign until it is started again; calls under way go on."""
        return await self._move(campaign_id, CampaignState.PAUSED, by)

    async def stop(self, campaign_id: CampaignId, by: str) -> Campaign:
        """Stop a campaign permanently; calls under way go on."""
        return await self._move(campaign_id, CampaignState.STOPPED, by)

    async def _move(self, campaign_id: CampaignId, state: CampaignState, by: str) -> Campaign:
        return await self._store.campaigns.set_state(campaign_id, state, by, self._clock.now())
