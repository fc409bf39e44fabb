"""``telephony preview``: which leads operators skipped in preview mode, and why. Skipping is choosing."""

from datetime import timedelta
from typing import Annotated, Any

import typer

from telephony.app.wiring.services import Services
from telephony.cli.session import AsJson, moment, print_json, print_table, with_workbench

preview_app = typer.Typer(name="preview", no_args_is_help=True, help="Preview mode: what operators skipped, and why.")


@preview_app.command()
def skips(
    hours: Annotated[int, typer.Option(min=1, max=720, help="How many hours back.")] = 24,
    campaign: Annotated[str | None, typer.Option(help="Of this campaign only, by name.")] = None,
    as_json: AsJson = False,
) -> None:
    """List leads that operators skipped, oldest first.

    Example: telephony preview skips --hours 8 --campaign "Satisfaction fibre"
    """

    async def work(bench: Services) -> list[dict[str, Any]]:
        store = bench.store
        wanted = None if campaign is None else (await store.campaigns.by_name(campaign)).campaign_id
        campaigns = {one.campaign_id: one.name for one in await store.campaigns.all()}
        names = {one.operator_id: one.name for one in await store.accounts.operators()}
        found = await store.previews.skipped(bench.clock.now() - timedelta(hours=hours))
        return [
            {
                "skipped_at": one.ended_at,
                "operator": names.get(one.operator_id, ""),
                "lead": one.lead_id,
                "campaign": campaigns.get(one.campaign_id, ""),
                "reason": one.reason,
                "looked_s": round((one.ended_at - one.offered_at).total_seconds(), 1) if one.ended_at else None,
            }
            for one in found
            if wanted in (None, one.campaign_id)
        ]

    rows = with_workbench(work)
    if as_json:
        print_json(rows)
        return
    print_table(
        f"skipped in {hours} h",
        ("skipped", "operator", "lead", "campaign", "reason", "looked, s"),
        [(moment(one["skipped_at"]), *list(one.values())[1:]) for one in rows],
        f"nobody skipped a lead in the last {hours} hours",
    )
