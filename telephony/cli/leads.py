"""``telephony lead``, ``callbacks`` and ``quota``: one lead's story, promised calls, cells of a survey."""

from typing import Annotated, Any

import typer

from telephony.app.wiring.services import Services
from telephony.cli.session import AsJson, moment, print_json, print_table, tell, who, with_workbench
from telephony.domain.lead_order.explanations import standing_said
from telephony.domain.leads.callbacks import Callback
from telephony.domain.leads.leads import LeadState
from telephony.domain.leads.quotas import Quota
from telephony.ids import CallbackId, LeadId
from telephony.ports.pages import every
from telephony.words import english

lead_app = typer.Typer(name="lead", no_args_is_help=True, help="One lead: its story, its priority, calling it anew.")
callbacks_app = typer.Typer(name="callbacks", no_args_is_help=True, help="Promised calls: list, move, cancel.")
quota_app = typer.Typer(name="quota", no_args_is_help=True, help="Survey quotas: cells that close when they are full.")
LeadNumber = Annotated[int, typer.Argument(help="Id of the lead.", show_default=False)]
CallbackNumber = Annotated[int, typer.Argument(help="Id of the callback.", show_default=False)]
CampaignName = Annotated[str, typer.Option(help="Name of the campaign.", show_default=False)]


@lead_app.command()
def show(lead_id: LeadNumber, as_json: AsJson = False) -> None:
    """Tell a lead's story: how it stands, its attempts, its callbacks; never its number.

    Example: telephony lead show 4127
    """

    async def work(bench: Services) -> dict[str, Any]:
        lead = await bench.store.leads.get(LeadId(lead_id))
        attempts = await bench.store.work.attempts_of(lead.lead_id)
        callbacks = await bench.store.callbacks.of_lead(lead.lead_id)
        names = ("lead_id", "list_id", "campaign_id", "state", "reason", "priority", "tries", "not_before")
        stands = {name: getattr(lead, name) for name in names} | {"numbers": max(1, len(lead.numbers))}
        keys = ("attempt_id", "started_at", "ended_at", "outcome", "result", "operator_id", "trunk")
        story = [{key: getattr(one, key) for key in keys} for one in attempts]
        standing = await bench.orders.standing(lead) if lead.state is LeadState.WAITING else None
        said = None if standing is None else english(standing_said(standing))
        return {"lead": stands, "attempts": story, "callbacks": list(callbacks), "chance": standing, "why": said}

    shown = with_workbench(work)
    if as_json:
        print_json(shown)
        return
    lead = shown["lead"] | {"not_before": moment(shown["lead"]["not_before"])}
    print_table(f"lead {lead_id}", ("what", "value"), list(lead.items()), "")
    rows = [
        (moment(one["started_at"]), one["outcome"], one["result"], one["operator_id"], one["attempt_id"])
        for one in shown["attempts"]
    ]
    print_table("attempts", ("begun", "outcome", "result", "operator", "attempt"), rows, "never tried yet")
    if shown["callbacks"]:
        _callbacks(shown["callbacks"])
    if shown["why"]:
        typer.echo(shown["why"])


@lead_app.command()
def reactivate(
    lead_id: LeadNumber,
    reason: Annotated[str, typer.Option(help="Why; no telephone number.", show_default=False)],
    as_json: AsJson = False,
) -> None:
    """Call a finished or refused lead anew; one who asked for no more calls stays as it is.

    Example: telephony lead reactivate 4127 --reason "the client sent the right hours"
    """
    lead = with_workbench(lambda bench: bench.leads.reactivate(LeadId(lead_id), reason, who()))
    tell({"lead_id": lead.lead_id, "state": lead.state}, f"lead {lead_id} is {lead.state} again", as_json=as_json)


@lead_app.command()
def priority(
    lead_id: LeadNumber,
    level: Annotated[int, typer.Argument(help="0 to 9, the higher called first.", show_default=False)],
    as_json: AsJson = False,
) -> None:
    """Change how soon a lead is called among its list's.

    Example: telephony lead priority 4127 9
    """
    lead = with_workbench(lambda bench: bench.leads.set_priority(LeadId(lead_id), level, who()))
    tell(
        {"lead_id": lead.lead_id, "priority": lead.priority},
        f"lead {lead_id} has priority {lead.priority}",
        as_json=as_json,
    )


