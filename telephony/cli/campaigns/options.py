"""A campaign's dialing options on the command line, generated from ``telephony.domain.campaigns.dialing_options``.

``takes_options`` adds one option per field to a command; ``telephony campaign change`` changes any of them.
"""

import inspect
import sys
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Annotated, Any, Optional

import typer

from telephony.app.wiring.services import Services
from telephony.cli.session import AsJson, current_user, plain, print_json, with_workbench
from telephony.domain.campaigns.campaigns import Campaign
from telephony.domain.campaigns.dialing_options import OPTIONS, Option
from telephony.errors import InputError
from telephony.words import english

Name = Annotated[str, typer.Argument(help="The campaign's name.", show_default=False)]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask for confirmation; still shows the effect.")]

CHANGEABLE = tuple(option for option in OPTIONS if not option.is_fixed)
_CONFIRMED = {"mode", "ratio"}
"""Keys of options whose change needs confirmation."""


def takes_options(*options: Option) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Add these options to a command. It receives those that were typed as its argument ``given``, by key."""

    def decorate(command: Callable[..., None]) -> Callable[..., None]:
        @wraps(command)
        def run(**params: Any) -> None:
            typed = {option.key: params.pop(option.key) for option in options}
            command(given={key: value for key, value in typed.items() if value is not None}, **params)

        signature = inspect.signature(command)
        own = [parameter for parameter in signature.parameters.values() if parameter.name != "given"]
        last = [parameter for parameter in own if parameter.name == "as_json"]
        parameters = [*(parameter for parameter in own if parameter not in last), *map(_parameter, options), *last]
        run.__signature__ = signature.replace(parameters=parameters)  # type: ignore[attr-defined]
        run.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
        return run

    return decorate


def _parameter(option: Option) -> inspect.Parameter:
    flags = f"--{option.flag}/--no-{option.flag}" if option.kind is bool else f"--{option.flag}"
    info = typer.Option(flags, help=option.help, show_default=False)
    annotation = Annotated[Optional[option.kind], info]  # type: ignore[name-defined]  # noqa: UP045 - known at runtime
    return inspect.Parameter(option.key, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=annotation)


@takes_options(*CHANGEABLE)
def change(name: Name, *, given: Mapping[str, object], yes: Yes = False, as_json: AsJson = False) -> None:
    """Change a campaign's dialing options. Shows the effect and asks for confirmation of another mode.

    Examples:
      telephony campaign change "Satisfaction fibre" --amd --ring-limit 20

      telephony campaign change "Satisfaction fibre" --mode power --ratio 1.5 --yes
    """
    if not given:
        raise InputError(f"nothing to change: give one of {', '.join(f'--{option.flag}' for option in CHANGEABLE)}")
    campaign = changed(name, given, yes=yes)
    if as_json:
        print_json(flat(campaign))
        return
    for option in OPTIONS:
        if option.key in given:
            typer.echo(f"{campaign.name}: {option.title}: {shown(getattr(campaign.dialing, option.name))}")


def changed(name: str, given: Mapping[str, object], *, yes: bool = False) -> Campaign:
    """Show the effect, ask for confirmation of another mode, change the options and return the campaign."""

    async def effect(bench: Services) -> str:
        campaign = await bench.store.campaigns.by_name(name)
        effects = await bench.campaigns.effects_of(campaign.campaign_id, given)
        return " ".join(english(effect) for effect in effects)

    text, asks = with_workbench(effect), not yes and not _CONFIRMED.isdisjoint(given)
    if asks and not sys.stdin.isatty():
        raise InputError(f"{text} Confirm with --yes")
    if text:
        typer.echo(text, err=True)
    if asks:
        typer.confirm(f"Change the dialing mode of {name}?", abort=True)

    async def work(bench: Services) -> Campaign:
        campaign = await bench.store.campaigns.by_name(name)
        return await bench.campaigns.change(campaign.campaign_id, given, current_user())

    return with_workbench(work)


def flat(campaign: Campaign) -> dict[str, Any]:
    """Return a campaign as a flat mapping for JSON, with its options and its first route."""
    first, *more = campaign.routes
    values: dict[str, Any] = plain(campaign)
    own = {key: value for key, value in values.items() if key not in {"routes", "dialing"}}
    route = {"trunk": first.trunk, "caller_id": first.caller_id, "trunk_share": first.share}
    return {**own, **route, "more_routes": plain(more), **values["dialing"]}


def shown(value: object) -> str:
    """Return an option's value as text for tables and messages."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value) or "none"
