"""``telephony operator`` and ``telephony account``: operators with their seats, and accounts."""

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
account_app = typer.Typer(name="account", no_args_is_help=True, help="Accounts of the web pages: add, list.")


@operator_app.command()
def add(
    name: Annotated[str, typer.Argument(help="Work name shown on the floor page.")],
    seat: Annotated[int, typer.Option(help="Seat number from the settings.", min=1, max=999)],
    username: Annotated[str | None, typer.Option(help="Sign-in name; default: derived from the work name.")] = None,
    as_json: AsJson = False,
) -> None:
    """Add an operator with a seat and an account. Prints the generated password once.

    Example: telephony operator add Claire --seat 1
    """

    async def work(bench: Services) -> dict[str, Any]:
        if seat not in {seat.number for seat in bench.settings.seats}:
            raise InputError(
                f"seat {seat} is not in the settings: add it under [[seats]], then run telephony configuration write"
            )
        _refuse_taken(await bench.store.accounts.operators(), work_name, seat)
        if await bench.store.accounts.by_username(sign_in) is not None:
            raise InputError(f"the sign-in name {sign_in} is taken: choose another with --username")
        operator, password = await bench.accounts.add_operator(sign_in, work_name, work_name, SeatNumber(seat))
        return {"operator": operator, "username": sign_in, "password": password}

    work_name = " ".join(name.split())
    if not work_name or not work_name.isprintable():
        raise InputError("the work name is empty or not printable: give a printable name")
    sign_in = username if username is not None else folded(work_name)
    added = with_workbench(work)
    if as_json:
        print_json(added)
    else:
        typer.echo(f"operator {work_name}, seat {seat}: sign-in {added['username']}, password {added['password']}")


def folded(name: str) -> str:
    """Return a sign-in name from a work name: ``Inès`` gives ``ines``, ``Marie Claire`` gives ``marie.claire``."""
    ascii_ = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    sign_in = re.sub(r"[^a-z0-9_-]+", ".", ascii_).strip("._-")[:32]
    if len(sign_in) < 2:
        raise InputError("no sign-in name can be derived from that work name: give one with --username")
    return sign_in


def _refuse_taken(operators: Sequence[Operator], name: str, seat: int) -> None:
    for operator in operators:
        if operator.seat == seat:
            raise InputError(f"seat {seat} is taken by {operator.name}: choose another seat")
        if operator.name == name:
            raise InputError(f"an operator with that work name has seat {operator.seat}: choose another work name")


@operator_app.command("list")
def list_operators(as_json: AsJson = False) -> None:
    """List operators by seat.

    Example: telephony operator list --json
    """
    operators = with_workbench(lambda bench: bench.store.accounts.operators())
    if as_json:
        print_json(operators)
        return
    rows = [(operator.seat, operator.name, operator.operator_id) for operator in operators]
    print_table("operators", ("seat", "name", "id"), rows, "no operator yet; add one with telephony operator add")


@account_app.command("add")
def add_account(
    username: Annotated[str, typer.Argument(help="Sign-in name.")],
    role: Annotated[Role, typer.Option(help="Role of the person; for operators use telephony operator add.")],
    name: Annotated[str | None, typer.Option(help="Displayed name; default: the sign-in name.")] = None,
    as_json: AsJson = False,
) -> None:
    """Add an account for the web pages. Prints the generated password once.

    Example: telephony account add s.martin --role supervisor --name "S. Martin"
    """
    if role is Role.OPERATOR:
        raise InputError("an operator needs a seat: use telephony operator add NAME --seat N")
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
        print_json([_public(account) for account in accounts])
        return
    rows = [
        (account.username, account.display_name, account.role, "yes" if account.is_active else "no")
        for account in accounts
    ]
    print_table("accounts", ("sign-in", "name", "role", "active"), rows, "no account yet")


def _public(account: Account) -> dict[str, Any]:
    return {
        "account_id": account.account_id,
        "username": account.username,
        "display_name": account.display_name,
        "role": account.role,
        "is_active": account.is_active,
    }
