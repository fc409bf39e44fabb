"""A campaign's dialing options on the command line, taken from ``telephony.domain.campaigns.dialing_options``.

``takes_options`` gives a command one option per field; ``telephony campaign change`` changes any of them.
"""

import inspect
import sys
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Annotated, Any, Optional

import typer

from telephony.app.wiring.services import Services
from telephony.cli.session import AsJson, plain, print_json, who, with_workbench
from telephony.domain.campaigns.campaigns import Campaign
from telephony.domain.campaigns.dialing_options import OPTIONS, Option
from telephony.errors import InputError
from telephony.words import english

Name = Annotated[str, typer.Argument(help="The campaign's name.", show_default=False)]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask; the effect is said all the same.")]

CHANGEABLE = tuple(option for option in OPTIONS if not option.is_fixed)
_CONFIRMED = {"mode", "ratio"}
"""Keys of options whose change is confirmed once its effect was read."""


def takes_options(*options: Option) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Give a command these options; those that were typed are its argument ``given``, by key."""

    def decorate(command: Callable[..., None]) -> Callable[..., None]:
        @wraps(command)
        def run(**words: Any) -> None:
            typed = {option.key: words.pop(option.key) for option in options}
            command(given={key: value for key, value in typed.items() if value is not None}, **words)

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
    words = typer.Option(flags, help=option.help, show_default=False)
    annotation = Annotated[Optional[option.kind], words]  # type: ignore[name-defined]  # noqa: UP045 - known when run
    return inspect.Parameter(option.key, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=annotation)


@takes_options(*CHANGEABLE)
def change(name: Name, *, given: Mapping[str, object], yes: Yes = False, as_json: AsJson = False) -> None:
    """Change how a campaign dials, also while it runs. Shows the effect, and asks before another mode.

    Examples:
      telephony campaign change "Satisfaction fibre" --detect-machines --withdraw-after 20

      telephony campaign change "Satisfaction fibre" --mode power --ratio 1.5 --yes
    """
    if not given:
        raise InputError(f"say what to change: {', '.join(f'--{option.flag}' for option in CHANGEABLE)}")
    campaign = changed(name, given, yes=yes)
    if as_json:
        print_json(flat(campaign))
        return
    for option in OPTIONS:
        if option.key in given:
            typer.echo(f"{campaign.name}: {option.title}: {shown(getattr(campaign.dialing, option.name))}")


def changed(name: str, given: Mapping[str, object], *, yes: bool = False) -> Campaign:
    """Show the effect of changing options, ask for confirmation of another mode, change them, return the campaign."""

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
        typer.confirm(f"Pace {name} so?", abort=True)

    async def work(bench: Services) -> Campaign:
        campaign = await bench.store.campaigns.by_name(name)
        return await bench.campaigns.change(campaign.campaign_id, given, who())

    return with_workbench(work)


def flat(campaign: Campaign) -> dict[str, Any]:
    """Return a campaign as JSON has it: its options and its first route beside its own values."""
    first, *more = campaign.routes
    values: dict[str, Any] = plain(campaign)
    own = {key: value for key, value in values.items() if key not in {"routes", "dialing"}}
    route = {"trunk": first.trunk, "caller_id": first.caller_id, "trunk_share": first.share}
    return {**own, **route, "more_routes": plain(more), **values["dialing"]}


def shown(value: object) -> str:
    """Return an option's value as tables and sentences have it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value) or "nothing given"
