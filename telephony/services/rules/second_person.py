"""Who may approve, as the second person, what somebody else requested."""

from telephony.domain.accounts import RIGHTS, Account, Right, may
from telephony.errors import InputError


def refuse_without_right(who: Account) -> None:
    """Raise InputError, naming the roles that may approve, for an account that may not."""
    if not who.is_active:
        raise InputError(f"the account {who.username} is deactivated: another person must approve")
    if not may(who.role, Right.APPROVE):
        allowed = ", ".join(str(role) for role, rights in RIGHTS.items() if Right.APPROVE in rights)
        raise InputError(f"a {who.role} may not approve; those who may: {allowed}")
