"""``telephony attempt``: dialled calls and their outcomes; numbers are masked."""

from collections.abc import Sequence
from typing import Annotated, Any

import typer

from telephony.app.wiring.services import Services
from telephony.cli.session import AsJson, format_time, plain, print_json, print_table, with_workbench
from telephony.domain.calls.attempts import Attempt
from telephony.domain.numbers.numbers import masked

attempt_app = typer.Typer(name="attempt", no_args_is_help=True, help="Attempts: list dialled calls and outcomes.")


@attempt_app.command("list")
def list_(
    campaign: Annotated[str | None, typer.Option(help="Only this campaign.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="Maximum number of rows.")] = 50,
    as_json: AsJson = False,
) -> None:
    """List attempts, newest first.

    Example: telephony attempt list --campaign "Satisfaction fibre" --limit 20
    """

    async def work(bench: Services) -> Sequence[Attempt]:
        campaign_id = (await bench.store.campaigns.by_name(campaign)).campaign_id if campaign else None
        return await bench.store.attempts.recent(campaign_id, limit)

    attempts = with_workbench(work)
    if as_json:
        print_json([_public(attempt) for attempt in attempts])
        return
    rows = [
        (
            format_time(attempt.started_at),
            masked(attempt.number),
            attempt.outcome or attempt.state,
            attempt.seat,
            attempt.result,
            attempt.tech_cause or attempt.hangup_cause or "",
            attempt.attempt_id,
        )
        for attempt in attempts
    ]
    columns = ("started", "number", "outcome", "seat", "result", "cause", "attempt")
    print_table("attempts", columns, rows, "no attempt yet")


def _public(attempt: Attempt) -> dict[str, Any]:
    shown: dict[str, Any] = plain(attempt)
    return shown | {"number": masked(attempt.number)}