@callbacks_app.command("list")
def list_(
    campaign: Annotated[str | None, typer.Option(help="Of this campaign alone.")] = None, as_json: AsJson = False
) -> None:
    """List the calls that were promised, the earliest first.

    Example: telephony callbacks list --campaign "Satisfaction fibre"
    """

    async def work(bench: Services) -> list[Callback]:
        chosen = None if campaign is None else (await bench.store.campaigns.by_name(campaign)).campaign_id
        return [one async for one in every(lambda last: bench.store.callbacks.open(chosen, after=last))]

    found = with_workbench(work)
    if as_json:
        print_json(found)
    else:
        _callbacks(found)


def _callbacks(found: list[Callback]) -> None:
    rows = [
        (
            one.callback_id,
            moment(one.at),
            one.zone,
            one.operator_id or "anyone",
            one.state,
            one.lead_id,
            one.campaign_id,
        )
        for one in found
    ]
    columns = ("id", "at", "promised in", "operator", "state", "lead", "campaign")
    print_table("callbacks", columns, rows, "nobody was promised a call")


@callbacks_app.command()
def move(
    callback_id: CallbackNumber,
    at: Annotated[str, typer.Option(help="New moment, such as 2026-11-24 14:30.", show_default=False)],
    zone: Annotated[str | None, typer.Option(help="Time zone of the moment; default: the site's.")] = None,
    as_json: AsJson = False,
) -> None:
    """Move a callback to another moment.

    Example: telephony callbacks move 12 --at "2026-11-24 14:30"
    """

    async def work(bench: Services) -> Callback:
        return await bench.leads.move_callback(CallbackId(callback_id), at, zone or bench.settings.site.timezone, who())

    done = with_workbench(work)
    tell(done, f"callback {callback_id} is moved to {moment(done.at)}", as_json=as_json)


@callbacks_app.command()
def cancel(callback_id: CallbackNumber, as_json: AsJson = False) -> None:
    """Let nobody be called back; the lead is done.

    Example: telephony callbacks cancel 12
    """
    done = with_workbench(lambda bench: bench.leads.cancel_callback(CallbackId(callback_id), who()))
    tell(done, f"callback {callback_id} is {done.state}; lead {done.lead_id} is done", as_json=as_json)


@quota_app.command("set")
def set_(
    cell: Annotated[list[str], typer.Argument(help="column=value, for each column of the cell.", show_default=False)],
    campaign: CampaignName,
    target: Annotated[int, typer.Option(help="Completed answers that are enough.", show_default=False)],
    as_json: AsJson = False,
) -> None:
    """Make a cell or change its target: full, its leads are closed; raised, they are opened again.

    Example: telephony quota set sexe=F age=18-34 --campaign "Satisfaction fibre" --target 120
    """

    async def work(bench: Services) -> tuple[Quota, int]:
        chosen = await bench.store.campaigns.by_name(campaign)
        return await bench.leads.set_quota(chosen.campaign_id, cell, target, who())

    quota, opened = with_workbench(work)
    tell(
        {"quota": quota, "opened_again": opened},
        f"quota {quota.quota_id}: {quota.completed} of {quota.target}; {opened} leads opened again",
        as_json=as_json,
    )


@quota_app.command("show")
def show_quotas(campaign: CampaignName, as_json: AsJson = False) -> None:
    """Show a campaign's cells and how full they are.

    Example: telephony quota show --campaign "Satisfaction fibre"
    """

    async def work(bench: Services) -> list[Quota]:
        return list(await bench.store.quotas.of((await bench.store.campaigns.by_name(campaign)).campaign_id))

    found = with_workbench(work)
    if as_json:
        print_json(found)
        return
    rows = [
        (
            one.quota_id,
            ", ".join(f"{column}={value}" for column, value in one.cell.items()),
            one.completed,
            one.target,
            "full" if one.is_full else "open",
        )
        for one in found
    ]
    print_table(f"quotas of {campaign}", ("id", "cell", "completed", "target", "state"), rows, "no quota")
