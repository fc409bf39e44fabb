"""``telephony campaign``: create, list, show, change, start, pause and stop campaigns."""

import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer

from telephony.app.wiring.services import Services
from telephony.cli.campaigns.desk import desk
from telephony.cli.campaigns.file import read_campaign, read_toml
from telephony.cli.campaigns.mode import set_mode, set_order
from telephony.cli.campaigns.options import Name, change, flat, takes_options
from telephony.cli.campaigns.options import shown as shown_value
from telephony.cli.dtmf import dtmf_app
from telephony.cli.session import (
    AsJson,
    current_user,
    emit,
    format_time,
    plain,
    print_json,
    print_table,
    with_workbench,
)
from telephony.domain.campaigns.campaigns import Campaign, CampaignWish
from telephony.domain.campaigns.dialing_options import OPTIONS, DialMode
from telephony.domain.law.basis import CampaignKind, Sector
from telephony.domain.leads.retries import RetryPlan, as_data
from telephony.domain.leads.waiting_causes import Held, said
from telephony.domain.trunks.routes import Route
from telephony.errors import InputError
from telephony.words import english

campaign_app = typer.Typer(
    name="campaign", no_args_is_help=True, help="Campaigns: create, list, show, change, start, pause, stop."
)
campaign_app.add_typer(dtmf_app)
Trunks = Annotated[
    list[str] | None, typer.Option("--trunk", help="Trunk from the settings, NAME or NAME:CALLER_ID; may be repeated.")
]
Shares = Annotated[
    list[int] | None, typer.Option("--share", help="Weight of each --trunk; default: failover to the next one.")
]


@campaign_app.command()
@takes_options(*OPTIONS)
def create(
    *,
    given: Mapping[str, object],
    name: Annotated[str | None, typer.Argument(help="Unique name; may come from --file.")] = None,
    client: Annotated[str | None, typer.Option(help="Client company.")] = None,
    kind: Annotated[CampaignKind | None, typer.Option(help="Legal kind; decides which rules apply.")] = None,
    caller_id: Annotated[
        str | None, typer.Option(help="Caller ID, E.164 without plus; default: the trunk's first.")
    ] = None,
    trunk: Trunks = None,
    share: Shares = None,
    sector: Annotated[
        Sector | None, typer.Option(help="Sector of what it sells, if the law has a rule for it.")
    ] = None,
    file: Annotated[Path | None, typer.Option(help="TOML file with the same keys; options override it.")] = None,
    as_json: AsJson = False,
) -> None:
    """Create a campaign. It dials once it has an approved list and is started.

    Examples:
      telephony campaign create "Satisfaction fibre" --client "Alpha Télécom" --kind survey

      telephony campaign create Enquête --client "Alpha Télécom" --kind survey --trunk north --trunk south

      telephony campaign create --file config/examples/campaign.toml
    """
    typed = {
        "name": name,
        "client_company": client,
        "kind": kind,
        "caller_id": caller_id,
        "trunk": trunk[0] if trunk else None,
        "more_trunks": trunk[1:] if trunk else None,
        "shares": share,
        "sector": sector,
    }
    values = (read_campaign(file) if file else {}) | {key: value for key, value in typed.items() if value is not None}
    values["options"] = {**values.get("options", {}), **given}
    for key, option in (("name", "NAME"), ("client_company", "--client"), ("kind", "--kind")):
        if key not in values:
            raise InputError(f"a campaign needs {option}: give it, or the key {key} in --file")
    campaign = with_workbench(lambda bench: bench.campaigns.create(CampaignWish(**values), current_user()))
    message = f"campaign {campaign.campaign_id} created: {campaign.name}; next: telephony list import"
    emit(flat(campaign), message, as_json=as_json)


@campaign_app.command("list")
def list_(as_json: AsJson = False) -> None:
    """List campaigns.

    Example: telephony campaign list --json
    """

    async def work(bench: Services) -> list[tuple[Campaign, tuple[Held, ...]]]:
        return [(campaign, await bench.nobody.of(campaign)) for campaign in await bench.campaigns.all()]

    campaigns = with_workbench(work)
    if as_json:
        print_json([flat(campaign) for campaign, _ in campaigns])
        return
    rows = [
        (
            campaign.campaign_id,
            campaign.name,
            campaign.state,
            campaign.kind,
            _mode(campaign),
            campaign.client_company,
            _routes_of(campaign),
            _left(held),
        )
        for campaign, held in campaigns
    ]
    print_table(
        "campaigns",
        ("id", "name", "state", "kind", "mode", "client company", "trunks", "leads left"),
        rows,
        "no campaign yet; create one with telephony campaign create",
    )


