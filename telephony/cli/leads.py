"""``telephony lead``, ``callback`` and ``quota``: a lead's history, callbacks, survey quotas."""

from typing import Annotated, Any

import typer

from telephony.app.wiring.services import Services
from telephony.cli.session import AsJson, current_user, emit, format_time, print_json, print_table, with_workbench
from telephony.domain.lead_order.explanations import standing_said
from telephony.domain.leads.callbacks import Callback
from telephony.domain.leads.leads import LeadState
from telephony.domain.leads.quotas import Quota
from telephony.ids import CallbackId, LeadId
from telephony.ports.pages import every
from telephony.words import english

lead_app = typer.Typer(
    name="lead", no_args_is_help=True, help="Leads: show the history, change the priority, reactivate."
)
callback_app = typer.Typer(name="callback", no_args_is_help=True, help="Callbacks: list, move, cancel.")
quota_app = typer.Typer(
    name="quota", no_args_is_help=True, help="Survey quotas: set and show cells. A full cell closes."
)
LeadNumber = Annotated[int, typer.Argument(help="Id of the lead.", show_default=False)]
CallbackNumber = Annotated[int, typer.Argument(help="Id of the callback.", show_default=False)]
CampaignName = Annotated[str, typer.Option(help="Name of the campaign.", show_default=False)]


@lead_app.command()
def show(lead_id: LeadNumber, as_json: AsJson = False) -> None:
    """Show a lead's state, attempts and callbacks, without its number.

    Example: telephony lead show 4127
    """

    async def work(bench: Services) -> dict[str, Any]:
        lead = await bench.store.leads.get(LeadId(lead_id))
        attempts = await bench.store.work.attempts_of(lead.lead_id)
        callbacks = await bench.store.callbacks.of_lead(lead.lead_id)
        names = ("lead_id", "list_id", "campaign_id", "state", "reason", "priority", "tries", "not_before")
        state = {name: getattr(lead, name) for name in names} | {"numbers": max(1, len(lead.numbers))}
        keys = ("attempt_id", "started_at", "ended_at", "outcome", "result", "operator_id", "trunk")
        history = [{key: getattr(attempt, key) for key in keys} for attempt in attempts]
        standing = await bench.orders.standing(lead) if lead.state is LeadState.WAITING else None
        why = None if standing is None else english(standing_said(standing))
        return {"lead": state, "attempts": history, "callbacks": list(callbacks), "chance": standing, "why": why}

    shown = with_workbench(work)
    if as_json:
        print_json(shown)
        return
    lead = shown["lead"] | {"not_before": format_time(shown["lead"]["not_before"])}
    print_table(f"lead {lead_id}", ("what", "value"), list(lead.items()), "")
    rows = [
        (
            format_time(attempt["started_at"]),
            attempt["outcome"],
            attempt["result"],
            attempt["operator_id"],
            attempt["attempt_id"],
        )
        for attempt in shown["attempts"]
    ]
    print_table("attempts", ("started", "outcome", "result", "operator", "attempt"), rows, "no attempt yet")
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
    """Queue a finished or refused lead again. A lead who asked for no more calls stays as it is.

    Example: telephony lead reactivate 4127 --reason "the client sent the right hours"
    """
    lead = with_workbench(lambda bench: bench.leads.reactivate(LeadId(lead_id), reason, current_user()))
    emit({"lead_id": lead.lead_id, "state": lead.state}, f"lead {lead_id} is {lead.state} again", as_json=as_json)


@lead_app.command()
def priority(
    lead_id: LeadNumber,
    level: Annotated[int, typer.Argument(help="0 to 9; higher is called first.", show_default=False)],
    as_json: AsJson = False,
) -> None:
    """Change the priority of a lead within its list.

    Example: telephony lead priority 4127 9
    """
    lead = with_workbench(lambda bench: bench.leads.set_priority(LeadId(lead_id), level, current_user()))
    emit(
        {"lead_id": lead.lead_id, "priority": lead.priority},
        f"lead {lead_id} has priority {lead.priority}",
        as_json=as_json,
    )


