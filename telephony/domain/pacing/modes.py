"""The effect of a dialing option on operators and called people, shown before somebody chooses it.

The modes themselves are ``dialing_options.DialMode``; what they decide is left to the pacers.
"""

from collections.abc import Collection

from telephony.domain.campaigns.dialing_options import CallOrder, DialingOptions, DialMode, ring_s_of
from telephony.domain.lead_order.explanations import LEARNED_ORDER, LIST_ORDER
from telephony.domain.text.reason import Reason


def effect_of(mode: DialMode, tenths: int, cap: float) -> Reason:
    """Return the effect of choosing a mode.

    Args:
        mode: the mode.
        tenths: dials per free operator in power mode, in tenths.
        cap: the campaign's abandon cap, a share.
    """
    return Reason("mode.effect", effect=_effect(mode, tenths, cap))


def effects_of(options: DialingOptions, keys: Collection[str]) -> tuple[Reason, ...]:
    """Return the effects of choosing options, given their keys; options without a text about their effect have none."""
    texts = []
    if "mode" in keys or "ratio" in keys:
        texts.append(effect_of(options.mode, options.power_tenths, options.abandon_cap))
    if "withdraw_after_s" in keys:
        texts.append(withdrawing_effect_of(options.withdraw_after_s))
    if "call_order" in keys:
        texts.append(LEARNED_ORDER if options.call_order is CallOrder.LEARNED else LIST_ORDER)
    return tuple(texts)


def withdrawing_effect_of(after_s: int) -> Reason:
    """Return the effect of cancelling dials after N seconds without an answer; 0: never. Errors as ``ring_s_of``."""
    if not ring_s_of(after_s):
        return Reason("mode.rings_out")
    return Reason("mode.cancels_rings", after_s=after_s)


def _effect(mode: DialMode, tenths: int, cap: float) -> Reason:
    match mode:
        case DialMode.PREVIEW:
            return Reason("mode.preview")
        case DialMode.PROGRESSIVE:
            return Reason("mode.progressive")
        case DialMode.POWER:
            return Reason("mode.power", ratio=tenths / 10, share=cap)
        case DialMode.PREDICTIVE:
            return Reason("mode.predictive", share=cap)
