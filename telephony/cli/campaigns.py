"""``telephony campaign``: create, list, show, start, pause, stop."""

import sys
import tomllib
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from telephony.app.workbench import Workbench
from telephony.cli.keys import keys_app
from telephony.cli.session import AsJson, moment, plain, print_json, print_table, who, with_workbench
from telephony.domain.campaigns import Campaign, CampaignKind
from telephony.errors import InputError

campaign_app = typer.Typer(name="campaign", no_args_is_help=True, help="Campaigns: create, list, start, pause, stop.")
campaign_app.add_typer(keys_app)
Name = Annotated[str, typer.Argument(help="The campaign's name.", show_default=False)]


@campaign_app.command()
def create(
    name: Annotated[str | None, typer.Argument(help="A name of its own; may come from --file.")] = None,
    client: Annotated[str | None, typer.Option(help="The company called for.")] = None,
    kind: Annotated[CampaignKind | None, typer.Option(help="Legal kind; decides the rules.")] = None,
    caller_id: Annotated[str | None, typer.Option(help="Shown number, E.164 without plus; default: the first.")] = None,
    trunk: Annotated[str | None, typer.Option(help="Trunk of the settings; default: the first.")] = None,
    abandon_cap: Annotated[float | None, typer.Option(help="Share per day, 0 to 0.03.")] = None,
    file: Annotated[Path | None, typer.Option(help="TOML file with the same keys; options win over it.")] = None,
    as_json: AsJson = False,
) -> None:
    """Create a campaign; it dials only after a list was loaded and it was started.

    Examples:
      telephony campaign create "Satisfaction fibre" --client "Alpha Télécom" --kind survey

      telephony campaign create --file config/examples/campaign.toml
    """
    given = {
        "name": name,
        "client_company": client,
        "kind": kind,
        "caller_id": caller_id,
        "trunk": trunk,
        "abandon_cap": abandon_cap,
    }
    values = (_read(file) if file else {}) | {key: value for key, value in given.items() if value is not None}
    for key, option in (("name", "NAME"), ("client_company", "--client"), ("kind", "--kind")):
        if key not in values:
            raise InputError(f"a campaign needs {option}; give it, or the key {key} in --file")
    campaign = with_workbench(lambda bench: bench.campaigns.create(by=who(), **values))
    if as_json:
        print_json(campaign)
    else:
        typer.echo(f"campaign {campaign.campaign_id} created: {campaign.name}; next: telephony list import")


def _read(path: Path) -> dict[str, Any]:
    known = {"name", "client_company", "kind", "caller_id", "trunk", "abandon_cap"}
    try:
        table: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise InputError(f"{path}: no such file") from error
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InputError(f"{path}: cannot be read as TOML ({error}); see config/examples/campaign.toml") from error
    table = table.get("campaign", table)
    if not isinstance(table, dict):
        raise InputError(f"{path}: campaign must be a table; see config/examples/campaign.toml")
    unknown = sorted(set(table) - known)
    if unknown:
        raise InputError(f"{path}: unknown key {unknown[0]}; known: {', '.join(sorted(known))}")
    for key, value in table.items():
        is_share = key == "abandon_cap"
        if isinstance(value, bool) or not isinstance(value, (int, float) if is_share else str):
            raise InputError(f"{path}: {key} must be {'a number from 0 to 0.03' if is_share else 'text in quotes'}")
    try:
        return table | ({"kind": CampaignKind(table["kind"])} if "kind" in table else {})
    except ValueError as error:
        raise InputError(f"{path}: kind must be one of {', '.join(CampaignKind)}") from error


@campaign_app.command("list")
def list_(as_json: AsJson = False) -> None:
    """List campaigns.

    Example: telephony campaign list --json
    """
    campaigns = with_workbench(lambda bench: bench.campaigns.all())
    if as_json:
        print_json(campaigns)
        return
    rows = [(one.campaign_id, one.name, one.state, one.kind, one.client_company, one.trunk) for one in campaigns]
    print_table(
        "campaigns",
        ("id", "name", "state", "kind", "client company", "trunk"),
        rows,
        "no campaign yet; create one with telephony campaign create",
    )


@campaign_app.command()
def show(name: Name, as_json: AsJson = False) -> None:
    """Show one campaign with its leads, outcomes and results.

    Example: telephony campaign show "Satisfaction fibre"
    """

    async def work(bench: Workbench) -> dict[str, Any]:
        campaign = await bench.store.campaigns.by_name(name)
        progress = await bench.store.campaigns.progress(campaign.campaign_id)
        lists = await bench.store.leads.lists(campaign.campaign_id)
        return {"campaign": campaign, "progress": progress, "lists": lists}

    shown = with_workbench(work)
    if as_json:
        print_json(shown)
        return
    campaign, progress = shown["campaign"], shown["progress"]
    rows = [(key, value) for key, value in plain(campaign).items() if key != "created_at"]
    rows.append(("created", moment(campaign.created_at)))
    rows += [
        ("leads", progress.leads),
        ("leads waiting", progress.waiting),
        ("leads in progress", progress.in_progress),
        ("leads done", progress.done),
    ]
    rows += [(f"outcome {word}", count) for word, count in sorted(progress.outcomes.items())]
    rows += [(f"result {word}", count) for word, count in sorted(progress.results.items())]
    rows += [(f"list {one.list_id}", f"{one.name}: {one.accepted} of {one.rows_read} rows") for one in shown["lists"]]
    print_table(campaign.name, ("what", "value"), rows, "")


def _move(name: str, move: Callable[[Workbench, Campaign], Awaitable[Campaign]], *, as_json: bool) -> None:
    async def work(bench: Workbench) -> Campaign:
        return await move(bench, await bench.store.campaigns.by_name(name))

    campaign = with_workbench(work)
    if as_json:
        print_json(campaign)
    else:
        typer.echo(f"{campaign.name}: {campaign.state}")


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