@campaign_app.command()
def show(name: Name, as_json: AsJson = False) -> None:
    """Show a campaign with its options, leads, outcomes and results.

    Example: telephony campaign show "Satisfaction fibre"
    """

    async def work(bench: Services) -> dict[str, Any]:
        campaign = await bench.store.campaigns.by_name(name)
        progress = await bench.store.campaigns.progress(campaign.campaign_id)
        lists = await bench.store.leads.lists(campaign.campaign_id)
        order = english(await bench.orders.told(campaign))
        held = await bench.nobody.of(campaign)
        zone = ZoneInfo(bench.settings.site.timezone)
        shown = {"held": held, "held_said": [english(said(cause, zone)) for cause in held]}
        return {"campaign": campaign, "progress": progress, "lists": lists, "order": order, **shown}

    shown = with_workbench(work)
    campaign, progress = shown["campaign"], shown["progress"]
    if as_json:
        print_json(shown | {"campaign": flat(campaign)})
        return
    elsewhere = {"created_at", "routes", "dialing"}
    rows = [(key, value) for key, value in plain(campaign).items() if key not in elsewhere]
    rows += [(option.title, shown_value(getattr(campaign.dialing, option.name))) for option in OPTIONS]
    for place, route in enumerate(campaign.routes, 1):
        rows.append((f"trunk {place}", f"{route.trunk}, caller ID {route.caller_id}{_share(route)}"))
    rows.append(("order", shown["order"]))
    rows.append(("created", format_time(campaign.created_at)))
    rows += [
        ("leads", progress.leads),
        ("leads waiting", progress.waiting),
        ("leads in progress", progress.in_progress),
        ("leads done", progress.done),
    ]
    rows += [("leads left", text) for text in shown["held_said"] or ["none: the list is finished"]]
    rows += [(f"outcome {outcome}", count) for outcome, count in sorted(progress.outcomes.items())]
    rows += [(f"result {result}", count) for result, count in sorted(progress.results.items())]
    rows += [
        (f"list {lead_list.list_id}", f"{lead_list.name}: {lead_list.accepted} of {lead_list.rows_read} rows")
        for lead_list in shown["lists"]
    ]
    print_table(campaign.name, ("what", "value"), rows, "")


def _left(held: Sequence[Held]) -> str:
    return ", ".join(f"{cause.count}{'+' if cause.is_at_least else ''} {cause.cause}" for cause in held) or "none"


def _mode(campaign: Campaign) -> str:
    ratio = f" {campaign.dialing.power_tenths / 10:.1f}" if campaign.dialing.mode is DialMode.POWER else ""
    return f"{campaign.dialing.mode}{ratio}"


def _share(route: Route) -> str:
    return f", share {route.share}" if route.share else ""


def _routes_of(campaign: Campaign) -> str:
    return ", ".join(route.trunk + _share(route).replace(", share", " x") for route in campaign.routes)


@campaign_app.command()
def trunks(name: Name, trunk: Trunks = None, share: Shares = None, as_json: AsJson = False) -> None:
    """Change a campaign's trunks. Applies from the next call on.

    Examples:
      telephony campaign trunks "Satisfaction fibre" --trunk north --trunk south:33199000001

      telephony campaign trunks "Satisfaction fibre" --trunk north --trunk south --share 70 --share 30
    """

    async def work(bench: Services) -> Campaign:
        campaign = await bench.store.campaigns.by_name(name)
        return await bench.campaigns.set_trunks(campaign.campaign_id, trunk or (), share or (), current_user())

    campaign = with_workbench(work)
    emit(flat(campaign), f"{campaign.name}: {_routes_of(campaign)}", as_json=as_json)


def _set_state(name: str, change_state: Callable[[Services, Campaign], Awaitable[Campaign]], *, as_json: bool) -> None:
    async def work(bench: Services) -> Campaign:
        return await change_state(bench, await bench.store.campaigns.by_name(name))

    campaign = with_workbench(work)
    emit(flat(campaign), f"{campaign.name}: {campaign.state}", as_json=as_json)


@campaign_app.command()
def start(name: Name, as_json: AsJson = False) -> None:
    """Start a campaign, or resume a paused one.

    Example: telephony campaign start "Satisfaction fibre"
    """
    _set_state(
        name, lambda bench, campaign: bench.campaigns.start(campaign.campaign_id, current_user()), as_json=as_json
    )


@campaign_app.command()
def pause(name: Name, as_json: AsJson = False) -> None:
    """Pause a campaign until it is started again. Calls in progress go on.

    Example: telephony campaign pause "Satisfaction fibre"
    """
    _set_state(
        name, lambda bench, campaign: bench.campaigns.pause(campaign.campaign_id, current_user()), as_json=as_json
    )


@campaign_app.command()
def stop(
    name: Name,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask for confirmation.")] = False,
    as_json: AsJson = False,
) -> None:
    """Stop a campaign permanently. Calls in progress go on.

    Example: telephony campaign stop "Satisfaction fibre" --yes
    """
    if not yes and not sys.stdin.isatty():
        raise InputError(
            "a stopped campaign cannot be started again and its leads are never dialled: confirm with --yes"
        )
    if not yes:
        typer.confirm(f"Stop {name} permanently? Its leads will never be dialled again.", abort=True)
    _set_state(
        name, lambda bench, campaign: bench.campaigns.stop(campaign.campaign_id, current_user()), as_json=as_json
    )


@campaign_app.command()
def retry(
    name: Name,
    file: Annotated[
        Path | None, typer.Option(help="TOML file with the new rules; see config/examples/retry.toml.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show a campaign's retry rules, or change them with --file.

    Example: telephony campaign retry "Satisfaction fibre" --file config/examples/retry.toml
    """
    data = None if file is None else read_toml(file, "config/examples/retry.toml")

    async def work(bench: Services) -> RetryPlan:
        campaign = await bench.store.campaigns.by_name(name)
        if data is not None:
            return await bench.leads.set_plan(campaign.campaign_id, data, current_user())
        return await bench.store.campaigns.plan(campaign.campaign_id)

    shown = as_data(with_workbench(work))
    if as_json:
        print_json(shown)
        return
    rows = [
        (outcome, rule["after_min"], rule["limit"], rule["jitter"], "yes" if rule["other_hours"] else "")
        for outcome, rule in shown["retry"].items()
    ]
    columns = ("after", "minutes", "times", "jitter", "other hours")
    print_table(f"at most {shown['most_tries']} attempts per lead", columns, rows, "every lead is dialled once")


campaign_app.command("change")(change)
campaign_app.command("mode")(set_mode)
campaign_app.command("order")(set_order)
campaign_app.command("desk")(desk)
