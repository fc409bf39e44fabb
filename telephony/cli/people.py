"""``telephony operator`` and ``telephony account``: who can sign in, and who sits where."""

import re
import unicodedata
from collections.abc import Sequence
from typing import Annotated, Any

import typer

from telephony.app.wiring.services import Services
from telephony.cli.session import AsJson, print_json, print_table, with_workbench
from telephony.domain.accounts import Account, Operator, Role
from telephony.errors import InputError
from telephony.ids import SeatNumber

operator_app = typer.Typer(name="operator", no_args_is_help=True, help="Operators and their seats: add, list.")
account_app = typer.Typer(name="account", no_args_is_help=True, help="Accounts of the pages: add, list.")


@operator_app.command()
def add(
    name: Annotated[str, typer.Argument(help="Work name, as the floor shows it.")],
    seat: Annotated[int, typer.Option(help="Number of a seat in the settings.", min=1, max=999)],
    username: Annotated[str | None, typer.Option(help="Sign-in name; default: made from the work name.")] = None,
    as_json: AsJson = False,
) -> None:
    """Add an operator with a seat and an account; prints the generated password once.

    Example: telephony operator add Claire --seat 1
    """

    async def work(bench: Services) -> dict[str, Any]:
        if seat not in {one.number for one in bench.settings.seats}:
            raise InputError(f"seat {seat} is not in the settings: add it under [[seats]] and render the pbx again")
        _refuse_taken(await bench.store.accounts.operators(), work_name, seat)
        if await bench.store.accounts.by_username(sign_in) is not None:
            raise InputError(f"the sign-in name {sign_in} is taken: give another one with --username")
        operator, password = await bench.accounts.add_operator(sign_in, work_name, work_name, SeatNumber(seat))
        return {"operator": operator, "username": sign_in, "password": password}

    work_name = " ".join(name.split())
    if not work_name or not work_name.isprintable():
        raise InputError("the work name is empty or not printable: give the name the floor shows")
    sign_in = username if username is not None else folded(work_name)
    made = with_workbench(work)
    if as_json:
        print_json(made)
    else:
        typer.echo(f"operator {work_name}, seat {seat}: sign-in {made['username']}, password {made['password']}")


def folded(name: str) -> str:
    """Return a sign-in name for a work name: ``Inès`` gives ``ines``, ``Marie Claire`` gives ``marie.claire``."""
    ascii_ = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    made = re.sub(r"[^a-z0-9_-]+", ".", ascii_).strip("._-")[:32]
    if len(made) < 2:
        raise InputError("no sign-in name can be made from that work name: give one with --username")
    return made


def _refuse_taken(operators: Sequence[Operator], name: str, seat: int) -> None:
    for one in operators:
        if one.seat == seat:
            raise InputError(f"seat {seat} is given to {one.name}: choose another seat")
        if one.name == name:
            raise InputError(
                f"an operator with that work name sits at seat {one.seat}: give the second one a name apart"
            )


@operator_app.command("list")
def list_operators(as_json: AsJson = False) -> None:
    """List operators by seat.

    Example: telephony operator list --json
    """
    operators = with_workbench(lambda bench: bench.store.accounts.operators())
    if as_json:
        print_json(operators)
        return
    rows = [(one.seat, one.name, one.operator_id) for one in operators]
    print_table("operators", ("seat", "name", "id"), rows, "no operator yet; add one with telephony operator add")


@account_app.command("add")
def add_account(
    username: Annotated[str, typer.Argument(help="Sign-in name.")],
    role: Annotated[Role, typer.Option(help="What the person is here for; operators: telephony operator add.")],
    name: Annotated[str | None, typer.Option(help="Name shown; default: the sign-in name.")] = None,
    as_json: AsJson = False,
) -> None:
    """Add an account for the pages; prints the generated password once.

    Example: telephony account add s.martin --role supervisor --name "S. Martin"
    """
    if role is Role.OPERATOR:
        raise InputError("an operator needs a seat: telephony operator add NAME --seat N")
    account, password = with_workbench(lambda bench: bench.accounts.create(username, name or username, role))
    if as_json:
        print_json({"account": _public(account), "password": password})
    else:
        typer.echo(f"account {account.username} ({account.role}): password {password}")


@account_app.command("list")
def list_accounts(as_json: AsJson = False) -> None:
    """List accounts.

    Example: telephony account list
    """
    accounts = with_workbench(lambda bench: bench.store.accounts.all())
    if as_json:
        print_json([_public(one) for one in accounts])
        return
    rows = [(one.username, one.display_name, one.role, "yes" if one.is_active else "no") for one in accounts]
    print_table("accounts", ("sign-in", "name", "role", "active"), rows, "no account yet")


def _public(account: Account) -> dict[str, Any]:
    return {
        "account_id": account.account_id,
        "username": account.username,
        "display_name": account.display_name,
        "role": account.role,
        "is_active": account.is_active,
    }
