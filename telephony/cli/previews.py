"""``telephony preview``: leads that operators skipped in preview mode, and why."""

from datetime import timedelta
from typing import Annotated, Any

import typer

from telephony.app.wiring.services import Services
from telephony.cli.session import AsJson, format_time, print_json, print_table, with_workbench

preview_app = typer.Typer(name="preview", no_args_is_help=True, help="Preview mode: list skipped leads.")


@preview_app.command()
def skips(
    hours: Annotated[int, typer.Option(min=1, max=720, help="Hours to look back.")] = 24,
    campaign: Annotated[str | None, typer.Option(help="Only this campaign.")] = None,
    as_json: AsJson = False,
) -> None:
    """List the leads that operators skipped, oldest first.

    Example: telephony preview skips --hours 8 --campaign "Satisfaction fibre"
    """

    async def work(bench: Services) -> list[dict[str, Any]]:
        store = bench.store
        campaign_id = None if campaign is None else (await store.campaigns.by_name(campaign)).campaign_id
        campaigns = {campaign.campaign_id: campaign.name for campaign in await store.campaigns.all()}
        names = {operator.operator_id: operator.name for operator in await store.accounts.operators()}
        previews = await store.previews.skipped(bench.clock.now() - timedelta(hours=hours))
        return [
            {
                "skipped_at": preview.ended_at,
                "operator": names.get(preview.operator_id, ""),
                "lead": preview.lead_id,
                "campaign": campaigns.get(preview.campaign_id, ""),
                "reason": preview.reason,
                "looked_s": round((preview.ended_at - preview.offered_at).total_seconds(), 1)
                if preview.ended_at
                else None,
            }
            for preview in previews
            if campaign_id in (None, preview.campaign_id)
        ]

    rows = with_workbench(work)
    if as_json:
        print_json(rows)
        return
    print_table(
        f"skipped in {hours} h",
        ("skipped", "operator", "lead", "campaign", "reason", "viewed, s"),
        [(format_time(row["skipped_at"]), *list(row.values())[1:]) for row in rows],
        f"no lead was skipped in the last {hours} hours",
    )
