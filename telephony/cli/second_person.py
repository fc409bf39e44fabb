"""Identify a second person at the command line by the password of their account."""

import sys
from typing import Annotated

import typer

from telephony.app.wiring.services import Services
from telephony.domain.accounts import Account
from telephony.errors import InputError

AsAccount = Annotated[
    str, typer.Option("--as", help="Sign-in name of the person who agrees; asks for the password.", show_default=False)
]
PasswordStdin = Annotated[bool, typer.Option("--password-stdin", help="Read the password from standard input.")]
ADDRESS = "command line"
"""Address entered in the ledger when a password is refused."""


def password_of(username: str, *, from_stdin: bool) -> str:
    """Prompt for a password without echo, or read it from standard input.

    Raises:
        InputError: there is no terminal, or standard input cannot be read.
    """
    if from_stdin:
        return _line()
    if sys.stdin is None or not sys.stdin.isatty():
        raise InputError("no terminal to ask for the password: use --password-stdin")
    password: str = typer.prompt(f"Password of {username}", hide_input=True, err=True)
    return password


def _line() -> str:
    """Return the first line of standard input, which may be closed or not UTF-8."""
    try:
        line = "" if sys.stdin is None else sys.stdin.readline()
    except (OSError, ValueError) as error:
        raise InputError("the password cannot be read from standard input: write it as one line of UTF-8") from error
    return line.rstrip("\r\n")


async def second_person(bench: Services, username: str, password: str) -> Account:
    """Return the account if the password is right; a wrong one is refused and entered in the ledger."""
    return await bench.accounts.prove(username, password, ADDRESS)
