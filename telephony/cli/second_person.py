"""The second person at the command line: who approves proves it with their own account's password."""

import sys
from typing import Annotated

import typer

from telephony.app.workbench import Workbench
from telephony.domain.accounts import Account
from telephony.errors import InputError

AsAccount = Annotated[
    str, typer.Option("--as", help="Sign-in name of whoever approves; their password is asked.", show_default=False)
]
PasswordStdin = Annotated[bool, typer.Option("--password-stdin", help="Read the password from standard input.")]
ADDRESS = "command line"
"""What the ledger names as the place of a refused password."""


def password_of(username: str, *, from_stdin: bool) -> str:
    """Ask for a password without showing it, or read it from standard input.

    Raises:
        InputError: there is no terminal to ask at.
    """
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    if not sys.stdin.isatty():
        raise InputError("there is no terminal to ask for a password: give it with --password-stdin")
    password: str = typer.prompt(f"password of {username}", hide_input=True, err=True)
    return password


async def second_person(bench: Workbench, username: str, password: str) -> Account:
    """Return the account, proved; a wrong password is refused and entered in the ledger."""
    return await bench.accounts.prove(username, password, ADDRESS)
