"""``telephony lock`` and ``telephony unlock``: block new calls of the site, a campaign or a seat."""

from typing import Annotated

import typer

from telephony.app.wiring.services import Services
from telephony.cli.session import AsJson, current_user, print_json, with_workbench
from telephony.domain.security.locks import SITE, Lock, LockScope, is_target
from telephony.errors import InputError

Scope = Annotated[LockScope, typer.Argument(help="What to lock or unlock.", show_default=False)]
Target = Annotated[str, typer.Argument(help="Campaign name or seat number; empty for the site.")]
By = Annotated[str | None, typer.Option("--by", help="Account of the person who decides; default: the Unix user.")]


def lock(
    scope: Scope,
    target: Target = SITE,
    reason: Annotated[str, typer.Option(help="Why; optional.")] = "",
    end_calls: Annotated[
        bool, typer.Option("--end-calls", help="Also end the calls in progress, even if the lock is already in force.")
    ] = False,
    by: By = None,
    as_json: AsJson = False,
) -> None:
    """Block new calls until telephony unlock. Calls in progress go on unless --end-calls is given.

    Examples:
      telephony lock site --reason "incident in room 2"

      telephony lock site --end-calls

      telephony lock campaign "Satisfaction fibre"

      telephony lock seat 7
    """

    async def work(bench: Services) -> tuple[bool, list[Lock]]:
        target_id = await _target(bench, scope, target)
        is_new = await bench.locks.lock(scope, target_id, await _by(bench, by), reason, ends_calls=end_calls)
        return is_new, list(await bench.locks.active())

    is_new, active = with_workbench(work)
    if as_json:
        print_json(active)
    else:
        calls = ": calls in progress end too" if end_calls else ""
        typer.echo(f"{scope} {target}".strip() + (": locked" if is_new else ": already locked") + calls)


def unlock(
    scope: Scope,
    target: Target = SITE,
    reason: Annotated[str, typer.Option(help="Why calls are allowed again.")] = "",
    by: By = None,
    as_json: AsJson = False,
) -> None:
    """Lift a lock. Needs a reason.

    Example: telephony unlock site --reason "the visit is over"
    """

    async def work(bench: Services) -> Lock:
        target_id = await _target(bench, scope, target)
        return await bench.locks.unlock(scope, target_id, await _by(bench, by), reason)

    lifted = with_workbench(work)
    if as_json:
        print_json(lifted)
    else:
        typer.echo(f"{scope} {target}".strip() + ": unlocked")


async def _target(bench: Services, scope: LockScope, text: str) -> str:
    """Return the target as stored: empty for the site, a campaign's id or a seat's number."""
    if scope is LockScope.SITE and text:
        raise InputError("the site takes no target: write telephony lock site")
    if scope is LockScope.CAMPAIGN:
        return str((await bench.store.campaigns.by_name(text)).campaign_id)
    if scope is LockScope.SEAT and not is_target(scope, text):
        raise InputError("a seat is a number from 1 to 999 in digits 0 to 9: write telephony lock seat 7")
    return text


async def _by(bench: Services, username: str | None) -> str:
    if username is None:
        return current_user()
    account = await bench.store.accounts.by_username(username)
    if account is None or not account.is_active:
        raise InputError(f"there is no active account {username}: see telephony account list")
    # No password is asked, so the ledger also holds the Unix user.
    return f"{account.display_name} ({current_user()})"
