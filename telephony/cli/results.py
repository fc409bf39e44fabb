"""``telephony result``: list conversations without a result, and set it in the operator's place."""

from typing import Annotated

import typer

from telephony.app.wiring.services import Services
from telephony.cli.second_person import AsAccount, PasswordStdin, password_of, second_person
from telephony.cli.session import AsJson, emit, format_time, plain, print_json, print_table, with_workbench
from telephony.domain.accounts import Right, may
from telephony.domain.calls.attempts import Attempt, Result
from telephony.domain.numbers.numbers import masked
from telephony.errors import InputError
from telephony.ids import AttemptId, is_uuid

result_app = typer.Typer(
    name="result", no_args_is_help=True, help="Results (dispositions): list missing results, set one."
)


@result_app.command("list")
def list_(as_json: AsJson = False) -> None:
    """List ended conversations without a result, newest first.

    Example: telephony result list
    """
    attempts = with_workbench(lambda bench: bench.results.missing())
    if as_json:
        print_json([plain(attempt) | {"number": masked(attempt.number)} for attempt in attempts])
        return
    rows = [
        (format_time(attempt.ended_at), attempt.seat, attempt.operator_id, attempt.campaign_id, attempt.attempt_id)
        for attempt in attempts
    ]
    columns = ("ended", "seat", "operator", "campaign", "attempt")
    print_table("conversations without a result", columns, rows, "no result is missing")


@result_app.command("set")
def set_(
    attempt: Annotated[str, typer.Argument(help="Id of the attempt, from `result list`.", show_default=False)],
    result: Annotated[Result, typer.Argument(help="Result (disposition) of the conversation.", show_default=False)],
    username: AsAccount,
    from_stdin: PasswordStdin = False,
    as_json: AsJson = False,
) -> None:
    """Set the missing result of a conversation in its operator's place. The ledger holds who set it.

    Example: telephony result set 8e6f6b5e-0000-4000-8000-000000000000 no_more_calls --as s.martin
    """
    if not is_uuid(attempt):
        raise InputError(f"{attempt!r} is not the id of an attempt: copy one from telephony result list")

    password = password_of(username, from_stdin=from_stdin)

    async def work(bench: Services) -> Attempt:
        account = await second_person(bench, username, password)
        if not may(account.role, Right.GIVE_RESULTS):
            raise InputError(
                f"{username} is {account.role}: only a supervisor or a campaign manager sets a missing result"
            )
        await bench.results.give(AttemptId(attempt), result, account.username)
        return await bench.store.attempts.get(AttemptId(attempt))

    kept_attempt = with_workbench(work)
    shown = plain(kept_attempt) | {"number": masked(kept_attempt.number)} if as_json else None
    emit(shown, f"attempt {attempt}: {result}, set by {username}", as_json=as_json)
