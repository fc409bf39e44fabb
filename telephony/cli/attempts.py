"""``telephony attempts``: what was dialled and what became of it; numbers are masked."""

from collections.abc import Sequence
from typing import Annotated, Any

import typer

from telephony.app.wiring.services import Services
from telephony.cli.session import AsJson, moment, plain, print_json, print_table, with_workbench
from telephony.domain.calls.attempts import Attempt
from telephony.domain.numbers.numbers import masked

attempts_app = typer.Typer(name="attempts", no_args_is_help=True, help="Attempts: one try at one lead each.")


@attempts_app.command("list")
def list_(
    campaign: Annotated[str | None, typer.Option(help="Only this campaign.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="How many, newest first.")] = 50,
    as_json: AsJson = False,
) -> None:
    """List attempts, newest first.

    Example: telephony attempts list --campaign "Satisfaction fibre" --limit 20
    """

    async def work(bench: Services) -> Sequence[Attempt]:
        chosen = (await bench.store.campaigns.by_name(campaign)).campaign_id if campaign else None
        return await bench.store.attempts.recent(chosen, limit)

    attempts = with_workbench(work)
    if as_json:
        print_json([_public(one) for one in attempts])
        return
    rows = [
        (
            moment(one.started_at),
            masked(one.number),
            one.outcome or one.state,
            one.seat,
            one.result,
            one.tech_cause or one.hangup_cause or "",
            one.attempt_id,
        )
        for one in attempts
    ]
    columns = ("started", "number", "outcome", "seat", "result", "cause", "attempt")
    print_table("attempts", columns, rows, "no attempt yet")


def _public(attempt: Attempt) -> dict[str, Any]:
    shown: dict[str, Any] = plain(attempt)
    return shown | {"number": masked(attempt.number)}
