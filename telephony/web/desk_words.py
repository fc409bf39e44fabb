"""The sentence beside a desk's state, in words; which one is true is left to ``telephony.domain.desk``."""

from telephony.domain.reason import Reason
from telephony.web.wording import Words
from telephony.words import say


def lead_text(t: Words, lead: str, reason: Reason | None) -> str:
    """Return the sentence of ``DeskState.lead``, with the reason why nothing comes where there is one."""
    if reason is not None:
        return t("desk.lead.nothing_comes", why=say(reason, t.language))
    return t(f"desk.lead.{lead}")
