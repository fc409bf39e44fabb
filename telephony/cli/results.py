"""``telephony result``: conversations whose operator gave no result, and giving one in their place."""

from typing import Annotated

import typer

from telephony.app.wiring.services import Services
from telephony.cli.second_person import AsAccount, PasswordStdin, password_of, second_person
from telephony.cli.session import AsJson, moment, plain, print_json, print_table, tell, with_workbench
from telephony.domain.accounts import Right, may
from telephony.domain.calls.attempts import Attempt, Result
from telephony.domain.numbers.numbers import masked
from telephony.errors import InputError
from telephony.ids import AttemptId, is_uuid

result_app = typer.Typer(
    name="result", no_args_is_help=True, help="Results (dispositions): list conversations without one, give one."
)


@result_app.command("list")
def list_(as_json: AsJson = False) -> None:
    """List ended conversations whose result nobody has given, newest first.

    Example: telephony result list
    """
    found = with_workbench(lambda bench: bench.results.missing())
    if as_json:
        print_json([plain(one) | {"number": masked(one.number)} for one in found])
        return
    rows = [(moment(one.ended_at), one.seat, one.operator_id, one.campaign_id, one.attempt_id) for one in found]
    columns = ("ended", "seat", "operator", "campaign", "attempt")
    print_table("conversations without a result", columns, rows, "no result is missing")


@result_app.command()
def give(
    attempt: Annotated[str, typer.Argument(help="The attempt, as `result list` shows it.", show_default=False)],
    result: Annotated[Result, typer.Argument(help="What came of the conversation.", show_default=False)],
    username: AsAccount,
    from_stdin: PasswordStdin = False,
    as_json: AsJson = False,
) -> None:
    """Give the missing result of one conversation in its operator's place; the ledger keeps who gave it.

    Example: telephony result give 8e6f6b5e-0000-4000-8000-000000000000 no_more_calls --as s.martin
    """
    if not is_uuid(attempt):
        raise InputError(f"{attempt!r} is no attempt: copy one from telephony result list")

    password = password_of(username, from_stdin=from_stdin)

    async def work(bench: Services) -> Attempt:
        account = await second_person(bench, username, password)
        if not may(account.role, Right.GIVE_RESULTS):
            raise InputError(f"{username} is {account.role}: a supervisor or a campaign manager gives a missing result")
        await bench.results.give(AttemptId(attempt), result, account.username)
        return await bench.store.attempts.get(AttemptId(attempt))

    kept = with_workbench(work)
    shown = plain(kept) | {"number": masked(kept.number)} if as_json else None
    tell(shown, f"attempt {attempt}: {result}, given by {username}", as_json=as_json)
