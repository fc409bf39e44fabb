"""``telephony lock`` and ``telephony unlock``: let nothing leave, for the site, a campaign or a seat."""

from typing import Annotated

import typer

from telephony.app.wiring.services import Services
from telephony.cli.session import AsJson, print_json, who, with_workbench
from telephony.domain.security.locks import SITE, Lock, LockScope, is_target
from telephony.errors import InputError

Scope = Annotated[LockScope, typer.Argument(help="What is locked.", show_default=False)]
Target = Annotated[str, typer.Argument(help="The campaign's name or the seat's number; nothing for the site.")]
By = Annotated[str | None, typer.Option("--by", help="Account that decides; default: the Unix user.")]


def lock(
    scope: Scope,
    target: Target = SITE,
    reason: Annotated[str, typer.Option(help="Why; may be said later.")] = "",
    end_calls: Annotated[
        bool, typer.Option("--end-calls", help="End the calls under way too, also of a lock that is in force already.")
    ] = False,
    by: By = None,
    as_json: AsJson = False,
) -> None:
    """Let no new call leave; those under way finish unless --end-calls is given. Holds until telephony unlock.

    Examples:
      telephony lock site --reason "incident in room 2"

      telephony lock site --end-calls

      telephony lock campaign "Satisfaction fibre"

      telephony lock seat 7
    """

    async def work(bench: Services) -> tuple[bool, list[Lock]]:
        wanted = await _target(bench, scope, target)
        is_new = await bench.locks.lock(scope, wanted, await _by(bench, by), reason, ends_calls=end_calls)
        return is_new, list(await bench.locks.active())

    is_new, active = with_workbench(work)
    if as_json:
        print_json(active)
    else:
        calls = ": calls under way end too" if end_calls else ""
        typer.echo(f"{scope} {target}".strip() + (": locked" if is_new else ": was locked already") + calls)


def unlock(
    scope: Scope,
    target: Target = SITE,
    reason: Annotated[str, typer.Option(help="Why calls may leave again.")] = "",
    by: By = None,
    as_json: AsJson = False,
) -> None:
    """Lift a lock; a reason is needed.

    Example: telephony unlock site --reason "the visit is over"
    """

    async def work(bench: Services) -> Lock:
        wanted = await _target(bench, scope, target)
        return await bench.locks.unlock(scope, wanted, await _by(bench, by), reason)

    lifted = with_workbench(work)
    if as_json:
        print_json(lifted)
    else:
        typer.echo(f"{scope} {target}".strip() + ": unlocked")


async def _target(bench: Services, scope: LockScope, text: str) -> str:
    """Return what the lock is kept under: nothing, a campaign's id, a seat's number."""
    if scope is LockScope.SITE and text:
        raise InputError("the site has no name here: telephony lock site, and nothing behind it")
    if scope is LockScope.CAMPAIGN:
        return str((await bench.store.campaigns.by_name(text)).campaign_id)
    if scope is LockScope.SEAT and not is_target(scope, text):
        raise InputError("a seat is named by its number, 1 to 999, in digits 0 to 9: telephony lock seat 7")
    return text


async def _by(bench: Services, username: str | None) -> str:
    if username is None:
        return who()
    account = await bench.store.accounts.by_username(username)
    if account is None or not account.is_active:
        raise InputError(f"there is no active account {username}: telephony account list")
    # No password is asked, so the ledger says who typed it as well.
    return f"{account.display_name} ({who()})"
