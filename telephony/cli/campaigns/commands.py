"""``telephony campaign``: create, list, show, start, pause, stop."""

import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer

from telephony.app.wiring.services import Services
from telephony.cli.campaigns.desk import desk
from telephony.cli.campaigns.dials import detect_machines, set_mode, set_order, withdraw_dials
from telephony.cli.campaigns.file import read_campaign, read_toml
from telephony.cli.campaigns.options import Name, change, flat, takes_options
from telephony.cli.campaigns.options import shown as shown_value
from telephony.cli.dtmf import keys_app
from telephony.cli.session import AsJson, moment, plain, print_json, print_table, tell, who, with_workbench
from telephony.domain.campaigns.campaigns import Campaign, CampaignWish
from telephony.domain.campaigns.dialing_options import OPTIONS, DialMode
from telephony.domain.law.basis import CampaignKind, Sector
from telephony.domain.leads.retries import RetryPlan, as_data
from telephony.domain.leads.waiting_causes import Held, said
from telephony.domain.trunks.routes import Route
from telephony.errors import InputError
from telephony.words import english

campaign_app = typer.Typer(name="campaign", no_args_is_help=True, help="Campaigns: create, list, start, pause, stop.")
campaign_app.add_typer(keys_app)
Trunks = Annotated[
    list[str] | None,
    typer.Option("--trunk", help="Trunk of the settings, NAME or NAME:CALLER_ID; again for the next one."),
]
Shares = Annotated[
    list[int] | None,
    typer.Option("--share", help="Weight of each --trunk; without: the next one is taken when one fails."),
]


