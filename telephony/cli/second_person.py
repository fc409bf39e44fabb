"""A named person at the command line, who proves it with their own account's password."""

import sys
from typing import Annotated

import typer

from telephony.app.wiring.services import Services
from telephony.domain.accounts import Account
from telephony.errors import InputError

AsAccount = Annotated[
    str, typer.Option("--as", help="Sign-in name of whoever does it; their password is asked.", show_default=False)
]
PasswordStdin = Annotated[bool, typer.Option("--password-stdin", help="Read the password from standard input.")]
ADDRESS = "command line"
"""What the ledger names as the place of a refused password."""


def password_of(username: str, *, from_stdin: bool) -> str:
    """Ask for a password without showing it, or read it from standard input.

    Raises:
        InputError: there is no terminal to ask at, or standard input cannot be read.
    """
    if from_stdin:
        return _line()
    if sys.stdin is None or not sys.stdin.isatty():
        raise InputError("there is no terminal to ask for a password: give it with --password-stdin")
    password: str = typer.prompt(f"password of {username}", hide_input=True, err=True)
    return password


def _line() -> str:
    """Return the first line of standard input, which may be closed, or hold what is no UTF-8."""
    try:
        line = "" if sys.stdin is None else sys.stdin.readline()
    except (OSError, ValueError) as error:
        raise InputError("the password cannot be read from standard input: give it as one line of UTF-8") from error
    return line.rstrip("\r\n")


async def second_person(bench: Services, username: str, password: str) -> Account:
    """Return the account, proved; a wrong password is refused and entered in the ledger."""
    return await bench.accounts.prove(username, password, ADDRESS)
