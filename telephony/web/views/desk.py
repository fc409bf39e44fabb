"""The sentence beside a desk's state; ``domain.floor.operator_desk`` decides which one is true."""

from telephony.domain.text.reason import Reason
from telephony.web.i18n.messages import Words
from telephony.words import say


def lead_text(t: Words, lead: str, reason: Reason | None) -> str:
    """Return the sentence of ``DeskState.lead``, with the reason why no call comes if there is one."""
    if reason is not None:
        return t("desk.lead.nothing_comes", why=say(reason, t.language))
    return t(f"desk.lead.{lead}")
