"""The sentence beside a desk's state, in words; which one is true is left to ``telephony.domain.desk``."""

from telephony.domain.floor import PaceReason
from telephony.web.wording import Words


def lead_text(t: Words, lead: str, reason: PaceReason | None) -> str:
    """Return the sentence of ``DeskState.lead``, with the reason why nothing comes where there is one."""
    if reason is not None:
        return t("desk.lead.nothing_comes", why=reason.fr if t.language == "fr" else reason.en)
    return t(f"desk.lead.{lead}")
