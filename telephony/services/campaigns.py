"""Campaigns: creating them within what the trunks allow, and moving them from state to state."""

import re
from collections import Counter
from collections.abc import Sequence
from typing import Final

from telephony.domain.campaigns import (
    USUAL_POWER,
    CallOrder,
    Campaign,
    CampaignState,
    CampaignWish,
    DialMode,
    NewCampaign,
)
from telephony.domain.law.opening import impossible
from telephony.domain.law.wording import Text
from telephony.domain.modes import effect_of, ring_s_of, tenths_of
from telephony.domain.talk import NameShown, sentence_of
from telephony.domain.trunks import Route
from telephony.domain.visible_text import visible
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
        """Keep the parts."""
        self._store = store
        self._clock = clock
        self._trunks = {one.name: one for one in trunks}
        self._defaults = defaults

    async def create(self, wish: CampaignWish, by: str) -> Campaign:
        """Create a campaign.

        Raises:
            InputError: a value is not possible; the sentence names it and what is.
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
        cap = self._defaults.abandon_cap if wish.abandon_cap is None else wish.abandon_cap
        if not 0 <= cap <= 0.03:
            raise InputError("the abandon cap is a share between 0 and 0.03 (3 %)")
        return await self._store.campaigns.add(
            NewCampaign(
                name=name,
                client_company=client_company,
                kind=wish.kind,
                caller_id=routes[0].caller_id,
                trunk=routes[0].trunk,
                abandon_cap=cap,
                wrap_up_s=self._defaults.wrap_up_s,
                created_at=self._clock.now(),
                sector=wish.sector,
                plan=wish.plan,
                trunk_share=routes[0].share,
                more_routes=routes[1:],
                detects_machines=wish.detects_machines,
                mode=wish.mode,
                call_order=wish.call_order,
                shown_name=wish.shown_name,
                first_sentence=sentence_of(wish.first_sentence),
                power_tenths=_tenths(wish.mode, wish.ratio) or USUAL_POWER,
                withdraw_after_s=ring_s_of(wish.withdraw_after_s),
            ),
            by,
        )

    def _routes(self, named: Sequence[str], shares: Sequence[int]) -> tuple[Route, ...]:
        """Return the ways out named, each ``NAME`` or ``NAME:CALLER_ID``, or say which is not possible."""
        if shares and (len(shares) != len(named) or min(shares) < 0 or not any(shares)):
            raise InputError(f"{len(named)} trunks need {len(named)} shares, 0 or more each and not all of them 0")
        routes = tuple(self._route(one, share) for one, share in zip(named, shares or [0] * len(named), strict=True))
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

    async def effect_of(self, campaign_id: CampaignId, mode: DialMode, ratio: float | None = None) -> Text:
        """Return what pacing a campaign so would do, in words, to be said before it is done; takes ``set_mode``'s."""
        campaign = await self._store.campaigns.get(campaign_id)
        tenths = _tenths(mode, ratio)
        return effect_of(mode, campaign.power_tenths if tenths is None else tenths, campaign.abandon_cap)

    async def set_mode(self, campaign_id: CampaignId, mode: DialMode, by: str, ratio: float | None = None) -> Campaign:
        """Pace a campaign otherwise; the dialer follows within a second, calls under way go on.

        Args:
            campaign_id: which.
            mode: how.
            by: who.
            ratio: calls per free operator in power mode, 1.0 to 3.0 in tenths; None: as it was.

        Raises:
            InputError: the ratio is not possible, or the mode has none.
        """
        return await self._store.campaigns.set_mode(campaign_id, mode, by, self._clock.now(), _tenths(mode, ratio))

    async def set_withdrawing(self, campaign_id: CampaignId, after_s: int, by: str) -> Campaign:
        """Hang dials up that rang so long in vain, 15 to 60 seconds, 0 never; InputError for anything else."""
        return await self._store.campaigns.set_withdrawing(campaign_id, ring_s_of(after_s), by, self._clock.now())

    async def set_detecting(self, campaign_id: CampaignId, by: str, *, detects: bool) -> Campaign:
        """Have answered calls listened to for machines, or not, from the next dial on."""
        return await self._store.campaigns.set_detecting(campaign_id, by, self._clock.now(), detects=detects)

    async def set_call_order(self, campaign_id: CampaignId, order: CallOrder, by: str) -> Campaign:
        """Choose which of its leads are called first, from the next look at the list on."""
        return await self._store.campaigns.set_call_order(campaign_id, order, by, self._clock.now())

    async def set_desk(
        self, campaign_id: CampaignId, by: str, shown_name: NameShown | None = None, first_sentence: str | None = None
    ) -> Campaign:
        """Choose what operators see of its calls, from the next one on; what is None stays as it is.

        Raises:
            InputError: the sentence is not possible.
        """
        before = await self._store.campaigns.get(campaign_id)
        name = before.shown_name if shown_name is None else shown_name
        sentence = before.first_sentence if first_sentence is None else sentence_of(first_sentence)
        return await self._store.campaigns.set_desk(campaign_id, name, sentence, by, self._clock.now())

    async def set_trunks(
        self, campaign_id: CampaignId, trunks: Sequence[str], shares: Sequence[int], by: str
    ) -> Campaign:
        """Give a campaign other ways out, from its next call on.

        Args:
            campaign_id: which.
            trunks: in order, each ``NAME`` or ``NAME:CALLER_ID``.
            shares: weight of each; empty: the next is taken when one fails.
            by: who.

        Raises:
            InputError: a value is not possible; the sentence names it and what is.
        """
        if not trunks:
            raise InputError("a campaign needs a trunk: name at least one")
        routes = self._routes(trunks, shares)
        return await self._store.campaigns.set_routes(campaign_id, routes, by, self._clock.now())

    async def all(self) -> Sequence[Campaign]:
        """Return all campaigns, oldest first."""
        return await self._store.campaigns.all()

    async def get(self, campaign_id: CampaignId) -> Campaign:
        """Return one; NotFoundError when there is none."""
        return await self._store.campaigns.get(campaign_id)

    async def start(self, campaign_id: CampaignId, by: str) -> Campaign:
        """Let it dial; refused when it has no list that a second person has approved."""
        lists = await self._store.leads.lists(campaign_id)
        if not lists:
            raise InputError("the campaign has no list: load one with telephony list import FILE --campaign NAME")
        now = self._clock.now()
        if not any(one.holds(now) for one in lists):
            raise InputError(
                f"no list of the campaign is approved: somebody else than {lists[-1].loaded_by} approves it"
                f" with telephony list approve {lists[-1].list_id} --as USERNAME, or on the lists page"
            )
        return await self._move(campaign_id, CampaignState.RUNNING, by)

    async def pause(self, campaign_id: CampaignId, by: str) -> Campaign:
        """Dial no more until it is started again; calls under way go on."""
        return await self._move(campaign_id, CampaignState.PAUSED, by)

    async def stop(self, campaign_id: CampaignId, by: str) -> Campaign:
        """End it for good; calls under way go on."""
        return await self._move(campaign_id, CampaignState.STOPPED, by)

    async def _move(self, campaign_id: CampaignId, state: CampaignState, by: str) -> Campaign:
        return await self._store.campaigns.set_state(campaign_id, state, by, self._clock.now())


def _tenths(mode: DialMode, ratio: float | None) -> int | None:
    if ratio is not None and mode is not DialMode.POWER:
        raise InputError("a ratio belongs to power mode; the other modes find theirs by themselves")
    return None if ratio is None else tenths_of(ratio)