@campaign_app.command()
@takes_options(*OPTIONS)
def create(
    *,
    given: Mapping[str, object],
    name: Annotated[str | None, typer.Argument(help="A name of its own; may come from --file.")] = None,
    client: Annotated[str | None, typer.Option(help="The company called for.")] = None,
    kind: Annotated[CampaignKind | None, typer.Option(help="Legal kind; decides the rules.")] = None,
    caller_id: Annotated[str | None, typer.Option(help="Shown number, E.164 without plus; default: the first.")] = None,
    trunk: Trunks = None,
    share: Shares = None,
    sector: Annotated[Sector | None, typer.Option(help="What it sells, where the law has a rule for it.")] = None,
    file: Annotated[Path | None, typer.Option(help="TOML file with the same keys; options win over it.")] = None,
    as_json: AsJson = False,
) -> None:
    """Create a campaign; it dials only after a list was loaded and it was started.

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
            raise InputError(f"a campaign needs {option}; give it, or the key {key} in --file")
    campaign = with_workbench(lambda bench: bench.campaigns.create(CampaignWish(**values), who()))
    made = f"campaign {campaign.campaign_id} created: {campaign.name}; next: telephony list import"
    tell(flat(campaign), made, as_json=as_json)


@campaign_app.command("list")
def list_(as_json: AsJson = False) -> None:
    """List campaigns.

    Example: telephony campaign list --json
    """

    async def work(bench: Services) -> list[tuple[Campaign, tuple[Held, ...]]]:
        return [(one, await bench.nobody.of(one)) for one in await bench.campaigns.all()]

    campaigns = with_workbench(work)
    if as_json:
        print_json([flat(campaign) for campaign, _ in campaigns])
        return
    rows = [
        (one.campaign_id, one.name, one.state, one.kind, _mode(one), one.client_company, _routes_of(one), _left(held))
        for one, held in campaigns
    ]
    print_table(
        "campaigns",
        ("id", "name", "state", "kind", "mode", "client company", "trunks", "leads left"),
        rows,
        "no campaign yet; create one with telephony campaign create",
    )


@campaign_app.command()
def show(name: Name, as_json: AsJson = False) -> None:
    """Show one campaign with its leads, outcomes and results.

    Example: telephony campaign show "Satisfaction fibre"
    """

    async def work(bench: Services) -> dict[str, Any]:
        campaign = await bench.store.campaigns.by_name(name)
        progress = await bench.store.campaigns.progress(campaign.campaign_id)
        lists = await bench.store.leads.lists(campaign.campaign_id)
        order = english(await bench.orders.told(campaign))
        held = await bench.nobody.of(campaign)
        zone = ZoneInfo(bench.settings.site.timezone)
        shown = {"held": held, "held_said": [english(said(one, zone)) for one in held]}
        return {"campaign": campaign, "progress": progress, "lists": lists, "order": order, **shown}

    shown = with_workbench(work)
    campaign, progress = shown["campaign"], shown["progress"]
    if as_json:
        print_json(shown | {"campaign": flat(campaign)})
        return
    left = {"created_at", "routes", "dialing"}
    rows = [(key, value) for key, value in plain(campaign).items() if key not in left]
    rows += [(option.title, shown_value(getattr(campaign.dialing, option.name))) for option in OPTIONS]
    for place, way in enumerate(campaign.routes, 1):
        rows.append((f"trunk {place}", f"{way.trunk}, caller ID {way.caller_id}{_share(way)}"))
    rows.append(("order", shown["order"]))
    rows.append(("created", moment(campaign.created_at)))
    rows += [
        ("leads", progress.leads),
        ("leads waiting", progress.waiting),
        ("leads in progress", progress.in_progress),
        ("leads done", progress.done),
    ]
    rows += [("leads left", text) for text in shown["held_said"] or ["nobody: the list is finished"]]
    rows += [(f"outcome {word}", count) for word, count in sorted(progress.outcomes.items())]
    rows += [(f"result {word}", count) for word, count in sorted(progress.results.items())]
    rows += [(f"list {one.list_id}", f"{one.name}: {one.accepted} of {one.rows_read} rows") for one in shown["lists"]]
    print_table(campaign.name, ("what", "value"), rows, "")


def _left(held: Sequence[Held]) -> str:
    return ", ".join(f"{one.count}{'+' if one.is_at_least else ''} {one.cause}" for one in held) or "none"


def _mode(campaign: Campaign) -> str:
    ratio = f" {campaign.dialing.power_tenths / 10:.1f}" if campaign.dialing.mode is DialMode.POWER else ""
    return f"{campaign.dialing.mode}{ratio}"


def _share(way: Route) -> str:
    return f", share {way.share}" if way.share else ""


def _routes_of(campaign: Campaign) -> str:
    return ", ".join(way.trunk + _share(way).replace(", share", " x") for way in campaign.routes)


@campaign_app.command()
def trunks(name: Name, trunk: Trunks = None, share: Shares = None, as_json: AsJson = False) -> None:
    """Give a campaign other trunks, from its next call on.

    Examples:
      telephony campaign trunks "Satisfaction fibre" --trunk north --trunk south:33199000001

      telephony campaign trunks "Satisfaction fibre" --trunk north --trunk south --share 70 --share 30
    """

    async def work(bench: Services) -> Campaign:
        campaign = await bench.store.campaigns.by_name(name)
        return await bench.campaigns.set_trunks(campaign.campaign_id, trunk or (), share or (), who())

    campaign = with_workbench(work)
    tell(flat(campaign), f"{campaign.name}: {_routes_of(campaign)}", as_json=as_json)


def _move(name: str, move: Callable[[Services, Campaign], Awaitable[Campaign]], *, as_json: bool) -> None:
    async def work(bench: Services) -> Campaign:
        return await move(bench, await bench.store.campaigns.by_name(name))

    campaign = with_workbench(work)
    tell(flat(campaign), f"{campaign.name}: {campaign.state}", as_json=as_json)


@campaign_app.command()
def start(name: Name, as_json: AsJson = False) -> None:
    """Let a campaign dial.

    Example: telephony campaign start "Satisfaction fibre"
    """
    _move(name, lambda bench, one: bench.campaigns.start(one.campaign_id, who()), as_json=as_json)


@campaign_app.command()
def pause(name: Name, as_json: AsJson = False) -> None:
    """Dial no more until it is started again; calls under way go on.

    Example: telephony campaign pause "Satisfaction fibre"
    """
    _move(name, lambda bench, one: bench.campaigns.pause(one.campaign_id, who()), as_json=as_json)


@campaign_app.command()
def stop(
    name: Name,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask; stopping is for good.")] = False,
    as_json: AsJson = False,
) -> None:
    """End a campaign for good; calls under way go on.

    Example: telephony campaign stop "Satisfaction fibre" --yes
    """
    if not yes and not sys.stdin.isatty():
        raise InputError("stopping a campaign is for good and its leads are never dialled again: confirm with --yes")
    if not yes:
        typer.confirm(f"Stop {name} for good? Its leads will never be dialled again.", abort=True)
    _move(name, lambda bench, one: bench.campaigns.stop(one.campaign_id, who()), as_json=as_json)


@campaign_app.command()
def retry(
    name: Name,
    file: Annotated[Path | None, typer.Option(help="TOML file with most_tries and [retry.ENDING] tables.")] = None,
    as_json: AsJson = False,
) -> None:
    """Show when a campaign's leads are tried again, or change it with --file.

    Example: telephony campaign retry "Satisfaction fibre" --file config/examples/retry.toml
    """
    data = None if file is None else read_toml(file, "config/examples/retry.toml")

    async def work(bench: Services) -> RetryPlan:
        campaign = await bench.store.campaigns.by_name(name)
        if data is not None:
            return await bench.leads.set_plan(campaign.campaign_id, data, who())
        return await bench.store.campaigns.plan(campaign.campaign_id)

    shown = as_data(with_workbench(work))
    if as_json:
        print_json(shown)
        return
    rows = [
        (word, one["after_min"], one["limit"], one["jitter"], "yes" if one["other_hours"] else "")
        for word, one in shown["retry"].items()
    ]
    columns = ("after", "minutes", "times", "jitter", "other hours")
    print_table(f"at most {shown['most_tries']} tries", columns, rows, "every lead is tried once")


campaign_app.command("change")(change)
campaign_app.command("mode")(set_mode)
campaign_app.command("order")(set_order)
campaign_app.command("detect-machines")(detect_machines)
campaign_app.command("withdraw-dials")(withdraw_dials)
campaign_app.command("desk")(desk)
