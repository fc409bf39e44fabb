"""Preview mode's parts, wired: offers, the loop that makes them, the operator's acts, calls that are let down."""

from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from telephony.app.sharing import Shared
from telephony.domain.floor import PaceReason
from telephony.domain.previews import PreviewRules
from telephony.ids import CampaignId
from telephony.services.dialer import Dialer
from telephony.services.dialing_view import DialingView
from telephony.services.forsaken import Forsaken
from telephony.services.lead_feed import LeadFeed
from telephony.services.offers import Offers
from telephony.services.preview_desk import PreviewDesk
from telephony.services.previews import Previews, is_preview
from telephony.settings import PreviewSettings


@dataclass(frozen=True, slots=True)
class Previewing:
    """Everything of preview mode."""

    offers: Offers
    previews: Previews
    desk: PreviewDesk
    forsaken: Forsaken
    feed: LeadFeed

    def loops(self) -> Iterator[tuple[str, Callable[[], Coroutine[Any, Any, None]]]]:
        """Name what must run once calls and seats are settled."""
        yield "previews", self.previews.run
        yield "forsaken", self.forsaken.run


def previewing(
    shared: Shared, settings: PreviewSettings, view: DialingView, dialer: Dialer, poll_s: float
) -> Previewing:
    """Wire preview mode; nothing is started."""
    rules = rules_of(settings)
    offers = Offers(shared.store, shared.seats, shared.clock)
    feed = shared.feed(
        view,
        serves=is_preview,
        is_resting=lambda lead_id: shared.failover.holds(lead_id) or previews.rests(lead_id),
        resting=lambda: shared.failover.resting + previews.resting(),
    )
    previews = Previews(
        store=shared.store,
        seats=shared.seats,
        tracker=shared.tracker,
        offers=offers,
        feed=feed,
        decisions=shared.decisions,
        trunks=shared.trunks,
        failover=shared.failover,
        holds=shared.holds,
        clock=shared.clock,
        rules=rules,
        poll_s=poll_s,
        spare=lambda: spare(view, dialer),
        why_not=shared.why_not,
        locked=shared.watching.room.why_not,
    )
    desk = PreviewDesk(
        store=shared.store,
        seats=shared.seats,
        tracker=shared.tracker,
        offers=offers,
        previews=previews,
        decisions=shared.decisions,
        orders=shared.orders,
        trunks=shared.trunks,
        clock=shared.clock,
        rules=rules,
        why_not=shared.why_not,
    )
    forsaken = Forsaken(shared.switch, shared.seats, shared.tracker, shared.clock)
    return Previewing(offers, previews, desk, forsaken, feed)


def rules_of(settings: PreviewSettings) -> PreviewRules:
    """Return the settings as the domain takes them."""
    return PreviewRules(
        look=timedelta(seconds=settings.look_s),
        skips_per_hour=settings.skips_per_hour,
        skip_wait=timedelta(minutes=settings.skip_wait_min),
        shows_name=settings.name == "full",
        fields=settings.fields,
    )


def spare(view: DialingView, dialer: Dialer) -> int:
    """Return how many ready operators no ringing call counts on, while no dialled campaign has anybody to call."""
    return len(view.free) - len(view.inflight) - len(view.waiting) if dialer.is_idle else 0


def reason_of(previews: Previews, dialer: Dialer) -> Callable[[CampaignId], PaceReason]:
    """Return what says why a campaign dials as it does, whatever its mode."""
    return lambda one: previews.reason(one) if previews.serves(one) else dialer.reason(one)
