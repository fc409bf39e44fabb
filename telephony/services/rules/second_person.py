"""Who may be the second person: whoever approves what another one asked for."""

from telephony.domain.accounts import RIGHTS, Account, Right, may
from telephony.errors import InputError


def refuse_without_right(who: Account) -> None:
    """Refuse who may not approve; InputError names those who may."""
    if not who.is_active:
        raise InputError(f"the account {who.username} is deactivated: somebody else approves")
    if not may(who.role, Right.APPROVE):
        allowed = ", ".join(str(role) for role, rights in RIGHTS.items() if Right.APPROVE in rights)
        raise InputError(f"a {who.role} may not approve; those who may: {allowed}")