@callback_app.command("list")
def list_(
    campaign: Annotated[str | None, typer.Option(help="Only this campaign.")] = None, as_json: AsJson = False
) -> None:
    """List open callbacks, earliest first.

    Example: telephony callback list --campaign "Satisfaction fibre"
    """

    async def work(bench: Services) -> list[Callback]:
        chosen = None if campaign is None else (await bench.store.campaigns.by_name(campaign)).campaign_id
        return [callback async for callback in every(lambda last: bench.store.callbacks.open(chosen, after=last))]

    callbacks = with_workbench(work)
    if as_json:
        print_json(callbacks)
    else:
        _callbacks(callbacks)


def _callbacks(callbacks: list[Callback]) -> None:
    rows = [
        (
            callback.callback_id,
            format_time(callback.at),
            callback.zone,
            callback.operator_id or "any",
            callback.state,
            callback.lead_id,
            callback.campaign_id,
        )
        for callback in callbacks
    ]
    columns = ("id", "at", "time zone", "operator", "state", "lead", "campaign")
    print_table("callbacks", columns, rows, "no callback")


@callback_app.command()
def move(
    callback_id: CallbackNumber,
    at: Annotated[str, typer.Option(help="New time, e.g. 2026-11-24 14:30.", show_default=False)],
    zone: Annotated[str | None, typer.Option(help="Time zone of --at; default: the site's.")] = None,
    as_json: AsJson = False,
) -> None:
    """Move a callback to another time.

    Example: telephony callback move 12 --at "2026-11-24 14:30"
    """

    async def work(bench: Services) -> Callback:
        return await bench.leads.move_callback(
            CallbackId(callback_id), at, zone or bench.settings.site.timezone, current_user()
        )

    done = with_workbench(work)
    emit(done, f"callback {callback_id} is moved to {format_time(done.at)}", as_json=as_json)


@callback_app.command()
def cancel(callback_id: CallbackNumber, as_json: AsJson = False) -> None:
    """Cancel a callback. Its lead is finished.

    Example: telephony callback cancel 12
    """
    done = with_workbench(lambda bench: bench.leads.cancel_callback(CallbackId(callback_id), current_user()))
    emit(done, f"callback {callback_id} is {done.state}; lead {done.lead_id} is finished", as_json=as_json)


@quota_app.command("set")
def set_(
    cell: Annotated[list[str], typer.Argument(help="COLUMN=VALUE for each column of the cell.", show_default=False)],
    campaign: CampaignName,
    target: Annotated[int, typer.Option(help="Number of completed interviews.", show_default=False)],
    as_json: AsJson = False,
) -> None:
    """Create a quota cell or change its target. A full cell closes its leads; a higher target opens them again.

    Example: telephony quota set sexe=F age=18-34 --campaign "Satisfaction fibre" --target 120
    """

    async def work(bench: Services) -> tuple[Quota, int]:
        chosen = await bench.store.campaigns.by_name(campaign)
        return await bench.leads.set_quota(chosen.campaign_id, cell, target, current_user())

    quota, opened = with_workbench(work)
    emit(
        {"quota": quota, "opened_again": opened},
        f"quota {quota.quota_id}: {quota.completed} of {quota.target}; {opened} leads reopened",
        as_json=as_json,
    )


@quota_app.command("show")
def show_quotas(campaign: CampaignName, as_json: AsJson = False) -> None:
    """Show a campaign's quota cells and how full they are.

    Example: telephony quota show --campaign "Satisfaction fibre"
    """

    async def work(bench: Services) -> list[Quota]:
        return list(await bench.store.quotas.of((await bench.store.campaigns.by_name(campaign)).campaign_id))

    quotas = with_workbench(work)
    if as_json:
        print_json(quotas)
        return
    rows = [
        (
            quota.quota_id,
            ", ".join(f"{column}={value}" for column, value in quota.cell.items()),
            quota.completed,
            quota.target,
            "full" if quota.is_full else "open",
        )
        for quota in quotas
    ]
    print_table(f"quotas of {campaign}", ("id", "cell", "completed", "target", "state"), rows, "no quota")
